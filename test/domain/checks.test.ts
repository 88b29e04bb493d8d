import { describe, expect, it } from '@jest/globals';

import type { CheckId, NodeSnapshot, SwitchoverRequest } from '../../src/contract/index.js';
import { decideByChecks, evaluateChecks } from '../../src/domain/checks/index.js';
import {
  findResolving,
  findUnresolvedRun,
  previousRunResolved,
  whyUnresolved,
} from '../../src/domain/checks/runs.js';
import { commandsOf } from '../../src/domain/commands.js';
import { apiReadable } from '../../src/domain/checks/state.js';
import { byApi, byWorker } from '../../src/domain/clocks.js';
import type {
  EarlierRun,
  InstanceFacts,
  PreflightFacts,
  RepeatedRun,
  TaskFacts,
} from '../../src/domain/facts.js';
import { failedChecks } from '../../src/domain/facts.js';
import { toGoal } from '../../src/domain/goal.js';
import type { Goal } from '../../src/domain/goal.js';
import { OPEN_POLICY } from '../../src/domain/policy.js';

import {
  asMaster,
  BEFORE,
  factsOf,
  INSTANCE,
  INSTANCE_ID,
  master,
  NOW_MS,
  other,
  PROJECT_ID,
  replica,
  requestOf,
  rolesOf,
  taskOf,
} from './support.js';

const instanceOf = (overrides: Partial<InstanceFacts>): Partial<PreflightFacts> => ({
  instance: {
    value: { ...INSTANCE, ...overrides },
    requestId: 'request-instance',
  },
});

const FREEZE = { until: '2026-01-02T00:00:00Z', by: 'ann', reason: 'quarter\nend' };

const nodesOf = (...nodes: NodeSnapshot[]): Partial<PreflightFacts> => ({
  roles: { value: rolesOf(...nodes), requestId: 'request-roles' },
});

const tasksOf = (...tasks: Partial<TaskFacts>[]): Partial<PreflightFacts> => ({
  tasks: {
    value: tasks.map((task) => taskOf(task)),
    requestId: 'request-tasks',
    serverTimeMs: NOW_MS,
  },
});

const DENIED: Partial<PreflightFacts> = {
  policy: { ...OPEN_POLICY, deny: [{ name: 'orders-*' }] },
};

const runOf = (overrides: Partial<EarlierRun> = {}): EarlierRun => ({
  runId: 'run-1',
  outcome: 'SUCCEEDED',
  status: 'COMPLETED',
  requestId: null,
  mode: 'switch',
  examinedRunId: null,
  repeatOfRunId: null,
  isProvedUnsent: false,
  ...overrides,
});

const runsOf = (...closed: EarlierRun[]): Partial<PreflightFacts> => ({
  runs: { closed, openRunId: null, sameRequest: null },
});

const TOGGLE: Goal = { target: null, expectedMasterNodeId: null, isBareToggle: true };
const TO_AZ3: Goal = { ...TOGGLE, target: { availabilityZone: 'az3' }, isBareToggle: false };

const sameRequest = (goal: Goal | null): Partial<PreflightFacts> => {
  const run: RepeatedRun = {
    ...{ runId: 'run-1', outcome: 'SUCCEEDED', cause: 'ROLES_CHANGED', message: 'Done.' },
    ...{ settledByRunId: null, jobIds: [], swapRequestIds: [], before: null, after: null },
  };
  return { runs: { closed: [], openRunId: null, sameRequest: { run, goal } } };
};

const check = (
  id: CheckId,
  facts: Partial<PreflightFacts> = {},
  request: Partial<SwitchoverRequest> = {},
) => {
  const found = evaluateChecks(requestOf(request), factsOf(facts)).find((each) => each.id === id);
  if (found === undefined) throw new Error(`no check ${id}`);
  return found;
};

const UNREADABLE: Partial<PreflightFacts> = {
  instance: null,
  roles: null,
  tasks: null,
  runs: null,
  freeze: null,
  unreadable: [{ value: 'showInstance: 503', requestId: 'request-x' }],
};

const AZ2 = { target: { availabilityZone: 'az2' } } as const;
const MINUTE_AGO = NOW_MS - 60_000;

type Row = readonly [
  CheckId,
  string,
  boolean,
  Partial<PreflightFacts>,
  Partial<SwitchoverRequest>,
  string,
];

const ROWS: readonly Row[] = [
  ['api-readable', 'everything read', true, {}, {}, 'all readings answered'],
  ['api-readable', 'something unread', false, UNREADABLE, {}, 'showInstance: 503'],
  ['instance-running', 'RUNNING', true, {}, {}, 'status RUNNING'],
  ['instance-running', 'FROZEN', false, instanceOf({ status: 'FROZEN' }), {}, 'status FROZEN'],
  ['instance-running', 'no status', false, instanceOf({ status: null }), {}, 'status absent'],
  ['instance-idle', 'no task', true, {}, {}, 'no task'],
  ['instance-idle', 'an ended task', true, tasksOf({}), {}, 'no task'],
  [
    'instance-idle',
    'a task of the instance',
    false,
    instanceOf({ busyWith: 'BACKUPING' }),
    {},
    'BACKUPING',
  ],
  [
    'instance-idle',
    'a running task',
    false,
    tasksOf({ name: 'EXTEND', status: 'EXECUTING' }),
    {},
    'task EXTEND task-1 (EXECUTING)',
  ],
  [
    'instance-idle',
    'a task of unknown state',
    false,
    tasksOf({ name: null, status: null, updatedAtMs: NOW_MS }),
    {},
    'task unnamed task-1 (?)',
  ],
  ['mode-supported', 'ha', true, {}, {}, 'Redis, cache mode ha'],
  [
    'mode-supported',
    'ha_rw_split',
    true,
    instanceOf({ cacheMode: 'ha_rw_split' }),
    {},
    'ha_rw_split',
  ],
  [
    'mode-supported',
    'an engine not reported',
    true,
    instanceOf({ engine: null }),
    {},
    'engine not shown',
  ],
  ['mode-supported', 'single', false, instanceOf({ cacheMode: 'single' }), {}, 'single'],
  ['mode-supported', 'cluster', false, instanceOf({ cacheMode: 'cluster' }), {}, 'cluster'],
  ['mode-supported', 'proxy', false, instanceOf({ cacheMode: 'proxy' }), {}, 'proxy'],
  ['mode-supported', 'no mode', false, instanceOf({ cacheMode: null }), {}, 'cache mode absent'],
  ['mode-supported', 'Memcached', false, instanceOf({ engine: 'Memcached' }), {}, 'Memcached'],
  ['one-master', 'one', true, {}, {}, '1 shard:'],
  ['one-master', 'none', false, nodesOf(replica), {}, 'replica node-b'],
  ['one-master', 'two', false, nodesOf(master, asMaster(replica)), {}, 'master node-b'],
  ['one-master', 'no nodes', false, nodesOf(), {}, 'no nodes'],
  ['one-master', 'two shards', false, twoShards(), {}, '2 shards:'],
  ['nodes-active', 'all', true, {}, {}, 'all Active'],
  [
    'nodes-active',
    'a master that is not',
    false,
    nodesOf({ ...master, status: 'Inactive' }, replica),
    {},
    'node-a (az1, Inactive)',
  ],
  [
    'nodes-active',
    'a replica that is not',
    false,
    nodesOf(master, { ...replica, status: null }),
    {},
    'status unknown',
  ],
  ['replica-active', 'one', true, {}, {}, '1 of 1'],
  [
    'replica-active',
    'one of two',
    true,
    nodesOf(master, replica, { ...other, status: 'Inactive' }),
    {},
    '1 of 2',
  ],
  ['replica-active', 'none', false, nodesOf(master), {}, '0 of 0'],
  [
    'replica-active',
    'an Inactive one',
    false,
    nodesOf(master, { ...replica, status: 'Inactive' }),
    {},
    '0 of 1',
  ],
  ['replica-priority', 'promotable', true, {}, {}, '1 promotable'],
  [
    'replica-priority',
    'priority unknown',
    true,
    nodesOf(master, { ...replica, priority: null }),
    {},
    '1 promotable',
  ],
  [
    'replica-priority',
    'priority 0',
    false,
    nodesOf(master, { ...replica, priority: 0 }),
    {},
    '0 promotable',
  ],
  [
    'replica-priority',
    'the only promotable is Inactive',
    false,
    nodesOf(master, { ...replica, status: 'Inactive' }, { ...other, priority: 0 }),
    {},
    '0 promotable',
  ],
  ['expected-master', 'none expected', true, {}, {}, 'no expectation'],
  ['expected-master', 'as expected', true, {}, { expectedMasterNodeId: 'node-a' }, 'node-a'],
  ['expected-master', 'another', false, {}, { expectedMasterNodeId: 'node-b' }, 'node-a'],
  [
    'expected-master',
    'no clear one',
    false,
    nodesOf(replica),
    { expectedMasterNodeId: 'node-a' },
    'not clear',
  ],
  ['target-reachable', 'no target', true, {}, {}, 'no target'],
  ['target-reachable', 'the replica is there', true, {}, AZ2, 'in AZ az2'],
  [
    'target-reachable',
    'the one elsewhere is never promoted',
    true,
    nodesOf(master, replica, { ...other, priority: 0 }),
    AZ2,
    'in AZ az2',
  ],
  [
    'target-reachable',
    'one replica is elsewhere',
    false,
    nodesOf(master, replica, other),
    AZ2,
    'node-c',
  ],
  [
    'target-reachable',
    'an AZ unknown',
    false,
    nodesOf(master, { ...replica, availabilityZone: null }),
    AZ2,
    'AZ unknown',
  ],
  ['target-reachable', 'no node there at all', false, nodesOf(master), AZ2, 'no node is in AZ az2'],
  [
    'target-reachable',
    'the master itself is not counted',
    false,
    {},
    { target: { nodeId: 'node-a' } },
    'not on node node-a',
  ],
  ['cool-down', 'no swap before', true, {}, {}, 'no earlier swap'],
  ['cool-down', 'long ago', true, tasksOf({}), {}, 'last swap 86390 s ago'],
  [
    'cool-down',
    'another task a minute ago',
    true,
    tasksOf({ name: 'EXTEND', updatedAtMs: MINUTE_AGO }),
    {},
    'no earlier swap',
  ],
  [
    'cool-down',
    'none asked for',
    true,
    tasksOf({ updatedAtMs: MINUTE_AGO }),
    { timing: { ...requestOf().timing, coolDownSeconds: 0 } },
    'no cool-down',
  ],
  [
    'cool-down',
    'a minute ago',
    false,
    tasksOf({ updatedAtMs: MINUTE_AGO }),
    {},
    'last swap 60 s ago',
  ],
  [
    'cool-down',
    'just long enough ago',
    true,
    tasksOf({ updatedAtMs: MINUTE_AGO }),
    { timing: { ...requestOf().timing, coolDownSeconds: 60 } },
    'last swap 60 s ago',
  ],
  [
    'cool-down',
    'a second too early',
    false,
    tasksOf({ updatedAtMs: MINUTE_AGO }),
    { timing: { ...requestOf().timing, coolDownSeconds: 61 } },
    'last swap 60 s ago',
  ],
  [
    'cool-down',
    'the younger of two',
    false,
    tasksOf({}, { createdAtMs: MINUTE_AGO, updatedAtMs: null }),
    {},
    '60 s ago',
  ],
  [
    'cool-down',
    'without any time: it would never be old enough',
    true,
    tasksOf({ createdAtMs: null, updatedAtMs: null }),
    {},
    'no earlier swap listed; 1 listed without a time, not counted',
  ],
  [
    'cool-down',
    'a minute ago, beside one without any time',
    false,
    tasksOf({ updatedAtMs: MINUTE_AGO }, { createdAtMs: null, updatedAtMs: null }),
    {},
    'last swap 60 s ago; 1 listed without a time, not counted',
  ],
  [
    'cool-down',
    'listed by an answer without a time',
    false,
    { tasks: { value: [taskOf()], requestId: null, serverTimeMs: null } },
    {},
    'is not known: the API reported no time',
  ],
  [
    'cool-down',
    'a minute ago by the API, whatever the worker believes',
    false,
    { ...tasksOf({ updatedAtMs: MINUTE_AGO }), present: [byWorker(NOW_MS + 3_600_000)] },
    {},
    'last swap 60 s ago',
  ],
  [
    'cool-down',
    'stamped with a time to come',
    false,
    tasksOf({ createdAtMs: NOW_MS + 60_000, updatedAtMs: null }),
    {},
    'last swap 0 s ago',
  ],
  ['not-after', 'in time', true, {}, {}, '900 s left'],
  [
    'not-after',
    'at the last instant',
    false,
    {},
    { notAfterMs: NOW_MS },
    '0 s left until 2026-01-01',
  ],
  [
    'not-after',
    'over by the clock of the API alone',
    false,
    {
      present: [byWorker(NOW_MS), byApi(NOW_MS + 900_000, { atLeastMs: 0, atMostMs: 0 })],
    },
    {},
    '-1 s left',
  ],
  ['previous-run-resolved', 'none', true, {}, {}, 'no unresolved run'],
  [
    'previous-run-resolved',
    'UNKNOWN',
    false,
    runsOf(runOf({ outcome: 'UNKNOWN' })),
    {},
    'run run-1 ended UNKNOWN',
  ],
  [
    'previous-run-resolved',
    'terminated',
    false,
    runsOf(runOf({ outcome: null, status: 'TERMINATED' })),
    {},
    'ended TERMINATED',
  ],
  ['request-already-done', 'no request id', true, runsOf(runOf()), {}, 'no request id'],
  ['request-already-done', 'a new one', true, {}, { requestId: 'r-1' }, 'new request id'],
  [
    'request-already-done',
    'the same',
    false,
    sameRequest(TOGGLE),
    { requestId: 'r-1' },
    'run run-1 had this request id and ended SUCCEEDED',
  ],
  [
    'request-already-done',
    'the same for another goal',
    true,
    sameRequest(TO_AZ3),
    { requestId: 'r-1' },
    'not what was asked for',
  ],
  ['request-id-reused', 'no request id', true, {}, {}, 'no request id'],
  [
    'request-id-reused',
    'the same for the same goal',
    true,
    sameRequest(TOGGLE),
    { requestId: 'r-1' },
    'not used for another goal',
  ],
  [
    'request-id-reused',
    'the same for another goal',
    false,
    sameRequest(TO_AZ3),
    { requestId: 'r-1' },
    'asked to switch so that the master is in AZ az3',
  ],
  [
    'request-id-reused',
    'the same for another guard',
    false,
    sameRequest({ ...TOGGLE, expectedMasterNodeId: 'node-z', isBareToggle: false }),
    { requestId: 'r-1' },
    'while the master is node-z',
  ],
  ['instance-allowed', 'no rule', true, {}, {}, 'no rule forbids it'],
  ['instance-allowed', 'denied', false, DENIED, {}, 'denied by the deny rule name orders-*'],
  ['no-open-run', 'none', true, {}, {}, 'no other run'],
  [
    'no-open-run',
    'one',
    false,
    { runs: { closed: [], openRunId: 'run-9', sameRequest: null } },
    {},
    'run run-9 of dcs-switchover:',
  ],
  ['not-frozen', 'none', true, {}, {}, 'no freeze is in force'],
  [
    'not-frozen',
    'one, whose reason is of two lines',
    false,
    { freeze: FREEZE },
    {},
    'frozen until 2026-01-02T00:00:00Z by ann: quarter end',
  ],
];

function twoShards(): Partial<PreflightFacts> {
  const [group] = BEFORE.groups;
  const groups = group === undefined ? [] : [group, { groupId: 'group-1', nodes: [] }];
  return { roles: { value: { ...BEFORE, groups }, requestId: 'request-roles' } };
}

describe('a check', () => {
  it.each(ROWS)('%s: %s → %s', (id, _, passed, facts, request, observed) => {
    const found = check(id, facts, request);
    expect(found).toMatchObject({ severity: 'blocking', passed });
    expect(found.observed).toContain(observed);
    expect(found.remedy === '').toBe(passed);
    expect(`${found.observed} ${found.remedy}`).not.toMatch(/undefined|null|NaN|Infinity/);
  });

  const blocking = evaluateChecks(requestOf(), factsOf()).filter(
    ({ severity }) => severity === 'blocking',
  );

  it('has a passing and a failing row in this table', () => {
    const rows = ROWS.map(([id, , passed]) => `${id} ${String(passed)}`);
    const wanted = blocking.flatMap(({ id }) => [`${id} true`, `${id} false`]);
    expect(wanted.filter((row) => !rows.includes(row))).toStrictEqual([]);
  });

  it('passes where all is well', () => {
    expect(blocking.filter(({ passed }) => passed !== true)).toStrictEqual([]);
  });

  it('of an instance that DCS does not know sends to the ids, not to the network', () => {
    const value = 'GET /v2/{projectId}/instances/{instanceId}: 404 DCS.3022 does not exist';
    const request = requestOf();
    const facts = { unreadable: [{ value, requestId: null }] };
    const { remedy, observed } = apiReadable(facts, request);
    expect(remedy).toContain('Check the instance id');
    const { instanceId, projectId } = request;
    expect(observed).toContain(`instance ${instanceId} does not exist in project ${projectId}`);
  });

  it('of a freeze refuses a switchover and its maintenance, and shows who may end it', () => {
    const request = requestOf();
    const checks = evaluateChecks(request, factsOf({ freeze: FREEZE }));
    expect(failedChecks(checks).map(({ id }) => id)).toStrictEqual(['not-frozen']);
    expect(failedChecks(checks)[0]?.remedy).toContain('dcs-switchover thaw');
    expect(decideByChecks(request, checks, factsOf())).toBe('refused');
  });

  it('of a freeze lets NOOP be said, because nothing is sent then', () => {
    const request = requestOf({ target: { nodeId: 'node-a' }, toggle: false });
    const facts = factsOf({ freeze: FREEZE });
    expect(decideByChecks(request, evaluateChecks(request, facts), facts)).toBe('noop');
  });

  it('stays open where its reading failed, and blocks; only api-readable says why', () => {
    const request = requestOf({ ...AZ2, expectedMasterNodeId: 'node-a', requestId: 'r-1' });
    const policy = { ...OPEN_POLICY, deny: [{ name: 'x' }] };
    const checks = evaluateChecks(request, factsOf({ ...UNREADABLE, policy }));
    const failed = checks.filter(({ passed }) => passed === false).map(({ id }) => id);
    const open = checks.filter(({ observed }) => observed === 'not read');
    expect(failed).toStrictEqual(['api-readable']);
    expect(open).toHaveLength(blocking.length - 2);
    expect(open.every(({ passed }) => passed === null)).toBe(true);
    expect(failedChecks(checks)).toHaveLength(blocking.length - 1);
  });

  it('names the call behind it', () => {
    expect(check('instance-running').requestId).toBe('request-instance');
    expect(check('one-master').requestId).toBe('request-roles');
    expect(check('cool-down').requestId).toBe('request-tasks');
  });

  it('of the swap permission is reported as not checked, and does not block', () => {
    const found = check('swap-permission');
    expect(found).toMatchObject({ severity: 'info', passed: null });
    expect(found.observed).toContain('not checked');
    expect(found.remedy).toContain('dcs:instance:swap');
  });

  it('of an unresolved run gives the command that can be pasted', () => {
    const { remedy } = check('previous-run-resolved', runsOf(runOf({ outcome: 'UNKNOWN' })));
    expect(remedy).toContain(`dcs-switchover resolve ${INSTANCE_ID} --project ${PROJECT_ID} `);
  });
});

describe('an earlier run', () => {
  const unknown = runOf({ runId: 'run-unknown', outcome: 'UNKNOWN', status: 'FAILED' });
  const settled = runOf({ runId: 'run-settled' });
  const refused = runOf({ outcome: 'REFUSED', status: 'FAILED' });
  const invalid = runOf({ outcome: 'INVALID_INPUT', status: 'FAILED' });
  const planned = runOf({ outcome: 'PLANNED' });
  const cancelled = runOf({ outcome: null, status: 'CANCELLED' });
  const resolved = runOf({ outcome: 'RESOLVED' });
  const ended = (status: string): EarlierRun => runOf({ runId: status, outcome: null, status });

  const stopped = (mode: string): EarlierRun => ({ ...ended('TERMINATED'), mode });
  const examined = (outcome: EarlierRun['outcome'], examinedRunId: string): EarlierRun =>
    runOf({ runId: 'run-examination', mode: 'verify', outcome, examinedRunId });

  const word = (examinedRunId: string): EarlierRun =>
    runOf({ runId: 'run-word', mode: 'resolve', outcome: 'RESOLVED', examinedRunId });

  it('that repeated another neither leaves nor settles an unresolved outcome', () => {
    const repeat = (outcome: EarlierRun['outcome']) =>
      runOf({ runId: 'run-repeat', outcome, repeatOfRunId: 'run-unknown' });
    expect(findUnresolvedRun([repeat('SUCCEEDED'), unknown])?.runId).toBe('run-unknown');
    expect(findUnresolvedRun([repeat('UNKNOWN'), settled])).toBeNull();
  });

  it('that was ended from outside leaves nothing unresolved where its history proves that nothing left', () => {
    const unsent = { ...ended('TERMINATED'), isProvedUnsent: true };
    expect(findUnresolvedRun([unsent])).toBeNull();
    expect(findUnresolvedRun([unsent, unknown])?.runId).toBe('run-unknown');
  });

  const cases: readonly (readonly [string, readonly EarlierRun[], string | null])[] = [
    ['none', [], null],
    ['UNKNOWN', [unknown], 'run-unknown'],
    ['TERMINATED', [ended('TERMINATED')], 'TERMINATED'],
    ['TIMED_OUT', [ended('TIMED_OUT')], 'TIMED_OUT'],
    ['FAILED without an outcome', [ended('FAILED')], 'FAILED'],
    ['TERMINATED after a success', [ended('TERMINATED'), settled], 'TERMINATED'],
    ['UNKNOWN behind refusals', [refused, invalid, refused, unknown], 'run-unknown'],
    ['UNKNOWN behind a cancelled run', [cancelled, unknown], 'run-unknown'],
    ['UNKNOWN behind a maintenance', [planned, unknown], 'run-unknown'],
    ['UNKNOWN resolved by a person', [resolved, unknown], null],
    ['UNKNOWN resolved by a later success', [settled, unknown], null],
    [
      'UNKNOWN resolved by FAILED_UNCHANGED',
      [runOf({ outcome: 'FAILED_UNCHANGED' }), unknown],
      null,
    ],
    ['UNKNOWN resolved by COMPENSATED', [runOf({ outcome: 'COMPENSATED' }), unknown], null],
    ['UNKNOWN resolved, then refused', [refused, resolved, unknown], null],
    ['only runs that sent nothing', [refused, cancelled, planned, invalid], null],
    [
      'UNKNOWN that a verification found out',
      [examined('SUCCEEDED', 'run-unknown'), unknown],
      null,
    ],
    [
      'UNKNOWN found out, then refused',
      [refused, examined('SUCCEEDED', 'run-unknown'), unknown],
      null,
    ],
    ['UNKNOWN that stays so', [examined('UNKNOWN', 'run-unknown'), unknown], 'run-unknown'],
    [
      'UNKNOWN of a refused verification',
      [examined('REFUSED', 'run-unknown'), unknown],
      'run-unknown',
    ],
    [
      'UNKNOWN while another run was found out',
      [examined('SUCCEEDED', 'run-settled'), unknown, settled],
      'run-unknown',
    ],
    [
      'an earlier one behind one that was found out',
      [examined('FAILED_UNCHANGED', 'TERMINATED'), ended('TERMINATED'), unknown],
      'run-unknown',
    ],
    [
      'two that were found out, one by one',
      [
        examined('FAILED_UNCHANGED', 'TERMINATED'),
        ended('TERMINATED'),
        examined('SUCCEEDED', 'run-unknown'),
        unknown,
      ],
      null,
    ],
    ['a verification that was terminated', [stopped('verify'), settled], null],
    ['UNKNOWN behind one', [stopped('adopt'), unknown], 'run-unknown'],
    [
      'a verification of a settled run that stays UNKNOWN',
      [examined('UNKNOWN', 'run-settled'), settled],
      null,
    ],
    ['UNKNOWN as reported by a person that names it', [word('run-unknown'), unknown], null],
    [
      'UNKNOWN of a refused word',
      [{ ...word('run-unknown'), outcome: 'REFUSED' }, unknown],
      'run-unknown',
    ],
    ['UNKNOWN before a word that names no run', [{ ...resolved, mode: 'resolve' }, unknown], null],
    ['a newer one than the word names', [word('run-settled'), unknown, settled], 'run-unknown'],
    [
      'an earlier one than the word names',
      [word('TERMINATED'), ended('TERMINATED'), unknown],
      null,
    ],
    ['UNKNOWN behind a word that names no run of ours', [word('run-x'), unknown], 'run-unknown'],
    [
      'UNKNOWN behind a resolution that was terminated',
      [stopped('resolve'), unknown],
      'run-unknown',
    ],
  ];

  it.each(cases)('leaves an unresolved outcome or not: %s', (_, closed, expected) => {
    expect(findUnresolvedRun(closed)?.runId ?? null).toBe(expected);
  });

  it.each(cases)(
    'is resolved by a later one exactly where it is unresolved no more: %s',
    (_, closed, expected) => {
      const left = closed.filter(
        ({ runId, mode }) =>
          mode === 'switch' && ['run-unknown', 'TERMINATED', 'TIMED_OUT', 'FAILED'].includes(runId),
      );
      const open = left.filter(
        (run) => findResolving(closed.slice(0, closed.indexOf(run)), run.runId) === null,
      );
      const ids = open.map(({ runId }) => runId);
      expect(expected === null ? ids : ids.slice(0, 1)).toEqual(
        expected === null ? [] : [expected],
      );
    },
  );

  it('is resolved by what was read rather than by a word, and by a word about it rather than by what came later', () => {
    const read = examined('SUCCEEDED', 'run-unknown');
    const said = word('run-unknown');
    const howOf = (...later: EarlierRun[]) => {
      const found = findResolving(later, 'run-unknown');
      return [found?.how, found?.run.runId];
    };
    expect(howOf(settled, said, read)).toEqual(['examined', read.runId]);
    expect(howOf(settled, said)).toEqual(['stated', said.runId]);
    expect(howOf(settled)).toEqual(['superseded', settled.runId]);
    expect(howOf(word('TERMINATED'), ended('TERMINATED'))).toEqual(['superseded', 'run-word']);
    expect(howOf(refused, examined('UNKNOWN', 'run-unknown'))).toEqual([undefined, undefined]);
  });

  it('is unresolved for the cause that was found out last', () => {
    const because = (run: EarlierRun, cause: string): EarlierRun => ({ ...run, cause });
    const inVain = because(examined('UNKNOWN', 'run-unknown'), 'CHANGED_LATER');
    const own = because(unknown, 'NO_TRACE');
    expect(whyUnresolved([own], unknown)).toEqual({ cause: 'NO_TRACE', wasExamined: false });
    expect(whyUnresolved([inVain, own], unknown)).toEqual({
      ...{ cause: 'CHANGED_LATER', wasExamined: true },
    });
    const remedyOf = (...closed: EarlierRun[]) =>
      previousRunResolved(requestOf(), { runs: { closed, openRunId: null, sameRequest: null } })
        .remedy;
    expect(commandsOf(remedyOf(own) ?? '')).toEqual([
      expect.stringContaining(' verify '),
      expect.stringContaining(' resolve '),
    ]);
    expect(commandsOf(remedyOf(inVain, own) ?? '')).toEqual([expect.stringContaining(' resolve ')]);
  });
});

describe('the verdict is', () => {
  const there = { target: { availabilityZone: 'az1' } } as const;
  const verdictOf = (facts: Partial<PreflightFacts>, request: Partial<SwitchoverRequest>) => {
    const asked = requestOf(request);
    const known = factsOf(facts);
    return decideByChecks(asked, evaluateChecks(asked, known), known);
  };

  it.each<[string, string, Partial<PreflightFacts>, Partial<SwitchoverRequest>]>([
    ['proceed', 'where every check passes', {}, {}],
    ['proceed', 'where the target can be reached', {}, AZ2],
    ['refused', 'where one does not', instanceOf({ status: 'FROZEN' }), {}],
    ['refused', 'where one could not be made', UNREADABLE, {}],
    ['noop', 'already there', {}, there],
    ['noop', 'already there, within the cool-down', tasksOf({ updatedAtMs: MINUTE_AGO }), there],
    ['noop', 'already there, after the window', {}, { ...there, notAfterMs: NOW_MS - 1 }],
    [
      'noop',
      'already there, with a sick replica',
      nodesOf(master, { ...replica, status: 'Inactive' }),
      there,
    ],
    ['noop', 'already there, without a replica', nodesOf(master), there],
    ['noop', 'already there, by node', {}, { target: { nodeId: 'node-a' } }],
    ['noop', 'already there, by avoidance', {}, { target: { avoidAvailabilityZone: 'az2' } }],
    ['noop', 'already there, in a maintenance', {}, { ...there, mode: 'plan' }],
    [
      'refused',
      'already there, but an unresolved outcome is open',
      runsOf(runOf({ outcome: 'UNKNOWN' })),
      there,
    ],
    ['refused', 'already there, but a task runs', tasksOf({ status: 'EXECUTING' }), there],
    ['refused', 'already there, but unreadable', UNREADABLE, there],
    [
      'refused',
      'already there, but there are two masters',
      nodesOf(master, asMaster(replica)),
      there,
    ],
    [
      'refused',
      'already there, but the request id stands for another goal',
      sameRequest(TO_AZ3),
      { ...there, requestId: 'r' },
    ],
    [
      'refused',
      'already there, but a quota of the API is spent',
      { throttled: [{ value: '429', requestId: null }] },
      there,
    ],
    [
      'refused',
      'already there, but some reading failed',
      { unreadable: [{ value: 'showTags: 503', requestId: null }] },
      there,
    ],
    ['refused', 'already there, but there are two shards', twoShards(), there],
    [
      'refused',
      'already there, but this request has been done',
      sameRequest(toGoal(there)),
      { ...there, requestId: 'r', toggle: false },
    ],
    [
      'refused',
      'already there, but a run is open',
      { runs: { closed: [], openRunId: 'x', sameRequest: null } },
      there,
    ],
    ['resolved', "where an operator's statement is recorded", {}, { mode: 'resolve' }],
    [
      'resolved',
      "where an operator's statement is recorded and nothing can be read",
      UNREADABLE,
      { mode: 'resolve' },
    ],
  ])('%s %s', (expected, _, facts, request) => {
    expect(verdictOf(facts, request)).toBe(expected);
  });
});

it('a zone that no node is in is named as mistyped, with the zones that there are', () => {
  const request = requestOf({ target: { availabilityZone: 'az9' } });
  const checks = evaluateChecks(request, factsOf());
  expect(checks.find(({ id }) => id === 'target-reachable')).toMatchObject({
    passed: false,
    observed: 'no node is in AZ az9',
    remedy: 'Correct the target. This instance has nodes in az1, az2.',
  });
});
