/** What a maintenance finds out before anything starts, against the simulator: its window, its instances, its obstacles. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';

import { OPEN_POLICY, createActivities } from '../../src/activities/index.js';
import type { Activities, InstancePolicy } from '../../src/activities/index.js';
import type { InstanceSelector, MaintenanceInput } from '../../src/contract/index.js';
import { createDcsClient } from '../../src/dcs/index.js';
import type { NodeIdentity } from '../../src/domain/identity.js';
import type {
  PlanMaintenanceCall,
  MaintenanceFindings,
  PlanMaintenanceReport,
} from '../../src/domain/maintenance/reports.js';
import { startSimulator } from '../../src/simulator/index.js';
import type { InstanceSpec, Simulator } from '../../src/simulator/index.js';

import { FREEZE, temporalAnswering } from './support.js';
import type { TemporalAnswers } from './support.js';

const START_MS = Date.UTC(2026, 11, 5, 1, 0);
const HOUR_MS = 3_600_000;
const AZ_B = 'eu-west-101b';

const open: Simulator[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((simulator) => simulator.close()));
});

/** A simulator with nothing but these instances. */
async function simulate(...instances: readonly InstanceSpec[]): Promise<Simulator> {
  const simulator = await startSimulator({ instances });
  open.push(simulator);
  return simulator;
}

interface Circumstances {
  readonly policy?: Partial<InstancePolicy>;
  readonly freeze?: TemporalAnswers['freeze'];
  readonly call?: Partial<PlanMaintenanceCall>;
  readonly startToCloseTimeoutMs?: number;
  readonly nodeIdentity?: NodeIdentity;
  /** Which attempt of the activity it is. @default 1 */
  readonly attempt?: number;
}

async function plan(
  simulator: Simulator,
  input: Partial<MaintenanceInput>,
  circumstances: Circumstances = {},
): Promise<PlanMaintenanceReport> {
  const { policy, freeze = null, call, nodeIdentity } = circumstances;
  const { startToCloseTimeoutMs = 600_000, attempt = 1 } = circumstances;
  const { projectId, endpoint, region, accessKey, secretKey } = simulator;
  const credentials = {
    description: 'test',
    get: () =>
      Promise.resolve({ kind: 'access-key' as const, accessKey, secretKey, securityToken: null }),
    refresh: () => Promise.resolve(),
  };
  const project = {
    ...{ projectId, region, taskUserName: null },
    dcs: createDcsClient({ endpoint, projectId, credentials }),
    policy: { ...OPEN_POLICY, ...policy },
    ...(nodeIdentity === undefined ? {} : { nodeIdentity }),
  };
  const activities = createActivities({
    temporal: temporalAnswering({ freeze }),
    isDraining: () => false,
    findProject: (id) => (id === projectId ? project : undefined),
    searchAttributes: ['DcsStatus'],
  });
  const whole = {
    ...{ maintenanceId: 'drill', projectId, toggle: true },
    window: { closesAt: new Date(START_MS + HOUR_MS).toISOString() },
    ...input,
  };
  const environment = new MockActivityEnvironment({ startToCloseTimeoutMs, attempt });
  return environment.run<
    [PlanMaintenanceCall],
    PlanMaintenanceReport,
    Activities['planMaintenance']
  >(activities.planMaintenance, {
    ...{ input: whole, workflowId: 'dcs-maintenance:drill', startedAtMs: START_MS },
    ...{ nominalAtMs: null, hasCronSchedule: false, hasRetryPolicy: false, timeoutMs: null },
    ...call,
  });
}

async function planned(...args: Parameters<typeof plan>): Promise<MaintenanceFindings> {
  const report = await plan(...args);
  if (report.verdict !== 'planned') throw new Error(JSON.stringify(report));
  return report;
}

const problemsOf = (report: PlanMaintenanceReport): string[] =>
  report.verdict === 'invalid' ? report.problems.map(({ field }) => field) : [];

const idsOf = ({ instances }: Simulator): string[] => instances.map(({ instanceId }) => instanceId);

const namesOf = ({ instances }: MaintenanceFindings): (string | null)[] =>
  instances.map(({ name }) => name);

const everyone: Partial<MaintenanceInput> = { selector: { namePattern: '*' } };

describe('the maintenance', () => {
  test('keeps the order of the ids and reports name, master and window of each', async () => {
    const simulator = await simulate({ name: 'b' }, { name: 'a' });
    const report = await planned(simulator, { instanceIds: idsOf(simulator) });
    expect(namesOf(report)).toEqual(['b', 'a']);
    expect(report.instances[0]).toEqual({
      instanceId: idsOf(simulator)[0],
      name: 'b',
      master: {
        nodeId: simulator.instances[0]?.masterNodeId(),
        availabilityZone: simulator.instances[0]?.roles()[0]?.availabilityZone,
      },
      spans: [report.window],
      obstacle: null,
    });
    expect(report.window).toEqual({ opensAtMs: START_MS, closesAtMs: START_MS + HOUR_MS });
    expect(report.freeze).toBeNull();
  });

  test('warns of the search attribute by which no one will find it', async () => {
    const simulator = await simulate({});
    const { warnings } = await planned(simulator, { instanceIds: idsOf(simulator) });
    expect(warnings).toEqual([expect.stringContaining('DcsMaintenanceId')]);
  });

  test('reports a freeze that is in force, and maintenance runs all the same', async () => {
    const simulator = await simulate({});
    const report = await planned(simulator, { instanceIds: idsOf(simulator) }, { freeze: FREEZE });
    expect(report.freeze).toEqual(FREEZE);
  });

  test('fails, to be tried again, while no one shows whether a freeze is in force', async () => {
    const simulator = await simulate({});
    const freeze = () => Promise.reject(new Error('UNAVAILABLE'));
    await expect(
      plan(simulator, { instanceIds: idsOf(simulator) }, { freeze }),
    ).rejects.toMatchObject({ type: 'TemporalUnreadable', nonRetryable: false });
  });

  test('sends nothing', async () => {
    const simulator = await simulate({}, {});
    await planned(simulator, everyone);
    expect(simulator.ledger.puts()).toHaveLength(0);
  });
});

describe('a selector', () => {
  const specs: InstanceSpec[] = [
    { name: 'orders-2', tags: [{ key: 'env', value: 'prod' }] },
    { name: 'orders-1', tags: [{ key: 'env', value: 'prod,test=1' }] },
    { name: 'orders', tags: [] },
    { name: 'my-orders-1', tags: [{ key: 'env', value: 'prod' }] },
  ];

  test.each<[string, InstanceSelector, string[]]>([
    ['every name', { namePattern: '*' }, ['my-orders-1', 'orders', 'orders-1', 'orders-2']],
    ['the exact name, not the fuzzy one of the API', { namePattern: 'orders' }, ['orders']],
    ['a pattern', { namePattern: 'orders-*' }, ['orders-1', 'orders-2']],
    ['a tag', { tags: { env: 'prod' } }, ['my-orders-1', 'orders-2']],
    ['a tag with a comma', { tags: { env: 'prod,test=1' } }, ['orders-1']],
    ['all of its parts', { tags: { env: 'prod' }, namePattern: 'orders*' }, ['orders-2']],
    ['nothing', { namePattern: 'nobody' }, []],
  ])('by %s finds them in the order of their names', async (_, selector, names) => {
    const report = await planned(await simulate(...specs), { selector });
    expect(namesOf(report)).toEqual(names);
  });

  test.each([3, 12])('by the zone of the master finds who is there now, of %d', async (count) => {
    const nodes = [{ availabilityZone: AZ_B }, { availabilityZone: 'eu-west-101a' }];
    const others = Array.from({ length: count - 1 }, (__, index) => ({ name: `other-${index}` }));
    const simulator = await simulate({ name: 'there', nodes }, ...others);
    const report = await planned(simulator, { selector: { masterAvailabilityZone: AZ_B } });
    expect(namesOf(report)).toEqual(['there']);
    expect(report.instances[0]?.master?.availabilityZone).toBe(AZ_B);
    // The list of all nodes saves the readings of those that are elsewhere.
    const shown = simulator.ledger.count('showInstance');
    expect(shown).toBe(count < 8 ? count : 1);
  });

  test('finds the same where the list of all nodes is not served', async () => {
    const simulator = await simulate(...Array.from({ length: 9 }, () => ({})));
    simulator.faults.add({ route: 'listAllNodes', respond: { status: 404 } });
    const report = await planned(simulator, everyone);
    expect(report.instances).toHaveLength(9);
    expect(report.instances.every(({ master }) => master !== null)).toBe(true);
  });

  test('keeps an instance of which the master is not known, and says so', async () => {
    const simulator = await simulate({ name: 'doubtful' });
    simulator.faults.add({ route: 'listNodes', roles: 'two-masters' });
    const report = await planned(simulator, { selector: { masterAvailabilityZone: AZ_B } });
    expect(report.instances).toMatchObject([
      {
        name: 'doubtful',
        master: null,
        obstacle: expect.stringContaining(
          'whether the selector means it is not known: the API did not show the AZ of its master',
        ),
      },
    ]);
  });
});

describe('an instance has an obstacle', () => {
  const only = async (
    spec: InstanceSpec,
    input: Partial<MaintenanceInput> = {},
    circumstances?: Circumstances,
    prepare: (simulator: Simulator) => void = () => undefined,
  ) => {
    const simulator = await simulate(spec);
    prepare(simulator);
    const whole = { instanceIds: idsOf(simulator), ...input };
    const { instances, warnings } = await planned(simulator, whole, circumstances);
    return { obstacle: instances[0]?.obstacle ?? null, spans: instances[0]?.spans, warnings };
  };

  test.each<[string, Partial<InstancePolicy>]>([
    ['a rule denies it', { deny: [{ name: 'orders-*' }] }],
    ['no rule allows it', { allow: [{ name: 'billing' }] }],
  ])('where %s', async (_, policy) => {
    const { obstacle } = await only({ name: 'orders-1' }, {}, { policy });
    expect(obstacle).toContain('the settings of the worker do not allow it');
  });

  test('where it is of a kind that cannot be switched', async () => {
    expect((await only({ cacheMode: 'cluster' })).obstacle).toContain('cannot be switched');
  });

  test('where DCS does not know it', async () => {
    const simulator = await simulate({});
    const unknown = '00000000-0000-4000-8000-000000000000';
    const report = await planned(simulator, { instanceIds: [unknown, ...idsOf(simulator)] });
    expect(report.instances.map(({ obstacle }) => obstacle)).toEqual([
      expect.stringContaining('404'),
      null,
    ]);
  });

  test('where a toggle is asked for and the master is not known', async () => {
    const confuse = (simulator: Simulator) => {
      simulator.faults.add({ route: 'listNodes', roles: 'no-master' });
    };
    expect((await only({}, {}, {}, confuse)).obstacle).toContain('its master is not known');
    const target = { avoidAvailabilityZone: AZ_B };
    const aimed = await only({}, { target, toggle: null }, {}, confuse);
    expect(aimed.obstacle).toBeNull();
    expect(aimed.warnings.join()).toContain('one-master');
  });

  test('where its own window leaves no room', async () => {
    const own = { maintainBegin: '01:58:00', maintainEnd: '03:00:00' };
    const { obstacle, spans } = await only(own, { withinInstanceWindow: true });
    expect(obstacle).toContain('01:58:00 to 03:00:00 UTC');
    expect(spans).toEqual([]);
  });

  test('where its own window is not reported', async () => {
    const own = { maintainBegin: '02:00:00', maintainEnd: '02:00:00' };
    const { obstacle } = await only(own, { withinInstanceWindow: true });
    expect(obstacle).toContain('does not show its own maintenance window');
  });

  test('and none where both windows overlap: it is switched in what they have in common', async () => {
    const own = { maintainBegin: '01:30:00', maintainEnd: '05:00:00' };
    const { obstacle, spans } = await only(own, { withinInstanceWindow: true });
    expect(obstacle).toBeNull();
    expect(spans).toEqual([{ opensAtMs: START_MS + HOUR_MS / 2, closesAtMs: START_MS + HOUR_MS }]);
  });

  describe('for a return leg that can only be refused', () => {
    const returnLeg = { soakSeconds: 600, withinSeconds: 900 };
    const NODE = { availabilityZone: 'eu-west-101a' };
    const NEVER = { availabilityZone: AZ_B, priority: 0 };

    test.each<[string, InstanceSpec, Partial<MaintenanceInput>, string]>([
      [
        'where two replicas may be promoted',
        { nodes: [NODE, NODE, NODE] },
        {},
        '2 of its replicas',
      ],
      ['not where the others never are', { nodes: [NODE, NODE, NEVER] }, {}, 'none'],
      ['not of a pair', {}, {}, 'none'],
      [
        'not where the master is there already',
        { nodes: [NODE, NODE, NODE] },
        { toggle: null, target: { availabilityZone: NODE.availabilityZone } },
        'none',
      ],
      [
        'not without a return leg',
        { nodes: [NODE, NODE, NODE] },
        { returnLeg: undefined } as never,
        'none',
      ],
      ['not where nothing can be moved', { nodes: [NODE, NEVER, NEVER] }, {}, 'none'],
    ])('%s', async (_, spec, input, why) => {
      const { obstacle } = await only(spec, { returnLeg, ...input });
      expect(obstacle ?? 'none').toContain(why);
    });

    test('where a target asks for a zone that only one of two promotable replicas is in', async () => {
      const nodes = [NODE, { availabilityZone: AZ_B }, { availabilityZone: AZ_B }];
      const aimed = { toggle: null, target: { availabilityZone: AZ_B }, returnLeg };
      expect((await only({ nodes }, aimed)).obstacle).toContain('2 of its replicas');
    });

    test('where the priority of its master is 0, though that of another master is not', async () => {
      const simulator = await simulate({ name: 'lost', nodes: [NEVER, NODE] }, { name: 'fine' });
      const input = { instanceIds: idsOf(simulator), returnLeg };
      const { instances, warnings } = await planned(simulator, input);
      expect(instances.map(({ obstacle }) => obstacle)).toEqual([
        expect.stringContaining('has priority 0'),
        null,
      ]);
      expect(warnings.join()).not.toContain('return leg');
    });

    test('but where every master shows priority 0, which may be its habit, it is one warning', async () => {
      const specs = Array.from({ length: 5 }, (_, at) => ({
        name: `m${at}`,
        nodes: [NEVER, NODE],
      }));
      const simulator = await simulate(...specs);
      const input = { instanceIds: idsOf(simulator), returnLeg };
      const { instances, warnings } = await planned(simulator, input);
      expect(instances.map(({ obstacle }) => obstacle)).toEqual([null, null, null, null, null]);
      const reported = warnings.filter((warning) => warning.includes('return leg'));
      expect(reported).toHaveLength(1);
      expect(reported[0]).toMatch(/m0 \(.*m1 .*m2 .*and 2 more: .*priority 0 on the master/);
    });
  });

  test('but what may pass until the window opens is a warning', async () => {
    const { obstacle, warnings } = await only({ name: 'busy' }, {}, {}, (simulator) => {
      simulator.instances[0]?.setTask('BACKUPING');
      simulator.instances[0]?.setStatus('RESTARTING');
    });
    expect(obstacle).toBeNull();
    expect(warnings.join()).toMatch(/busy .*refused now: instance-running .*BACKUPING/);
  });

  test('of mode plan no warning says again what a row says', async () => {
    const { obstacle, warnings } = await only({ name: 'busy' }, { mode: 'plan' }, {}, (simulator) =>
      simulator.instances[0]?.setStatus('RESTARTING'),
    );
    expect({ obstacle, warnings }).toEqual({
      obstacle: null,
      warnings: [expect.stringContaining('DcsMaintenanceId')],
    });
  });

  test('and a warning reports a target that a replica would miss', async () => {
    const target = { availabilityZone: 'eu-west-101c' };
    const { warnings } = await only({}, { target, toggle: null });
    expect(warnings.join()).toContain('target-reachable');
  });
});

describe('readings that fail', () => {
  test('are repeated one by one when they may pass', async () => {
    const simulator = await simulate({}, {}, {});
    const headers = { 'Retry-After': '0' };
    simulator.faults.add({
      route: 'showInstance',
      calls: [2, 3],
      respond: { status: 429, headers },
    });
    const report = await planned(simulator, everyone);
    expect(report.instances.every(({ obstacle }) => obstacle === null)).toBe(true);
    expect(simulator.ledger.count('showInstance')).toBe(5);
  });

  test('of one instance leave the others in the maintenance', async () => {
    const simulator = await simulate({ name: 'a' }, { name: 'b' });
    const { instanceId = '' } = simulator.instances[0] ?? {};
    simulator.faults.add({ route: 'showInstance', instanceId, respond: { status: 403 } });
    const report = await planned(simulator, { instanceIds: idsOf(simulator) });
    expect(report.instances.map(({ obstacle }) => obstacle)).toEqual([
      expect.stringContaining('403'),
      null,
    ]);
  });

  test.each([
    ['the first ones', [0, 1, 2, 3, 4, 5]],
    ['some in the middle', [3, 4, 5, 6, 7, 8]],
    ['all but the last', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
  ])('of %s, next to each other, leave the others in the maintenance', async (_, unreadable) => {
    const simulator = await simulate(...Array.from({ length: 12 }, () => ({})));
    const ids = idsOf(simulator);
    const respond = { status: 503, headers: { 'Retry-After': '0' } };
    for (const index of unreadable) {
      const instanceId = ids[index] ?? '';
      simulator.faults.add({ route: 'showInstance', instanceId, respond });
    }
    const report = await planned(simulator, { instanceIds: ids });
    const unreported = report.instances.flatMap(({ obstacle }, index) =>
      obstacle?.includes('503') === true ? [index] : [],
    );
    expect(unreported).toEqual(unreadable);
    expect(report.instances.filter(({ obstacle }) => obstacle === null)).toHaveLength(
      ids.length - unreadable.length,
    );
  });

  test('of a refused credential end at the first instance, before they lock the key', async () => {
    const simulator = await simulate(...Array.from({ length: 20 }, () => ({})));
    simulator.faults.add({ route: 'showInstance', respond: { status: 401 } });
    const report = await plan(simulator, { instanceIds: idsOf(simulator) });
    expect(report).toMatchObject({ verdict: 'unreadable', detail: expect.stringContaining('401') });
    expect(simulator.ledger.count('showInstance')).toBeLessThanOrEqual(2);
  });

  test('of an API that is down end as unreadable, not as many obstacles', async () => {
    const simulator = await simulate(...Array.from({ length: 10 }, () => ({})));
    const headers = { 'Retry-After': '0' };
    simulator.faults.add({ route: 'showInstance', respond: { status: 503, headers } });
    const report = await plan(simulator, { instanceIds: idsOf(simulator) });
    expect(report).toMatchObject({ verdict: 'unreadable', detail: expect.stringContaining('503') });
  });

  test('of a large maintenance are given up before all were tried, where none has been answered', async () => {
    const simulator = await simulate(...Array.from({ length: 80 }, () => ({})));
    const headers = { 'Retry-After': '0' };
    simulator.faults.add({ route: 'showInstance', respond: { status: 503, headers } });
    const report = await plan(simulator, { instanceIds: idsOf(simulator) });
    expect(report).toMatchObject({ verdict: 'unreadable', detail: expect.stringContaining('503') });
    const tried = simulator.ledger.calls.map(({ instanceId }) => instanceId);
    expect(new Set(tried).size).toBeLessThan(60);
  });

  test('of the list name the permission that it needs', async () => {
    const simulator = await simulate({});
    simulator.permissions.deny(['dcs:instance:list']);
    const report = await plan(simulator, everyone);
    expect(report).toMatchObject({
      verdict: 'unreadable',
      detail: expect.stringContaining('lacks dcs:instance:list'),
    });
  });
});

describe('a maintenance is refused', () => {
  const ids = { instanceIds: ['5560df16-cebf-4473-95c4-d1b573c16e79'] };

  test.each<[string, Partial<MaintenanceInput>, Partial<PlanMaintenanceCall>, string[]]>([
    ['under another id', {}, { workflowId: 'mine' }, ['workflowId']],
    [
      'under the id of a firing that no schedule made',
      {},
      { workflowId: 'dcs-maintenance:drill-2026-12-05T01:00:00Z' },
      ['workflowId'],
    ],
    ['under the bare id by a schedule', {}, { nominalAtMs: START_MS }, ['workflowId']],
    ['with cron', {}, { hasCronSchedule: true }, ['cronSchedule']],
    ['with a retry policy', {}, { hasRetryPolicy: true }, ['retryPolicy']],
    ['with a timeout', {}, { timeoutMs: 86_400_000 }, ['timeout']],
    ['of another region', { region: 'ap-south-1' }, {}, ['region']],
    ['of another project', { projectId: 'f'.repeat(32) }, {}, ['projectId']],
    ['whose window is over', { window: { closesAt: '2026-12-05T01:00:00Z' } }, {}, ['window']],
    ['whose window is too short', { expectedDurationSeconds: 3_480 }, {}, ['window']],
  ])('%s', async (_, input, call, fields) => {
    // Only the last worker that is asked may say that none serves the project.
    const report = await plan(await simulate(), { ...ids, ...input }, { call, attempt: 4 });
    expect(problemsOf(report)).toEqual(fields);
  });

  test('whose return leg would fall into the cool-down that the settings want', async () => {
    const input = { ...ids, returnLeg: { soakSeconds: 400 } };
    const simulator = await simulate();
    expect(problemsOf(await plan(simulator, input))).toEqual([]);
    const strict = { policy: { coolDownFloorSeconds: 500 } };
    expect(problemsOf(await plan(simulator, input, strict))).toEqual(['returnLeg.soakSeconds']);
  });

  test('with a return leg in a project whose node ids do not stay with their nodes', async () => {
    const input = { ...ids, returnLeg: { soakSeconds: 400 } };
    const simulator = await simulate();
    const circumstances = { nodeIdentity: 'replication-id' } as const;
    expect(problemsOf(await plan(simulator, input, circumstances))).toEqual(['returnLeg']);
    expect(problemsOf(await plan(simulator, ids, circumstances))).toEqual([]);
  });

  test('never because a schedule made it late: the window is that of the nominal time', async () => {
    const window = { timeZone: 'UTC', start: '01:00', end: '02:00' };
    const call = {
      workflowId: 'dcs-maintenance:drill-2026-12-05T01:00:00Z',
      nominalAtMs: START_MS,
      startedAtMs: START_MS + 5 * HOUR_MS,
    };
    const simulator = await simulate({});
    const input = { instanceIds: idsOf(simulator), window };
    const report = await planned(simulator, input, { call });
    expect(report.window).toEqual({ opensAtMs: START_MS, closesAtMs: START_MS + HOUR_MS });
  });
});
