/** Which switchovers may start: example by example, and over random maintenance runs played to their end. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import type { LegOutcome } from '../../../src/contract/index.js';
import {
  forwardRules,
  hasMoved,
  isBudgetAtStake,
  nextMoves,
  returnRules,
  returnTargetOf,
  shouldReturn,
} from '../../../src/domain/maintenance/next-moves.js';
import type { Moves } from '../../../src/domain/maintenance/next-moves.js';
import type { MaintenanceFacts } from '../../../src/domain/maintenance/reports.js';
import { addStop, isDone, patchLeg } from '../../../src/domain/maintenance/state.js';
import type { MaintenanceState } from '../../../src/domain/maintenance/state.js';
import { latestStartMs } from '../../../src/domain/maintenance/window.js';

import { idOf, planned, maintenanceOf, WINDOW } from './support.js';

const OPEN_MS = WINDOW.opensAtMs;

const factsOf = ({ facts }: MaintenanceState): MaintenanceFacts => {
  if (facts === null) throw new Error('a maintenance that is made has facts');
  return facts;
};

const moves = (state: MaintenanceState, nowMs: number, isHeld = false): Moves =>
  nextMoves(state, forwardRules(factsOf(state)), nowMs, isHeld);

const starts = (state: MaintenanceState, nowMs = OPEN_MS): string[] =>
  moves(state, nowMs).starts.map(({ instanceId }) => instanceId);

const ended = (state: MaintenanceState, index: number, outcome: LegOutcome): MaintenanceState => {
  const isFailure = outcome !== 'SUCCEEDED' && outcome !== 'NOOP';
  return patchLeg(state, idOf(index), 'forward', { state: 'ENDED', outcome, isFailure });
};

const running = (state: MaintenanceState, index: number): MaintenanceState =>
  patchLeg(state, idOf(index), 'forward', { state: 'RUNNING', stage: 'open' });

const three = [planned(1), planned(2), planned(3)];

describe('a start', () => {
  test('comes in order, at most maxConcurrent at a time', () => {
    const state = maintenanceOf(three, { maxConcurrent: 2 });
    expect(starts(state)).toEqual([idOf(1), idOf(2)]);
    expect(starts(running(state, 1))).toEqual([idOf(2)]);
    expect(starts(running(running(state, 1), 2))).toEqual([]);
  });

  test('comes neither before the window opens nor from the latest safe start on', () => {
    const state = maintenanceOf(three);
    const lastMs = latestStartMs(WINDOW, factsOf(state).request);
    expect(moves(state, OPEN_MS - 1)).toMatchObject({ starts: [], wakeAtMs: OPEN_MS });
    expect(starts(state, OPEN_MS)).toHaveLength(1);
    expect(starts(state, lastMs - 1)).toHaveLength(1);
    const late = moves(state, lastMs);
    expect(late).toMatchObject({ starts: [], isOver: true });
    expect(late.rests.map(({ cause }) => cause)).toEqual(three.map(() => 'WINDOW_OVER'));
  });

  test('waits while the maintenance is paused, and the maintenance wakes to show what is too late', () => {
    const by = { by: 'ada', why: null, at: 'now' };
    const state = { ...maintenanceOf(three), decisions: [{ what: 'paused' as const, ...by }] };
    const lastMs = latestStartMs(WINDOW, factsOf(state).request);
    expect(moves(state, OPEN_MS)).toMatchObject({ starts: [], wakeAtMs: lastMs, isOver: false });
    expect(moves(state, lastMs).rests[0]?.reason).toContain('paused by ada');
    const resumed = [...state.decisions, { what: 'resumed' as const, ...by }];
    expect(starts({ ...state, decisions: resumed })).toHaveLength(1);
  });

  test('of an item whose lock was held waits for its next try, while others go on', () => {
    const retryAtMs = OPEN_MS + 15_000;
    const state = patchLeg(maintenanceOf(three), idOf(1), 'forward', { retryAtMs, reason: 'held' });
    expect(starts(state)).toEqual([idOf(2)]);
    const alone = ended(ended(state, 2, 'SUCCEEDED'), 3, 'SUCCEEDED');
    expect(moves(alone, OPEN_MS)).toMatchObject({ starts: [], wakeAtMs: retryAtMs });
    expect(moves(alone, WINDOW.closesAtMs).rests[0]).toMatchObject({ cause: 'LOCK_HELD' });
  });

  test('of an item whose hook is being asked does not come twice', () => {
    const asked = patchLeg(maintenanceOf(three), idOf(1), 'forward', { stage: 'asking' });
    expect(starts(asked)).toEqual([]);
    // What is under way wakes the maintenance when it ends.
    expect(moves(asked, OPEN_MS).wakeAtMs).toBeNull();
  });

  test('does not come while the maintenance is about to continue as new', () => {
    expect(moves(maintenanceOf(three), OPEN_MS, true).starts).toEqual([]);
  });
});

describe('a switchover that is unresolved', () => {
  const holding = (state: MaintenanceState, index: number): MaintenanceState =>
    patchLeg(running(state, index), idOf(index), 'forward', { outcome: 'UNKNOWN' });

  test.each([
    ['a running one', 0, (state: MaintenanceState) => running(state, 1), false],
    ['one where one failure is allowed', 1, (state: MaintenanceState) => holding(state, 1), false],
    ['one where none is', 0, (state: MaintenanceState) => holding(state, 1), true],
    [
      'one beside a failure where one is',
      1,
      (state: MaintenanceState) => holding(ended(state, 2, 'REFUSED'), 1),
      true,
    ],
  ])('counts before it has ended: %s, of %i', (_, maxFailures, play, isAtStake) => {
    const state = play(maintenanceOf(three, { maxConcurrent: 3, maxFailures }));
    expect(isBudgetAtStake(state)).toBe(isAtStake);
    // It may still end otherwise.
    expect(moves(state, OPEN_MS).stop).toBeNull();
  });
});

describe('canaries', () => {
  const state = maintenanceOf(three, { maxConcurrent: 3, canaryCount: 1, maxFailures: 9 });

  test('start alone; the others follow when they are done', () => {
    expect(starts(state)).toEqual([idOf(1)]);
    expect(starts(running(state, 1))).toEqual([]);
    expect(starts(ended(state, 1, 'NOOP'))).toEqual([idOf(2), idOf(3)]);
  });

  test('that fail stop the maintenance, whatever the budget', () => {
    const { stop, rests } = moves(ended(state, 1, 'REFUSED'), OPEN_MS);
    expect(stop).toMatchObject({ cause: 'CANARY_FAILED' });
    expect(rests.map(({ instanceId }) => instanceId)).toEqual([idOf(2), idOf(3)]);
  });

  test('that fail are found once', () => {
    const failed = ended(state, 1, 'REFUSED');
    const stopped = addStop(failed, { cause: 'CANARY_FAILED', reason: 'it failed' });
    expect(moves(stopped, OPEN_MS)).toMatchObject({ stop: null, starts: [] });
  });

  test('are done only when their hooks are, too', () => {
    const done = patchLeg(ended(state, 1, 'SUCCEEDED'), idOf(1), 'forward', { stage: 'reporting' });
    expect(starts(done)).toEqual([]);
  });

  test('that never started are replaced by the next, unless that was their own failure', () => {
    const without = (isFailure: boolean): MaintenanceState =>
      patchLeg(state, idOf(1), 'forward', { state: 'NOT_STARTED', isFailure });
    expect(starts(without(false))).toEqual([idOf(2)]);
    expect(moves(without(true), OPEN_MS).stop).toMatchObject({ cause: 'CANARY_FAILED' });
  });

  test('that were skipped are replaced by the next', () => {
    const skipped = patchLeg(state, idOf(1), 'forward', { state: 'SKIPPED' });
    expect(starts(skipped)).toEqual([idOf(2)]);
  });
});

describe('the error budget', () => {
  test('stops the maintenance with one failure more than it allows, and lets run what runs', () => {
    const state = maintenanceOf(three, { maxFailures: 1, maxConcurrent: 2 });
    const one = ended(state, 1, 'UNKNOWN');
    expect(moves(one, OPEN_MS).stop).toBeNull();
    const { stop } = moves(ended(one, 2, 'REFUSED'), OPEN_MS);
    expect(stop?.reason).toBe('stopped after 2 failures where 1 may be');
    const none = ended(maintenanceOf(three, { maxFailures: 0 }), 1, 'REFUSED');
    expect(moves(none, OPEN_MS).stop?.reason).toBe('stopped after 1 failure where 0 may be');
    const spent = addStop(ended(one, 2, 'REFUSED'), { cause: 'BUDGET_SPENT', reason: 'two' });
    expect(moves(spent, OPEN_MS).stop).toBeNull();
    const two = ended(running(one, 3), 2, 'COMPENSATED');
    expect(moves(two, OPEN_MS)).toMatchObject({ stop: { cause: 'BUDGET_SPENT' }, isOver: false });
  });
});

test('a stop leaves every item that waits unstarted, with its reason', () => {
  const state = addStop(maintenanceOf(three), { cause: 'ABORTED', reason: 'aborted by ada' });
  const { rests, isOver } = moves(state, OPEN_MS);
  expect(rests.map(({ reason }) => reason)).toEqual(three.map(() => 'aborted by ada'));
  expect(isOver).toBe(true);
});

describe('the return leg', () => {
  const request = {
    ...{ returnLeg: { soakSeconds: 60, withinSeconds: 600 } },
    ...{ maxConcurrent: 2, canaryCount: 1, maxFailures: 0 },
  };
  const returning = (state: MaintenanceState): MaintenanceState =>
    [1, 2, 3].reduce((all, index) => patchLeg(all, idOf(index), 'return', {}), state);
  const SOAKED_MS = 50_000_000;
  const back = (state: MaintenanceState, nowMs: number): Moves =>
    nextMoves(state, returnRules(factsOf(state), SOAKED_MS), nowMs);

  test('has its own time after the soak, whatever the window says, and neither canaries nor budget', () => {
    const state = returning(maintenanceOf(three, request));
    expect(back(state, SOAKED_MS - 1)).toMatchObject({ starts: [], wakeAtMs: SOAKED_MS });
    expect(back(state, SOAKED_MS).starts).toHaveLength(2);
    const failed = patchLeg(state, idOf(1), 'return', { state: 'ENDED', isFailure: true });
    expect(back(failed, SOAKED_MS)).toMatchObject({ stop: null, starts: [{}, {}] });
    expect(back(state, SOAKED_MS + 599_999).starts).toHaveLength(2);
    expect(back(state, SOAKED_MS + 600_000)).toMatchObject({ starts: [], isOver: true });
  });

  test('has nothing to do for an instance that has no such leg', () => {
    expect(back(maintenanceOf(three, request), SOAKED_MS)).toMatchObject({
      starts: [],
      isOver: true,
    });
  });

  test('begins only where it is asked for, some master has moved, and nothing but the forward leg was stopped', () => {
    const moved = ended(ended(maintenanceOf(three, request), 1, 'SUCCEEDED'), 2, 'UNKNOWN');
    expect(shouldReturn(moved)).toBe(true);
    expect(shouldReturn({ ...moved, facts: null })).toBe(false);
    expect(shouldReturn(ended(maintenanceOf(three), 1, 'SUCCEEDED'))).toBe(false);
    expect(shouldReturn(ended(maintenanceOf(three, request), 1, 'NOOP'))).toBe(false);
    const stopped = (cause: 'BUDGET_SPENT' | 'CANARY_FAILED' | 'ABORTED'): boolean =>
      shouldReturn(addStop(moved, { cause, reason: '' }));
    expect([stopped('BUDGET_SPENT'), stopped('CANARY_FAILED'), stopped('ABORTED')]).toStrictEqual([
      ...[true, true, false],
    ]);
  });

  test('goes to where the switchover found the master, else to where the maintenance had seen it', () => {
    const [item] = maintenanceOf(three).items;
    if (item === undefined) throw new Error('the maintenance has items');
    const from = { nodeId: 'elsewhere', availabilityZone: null };
    expect(returnTargetOf(item)).toBe(item.master);
    expect(returnTargetOf({ ...item, forward: { ...item.forward, from } })).toBe(from);
    expect(hasMoved(item)).toBe(false);
  });
});

/** A random maintenance, and what becomes of each instance. */
const arbitraryPlan = fc
  .record({
    outcomes: fc.array(fc.constantFrom<LegOutcome>('SUCCEEDED', 'NOOP', 'REFUSED', 'UNKNOWN'), {
      minLength: 1,
      maxLength: 12,
    }),
    maxConcurrent: fc.integer({ min: 1, max: 5 }),
    canaryCount: fc.integer({ min: 0, max: 5 }),
    maxFailures: fc.integer({ min: 0, max: 5 }),
    lengths: fc.array(fc.integer({ min: 1, max: 4000 }), { minLength: 12, maxLength: 12 }),
    openings: fc.array(fc.integer({ min: 0, max: 8000 }), { minLength: 12, maxLength: 12 }),
  })
  .map((plan) => ({ ...plan, endsAtMs: new Map<number, number>() }));

describe('a maintenance that is played to its end', () => {
  test('visits each instance at most once, inside its times, within every limit, and ends', () => {
    fc.assert(
      fc.property(arbitraryPlan, ({ outcomes, lengths, openings, endsAtMs, ...limits }) => {
        const { maxConcurrent, canaryCount, maxFailures } = limits;
        const instances = outcomes.map((_, index) => {
          const opensAtMs = WINDOW.opensAtMs + (openings[index] ?? 0) * 1000;
          return planned(index, { spans: [{ ...WINDOW, opensAtMs }] });
        });
        let state = maintenanceOf(instances, { maxConcurrent, canaryCount, maxFailures });
        const { request } = factsOf(state);
        const indexOf = (id: string) => instances.findIndex((each) => each.instanceId === id);
        const started: number[] = [];
        let nowMs = 0;
        for (let pass = 0; ; pass += 1) {
          expect(pass).toBeLessThan(200);
          const next = moves(state, nowMs);
          if (next.stop !== null) state = addStop(state, next.stop);
          for (const { instanceId } of next.rests)
            state = patchLeg(state, instanceId, 'forward', { state: 'NOT_STARTED' });
          for (const item of next.starts) {
            const index = indexOf(item.instanceId);
            const [span] = item.spans;
            expect(started).not.toContain(index);
            expect(nowMs).toBeGreaterThanOrEqual(span?.opensAtMs ?? Infinity);
            expect(nowMs).toBeLessThan(latestStartMs(WINDOW, request));
            const failures = state.items.filter(({ forward }) => forward.isFailure).length;
            expect(failures).toBeLessThanOrEqual(maxFailures);
            // Some canary is not done: only canaries may start, and the first items are the canaries.
            const canaries = state.items
              .filter(({ forward }) => forward.state !== 'NOT_STARTED')
              .slice(0, canaryCount);
            const areDone = canaries.every(({ forward }) => isDone(forward));
            expect(areDone || canaries.some((each) => each.instanceId === item.instanceId)).toBe(
              true,
            );
            started.push(index);
            endsAtMs.set(index, nowMs + (lengths[index] ?? 1) * 1000);
            state = running(state, index);
          }
          expect(endsAtMs.size).toBeLessThanOrEqual(maxConcurrent);
          if (next.isOver) break;
          const instants = [
            ...endsAtMs.values(),
            ...(next.wakeAtMs === null ? [] : [next.wakeAtMs]),
          ];
          // Otherwise nothing would ever wake the maintenance.
          expect(instants).not.toHaveLength(0);
          nowMs = Math.max(nowMs, Math.min(...instants));
          for (const [index, atMs] of endsAtMs) {
            if (atMs > nowMs) continue;
            endsAtMs.delete(index);
            state = ended(state, index, outcomes[index] ?? 'UNKNOWN');
            state = patchLeg(state, idOf(index), 'forward', { stage: null });
          }
        }
        for (const { forward } of state.items)
          expect(['ENDED', 'NOT_STARTED']).toContain(forward.state);
      }),
      { numRuns: 500 },
    );
  });
});
