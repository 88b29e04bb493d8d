/** What each thing that happens to a run leaves in its state: counts, roles, warnings and words. */
import { describe, expect, it, test } from '@jest/globals';

import type { RepeatedRun } from '../../src/domain/facts.js';
import type { PreflightFindings } from '../../src/domain/preflight-report.js';
import type { JobReport, LostReport, SwapReport } from '../../src/domain/reports.js';
import {
  ended,
  entered,
  foundInvalid,
  held,
  holdElapsed,
  jobEnded,
  jobNamed,
  judged,
  lookedAgain,
  newRunState,
  preChecked,
  repeated,
  rolesRead,
  swapAnswered,
  timingsOf,
  traceFound,
  warned,
} from '../../src/domain/run-state.js';
import type { RunState, Transition } from '../../src/domain/run-state.js';

import { BEFORE, newTaskOf, NOW_MS, observationOf, requestOf, SWAPPED } from './support.js';

const after = (...what: readonly Transition[]): RunState =>
  what.reduce((state, each) => each(state, NOW_MS), newRunState({}, NOW_MS));
const wordsOf = ({ evidence }: RunState): string[] => evidence.map(({ what }) => what);

const ACCEPTED: SwapReport = { kind: 'accepted', jobId: 'j1', requestId: 'r1', sentAtMs: 1 };
const LOST: LostReport = { kind: 'lost', detail: 'no report' };

describe('the answer of a swap activity', () => {
  test('that was accepted names its job, and clears what stood in the way', () => {
    const state = after(swapAnswered(LOST), swapAnswered(ACCEPTED));
    expect(state).toMatchObject({
      ...{ swapsSent: 2, swapsPossiblySent: 1, swapsAccepted: 1, jobIds: ['j1'] },
      ...{ swapRequestIds: ['r1'], obstacle: null, lastSentAtMs: NOW_MS },
    });
    expect(wordsOf(state)).toStrictEqual([
      ...['PUT possibly sent: no report', 'PUT accepted: job j1, request id r1'],
    ]);
    expect(wordsOf(after(swapAnswered({ ...ACCEPTED, requestId: null })))).toStrictEqual([
      'PUT accepted: job j1, request id not reported',
    ]);
  });

  it.each<[string, SwapReport]>([
    ['no PUT sent: busy', { kind: 'not-sent', reason: 'busy', detail: 'busy', retryAfterMs: null }],
    [
      'PUT not applied: conflict',
      { kind: 'not-applied', detail: 'conflict', retryAfterMs: null, wasUnauthorized: false },
    ],
    ['PUT rejected: 403', { kind: 'rejected', detail: '403' }],
    ['PUT without a usable answer: reset', { kind: 'ambiguous', detail: 'reset', sentAtMs: 1 }],
  ])('is evidence (%s), and the obstacle', (words, report) => {
    const state = after(swapAnswered(report));
    expect(wordsOf(state)).toStrictEqual([words]);
    expect(words.endsWith(`: ${state.obstacle}`)).toBe(true);
    expect(state.lastSentAtMs).toBe(report.kind === 'not-sent' ? null : NOW_MS);
  });
});

describe('the trace of a PUT without an answer', () => {
  test('counts as its answer, by the id of the job, else of the task', () => {
    const found = after(swapAnswered(LOST), traceFound(newTaskOf({ id: 't1', jobId: 'j1' })));
    expect(found).toMatchObject({ swapsPossiblySent: 0, swapsAccepted: 1, jobIds: ['j1'] });
    expect(found.warnings).toStrictEqual([
      'The PUT had no usable answer; its job was found in the task list, as the only new one of our own user.',
    ]);
    const rowed = after(traceFound(newTaskOf({ id: 't1', jobId: null })));
    expect(rowed).toMatchObject({ swapsPossiblySent: 0, jobIds: ['t1'] });
  });
});

describe('the end of a job', () => {
  const jobOf = (overrides: Partial<JobReport>): JobReport => ({
    ...{ state: 'SUCCESS', lastStatus: 'SUCCESS', failReason: null, polls: 1, jobMs: 3_000 },
    ...{ detail: '', ...overrides },
  });

  test('is evidence, with how long it took, and no warning', () => {
    const state = after(swapAnswered(ACCEPTED), jobEnded(jobOf({}), 'j1'));
    expect(state).toMatchObject({ jobMs: 3_000, obstacle: null, warnings: [], jobIds: ['j1'] });
    expect(wordsOf(state).at(-1)).toBe('job j1: SUCCESS');
  });

  test('says why it failed, or why no one knows', () => {
    const failed = after(jobEnded(jobOf({ state: 'FAIL', failReason: 'no replica' }), 'j1'));
    expect(failed.obstacle).toBe('no replica');
    expect(wordsOf(failed)).toStrictEqual(['job j1: FAIL (no replica)']);
    const open = after(jobEnded(jobOf({ state: 'unfinished', detail: '503' }), 'j1'));
    expect(open).toMatchObject({ obstacle: '503', warnings: [] });
    expect(wordsOf(open)).toStrictEqual(['job j1: unfinished (503)']);
  });

  test('by its task row warns, and puts the id of the job in place of that of the task', () => {
    const followed = after(
      swapAnswered({ ...ACCEPTED, jobId: 't1' }),
      swapAnswered({ ...ACCEPTED, jobId: 'x' }),
    );
    const state = jobEnded(jobOf({ jobId: 'j1', detail: '404' }), 't1')(followed, NOW_MS);
    expect(state).toMatchObject({ jobIds: ['j1', 'x'], obstacle: null });
    expect(wordsOf(state).slice(-2)).toStrictEqual(['task t1 is job j1', 'job j1: SUCCESS']);
    expect(state.warnings).toStrictEqual([
      'The job itself could not be read; the task list reported its end. 404.',
    ]);
  });
});

describe('a reading', () => {
  test('keeps what was known where it could not read', () => {
    const known = rolesRead(observationOf({ lastError: '503' }));
    const blind = rolesRead(observationOf({ roles: null, newSwapTasks: null, lastError: null }));
    expect(after(known, blind)).toMatchObject({
      ...{ after: SWAPPED, obstacle: '503', newSwapTasks: [{ id: 'task-1' }] },
    });
  });

  test('shows its complaints, and swaps that are not ours', () => {
    const newSwapTasks = [newTaskOf(), newTaskOf({ id: 'f', owner: 'foreign' })];
    const words = wordsOf(after(rolesRead(observationOf({ complaints: ['odd'], newSwapTasks }))));
    expect(words).toHaveLength(2);
    expect(words[0]).toBe('odd');
    expect(words[1]).toContain('f');
  });

  test('keeps a disagreement until another reading disagrees otherwise', () => {
    const disagree = (disagreement?: string): Transition =>
      rolesRead(
        observationOf({
          change: 'disagree',
          ...(disagreement === undefined ? {} : { disagreement }),
        }),
      );
    expect(after(disagree('ids')).disagreement).toBe('ids');
    expect(after(disagree('ids'), rolesRead(observationOf())).disagreement).toBe('ids');
    expect(after(disagree('ids'), disagree()).disagreement).toBeNull();
  });
});

describe('a judgement', () => {
  const judge = (
    outcome: 'SUCCEEDED' | 'UNKNOWN',
    cause: 'ROLES_CHANGED' | 'JOB_FAILED_ROLES_CHANGED',
    tasks: ReturnType<typeof newTaskOf>[] | null,
  ) => after(judged('forward', { outcome, cause }, observationOf({ newSwapTasks: tasks })));
  const FAILED = 'The job says FAIL, but the roles were read and have changed.';
  const UNLISTED = 'The task list does not show our swap; its job and the roles do.';

  test('warns of a job that says otherwise, and of a success that no list shows', () => {
    expect(judge('SUCCEEDED', 'ROLES_CHANGED', [newTaskOf()]).warnings).toStrictEqual([]);
    expect(judge('SUCCEEDED', 'ROLES_CHANGED', null).warnings).toStrictEqual([]);
    expect(judge('SUCCEEDED', 'ROLES_CHANGED', []).warnings).toStrictEqual([UNLISTED]);
    expect(judge('UNKNOWN', 'ROLES_CHANGED', []).warnings).toStrictEqual([]);
    expect(judge('SUCCEEDED', 'JOB_FAILED_ROLES_CHANGED', []).warnings).toStrictEqual([
      FAILED,
      UNLISTED,
    ]);
  });

  test('is evidence', () => {
    expect(wordsOf(judge('SUCCEEDED', 'ROLES_CHANGED', null))).toStrictEqual([
      'forward swap judged SUCCEEDED (ROLES_CHANGED)',
    ]);
  });
});

describe('the pre-check', () => {
  const FINDINGS: PreflightFindings = {
    ...{ request: requestOf(), checks: [], before: BEFORE, knownSwapTaskIds: [] },
    ...{ warnings: ['careful', 'careful'], searchAttributes: [] },
    verdict: 'proceed',
  };

  test('leaves request, roles and warnings, each once', () => {
    expect(after(warned('careful'), preChecked(FINDINGS))).toMatchObject({
      ...{ request: FINDINGS.request, before: BEFORE, warnings: ['careful'], searchAttributes: [] },
    });
  });

  test('names the instance, or leaves the name that its starter knew', () => {
    const named = newRunState({}, NOW_MS, 'cart');
    const read = preChecked({ ...FINDINGS, instanceName: 'cart-2' })(named, NOW_MS);
    expect(read.instanceName).toBe('cart-2');
    expect(preChecked(FINDINGS)(named, NOW_MS).instanceName).toBe('cart');
    expect(after(preChecked(FINDINGS)).instanceName).toBeNull();
  });

  test('says for how long it has waited, and for what', () => {
    const busyWait = { waitedMs: 12_600, observed: 'a backup' };
    expect(wordsOf(after(preChecked({ ...FINDINGS, busyWait })))).toStrictEqual([
      ...['pre-check finished', 'waited 13 s for it: a backup'],
    ]);
    expect(wordsOf(after(preChecked(FINDINGS)))).toStrictEqual(['pre-check finished']);
  });

  test('of an invalid input leaves the search attributes for people', () => {
    const searchAttributes = [{ name: 'DcsOutcome' }] as never;
    expect(after(foundInvalid({ searchAttributes } as never)).searchAttributes).toBe(
      searchAttributes,
    );
  });

  test('of a request that is done takes over jobs and roles of that run', () => {
    const run: RepeatedRun = {
      ...{ runId: 'run-1', cause: '', message: '', settledByRunId: null },
      ...{ jobIds: ['j1'], swapRequestIds: ['r1'], before: BEFORE, after: SWAPPED },
      outcome: 'SUCCEEDED',
    };
    const state = after(repeated(run));
    expect(state).toMatchObject({ after: SWAPPED, jobIds: ['j1'], swapRequestIds: ['r1'] });
    expect(wordsOf(state)).toStrictEqual([
      'run run-1 has done this request (SUCCEEDED); nothing is sent',
    ]);
  });

  test('of an examination names the one job that it follows', () => {
    expect(after(swapAnswered(ACCEPTED), jobNamed('j9')).jobIds).toStrictEqual(['j9']);
  });
});

describe('an unresolved run', () => {
  const HELD = held('NO_TRACE', NOW_MS + 60_000);
  const AGAIN = { cause: 'NO_TRACE', atMs: NOW_MS };

  test('says until when it keeps its lock, and why', () => {
    const state = after(HELD);
    expect(state).toMatchObject({
      ...{
        outcome: 'UNKNOWN',
        lockedUntil: '2026-01-01T00:01:00.000Z',
        step: { phase: 'HOLDING' },
      },
    });
    expect(state.step.next).toMatch(
      /^Outcome unknown: a PUT may have left, .*\. The lock is held until 2026-01-01T00:01:00\.000Z,/,
    );
    expect(after(HELD, holdElapsed).lockedUntil).toBeNull();
  });

  test('corrects what was reported only where one more look has cleared it', () => {
    const cleared = after(
      HELD,
      lookedAgain({ outcome: 'SUCCEEDED', cause: 'ROLES_CHANGED' }, AGAIN),
    );
    expect(cleared.correction).toBe(
      'It was reported as UNKNOWN (NO_TRACE) at 2026-01-01T00:00:00.000Z; one more look at the end of the hold has cleared that.',
    );
    const still = after(HELD, lookedAgain({ outcome: 'UNKNOWN', cause: 'NO_TRACE' }, AGAIN));
    expect(still.correction ?? null).toBeNull();
    expect(wordsOf(still)).toStrictEqual([
      'looked once more at the end of the hold: UNKNOWN (NO_TRACE)',
    ]);
  });

  test('may become something else, and nothing else ever may', () => {
    expect(after(ended('UNKNOWN', ''), ended('SUCCEEDED', '')).outcome).toBe('SUCCEEDED');
    expect(after(ended('REFUSED', ''), ended('SUCCEEDED', '')).outcome).toBe('REFUSED');
  });
});

test('the time of each phase adds up to that of the run', () => {
  const enter = (phase: 'SWAPPING' | 'VERIFYING', atMs: number) => (state: RunState) =>
    entered(phase, '')(state, NOW_MS + atMs);
  const state = [
    enter('SWAPPING', 1_000),
    enter('VERIFYING', 3_000),
    enter('SWAPPING', 6_000),
  ].reduce((each, next) => next(each), newRunState({}, NOW_MS));
  expect(timingsOf(state, NOW_MS + 10_000)).toStrictEqual({
    ...{
      startedAt: '2026-01-01T00:00:00.000Z',
      endedAt: '2026-01-01T00:00:10.000Z',
      totalMs: 10_000,
    },
    ...{ phasesMs: { PREFLIGHT: 1_000, SWAPPING: 6_000, VERIFYING: 3_000 }, jobMs: null },
  });
});
