/** How an earlier run is judged again: which task may be its trace, and what may be said of it. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { SwitchoverResult } from '../../src/contract/index.js';
import { evaluateExamination } from '../../src/domain/checks/examination.js';
import type { ExaminedRunFacts } from '../../src/domain/checks/examination.js';
import {
  concludeExamination,
  findTrace,
  latestSentMs,
  toExaminedIntent,
} from '../../src/domain/examination.js';
import { composeMessage } from '../../src/domain/messages.js';
import { judge } from '../../src/domain/outcome.js';
import type { ExaminedRun } from '../../src/domain/preflight-report.js';
import type { Judgement, NewSwapTask } from '../../src/domain/reports.js';

import { BEFORE, newTaskOf, NOW_MS, observationOf, requestOf, SWAPPED } from './support.js';

const examinedRunOf = (overrides: Partial<ExaminedRun> = {}): ExaminedRun => ({
  runId: 'run-1',
  ended: 'TERMINATED',
  purpose: 'forward',
  from: BEFORE,
  knownSwapTaskIds: [],
  target: null,
  sending: 'ambiguous',
  putSummary: 'PUT possibly sent (scheduled T).',
  jobId: null,
  taskId: null,
  job: null,
  sentBetweenMs: [NOW_MS, NOW_MS + 40_000],
  ...overrides,
});

const traceOf = (overrides: Partial<NewSwapTask> = {}): NewSwapTask =>
  newTaskOf({ owner: 'unattributed', user: 'ours', createdAtMs: NOW_MS + 1_000, ...overrides });

const seen = (...newSwapTasks: NewSwapTask[]) => observationOf({ newSwapTasks });

describe('the trace of an ambiguous PUT is', () => {
  const HOUR_MS = 3_600_000;
  it.each<[string, boolean, NewSwapTask[]]>([
    ['the only new swap task of its time', true, [traceOf()]],
    ['one that the service listed late', true, [traceOf({ createdAtMs: NOW_MS + 90_000 })]],
    ['one of a clock that is behind', true, [traceOf({ createdAtMs: NOW_MS - 30_000 })]],
    ["not an hour later someone's", false, [traceOf({ createdAtMs: NOW_MS + HOUR_MS })]],
    ['not one from before', false, [traceOf({ createdAtMs: NOW_MS - HOUR_MS })]],
    ['not one without a time', false, [traceOf({ createdAtMs: null })]],
    ["not another user's", false, [traceOf({ owner: 'foreign', user: 'other' })]],
    ['not that of a user not known to be ours', false, [traceOf({ user: 'unknown' })]],
    ['not one of two', false, [traceOf(), traceOf({ id: 'task-2' })]],
    ['nothing where nothing is new', false, []],
  ])('%s', (_, isFound, tasks) => {
    expect(findTrace(examinedRunOf(), seen(...tasks)) !== null).toBe(isFound);
  });

  it('nothing where no PUT is ambiguous', () => {
    expect(findTrace(examinedRunOf({ sentBetweenMs: null }), seen(traceOf()))).toBeNull();
  });

  it('nothing where the task list could not be read', () => {
    expect(findTrace(examinedRunOf(), observationOf({ newSwapTasks: null }))).toBeNull();
  });
});

describe('a PUT may have left', () => {
  it('until its activity had ended', () => {
    const times = { scheduledAtMs: 1_000, endedAtMs: 2_000, runClosedAtMs: 9_000 };
    expect(latestSentMs(times)).toBe(2_000);
  });

  it('until its timeout after the run was ended from outside, however late it had begun', () => {
    const times = { scheduledAtMs: 1_000, endedAtMs: null, runClosedAtMs: 3_600_000 };
    expect(latestSentMs(times)).toBe(3_640_000);
  });
});

describe('the conclusion', () => {
  const conclude = (
    purpose: ExaminedRun['purpose'],
    outcome: Judgement['outcome'],
    ...tasks: NewSwapTask[]
  ) => {
    const examined = { purpose, sentBetweenMs: null };
    return concludeExamination(examined, { outcome, cause: 'ROLES_CHANGED' }, seen(...tasks));
  };

  it.each<[ExaminedRun['purpose'], Judgement['outcome'], string]>([
    ['forward', 'SUCCEEDED', 'SUCCEEDED'],
    ['forward', 'FAILED_UNCHANGED', 'FAILED_UNCHANGED'],
    ['forward', 'UNKNOWN', 'UNKNOWN'],
    ['compensate', 'SUCCEEDED', 'COMPENSATED'],
    ['compensate', 'FAILED_UNCHANGED', 'UNKNOWN'],
    ['compensate', 'UNKNOWN', 'UNKNOWN'],
  ])('of a %s swap that is judged %s is %s', (purpose, judged, expected) => {
    expect(conclude(purpose, judged).outcome).toBe(expected);
  });

  it('is UNKNOWN while a swap task that no one can attribute still runs', () => {
    const running = traceOf({ status: 'EXECUTING' });
    for (const outcome of ['SUCCEEDED', 'FAILED_UNCHANGED'] as const)
      expect(conclude('forward', outcome, running)).toEqual({
        outcome: 'UNKNOWN',
        cause: 'JOB_STILL_RUNNING',
      });
  });

  it('is UNKNOWN while such a task is taken back', () => {
    const found = conclude('forward', 'SUCCEEDED', traceOf({ status: 'ROLLING_BACK' }));
    expect(found).toEqual({ outcome: 'UNKNOWN', cause: 'JOB_STILL_RUNNING' });
  });

  it.each([null, 'ARCHIVED'])(
    'stands where a row, which what is known of our own job stands for, has the status %s',
    (status) => {
      for (const outcome of ['SUCCEEDED', 'FAILED_UNCHANGED'] as const)
        expect(conclude('forward', outcome, traceOf({ status })).outcome).toBe(outcome);
    },
  );

  it('is UNKNOWN where the job failed and the roles have changed since: a failover may have come', () => {
    const judgement = { outcome: 'SUCCEEDED', cause: 'JOB_FAILED_ROLES_CHANGED' } as const;
    for (const purpose of ['forward', 'compensate'] as const) {
      const found = concludeExamination({ purpose, sentBetweenMs: null }, judgement, seen());
      expect(found.outcome).toBe('UNKNOWN');
    }
  });

  it.each<[string, Judgement, string]>([
    ['SUCCESS', { outcome: 'UNKNOWN', cause: 'SUCCESS_WITHOUT_CHANGE' }, 'UNKNOWN CHANGED_LATER'],
    ['FAIL', { outcome: 'FAILED_UNCHANGED', cause: 'JOB_FAILED' }, 'FAILED_UNCHANGED JOB_FAILED'],
  ])(
    'of a job that ended %s, after which the run had read unchanged roles, takes no later change for its effect',
    (_, unchangedAtEnd, expected) => {
      const judgement = { outcome: 'SUCCEEDED', cause: 'ROLES_CHANGED' } as const;
      const examined = { purpose: 'forward', sentBetweenMs: null, unchangedAtEnd } as const;
      const found = concludeExamination(examined, judgement, seen());
      expect(`${found.outcome} ${found.cause}`).toBe(expected);
    },
  );

  it.each<[string, Judgement['outcome'], string, NewSwapTask[]]>([
    ['no task', 'FAILED_UNCHANGED', 'UNKNOWN NO_TRACE', []],
    ['no task', 'SUCCEEDED', 'UNKNOWN CHANGE_WITHOUT_OUR_TASK', []],
    [
      'a task of another time',
      'SUCCEEDED',
      'UNKNOWN CHANGE_WITHOUT_OUR_TASK',
      [traceOf({ owner: 'ours', createdAtMs: NOW_MS + 3_600_000 })],
    ],
    ['its task', 'SUCCEEDED', 'SUCCEEDED ROLES_CHANGED', [traceOf({ owner: 'ours' })]],
    [
      'its task',
      'FAILED_UNCHANGED',
      'FAILED_UNCHANGED ROLES_CHANGED',
      [traceOf({ owner: 'ours' })],
    ],
  ])(
    'of a PUT without an answer, with %s, judged %s by a job that a person named: %s',
    (...row) => {
      const [, outcome, expected, tasks] = row;
      const judgement = { outcome, cause: 'ROLES_CHANGED' } as const;
      const found = concludeExamination(examinedRunOf(), judgement, seen(...tasks));
      expect(`${found.outcome} ${found.cause}`).toBe(expected);
    },
  );

  const anything = fc.record({
    isAmbiguous: fc.boolean(),
    job: fc.option(fc.constantFrom('SUCCESS', 'FAIL', 'unfinished')),
    change: fc.constantFrom('changed', 'unchanged', 'disagree', null),
    heldThroughout: fc.boolean(),
    stable: fc.boolean(),
    purpose: fc.constantFrom('forward', 'compensate'),
  });

  it('is never better than what the outcome rule says of what was observed', () => {
    const allowed = (outcome: string, change: string | null, isHeld: boolean): boolean => {
      if (outcome === 'UNKNOWN') return true;
      return outcome === 'FAILED_UNCHANGED'
        ? change === 'unchanged' && isHeld
        : change === 'changed';
    };
    fc.assert(
      fc.property(anything, ({ isAmbiguous, job, change, heldThroughout, stable, purpose }) => {
        const observation = observationOf({ change, heldThroughout, stable, newSwapTasks: [] });
        const report = { lastStatus: null, failReason: null, polls: 1, jobMs: null, detail: '' };
        const judgement = judge({
          isAmbiguous: isAmbiguous && job === null,
          ownJobIds: job === null ? [] : ['job-1'],
          job: job === null ? null : { ...report, state: job },
          observation,
          target: null,
          mayHaveInactiveReplicas: false,
        });
        const { outcome } = concludeExamination(
          { purpose, sentBetweenMs: isAmbiguous ? [NOW_MS, NOW_MS] : null },
          judgement,
          observation,
        );
        expect(judgement.outcome !== 'UNKNOWN' || outcome === 'UNKNOWN').toBe(true);
        expect(allowed(outcome, change, heldThroughout)).toBe(true);
        const isUnproved = isAmbiguous || (job === 'FAIL' && change === 'changed');
        expect(isUnproved && outcome !== 'UNKNOWN').toBe(false);
      }),
    );
  });
});

it('an intent to judge by has no time left to send in', () => {
  expect(toExaminedIntent(examinedRunOf(), requestOf({ mode: 'verify' })).notAfterMs).toBe(0);
});

describe('the check examined-run-known', () => {
  const check = (mode: 'verify' | 'adopt', facts: ExaminedRunFacts | null) =>
    evaluateExamination(requestOf({ mode, jobId: 'job-2' }), facts, []).find(
      ({ id }) => id === 'examined-run-known',
    );

  it.each<[string, boolean | null, 'verify' | 'adopt', ExaminedRunFacts | null, string]>([
    [
      'passes with an examined run',
      true,
      'verify',
      { kind: 'found', examined: examinedRunOf() },
      '',
    ],
    ['is open where Temporal did not answer', null, 'verify', null, ''],
    [
      'fails without the run and names history',
      false,
      'verify',
      { kind: 'missing', why: 'no such run' },
      'dcs-switchover history',
    ],
    [
      'fails without roles and shows what is proved',
      false,
      'verify',
      { kind: 'empty', why: 'no roles', provedOutcome: 'FAILED_UNCHANGED', otherUnresolved: null },
      '--outcome FAILED_UNCHANGED --statement',
    ],
    [
      'fails without roles and never advises a word that would settle the unresolved outcome of another run',
      false,
      'verify',
      {
        kind: 'empty',
        why: 'no roles.',
        provedOutcome: 'FAILED_UNCHANGED',
        otherUnresolved: 'run-0',
      },
      '--examined-run run-0',
    ],
    [
      'fails for a job that is not the one of the run',
      false,
      'adopt',
      { kind: 'found', examined: examinedRunOf({ sending: 'accepted', jobId: 'job-1' }) },
      '--job job-1 --examined-run run-1',
    ],
    [
      'fails for a swap that was listed before',
      false,
      'adopt',
      { kind: 'found', examined: examinedRunOf({ knownSwapTaskIds: ['job-2'] }) },
      'dcs-switchover verify',
    ],
    [
      'passes for a job that may be it',
      true,
      'adopt',
      { kind: 'found', examined: examinedRunOf() },
      '',
    ],
    [
      'passes for the job of the run',
      true,
      'adopt',
      { kind: 'found', examined: examinedRunOf({ sending: 'accepted', jobId: 'job-2' }) },
      '',
    ],
    [
      'fails for a job of a run that sent nothing',
      false,
      'adopt',
      { kind: 'found', examined: examinedRunOf({ sending: 'not-applied' }) },
      'dcs-switchover verify',
    ],
  ])('%s', (_, passed, mode, facts, remedy) => {
    const found = check(mode, facts);
    expect(found?.passed).toBe(passed);
    expect(found?.remedy).toContain(remedy);
  });
});

describe('the message of an examination', () => {
  const message = (outcome: SwitchoverResult['outcome'], examined: Partial<ExaminedRun> = {}) =>
    composeMessage({
      outcome,
      cause: 'NO_TRACE',
      request: requestOf({ mode: 'verify' }),
      failed: [],
      swapsSent: 0,
      swapsAccepted: 0,
      jobIds: [],
      swapRequestIds: [],
      obstacle: null,
      runId: 'run-2',
      examined: examinedRunOf(examined),
      before: BEFORE,
      after: SWAPPED,
    });

  it('that cannot confirm a run without an unresolved outcome spreads none', () => {
    const text = message('UNKNOWN', { ended: 'SUCCEEDED' });
    expect(text).toContain('run run-1 did, which ended SUCCEEDED, cannot be confirmed any more');
    expect(text).not.toMatch(/still unknown|Do not switch|dcs-switchover resolve/);
    expect(text).toContain('dcs-switchover plan');
    for (const ended of ['UNKNOWN', 'TERMINATED', 'FAILED', 'TIMED_OUT'])
      expect(message('UNKNOWN', { ended })).toContain('Do not switch again before you know.');
  });

  it('of a run that sent nothing advises no adoption, which would be refused', () => {
    expect(message('UNKNOWN')).toContain('dcs-switchover adopt');
    expect(message('UNKNOWN', { sending: 'not-applied' })).not.toContain('dcs-switchover adopt');
  });

  it('that was REFUSED leads to the runs to choose from, not to a maintenance', () => {
    const text = message('REFUSED');
    expect(text).toContain('dcs-switchover history');
    expect(text).not.toContain('dcs-switchover plan');
  });

  it.each(['SUCCEEDED', 'FAILED_UNCHANGED', 'COMPENSATED', 'UNKNOWN'] as const)(
    '%s names the examined run, says that nothing was sent, and ends in a command',
    (outcome) => {
      const text = message(outcome);
      expect(text).toContain('run run-1');
      expect(text).not.toContain('run-2');
      expect(text).toContain('This run itself sent nothing.');
      expect(text).toMatch(/\n {2}dcs-switchover (plan|resolve) [^.\n]*$/);
      expect(text).not.toContain('switching is allowed again');
    },
  );
});
