/** What the result of a maintenance says of each leg against its history, when all is done, and how long it may take. */
import { describe, expect, test } from '@jest/globals';

import type { Leg, MaintenanceRequest } from '../../../src/contract/index.js';
import { restMs } from '../../../src/domain/invariants.js';
import { afterwardsMs, compareLeg, isItemDone } from '../../../src/domain/maintenance/run-facts.js';
import type { AskedFacts } from '../../../src/domain/maintenance/run-facts.js';
import { patchLeg, pendingLeg } from '../../../src/domain/maintenance/state.js';
import type { LegState } from '../../../src/domain/maintenance/state.js';

import { askedOf, idOf, maintenanceOf, PASSING, planned, REQUEST, runOf } from './support.js';

const legOf = (extra: Partial<Leg> = {}): Leg => ({
  ...pendingLeg('forward'),
  ...{ state: 'ENDED', outcome: 'SUCCEEDED', runId: 'run-0', swapsSent: 1 },
  ...extra,
});
const PENDING: Leg = pendingLeg('forward');
const RETURN = { soakSeconds: 60, withinSeconds: 600 };

describe('what a result says of a leg', () => {
  test.each<[string, Leg, AskedFacts[], string | null]>([
    ['stands where its run ended so', legOf(), [askedOf(0)], null],
    ['is wrong where it ended otherwise', legOf({ outcome: 'NOOP' }), [askedOf(0)], 'NOOP'],
    ['is wrong where it has another count', legOf({ swapsSent: 2 }), [askedOf(0)], 'SUCCEEDED'],
    ['is wrong of another run', legOf({ runId: 'run-1' }), [askedOf(0)], 'SUCCEEDED'],
    ['is wrong of another leg', legOf(), [askedOf(0, { leg: 'return' })], 'SUCCEEDED'],
    ['is wrong of another instance', legOf(), [askedOf(1, { runId: 'run-0' })], 'SUCCEEDED'],
    ['is wrong while it is under way', legOf(), [askedOf(0, { ended: null })], 'SUCCEEDED'],
    ['is wrong where none was started', legOf(), [], 'SUCCEEDED'],
    ['is wrong where it names no outcome', legOf({ outcome: null }), [], 'nothing'],
    ['stands where it waits, and none was started', PENDING, [], null],
    ['is wrong where it waits, and one was', PENDING, [askedOf(0)], 'PENDING'],
    [
      'stands where it waits after one refused for what passes',
      PENDING,
      [askedOf(0, { ended: PASSING })],
      null,
    ],
    [
      'is wrong where one of two was not refused',
      PENDING,
      [askedOf(0, { ended: PASSING }), askedOf(0)],
      'PENDING',
    ],
    [
      'is wrong at an end where it still runs',
      legOf({ state: 'RUNNING' }),
      [askedOf(0, { ended: PASSING })],
      'RUNNING',
    ],
  ])('%s', (_, leg, asked, word) => {
    const found = word === null ? [] : [`${idOf(0)} is called ${word}, forward`];
    expect(compareLeg(runOf({ asked }), idOf(0), leg)).toEqual(found);
  });

  test.each<[string, Partial<LegState>, Partial<Leg>, number]>([
    ['stands where an earlier run has seen it', legOf(), {}, 0],
    ['is wrong where an earlier run has seen another', legOf({ outcome: 'NOOP' }), {}, 1],
    [
      'is wrong where an earlier run has seen no more than that it holds its lock',
      legOf({ state: 'RUNNING', outcome: 'UNKNOWN' }),
      { outcome: 'UNKNOWN' },
      1,
    ],
  ])('%s', (_, before, says, count) => {
    const carried = patchLeg(maintenanceOf([planned(0)]), idOf(0), 'forward', before);
    expect(compareLeg(runOf({ carried }), idOf(0), legOf(says))).toHaveLength(count);
  });

  test('stands by this run where it and an earlier one differ', () => {
    const before = legOf({ outcome: 'UNKNOWN', runId: 'run-0' });
    const carried = patchLeg(maintenanceOf([planned(0)]), idOf(0), 'forward', before);
    expect(compareLeg(runOf({ carried, asked: [askedOf(0)] }), idOf(0), legOf())).toEqual([]);
  });
});

describe('an item is', () => {
  const back = (extra: Partial<Leg> = {}): Leg => legOf({ leg: 'return', ...extra });
  const noop = legOf({ outcome: 'NOOP' });

  test.each<[string, MaintenanceRequest['returnLeg'], Leg, Leg | null, boolean]>([
    ['done with its forward leg', null, legOf(), null, true],
    ['not done before', null, PENDING, null, false],
    ['not done by a failure', null, legOf({ outcome: 'UNKNOWN' }), null, false],
    ['not done before its return leg was made', RETURN, legOf(), null, false],
    ['not done before its return leg', RETURN, legOf(), pendingLeg('return'), false],
    ['done with both', RETURN, legOf(), back(), true],
    ['done where its master is back already', RETURN, legOf(), back({ outcome: 'NOOP' }), true],
    ['done without a return leg where it was not moved', RETURN, noop, null, true],
    ['not done by its return leg alone', RETURN, legOf({ outcome: 'UNKNOWN' }), back(), false],
  ])('%s', (_, returnLeg, forward, itsReturn, isDone) => {
    const run = runOf({ request: { ...REQUEST, returnLeg } });
    expect(isItemDone(run, { forward, return: itsReturn })).toBe(isDone);
  });

  test('done with its forward leg where the request is not known', () => {
    expect(isItemDone(runOf({ request: null }), { forward: legOf(), return: null })).toBe(true);
  });
});

describe('after its window a maintenance may go on', () => {
  const hooks = { taskQueue: 'hooks', before: null, after: 'report', timeoutSeconds: 50 } as const;
  const REST_MS = restMs(REQUEST.timing);

  test.each<[string, Partial<MaintenanceRequest>, number]>([
    ['for a quarter of an hour and a switchover', {}, 900_000 + REST_MS],
    ['with hooks, for two calls', { hooks }, 900_000 + REST_MS + 100_000],
    [
      'with a return leg, for that and its own switchover',
      { returnLeg: RETURN },
      900_000 + 2 * REST_MS + 660_000,
    ],
    [
      'with both, for two calls of each leg',
      { returnLeg: RETURN, hooks },
      900_000 + 2 * REST_MS + 660_000 + 200_000,
    ],
  ])('%s', (_, extra, ms) => {
    expect(afterwardsMs({ ...REQUEST, ...extra })).toBe(ms);
  });
});
