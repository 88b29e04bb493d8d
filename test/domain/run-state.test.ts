/** The state of a switchover, and what each thing that happens makes of it. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { OUTCOMES } from '../../src/contract/index.js';
import { toStatus } from '../../src/domain/details.js';
import type { JobReport, LostReport, SwapReport } from '../../src/domain/reports.js';
import {
  ended,
  entered,
  held,
  holdElapsed,
  jobEnded,
  judged,
  lookedAgain,
  newRunState,
  noted,
  preChecked,
  rolesRead,
  swapAnswered,
  timingsOf,
  traceFound,
  warned,
} from '../../src/domain/run-state.js';
import type { RunState, Transition } from '../../src/domain/run-state.js';

import { BEFORE, newTaskOf, NOW_MS, observationOf, requestOf } from './support.js';

const ACCEPTED: SwapReport = {
  ...{ kind: 'accepted', jobId: 'job-1', requestId: 'request-1', sentAtMs: NOW_MS },
};
const LOST: LostReport = { kind: 'lost', detail: 'no report' };
const REPORTS: readonly (SwapReport | LostReport)[] = [
  ...[ACCEPTED, LOST],
  { kind: 'ambiguous', detail: 'reset', sentAtMs: NOW_MS },
  { kind: 'rejected', detail: '400', requestId: 'request-2' },
  { kind: 'not-applied', detail: 'busy', retryAfterMs: null, wasUnauthorized: false },
  { kind: 'not-sent', reason: 'busy', detail: 'busy', retryAfterMs: null },
  { kind: 'not-sent', reason: 'guard', detail: 'executed before', retryAfterMs: null },
];
const jobOf = (overrides: Partial<JobReport> = {}): JobReport => ({
  ...{ state: 'SUCCESS', lastStatus: 'SUCCESS', failReason: null, polls: 1, jobMs: 3_000 },
  ...{ detail: '', ...overrides },
});
const REPORTED = { cause: 'NO_TRACE', atMs: NOW_MS };
const PRE_CHECKED = preChecked({
  ...{ verdict: 'proceed', request: requestOf(), checks: [], before: BEFORE },
  ...{ knownSwapTaskIds: [], warnings: ['careful'], searchAttributes: [] },
});

const after = (...what: readonly Transition[]): RunState =>
  what.reduce((state, each) => each(state, NOW_MS), newRunState({}, NOW_MS));

/** Anything that may happen, in any order, the orders that no workflow makes among them. */
const anything: fc.Arbitrary<Transition> = fc.oneof(
  fc.constantFrom(...REPORTS).map(swapAnswered),
  fc.constantFrom(...OUTCOMES).map((outcome) => ended(outcome, 'over')),
  fc.constantFrom(
    ...[PRE_CHECKED, holdElapsed, traceFound(newTaskOf()), noted('seen'), warned('careful')],
    ...[rolesRead(observationOf()), rolesRead(observationOf({ roles: null, lastError: '503' }))],
    ...[jobEnded(jobOf(), 'job-1'), jobEnded(jobOf({ state: 'unfinished' }), 'job-1')],
    judged('forward', { outcome: 'UNKNOWN', cause: 'NO_TRACE' }, observationOf()),
    held('NO_TRACE', NOW_MS + 60_000),
    lookedAgain({ outcome: 'SUCCEEDED', cause: 'ROLES_CHANGED' }, REPORTED),
    entered('VERIFYING', 'read the roles'),
  ),
);

/** Two states, one of which has led to the other by one step, after any others. */
const steps = fc
  .tuple(fc.array(anything), anything)
  .map(([before, last]): readonly [RunState, RunState] => {
    const state = after(...before);
    return [state, last(state, NOW_MS + 1_000)];
  });

function freezeDeep<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(freezeDeep);
  return Object.freeze(value);
}

describe('whatever happens to a run', () => {
  test('no state is changed: the next one takes its place', () => {
    fc.assert(
      fc.property(fc.array(anything), (what) => {
        what.reduce((state, each) => freezeDeep(each(state, NOW_MS)), freezeDeep(after()));
      }),
    );
  });

  test('a PUT that was sent, or accepted, stays so', () => {
    fc.assert(
      fc.property(steps, ([before, now]) => {
        expect(now.swapsSent).toBeGreaterThanOrEqual(before.swapsSent);
        expect(now.swapsAccepted).toBeGreaterThanOrEqual(before.swapsAccepted);
        expect(now.lastSentAtMs ?? -1).toBeGreaterThanOrEqual(before.lastSentAtMs ?? -1);
        expect((now.lastSentAtMs === null) === (now.swapsSent === 0)).toBe(true);
      }),
    );
  });

  test('no more PUTs are possibly sent than sent', () => {
    fc.assert(
      fc.property(steps, ([, { swapsPossiblySent, swapsSent }]) => {
        expect(swapsPossiblySent).toBeGreaterThanOrEqual(0);
        expect(swapsPossiblySent).toBeLessThanOrEqual(swapsSent);
      }),
    );
  });

  test('a known outcome stands, and only UNKNOWN may still be cleared', () => {
    fc.assert(
      fc.property(steps, ([before, now]) => {
        const isOpen = before.outcome === null || before.outcome === 'UNKNOWN';
        expect(isOpen || now.outcome === before.outcome).toBe(true);
        expect(before.outcome === null || now.outcome !== null).toBe(true);
      }),
    );
  });

  test('evidence and warnings are only added, each warning once', () => {
    fc.assert(
      fc.property(steps, ([before, now]) => {
        expect(now.evidence.slice(0, before.evidence.length)).toEqual(before.evidence);
        expect(now.warnings.slice(0, before.warnings.length)).toEqual(before.warnings);
        expect(new Set(now.warnings).size).toBe(now.warnings.length);
      }),
    );
  });

  test('the phases last as long as the run', () => {
    const phases = fc.constantFrom('SWAPPING', 'VERIFYING', 'HOLDING' as const);
    fc.assert(
      fc.property(fc.array(fc.tuple(phases, fc.nat(100_000))), (entries) => {
        let atMs = NOW_MS;
        let state = newRunState({}, NOW_MS);
        for (const [phase, ms] of entries) state = entered(phase, 'next')(state, (atMs += ms));
        const { phasesMs, totalMs } = timingsOf(state, atMs + 7);
        const sumMs = Object.values(phasesMs).reduce((sum, ms) => sum + ms, 0);
        expect([sumMs, totalMs]).toEqual([totalMs, atMs + 7 - NOW_MS]);
      }),
    );
  });
});

describe('the state of a run', () => {
  test('begins with nothing sent, whatever the input is', () => {
    for (const input of [undefined, null, 'text', { mode: 7 }, { mode: 'verify' }])
      expect(newRunState(input, NOW_MS)).toMatchObject({ swapsSent: 0, outcome: null });
    expect(newRunState({ mode: 'verify' }, NOW_MS).step.next).toMatch(/; nothing is sent$/);
    expect(newRunState({}, NOW_MS).step.next).toMatch(/nothing is sent before that$/);
  });

  test('counts a PUT without an answer as possibly sent, until its row is found', () => {
    const lost = after(swapAnswered(LOST));
    expect(lost).toMatchObject({ swapsSent: 1, swapsPossiblySent: 1, swapsAccepted: 0 });
    const trace = newTaskOf({ id: 'row-1', jobId: null });
    const found = traceFound(trace)(lost, NOW_MS);
    expect(found).toMatchObject({ swapsSent: 1, swapsPossiblySent: 0, swapsAccepted: 1 });
    expect(found.jobIds).toEqual(['row-1']);
    expect(jobEnded(jobOf({ jobId: 'job-1' }), 'row-1')(found, NOW_MS).jobIds).toEqual(['job-1']);
  });

  test('keeps the roles that were read last when a later reading shows none', () => {
    const unread = observationOf({ roles: null, newSwapTasks: null, lastError: '503' });
    const state = after(rolesRead(observationOf()), rolesRead(unread));
    expect(state.after).toEqual(observationOf().roles);
    expect(state.newSwapTasks).toEqual([newTaskOf()]);
    expect(state.obstacle).toBe('503');
  });

  test('shows until when the lock is held, and only so long', () => {
    const holding = after(swapAnswered(LOST), held('NO_TRACE', NOW_MS + 60_000));
    expect(toStatus(holding)).toMatchObject({ phase: 'HOLDING', outcome: 'UNKNOWN' });
    expect(toStatus(holding).lockedUntil).toBe('2026-01-01T00:01:00.000Z');
    expect(toStatus(holdElapsed(holding, NOW_MS)).lockedUntil).toBeUndefined();
  });

  test('is corrected by a last look that clears what was reported, and by no other', () => {
    const unknown = lookedAgain({ outcome: 'UNKNOWN', cause: 'NO_TRACE' }, REPORTED);
    expect(after(unknown).correction).toBeNull();
    const cleared = lookedAgain({ outcome: 'SUCCEEDED', cause: 'ROLES_CHANGED' }, REPORTED);
    expect(after(cleared).correction).toContain('UNKNOWN (NO_TRACE) at 2026-01-01T00:00:00.000Z');
  });

  test('keeps which identifiers disagree when the reading after it shows no roles', () => {
    const disagreeing = observationOf({ change: 'disagree', disagreement: 'node ids moved' });
    const unread = observationOf({ roles: null, change: null, disagreement: null });
    expect(after(rolesRead(disagreeing), rolesRead(unread)).disagreement).toBe('node ids moved');
  });
});
