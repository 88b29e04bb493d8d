/** What the history of an earlier run gives to judge it by, whatever version wrote it. */
import { describe, expect, test } from '@jest/globals';

import { readExaminedRun } from '../../src/temporal/examined-run.js';
import type { ExaminedRunReading } from '../../src/temporal/examined-run.js';
import type { ActivityFacts, RunHistory } from '../../src/temporal/run-history.js';
import { findings, roles } from '../client/support/facts.js';
import { newTaskOf, observationOf } from '../domain/support.js';

const RUN = { runId: 'run-1', ended: 'TERMINATED', closedAtMs: 60_000 };

const activity = (
  type: string,
  call: unknown,
  report: unknown,
  overrides: Partial<ActivityFacts> = {},
): ActivityFacts => ({
  type,
  scheduledAtMs: 1_000,
  endedAtMs: 2_000,
  end: 'completed',
  call,
  report,
  ...overrides,
});

const PREFLIGHT = activity('preflight', {}, { ...findings(), knownSwapTaskIds: ['old'] });
const forward = (report: unknown, overrides: Partial<ActivityFacts> = {}) =>
  activity('requestSwap', { purpose: 'forward', knownSwapTaskIds: ['old'] }, report, overrides);
const back = (report: unknown) =>
  activity(
    'requestSwap',
    { purpose: 'compensate', expected: roles('n2'), knownSwapTaskIds: ['old', 'mine'] },
    report,
  );

const ACCEPTED = { kind: 'accepted', jobId: 'job-7', requestId: null, sentAtMs: 1 };
const AMBIGUOUS = { kind: 'ambiguous', detail: 'no answer', sentAtMs: 1 };
const REJECTED = { kind: 'rejected', detail: '400' };
const NOT_SENT = { kind: 'not-sent', reason: 'busy', retryAfterMs: null, detail: 'busy' };

const read = (activities: readonly ActivityFacts[], input: unknown = {}): ExaminedRunReading => {
  const history: RunHistory = { startedAtMs: 0, input, activities, timerSinceMs: null };
  return readExaminedRun(history, RUN);
};

const examinedRunOf = (...activities: readonly ActivityFacts[]) => {
  const reading = read([PREFLIGHT, ...activities]);
  if (!('examined' in reading)) throw new Error(reading.missing);
  return reading.examined;
};

describe('the examined run of a run', () => {
  test('has the prior roles, the known tasks and the target of its pre-check', () => {
    const target = { availabilityZone: 'az2' };
    const report = { ...findings(), knownSwapTaskIds: ['old'], request: { target } };
    const reading = read([activity('preflight', {}, report)]);
    expect(reading).toMatchObject({
      examined: { from: roles('n1'), knownSwapTaskIds: ['old'], target, purpose: 'forward' },
    });
  });

  test.each<[string, readonly ActivityFacts[], string]>([
    ['without a swap', [], 'not-applied'],
    ['that never came to the PUT', [forward(NOT_SENT)], 'not-applied'],
    ['whose PUT was rejected', [forward(REJECTED)], 'not-applied'],
    ['whose PUT had no answer', [forward(AMBIGUOUS)], 'ambiguous'],
    [
      'whose swap activity was open at its end',
      [forward(undefined, { end: 'open', endedAtMs: null })],
      'ambiguous',
    ],
    ['whose swap activity was lost', [forward(undefined, { end: 'lost' })], 'ambiguous'],
    [
      'whose report this version does not know',
      [forward({ kind: 'teleported', detail: '' })],
      'ambiguous',
    ],
    ['that was busy, then rejected', [forward(NOT_SENT), forward(REJECTED)], 'not-applied'],
    ['that had no answer, then was busy', [forward(AMBIGUOUS), forward(NOT_SENT)], 'ambiguous'],
    ['whose re-issue was accepted', [forward(AMBIGUOUS), forward(ACCEPTED)], 'accepted'],
  ])('%s says what may have been applied', (_, activities, sending) => {
    expect(examinedRunOf(...activities).sending).toBe(sending);
  });

  test('stays readable after an hour of attempts, and reports every PUT that may have had an effect', () => {
    const busy = Array.from({ length: 250 }, () =>
      forward({ ...NOT_SENT, detail: 'x'.repeat(512) }),
    );
    const { putSummary } = examinedRunOf(...busy, forward(AMBIGUOUS), ...busy);
    expect(putSummary.length).toBeLessThan(3_000);
    expect(putSummary).toContain('497 earlier attempts did nothing.');
    expect(putSummary).toContain('possibly sent');
  });

  test('an open swap activity may have sent until its timeout after the run was ended', () => {
    const { sentBetweenMs } = examinedRunOf(forward(undefined, { end: 'open', endedAtMs: null }));
    expect(sentBetweenMs).toEqual([1_000, RUN.closedAtMs + 40_000]);
  });

  test.each([660_000, -660_000])(
    'reports by the clock of the API, %i ms off, when a PUT may have left',
    (apiAheadMs) => {
      const apiTimeMs = (PREFLIGHT.endedAtMs ?? 0) + apiAheadMs;
      const preflight = activity('preflight', {}, { ...findings(), apiTimeMs });
      const reading = read([preflight, forward(AMBIGUOUS)]);
      const before = read([PREFLIGHT, forward(AMBIGUOUS)]);
      if (!('examined' in reading) || !('examined' in before)) throw new Error('no examined run');
      const shifted = before.examined.sentBetweenMs?.map((ms) => ms + apiAheadMs);
      expect(reading.examined.sentBetweenMs).toStrictEqual(shifted);
    },
  );

  test('knows of a PUT without a trace before the accepted one', () => {
    const reissued = examinedRunOf(forward(AMBIGUOUS), forward(ACCEPTED));
    expect(reissued.isEarlierUnresolved).toBe(true);
    expect(examinedRunOf(forward(ACCEPTED)).isEarlierUnresolved).toBeUndefined();
    expect(examinedRunOf(forward(REJECTED), forward(ACCEPTED)).isEarlierUnresolved).toBeUndefined();
  });

  test('after a re-issue whose job failed, unchanged roles prove nothing of the PUT before it', () => {
    const poll = activity('awaitJob', { jobId: 'job-7' }, { state: 'FAIL' });
    const row = newTaskOf({ id: 'job-7', status: 'FAILED' });
    const watch = activity(
      'watchRoles',
      {},
      observationOf({ change: 'unchanged', heldThroughout: true, newSwapTasks: [row] }),
    );
    const unchangedAtEnd = (...swaps: readonly ActivityFacts[]) =>
      examinedRunOf(...swaps, poll, watch).unchangedAtEnd;
    expect(unchangedAtEnd(forward(ACCEPTED))).toMatchObject({
      outcome: 'FAILED_UNCHANGED',
      cause: 'JOB_FAILED',
    });
    expect(unchangedAtEnd(forward(AMBIGUOUS), forward(ACCEPTED))).toMatchObject({
      outcome: 'UNKNOWN',
      cause: 'NO_TRACE',
    });
  });

  test('knows the job of an accepted PUT, and its end where the run saw it', () => {
    const ended = { state: 'FAIL', failReason: 'x' };
    const poll = activity('awaitJob', { jobId: 'job-7', taskId: null }, ended);
    expect(examinedRunOf(forward(ACCEPTED), poll)).toMatchObject({
      jobId: 'job-7',
      taskId: null,
      job: ended,
    });
    const unfinished = activity('awaitJob', { jobId: 'job-7' }, { state: 'unfinished' });
    expect(examinedRunOf(forward(ACCEPTED), unfinished).job).toBeNull();
  });

  test('knows the job that the run found in the task list', () => {
    const poll = activity('awaitJob', { jobId: 'job-8', taskId: 'task-8' }, undefined, {
      end: 'open',
    });
    expect(examinedRunOf(forward(AMBIGUOUS), poll)).toMatchObject({
      sending: 'accepted',
      jobId: 'job-8',
      taskId: 'task-8',
      sentBetweenMs: null,
    });
  });

  test('is its swap back, where one may have been sent', () => {
    expect(examinedRunOf(forward(ACCEPTED), back(AMBIGUOUS))).toMatchObject({
      purpose: 'compensate',
      from: roles('n2'),
      knownSwapTaskIds: ['old', 'mine'],
      target: { nodeId: 'n1' },
      sending: 'ambiguous',
    });
  });

  test('stays its forward swap, where the swap back was never sent', () => {
    expect(examinedRunOf(forward(ACCEPTED), back(NOT_SENT))).toMatchObject({
      purpose: 'forward',
      from: roles('n1'),
      sending: 'accepted',
    });
  });
});

describe('there is no examined run', () => {
  test.each<[string, readonly ActivityFacts[], unknown, RegExp, unknown]>([
    ['in a run that sends nothing', [PREFLIGHT], { mode: 'resolve' }, /no switchover/, null],
    [
      'before the roles were read, which proves that nothing was sent',
      [activity('preflight', {}, undefined, { end: 'open' })],
      {},
      /before it had read the roles.*nothing was sent/,
      'FAILED_UNCHANGED',
    ],
    ['in an empty history', [], undefined, /before it had read the roles/, 'FAILED_UNCHANGED'],
    [
      'without readable roles although a PUT may have left',
      [activity('preflight', {}, { before: 'garbage' }), forward(AMBIGUOUS)],
      {},
      /PUT possibly sent/,
      null,
    ],
    [
      'in a history that cannot be decoded',
      [activity('preflight', undefined, undefined)],
      undefined,
      /data converter/,
      null,
    ],
  ])('%s', (_, activities, input, words, provedOutcome) => {
    const reading = read(activities, input);
    expect(reading).toMatchObject({ missing: expect.stringMatching(words), provedOutcome });
  });

  test.each([null, 7, 'x', [], { groups: 7 }, { groups: [{ nodes: [null] }] }, { groups: [null] }])(
    'in roles that are none: %j',
    (before) => {
      expect(read([activity('preflight', {}, { before })])).toHaveProperty('missing');
    },
  );
});
