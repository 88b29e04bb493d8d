/** What a refused run says: why, which reading showed it, and what a person does next. */
import { describe, expect, it, test } from '@jest/globals';

import type { Check, CheckId } from '../../src/contract/index.js';
import { evaluateExamination } from '../../src/domain/checks/examination.js';
import { evaluateChecks, isPassed, refusalCause } from '../../src/domain/checks/index.js';
import { warnOfUntimed } from '../../src/domain/checks/intent.js';
import { describeBusy, describeWait } from '../../src/domain/checks/passing.js';
import { findRepeated } from '../../src/domain/checks/runs.js';
import { apiReadable, modeSupported } from '../../src/domain/checks/state.js';
import type { PreflightFacts, RepeatedRun } from '../../src/domain/facts.js';
import { toGoal } from '../../src/domain/goal.js';
import type { ExaminedRun } from '../../src/domain/preflight-report.js';

import {
  BEFORE,
  factsOf,
  INSTANCE,
  master,
  NOW_MS,
  replica,
  requestOf,
  rolesOf,
  taskOf,
} from './support.js';

const checkOf = (id: CheckId, passed: boolean | null): Check => ({
  ...{ id, severity: 'blocking', passed, observed: id, requestId: null, remedy: '' },
});
const instanceOf = (overrides: Partial<typeof INSTANCE>): Pick<PreflightFacts, 'instance'> => ({
  instance: { value: { ...INSTANCE, ...overrides }, requestId: 'request-instance' },
});
const found = (id: CheckId, facts: Partial<PreflightFacts>, request = requestOf()) =>
  evaluateChecks(request, factsOf(facts)).find((check) => check.id === id);

describe('the cause of a refusal', () => {
  it.each<[string, Check[]]>([
    ['CHECKS_FAILED', [checkOf('instance-idle', false)]],
    ['CHECKS_FAILED', []],
    ['CHECKS_FAILED', [checkOf('request-id-reused', null), checkOf('instance-idle', false)]],
    ['CHECKS_FAILED', [checkOf('request-id-reused', true), checkOf('instance-idle', false)]],
    ['THROTTLED', [checkOf('api-quota', false), checkOf('instance-idle', false)]],
    ['REQUEST_ID_REUSED', [checkOf('api-quota', false), checkOf('request-id-reused', false)]],
  ])('is %s', (cause, checks) => {
    expect(refusalCause(checks)).toBe(cause);
  });

  test('has passed only where that check was made, and passed', () => {
    const checks = [
      checkOf('one-master', true),
      checkOf('cool-down', false),
      checkOf('not-after', null),
    ];
    const passed = (id: CheckId): boolean => isPassed(checks, id);
    expect(passed('one-master')).toBe(true);
    for (const id of ['cool-down', 'not-after', 'not-frozen'] as const)
      expect(passed(id)).toBe(false);
    expect(isPassed([], 'one-master')).toBe(false);
  });

  test('is a spent quota first of all, with the words of the API', () => {
    const throttled = [{ value: '429 since 00:00', requestId: 'r1' }];
    expect(evaluateChecks(requestOf(), factsOf({ throttled }))[0]).toMatchObject({
      ...{ id: 'api-quota', severity: 'blocking', passed: false },
      ...{ observed: '429 since 00:00', requestId: 'r1' },
    });
    expect(found('api-quota', {})).toBeUndefined();
  });
});

describe('what could not be read', () => {
  const read = (...values: string[]) =>
    apiReadable(
      { unreadable: values.map((value) => ({ value, requestId: `of ${value}` })) },
      requestOf(),
    );

  test('is said in one line, with the first call behind it', () => {
    expect(read('a: 503', 'b: 403')).toMatchObject({
      observed: 'a: 503; b: 403',
      requestId: 'of a: 503',
    });
    const silent = apiReadable({ unreadable: [{ value: 'a', requestId: null }] });
    expect(silent.requestId).toBeNull();
  });

  test('is another instance only where that itself was answered 404', () => {
    const NOWHERE = 'GET /v2/{projectId}/instances/{instanceId}: 404 no such instance';
    expect(read(NOWHERE).observed).toContain('does not exist in project');
    expect(read('GET /v2/{projectId}/instances/{instanceId}/tasks: 404').observed).not.toContain(
      'exist',
    );
    expect(read('GET /v2/{projectId}/instances/{instanceId}: 4040').observed).not.toContain(
      'exist',
    );
    const unasked = apiReadable({ unreadable: [{ value: NOWHERE, requestId: null }] });
    expect(unasked.observed).toBe(NOWHERE);
    expect(unasked.remedy).toContain('Check the instance id');
  });
});

describe('what the instance shows', () => {
  test('is named with its version, and every node that is not Active', () => {
    expect(modeSupported(instanceOf({ engineVersion: '6.0' }))).toMatchObject({
      ...{ passed: true, observed: 'Redis 6.0, cache mode ha' },
    });
    const old = { engineVersion: '3.0.7.9' } as Partial<typeof INSTANCE>;
    expect(modeSupported(instanceOf(old))).toMatchObject({
      ...{ passed: false, remedy: expect.stringContaining('upgrade the instance') },
    });
    const sick = rolesOf({ ...master, status: 'Inactive' }, { ...replica, status: 'Inactive' });
    const roles = { value: sick, requestId: null };
    expect(found('nodes-active', { roles })?.observed).toMatch(/node-a \(.*\), .*node-b \(/);
  });

  test('says what it is busy with, and which reading showed it', () => {
    const running = taskOf({ name: 'EXTEND', status: 'EXECUTING' });
    const tasks = { value: [running], requestId: 'request-tasks', serverTimeMs: NOW_MS };
    const both = { ...instanceOf({ busyWith: 'BACKUPING' }), tasks };
    expect(found('instance-idle', both)).toMatchObject({
      ...{ observed: 'BACKUPING, task EXTEND task-1 (EXECUTING)', requestId: 'request-tasks' },
    });
    expect(found('instance-idle', instanceOf({ busyWith: 'BACKUPING' }))?.requestId).toBe(
      'request-instance',
    );
  });

  test('has no promotable replica at all: no target can be reached', () => {
    const request = requestOf({ target: { avoidAvailabilityZone: 'az1' } });
    const roles = { value: rolesOf(master), requestId: null };
    expect(found('target-reachable', { roles }, request)).toMatchObject({
      ...{ passed: false, observed: 'not outside AZ az1: no promotable replica' },
    });
    const elsewhere = ['b', 'c'].map((nodeId) => ({ ...replica, nodeId, availabilityZone: 'az1' }));
    const wrong = { value: rolesOf(master, ...elsewhere), requestId: null };
    expect(found('target-reachable', { roles: wrong }, request)?.observed).toMatch(
      /: .*b \(.*\), .*c \(/,
    );
  });
});

describe('swaps without a time', () => {
  const untimed = taskOf({ createdAtMs: null, updatedAtMs: null });

  test('are counted for a person, those alone', () => {
    const half = taskOf({ createdAtMs: null });
    const other = taskOf({ name: 'EXTEND', createdAtMs: null, updatedAtMs: null });
    expect(warnOfUntimed([untimed, half, taskOf(), other])).toStrictEqual([
      'The task list shows 1 of its swaps without a time: the cool-down does not count them.',
    ]);
    expect(warnOfUntimed([taskOf()])).toStrictEqual([]);
  });

  test('of which one shows half of its times is as old as that one says', () => {
    const tasks = {
      value: [taskOf({ updatedAtMs: null, createdAtMs: NOW_MS - 5_000 })],
      requestId: null,
      serverTimeMs: NOW_MS,
    };
    expect(found('cool-down', { tasks })?.observed).toBe('last swap 5 s ago');
  });
});

describe('a busy instance', () => {
  const busy = factsOf(instanceOf({ status: 'RESTARTING', busyWith: 'task RESTART' }));
  const checks = [
    ...[
      checkOf('instance-running', false),
      checkOf('instance-idle', false),
      checkOf('cool-down', false),
    ],
    ...[checkOf('instance-idle', null), checkOf('instance-idle', true)],
  ];

  test('is described by what passes soon, and nothing else', () => {
    expect(describeBusy(checks.slice(0, 3), busy)).toBe('instance-running, instance-idle');
    const frozen = factsOf(instanceOf({ status: 'FROZEN' }));
    expect(describeBusy(checks.slice(0, 3), frozen)).toBe('instance-idle');
    expect(describeBusy(checks.slice(0, 1), factsOf({ instance: null }))).toBe('');
  });

  test('shows for how long the run has waited, where it has waited for that', () => {
    expect(describeWait(checks, busy, 1_600).map(({ observed }) => observed)).toStrictEqual([
      ...['instance-running; waited 2 s for that', 'instance-idle; waited 2 s for that'],
      ...['cool-down', 'instance-idle', 'instance-idle'],
    ]);
  });
});

describe('a request id that an earlier run had', () => {
  const request = requestOf({ requestId: 'r-1' });
  const run: RepeatedRun = {
    ...{ runId: 'run-1', cause: 'ROLES_CHANGED', message: '', settledByRunId: null },
    ...{ jobIds: [], swapRequestIds: [], before: BEFORE, after: BEFORE },
    outcome: 'SUCCEEDED',
  };
  const runsWith = (goal: ReturnType<typeof toGoal> | null) => ({
    ...{ closed: [], openRunId: null, sameRequest: { run, goal } },
  });
  const SAME = runsWith(toGoal({}));

  test('is answered by that run, where a switchover asks for the same', () => {
    expect(findRepeated(request, SAME)).toBe(run);
    expect(findRepeated({ ...request, mode: 'plan' }, SAME)).toBeNull();
    expect(findRepeated(request, runsWith(toGoal({ target: { nodeId: 'n' } })))).toBeNull();
    expect(findRepeated(request, runsWith(null))).toBeNull();
    expect(findRepeated(request, { ...SAME, sameRequest: null })).toBeNull();
    expect(findRepeated(request, null)).toBeNull();
  });

  test('is judged for work alone: switchovers and plans', () => {
    const judged = (mode: 'switch' | 'plan' | 'verify') =>
      found('request-already-done', { runs: SAME }, { ...request, mode })?.passed;
    expect([judged('switch'), judged('plan'), judged('verify')]).toStrictEqual([
      false,
      false,
      true,
    ]);
  });

  test('for a goal that this version cannot read is reused, and leads to its result', () => {
    expect(found('request-id-reused', { runs: runsWith(null) }, request)).toMatchObject({
      passed: false,
      observed:
        'run run-1 had this request id and was asked what this version cannot read (it ended SUCCEEDED); ' +
        'now it is to swap master and replica',
      remedy: expect.stringMatching(/dcs-switchover wait .* --run run-1$/),
    });
  });
});

describe('an open run and a freeze', () => {
  test('lead to the commands that wait for it, or end it', () => {
    const runs = { closed: [], openRunId: 'run-9', sameRequest: null };
    expect(found('no-open-run', { runs })?.remedy).toMatch(/^ {2}dcs-switchover wait /m);
    const freeze = { until: '2026-01-02T00:00:00Z', by: 'ann', reason: 'x' };
    const request = { ...requestOf(), taskQueue: 'blue' };
    expect(found('not-frozen', { freeze }, request)?.remedy).toMatch(/thaw --task-queue blue$/);
  });
});

describe('an examination', () => {
  const JOB = 'job-0123456789abcdef';
  const examined: ExaminedRun = {
    ...{ runId: 'run-1', ended: 'TERMINATED', purpose: 'forward', from: BEFORE, target: null },
    ...{ knownSwapTaskIds: [], sending: 'accepted', putSummary: 'PUT accepted.', jobId: JOB },
    ...{ taskId: 'task-1', job: null, sentBetweenMs: null },
  };
  const adopt = { ...requestOf({ mode: 'adopt' }), jobId: JOB };
  const judged = (overrides: Partial<ExaminedRun>, request: typeof adopt = adopt) =>
    evaluateExamination(request, { kind: 'found', examined: { ...examined, ...overrides } }, [])[1];

  test('makes two blocking checks, whatever it finds', () => {
    const checks = evaluateExamination(requestOf(), null, [{ value: '503', requestId: null }]);
    expect(checks).toMatchObject([
      { id: 'api-readable', severity: 'blocking', passed: false },
      { id: 'examined-run-known', severity: 'blocking', passed: null },
    ]);
  });

  test('follows the job of its run, by the id of job or task', () => {
    expect(judged({})?.passed).toBe(true);
    expect(judged({}, { ...adopt, jobId: 'task-1' })?.passed).toBe(true);
    expect(judged({ jobId: null })?.passed).toBe(true);
  });

  it.each<[string, Partial<ExaminedRun>, string, RegExp]>([
    ['the run had none', { sending: 'not-applied' }, JOB, /has no job of its own/],
    ['it is that of another', {}, 'other', /is not the one of run run-1/],
    [
      'it was there before',
      { jobId: null, knownSwapTaskIds: [JOB] },
      JOB,
      /was listed before the PUT/,
    ],
    [
      'another run has named it its own',
      { jobId: null, otherSwaps: [{ runId: 'run-2', ids: [JOB] }] },
      JOB,
      /is that of run run-2/,
    ],
  ])('follows no job where %s', (_, overrides, jobId, words) => {
    const verdict = judged(overrides, { ...adopt, jobId });
    expect(verdict).toMatchObject({ passed: false });
    expect(verdict?.observed).toMatch(words);
  });

  test('that only reads asks for no job', () => {
    expect(judged({ sending: 'not-applied' }, { ...adopt, mode: 'verify' })?.passed).toBe(true);
  });
});
