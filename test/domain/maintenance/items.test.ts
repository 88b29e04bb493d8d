/** The items of a maintenance when it is made, its warnings and its stops. */
import { describe, expect, it, test } from '@jest/globals';

import {
  addStop,
  addWarning,
  hasStarted,
  isLongHistory,
  latest,
  newState,
  patchLeg,
  pausedBy,
  stopOf,
  toItems,
} from '../../../src/domain/maintenance/state.js';
import type { MaintenanceState } from '../../../src/domain/maintenance/state.js';

import { idOf, maintenanceOf, planned, REQUEST } from './support.js';

describe('an instance of a new maintenance', () => {
  const legOf = (extra: Parameters<typeof planned>[1], request: Partial<typeof REQUEST> = {}) =>
    toItems([planned(0, extra)], { ...REQUEST, ...request })[0]?.forward;
  const plan = { mode: 'plan' } as const;

  it.each([
    ['OBSTACLE', { obstacle: 'it was deleted' }, {}, /^it was deleted$/],
    ['MASTER_UNKNOWN', { master: null }, {}, /^its master was not known/],
    ['NO_TIME', { spans: [] }, {}, /no safe start within this window$/],
    ['REFUSED_NOW', { refusedNow: 'it is busy' }, plan, /^it would be refused now: it is busy$/],
    ['OBSTACLE', { obstacle: 'it was deleted', refusedNow: 'busy' }, plan, /^it was deleted$/],
  ] as const)('never starts (%s) where %j', (cause, extra, request, reason) => {
    expect(legOf(extra, request)).toMatchObject({
      ...{ state: 'NOT_STARTED', cause, reason: expect.stringMatching(reason) },
    });
  });

  it.each([
    ['nothing stands in the way', {}, {}],
    ['it goes to a target, wherever its master is', { master: null }, { toggle: false }],
    ['its turn is still to come, whatever would refuse it now', { refusedNow: 'it is busy' }, {}],
    ['it is only looked at, and nothing refuses it', {}, plan],
  ] as const)('waits for its turn where %s', (_, extra, request) => {
    expect(legOf(extra, request)).toMatchObject({ state: 'PENDING', cause: null, reason: null });
  });
});

describe('the words of a maintenance fit into one payload', () => {
  const RETURN = { soakSeconds: 0, withinSeconds: 60 };
  const reasonOf = (count: number, returnLeg: typeof RETURN | null, reason: string): string => {
    const items = Array.from({ length: count }, (_, index) => planned(index));
    const state = patchLeg(maintenanceOf(items, { returnLeg }), idOf(0), 'forward', { reason });
    return state.items[0]?.forward.reason ?? '';
  };

  test.each([
    [null, 350],
    [RETURN, 175],
  ])('where a thousand share it, with returnLeg %j: %i bytes each', (returnLeg, bytes) => {
    expect(reasonOf(1000, returnLeg, 'x'.repeat(bytes))).toHaveLength(bytes);
    expect(reasonOf(1000, returnLeg, 'x'.repeat(bytes + 1))).toBe(`${'x'.repeat(bytes)}…`);
  });

  test('where one has many words and commands: these go first', () => {
    const reason = `Look:\n  dcs-switchover status 1 ${'x'.repeat(400)}\nDone.`;
    expect(reasonOf(1000, null, reason)).toBe('Done.');
    expect(reasonOf(1, null, reason)).toBe(reason);
  });

  test('a warning comes once, a hundred at the most, and then it says that there were more', () => {
    const warned = (count: number): MaintenanceState =>
      Array.from({ length: count }).reduce<MaintenanceState>(
        (state, _, index) => addWarning(state, `warning ${index}`),
        newState(0),
      );
    expect(addWarning(warned(2), 'warning 1').warnings).toHaveLength(2);
    expect(warned(100).warnings.at(-1)).toBe('warning 99');
    expect(warned(200).warnings).toHaveLength(101);
    expect(warned(200).warnings.at(-1)).toBe('There were more warnings.');
    expect(addWarning(newState(0), 'x'.repeat(601)).warnings).toStrictEqual([
      `${'x'.repeat(600)}…`,
    ]);
  });
});

describe('what stops a maintenance', () => {
  const budget = { cause: 'BUDGET_SPENT', reason: 'two failed' } as const;
  const aborted = { cause: 'ABORTED', reason: 'by ada' } as const;

  test('is said once, and the first counts', () => {
    const state = addStop(addStop(newState(0), budget), { ...budget, reason: 'three failed' });
    expect(state.stops).toStrictEqual([budget]);
    expect(stopOf(addStop(state, aborted), 'forward')).toBe(budget);
    expect(stopOf(newState(0), 'forward')).toBeNull();
  });

  test('does not keep masters away that a spent budget or a failed canary has left elsewhere', () => {
    const canary = { cause: 'CANARY_FAILED', reason: 'it failed' } as const;
    const state = addStop(addStop(newState(0), budget), canary);
    expect(stopOf(state, 'return')).toBeNull();
    expect(stopOf(addStop(state, aborted), 'return')).toBe(aborted);
  });
});

test('the latest decision of a kind counts, and a maintenance is paused until it is resumed', () => {
  const decided = (what: 'paused' | 'resumed' | 'aborted', by: string) => ({
    what,
    by,
    why: null,
    at: 'T',
  });
  const decisions = [decided('paused', 'ada'), decided('resumed', 'bob'), decided('paused', 'eve')];
  expect(latest({ decisions }, 'paused')?.by).toBe('eve');
  expect(latest({ decisions }, 'aborted')).toBeNull();
  expect(pausedBy({ decisions })?.by).toBe('eve');
  expect(pausedBy({ decisions: [...decisions, decided('aborted', 'ada')] })?.by).toBe('eve');
  expect(pausedBy({ decisions: [...decisions, decided('resumed', 'bob')] })).toBeNull();
  expect(pausedBy({ decisions: [] })).toBeNull();
});

test('a maintenance has started with its first switchover', () => {
  const state = maintenanceOf([planned(0), planned(1)]);
  expect(hasStarted(state)).toBe(false);
  expect(hasStarted(patchLeg(state, idOf(1), 'forward', { runId: 'r1' }))).toBe(true);
});

test.each([
  [999, 3_145_727, false],
  [1000, 0, true],
  [0, 3_145_728, true],
])('a history of %i events and %i bytes is long: %s', (historyLength, historySize, isLong) => {
  const history = { historyLength, historySize, continueAsNewSuggested: false };
  expect(isLongHistory(history)).toBe(isLong);
});
