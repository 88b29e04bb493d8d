/** Each check refuses with its own id, and each goal has its NOOP; the ledger shows that nothing was sent. */
import { describe, expect, test } from '@jest/globals';

import type { RunStatus } from '../../src/client/index.js';
import type { CheckId, SwitchoverInput, SwitchoverResult } from '../../src/contract/index.js';
import type { InstanceSpec, SimulatedInstance } from '../../src/simulator/index.js';
import { waitUntil } from '../../src/simulator/wait.js';
import { useRig } from '../support/rig.js';

const rig = useRig();

interface Case {
  readonly spec?: InstanceSpec;
  readonly prepare?: (instance: SimulatedInstance) => void;
  readonly input?: Partial<SwitchoverInput>;
}

const minutesAgo = (minutes: number): string =>
  new Date(Date.now() - minutes * 60_000).toISOString();
const THREE_NODES = ['az1', 'az2', 'az3'].map((availabilityZone) => ({ availabilityZone }));

describe('a failed check refuses the run and sends nothing', () => {
  test.concurrent.each<[CheckId, string, Case]>([
    [
      'instance-running',
      'status RESTARTING',
      {
        prepare: (i) => {
          i.setStatus('RESTARTING');
        },
      },
    ],
    [
      'instance-running',
      'status FROZEN',
      {
        prepare: (i) => {
          i.setStatus('FROZEN');
        },
      },
    ],
    [
      'instance-idle',
      'BACKUPING',
      {
        prepare: (i) => {
          i.setTask('BACKUPING');
        },
      },
    ],
    [
      'instance-idle',
      'EXTEND',
      {
        prepare: (i) => {
          i.addTask({ name: 'EXTEND', status: 'EXECUTING' });
        },
      },
    ],
    ['mode-supported', 'single', { spec: { cacheMode: 'single' } }],
    ['mode-supported', 'cluster', { spec: { cacheMode: 'cluster' } }],
    ['mode-supported', 'Memcached', { spec: { engine: 'Memcached' } }],
    [
      'nodes-active',
      'Inactive',
      {
        spec: {
          nodes: [{ availabilityZone: 'az1' }, { availabilityZone: 'az2', status: 'Inactive' }],
        },
      },
    ],
    [
      'replica-active',
      '0 of 1',
      {
        spec: {
          nodes: [{ availabilityZone: 'az1' }, { availabilityZone: 'az2', status: 'Inactive' }],
        },
      },
    ],
    [
      'replica-priority',
      '0 promotable',
      { spec: { nodes: [{ availabilityZone: 'az1' }, { availabilityZone: 'az2', priority: 0 }] } },
    ],
    ['expected-master', 'master is', { input: { expectedMasterNodeId: '0'.repeat(32) } }],
    [
      'target-reachable',
      'not in AZ az2',
      { spec: { nodes: THREE_NODES }, input: { target: { availabilityZone: 'az2' } } },
    ],
    [
      'cool-down',
      's ago',
      {
        prepare: (i) => {
          i.addTask({
            name: 'masterStandbySwapJob',
            status: 'SUCCESS',
            created_at: minutesAgo(2),
            updated_at: minutesAgo(2),
          });
        },
        input: { timing: { coolDownSeconds: 300 } },
      },
    ],
  ])('%s (%s)', async (id, observed, { spec = {}, prepare, input = {} }) => {
    const instance = await rig().instance(spec);
    prepare?.(instance);
    const end = await rig().run(instance, input);
    expect(end.outcome).toBe('REFUSED');
    const check = end.result.checks.find((candidate) => candidate.id === id);
    expect(check).toMatchObject({ passed: false, severity: 'blocking' });
    expect(check?.observed).toContain(observed);
    expect(check?.remedy).not.toBe('');
    expect(end.result.message).toContain(id);
  });

  test.concurrent.each(['two-masters', 'no-master'] as const)('one-master (%s)', async (roles) => {
    const instance = await rig().instance();
    rig().simulator.faults.add({ route: 'listNodes', instanceId: instance.instanceId, roles });
    const { outcome, result } = await rig().run(instance);
    expect(outcome).toBe('REFUSED');
    expect(result.checks.find(({ id }) => id === 'one-master')?.passed).toBe(false);
  });

  test.concurrent.each(['ARCHIVED', undefined])(
    'instance-idle: an old task in the state %s is no obstacle for ever, and is named',
    async (status) => {
      const taskStatus = status === undefined ? 'absent' : 'present';
      const instance = await rig().instance({ habits: { taskStatus } });
      const times = { created_at: minutesAgo(90), updated_at: minutesAgo(60) };
      instance.addTask({ id: 'old-task', name: 'EXTEND', ...times, status: status ?? 'SUCCESS' });
      const { outcome, result } = await rig().run(instance);
      expect(outcome).toBe('SUCCEEDED');
      expect(result.warnings.join()).toContain('old-task counts as ended');
      expect(rig().simulator.ledger.puts(instance.instanceId)).toHaveLength(1);
    },
  );

  test.concurrent('api-readable: logical-nodes refused is answered by groups', async () => {
    const instance = await rig().instance();
    const { instanceId } = instance;
    rig().simulator.faults.add({ route: 'listNodes', instanceId, respond: { status: 403 } });
    expect((await rig().run(instance)).outcome).toBe('SUCCEEDED');
  });

  test.concurrent('api-readable: 403 names the missing action', async () => {
    const instance = await rig().instance();
    rig().simulator.faults.add({
      route: 'listTasks',
      instanceId: instance.instanceId,
      respond: { status: 403, code: 'DCS.2003' },
    });
    const { outcome, result } = await rig().run(instance);
    expect(outcome).toBe('REFUSED');
    expect(result.message).toContain('dcs:instance:getBackgroundTask');
    expect(result.message).toContain('request id');
  });

  test.concurrent('api-readable: a reading that fails once is repeated', async () => {
    const instance = await rig().instance();
    rig().simulator.faults.add({
      route: 'showInstance',
      instanceId: instance.instanceId,
      calls: 1,
      respond: { status: 503, shape: 'html' },
    });
    expect((await rig().run(instance)).outcome).toBe('SUCCEEDED');
  });

  test.concurrent(
    'request-already-done: the same request id is answered by its run, whoever starts it',
    async () => {
      const instance = await rig().instance();
      const { projectId } = rig().simulator;
      const { instanceId } = instance;
      const first = await rig().run(instance, { requestId: 'change-1' });
      const workflowId = `dcs-switchover:${projectId}:${instanceId}`;
      const { taskQueue } = rig().stack;
      const args = [
        {
          projectId,
          instanceId,
          toggle: true,
          requestId: 'change-1',
          timing: { coolDownSeconds: 0 },
        },
      ];
      const handle = await rig().temporal.workflow.start('dcsSwitchover', {
        workflowId,
        taskQueue,
        args,
      });
      const result = (await handle.result()) as SwitchoverResult;
      expect(result).toMatchObject({ outcome: 'SUCCEEDED', repeatOfRunId: first.runId });
      const check = result.checks.find(({ id }) => id === 'request-already-done');
      expect(check?.observed).toContain(first.runId);
      expect(rig().simulator.ledger.puts(instanceId)).toHaveLength(1);
    },
  );

  test.concurrent('swap-permission is reported as not checked', async () => {
    const { result } = await rig().run(await rig().instance(), { mode: 'plan', toggle: true });
    expect(result.checks.find(({ id }) => id === 'swap-permission')).toMatchObject({
      passed: null,
      severity: 'info',
    });
  });
});

describe('a target is a desired state', () => {
  const NODES = [{ availabilityZone: 'az1' }, { availabilityZone: 'az2' }];
  const targets: [string, (i: SimulatedInstance) => NonNullable<SwitchoverInput['target']>][] = [
    ['availabilityZone', () => ({ availabilityZone: 'az2' })],
    ['avoidAvailabilityZone', () => ({ avoidAvailabilityZone: 'az1' })],
    ['nodeId', (i) => ({ nodeId: i.roles().find(({ role }) => role !== 'master')?.nodeId ?? '' })],
  ];

  test.concurrent.each(targets)('%s: SUCCEEDED, and once there NOOP', async (_, target) => {
    const instance = await rig().instance({ nodes: NODES });
    const input = { target: target(instance) };
    expect((await rig().run(instance, input)).outcome).toBe('SUCCEEDED');
    expect((await rig().run(instance, input)).outcome).toBe('NOOP');
    expect(rig().simulator.ledger.puts(instance.instanceId)).toHaveLength(1);
  });

  test.concurrent('NOOP is decided before cool-down', async () => {
    const instance = await rig().instance({ nodes: NODES });
    const now = new Date().toISOString();
    instance.addTask({
      name: 'masterStandbySwapJob',
      status: 'SUCCESS',
      created_at: now,
      updated_at: now,
    });
    const input = { target: { availabilityZone: 'az1' }, timing: { coolDownSeconds: 300 } };
    expect((await rig().run(instance, input)).outcome).toBe('NOOP');
  });

  test.concurrent(
    'expectedMasterNodeId: SUCCEEDED from the right master, then REFUSED',
    async () => {
      const instance = await rig().instance();
      const input = { expectedMasterNodeId: instance.masterNodeId() };
      expect((await rig().run(instance, input)).outcome).toBe('SUCCEEDED');
      expect((await rig().run(instance, input)).outcome).toBe('REFUSED');
    },
  );

  test.concurrent('ha_rw_split instances are switched as well', async () => {
    const instance = await rig().instance({ cacheMode: 'ha_rw_split', nodes: THREE_NODES });
    const { outcome } = await rig().run(instance, { target: { avoidAvailabilityZone: 'az1' } });
    expect(outcome).toBe('SUCCEEDED');
  });
});

describe('modes that send nothing', () => {
  test.concurrent('plan: PLANNED with the roles, and REFUSED where a check fails', async () => {
    const instance = await rig().instance();
    const planned = await rig().run(instance, { mode: 'plan', toggle: true });
    expect(planned.outcome).toBe('PLANNED');
    expect(planned.result.before?.groups).toHaveLength(1);
    instance.setTask('BACKUPING');
    expect((await rig().run(instance, { mode: 'plan', toggle: true })).outcome).toBe('REFUSED');
  });

  test.concurrent('an UNKNOWN run refuses the next until a person has resolved it', async () => {
    const instance = await rig().instance();
    const { instanceId } = instance;
    rig().simulator.faults.add({ route: 'asyncSwap', instanceId, calls: 1, reset: 'before' });
    const unknown = await rig().run(instance);
    expect(unknown.outcome).toBe('UNKNOWN');
    const refused = await rig().run(instance);
    expect(refused.outcome).toBe('REFUSED');
    const check = refused.result.checks.find(({ id }) => id === 'previous-run-resolved');
    expect(check?.observed).toContain(unknown.runId);
    const resolution = {
      outcome: 'FAILED_UNCHANGED',
      statement: 'seen in the console',
      resolvedBy: 'ops',
    } as const;
    const resolved = await rig().run(instance, { mode: 'resolve', resolution });
    expect(resolved.outcome).toBe('RESOLVED');
    expect((await rig().run(instance)).outcome).toBe('SUCCEEDED');
    expect(rig().simulator.ledger.puts(instanceId)).toHaveLength(2);
  });

  test.concurrent('a doubt is not pushed out of view by callers that keep retrying', async () => {
    const instance = await rig().instance();
    const { instanceId } = instance;
    rig().simulator.faults.add({ route: 'asyncSwap', instanceId, calls: 1, reset: 'before' });
    expect((await rig().run(instance)).outcome).toBe('UNKNOWN');
    for (let retry = 1; retry <= 25; retry += 1)
      expect((await rig().run(instance)).outcome).toBe('REFUSED');
    expect(rig().simulator.ledger.puts(instanceId)).toHaveLength(1);
  });

  test.concurrent('an UNKNOWN run keeps the lock for the cool-down', async () => {
    const instance = await rig().instance();
    rig().simulator.faults.add({
      route: 'asyncSwap',
      instanceId: instance.instanceId,
      reset: 'before',
    });
    const { instanceId } = instance;
    const runId = await rig().start(instance, { timing: { coolDownSeconds: 20 } });
    const { projectId } = rig().simulator;
    const told: RunStatus[] = [];
    await waitUntil('the doubt', 120_000, async () => {
      told.push(await rig().client.status({ projectId, instanceId, runId }));
      return told.at(-1)?.phase === 'HOLDING';
    });
    const held = told.at(-1);
    expect(held).toMatchObject({ outcome: 'UNKNOWN', swapsSent: 1, swapsPossiblySent: 1 });
    expect(held?.next).toContain(`The lock is held until ${String(held?.lockedUntil)}`);
    const { outcome, result } = await rig().end(instance, runId);
    expect(outcome).toBe('UNKNOWN');
    expect(result).toMatchObject({ swapsSent: 1, swapsPossiblySent: 1, swapsAccepted: 0 });
    expect(result.timings.totalMs).toBeGreaterThan(20_000);
    expect(result.timings.phasesMs.HOLDING).toBeGreaterThan(0);
  });

  test.concurrent('a run that comes to its PUT after notAfter sends nothing', async () => {
    const instance = await rig().instance();
    const { instanceId } = instance;
    rig().simulator.faults.add({
      route: 'listNodes',
      instanceId,
      calls: 2,
      delayResponseMs: 3_000,
    });
    const notAfter = new Date(Date.now() + 2_500).toISOString();
    const { outcome, result } = await rig().run(instance, { notAfter });
    expect(outcome).toBe('REFUSED');
    expect(result.checks.find(({ id }) => id === 'not-after')?.passed).toBe(false);
  });
});
