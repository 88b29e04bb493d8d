/** Each check refuses with its own id, and each goal has its NOOP; the ledger shows that nothing was sent. */
import { describe, expect, test } from '@jest/globals';

import type { RunStatus } from '../../src/client.js';
import type { CheckId, SwitchoverInput, SwitchoverResult } from '../../src/contract/index.js';
import { waitUntil } from '../../src/simulator/basics.js';
import type { InstanceSpec, SimulatedInstance } from '../../src/simulator/index.js';
import { useRig } from '../support/rig.js';
import type { RunEnd } from '../support/rig.js';
import { hold, reached } from '../support/steps.js';

const rig = useRig();

interface Case {
  readonly spec?: InstanceSpec;
  readonly prepare?: (instance: SimulatedInstance) => void;
  readonly input?: Partial<SwitchoverInput>;
}

const minutesAgo = (minutes: number): string =>
  new Date(rig().apiNowMs() - minutes * 60_000).toISOString();
const THREE_NODES = ['az1', 'az2', 'az3'].map((availabilityZone) => ({ availabilityZone }));

/** So that a run that waits for a busy instance ends soon. */
const BRIEFLY = { timing: { busyWaitSeconds: 1 } };

/** Busy since before the run, until its pre-check has looked. */
const busyAtFirst = async (
  become: (instance: SimulatedInstance) => void,
  free: (instance: SimulatedInstance) => void,
  input: Partial<SwitchoverInput> = {},
): Promise<RunEnd> => {
  const instance = await rig().instance();
  become(instance);
  const seen = hold(rig(), instance, 'listTasks', 2);
  const timing = { busyWaitSeconds: 120, ...input.timing };
  const runId = await rig().start(instance, { ...input, timing });
  await reached(seen);
  free(instance);
  seen.release();
  return rig().end(instance, runId);
};

describe('a busy instance is waited for, by the pre-check as well', () => {
  test.concurrent.each<[string, (i: SimulatedInstance) => void, (i: SimulatedInstance) => void]>([
    [
      'a backup',
      (i) => {
        i.setTask('BACKUPING');
      },
      (i) => {
        i.setTask(null);
      },
    ],
    [
      'the status RESTARTING',
      (i) => {
        i.setStatus('RESTARTING');
      },
      (i) => {
        i.setStatus('RUNNING');
      },
    ],
    [
      'the status BACKINGUP',
      (i) => {
        i.setStatus('BACKINGUP');
      },
      (i) => {
        i.setStatus('RUNNING');
      },
    ],
    [
      'the status CREATING',
      (i) => {
        i.setStatus('CREATING');
      },
      (i) => {
        i.setStatus('RUNNING');
      },
    ],
  ])('%s that passes: SUCCEEDED', async (_, become, free) => {
    const { outcome, result } = await busyAtFirst(become, free);
    expect(outcome).toBe('SUCCEEDED');
    expect(JSON.stringify(result.evidence)).toMatch(/waited \d+ s for it/);
    expect(result.mayPass).toBeUndefined();
  });

  test.concurrent('a node that is away while its instance restarts: SUCCEEDED', async () => {
    const nodeOf = (i: SimulatedInstance) => i.roles()[1]?.nodeId ?? '';
    const { outcome } = await busyAtFirst(
      (i) => {
        i.setStatus('RESTARTING');
        i.setNodeStatus(nodeOf(i), 'Inactive');
      },
      (i) => {
        i.setStatus('RUNNING');
        i.setNodeStatus(nodeOf(i), 'Active');
      },
    );
    expect(outcome).toBe('SUCCEEDED');
  });

  test.concurrent('roles that move meanwhile end a bare toggle: nothing is sent', async () => {
    const instance = await rig().instance();
    instance.setTask('BACKUPING');
    const seen = hold(rig(), instance, 'showInstance', 2);
    const runId = await rig().start(instance, { timing: { busyWaitSeconds: 120 } });
    await reached(seen);
    instance.setTask(null);
    await instance.swapBy('colleague');
    seen.release();
    const { outcome, result } = await rig().end(instance, runId);
    expect(outcome).toBe('REFUSED');
    expect(result).toMatchObject({ cause: 'CHECKS_FAILED', swapsSent: 0 });
    expect(result.checks.find(({ id }) => id === 'no-drift')).toMatchObject({ passed: false });
    expect(result.mayPass).toBeUndefined();
  });

  test.concurrent(
    'one that stays busy is refused: it may pass, and how long was waited',
    async () => {
      const instance = await rig().instance();
      instance.setTask('BACKUPING');
      const { outcome, result } = await rig().run(instance, { timing: { busyWaitSeconds: 3 } });
      expect(outcome).toBe('REFUSED');
      expect(result).toMatchObject({ mayPass: true, swapsSent: 0 });
      expect(result.message).toMatch(/BACKUPING; waited \d+ s for that/);
      expect(result.timings.totalMs).toBeGreaterThan(2_500);
    },
  );

  test.concurrent('a maintenance reports at once what it sees now', async () => {
    const instance = await rig().instance();
    instance.setTask('BACKUPING');
    const timing = { busyWaitSeconds: 600 };
    const { outcome, result } = await rig().run(instance, { mode: 'plan', toggle: true, timing });
    expect(outcome).toBe('REFUSED');
    expect(result.message).not.toContain('waited');
  });

  test.concurrent('what lasts is not waited for, and does not pass', async () => {
    const instance = await rig().instance();
    instance.setStatus('FROZEN');
    const { outcome, result } = await rig().run(instance, { timing: { busyWaitSeconds: 600 } });
    expect(outcome).toBe('REFUSED');
    expect(result.mayPass).toBeUndefined();
  });

  test.concurrent.each([
    [503, true],
    [403, undefined],
  ])('an API that keeps answering %i: may pass: %s', async (status, mayPass) => {
    const instance = await rig().instance();
    const { instanceId } = instance;
    const headers = { 'Retry-After': '1' };
    rig().simulator.faults.add({ route: 'showInstance', instanceId, respond: { status }, headers });
    const { outcome, result } = await rig().run(instance);
    expect(outcome).toBe('REFUSED');
    expect(result.mayPass).toBe(mayPass);
  });
});

describe('a failed check refuses the run and sends nothing', () => {
  test.concurrent.each<[CheckId, string, Case]>([
    [
      'instance-running',
      'status RESTARTING',
      {
        prepare: (i) => {
          i.setStatus('RESTARTING');
        },
        input: BRIEFLY,
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
        input: BRIEFLY,
      },
    ],
    [
      'instance-idle',
      'EXTEND',
      {
        prepare: (i) => {
          i.addTask({ name: 'EXTEND', status: 'EXECUTING' });
        },
        input: BRIEFLY,
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
    'request-already-done: the same request id is answered by its run, no matter who starts it',
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

  test.concurrent(
    'data-plane-ready refuses what requires a measurement that no one can make',
    async () => {
      const instance = await rig().instance();
      const { outcome, result } = await rig().run(instance, { toggle: true, probe: 'require' });
      expect(outcome).toBe('REFUSED');
      expect(result.checks.find(({ id }) => id === 'data-plane-ready')).toMatchObject({
        ...{ passed: false, severity: 'blocking' },
        observed: expect.stringContaining('no dataPlane entry'),
      });
      expect(rig().putsOf(instance)).toHaveLength(0);
      const plan = await rig().run(instance, { mode: 'plan', toggle: true, probe: 'if-possible' });
      expect(plan.outcome).toBe('PLANNED');
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
    const now = new Date(rig().apiNowMs()).toISOString();
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

  test.concurrent(
    'an unresolved outcome is not pushed out of view by callers that keep retrying',
    async () => {
      const instance = await rig().instance();
      const { instanceId } = instance;
      rig().simulator.faults.add({ route: 'asyncSwap', instanceId, calls: 1, reset: 'before' });
      expect((await rig().run(instance)).outcome).toBe('UNKNOWN');
      for (let retry = 1; retry <= 25; retry += 1)
        expect((await rig().run(instance)).outcome).toBe('REFUSED');
      expect(rig().simulator.ledger.puts(instanceId)).toHaveLength(1);
    },
  );

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
    const reported: RunStatus[] = [];
    await waitUntil('the unresolved outcome', 120_000, async () => {
      reported.push(await rig().client.status({ projectId, instanceId, runId }));
      return reported.at(-1)?.phase === 'HOLDING';
    });
    const held = reported.at(-1);
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
    const notAfter = new Date(rig().latestNowMs() + 2_500).toISOString();
    const { outcome, result } = await rig().run(instance, { notAfter });
    expect(outcome).toBe('REFUSED');
    expect(result.checks.find(({ id }) => id === 'not-after')?.passed).toBe(false);
  });
});
