/**
 * Bad states that pass, failures that show late, answers that fail at the end of a watch, and accounts
 * whose identifiers behave unlike the documented ones. The ledger says what really happened.
 */
import { describe, expect, test } from '@jest/globals';

import type { SwitchoverInput } from '../../src/contract/index.js';
import type { FaultActions, InstanceSpec, SimulatedInstance } from '../../src/simulator/index.js';
import { useRig } from '../support/rig.js';
import type { RunEnd } from '../support/rig.js';
import { hold, openSite, reached } from '../support/steps.js';

const rig = useRig();

/** Calls of `listNodes` and `listTasks` before the watch: the pre-check and the last look. */
const BEFORE_WATCH = 2;

/** A watch that ends with its tenth sample: ten take longer than its time. */
const TEN_SAMPLES = { verifySamples: 10, verifyTimeoutSeconds: 1, settleSeconds: 0 };

const master = (instance: SimulatedInstance) =>
  instance.roles().find(({ role }) => role === 'master');

/** What the ledger says of an ended run, beside its outcome. */
const seen = (instance: SimulatedInstance, { outcome, result: { cause } }: RunEnd) => {
  const puts = rig().simulator.ledger.puts(instance.instanceId);
  return { outcome, cause, accepted: puts.filter(({ executed }) => executed).length };
};

const scripted = async (
  swap: FaultActions,
  input: Partial<SwitchoverInput> = {},
  spec: InstanceSpec = {},
) => {
  const instance = await rig().instance(spec);
  const { instanceId } = instance;
  const zone = master(instance)?.availabilityZone;
  rig().simulator.faults.add({ route: 'asyncSwap', instanceId, calls: 1, ...swap });
  const end = await rig().run(instance, input);
  const hasMoved = master(instance)?.availabilityZone !== zone;
  return { ...seen(instance, end), hasMoved, message: end.result.message };
};

type Shown = Readonly<Record<string, unknown>>;

/** Shows these nodes, after a swap of the first and the second one, instead of the verified state. */
const showNodes = (
  instance: Pick<SimulatedInstance, 'instanceId' | 'roles'>,
  calls: number | number[] | { from: number; to?: number },
  changes: readonly [was: Shown, is: Shown],
): void => {
  const { instanceId } = instance;
  const nodes = instance.roles().map(({ nodeId, role, availabilityZone }, index) => ({
    node_role: 'redis-server',
    group_id: 'group-0',
    node_id: nodeId,
    node_type: role === 'master' ? 'slave' : 'master',
    az_code: availabilityZone,
    priority_weight: 100,
    status: 'Active',
    ...changes[index],
  }));
  const respond = { status: 200, body: { instance_id: instanceId, total: nodes.length, nodes } };
  rig().simulator.faults.add({ route: 'listNodes', instanceId, calls, respond });
};

const WELL = {};
const BAD = { status: 'Inactive' };
const WITHHELD = { status: null };

describe('a bad state', () => {
  test.concurrent('of the last sample alone is not swapped back', async () => {
    const instance = await rig().instance();
    const last = BEFORE_WATCH + 10;
    const view = { instanceId: instance.instanceId, roles: () => roles };
    const roles = instance.roles();
    showNodes(view, { from: BEFORE_WATCH + 1, to: last - 1 }, [BAD, WELL]);
    showNodes(view, last, [WELL, BAD]);
    const end = await rig().run(instance, { timing: TEN_SAMPLES });
    expect(seen(instance, end)).toEqual({
      outcome: 'SUCCEEDED',
      cause: 'ROLES_CHANGED',
      accepted: 1,
    });
  });

  test.concurrent('that comes and goes is UNKNOWN and not swapped back', async () => {
    const instance = await rig().instance();
    const odd = Array.from({ length: 40 }, (_, index) => BEFORE_WATCH + 1 + 2 * index);
    showNodes(instance, odd, [WELL, BAD]);
    const end = await rig().run(instance, { timing: { verifyTimeoutSeconds: 1 } });
    expect(seen(instance, end)).toEqual({
      outcome: 'UNKNOWN',
      cause: 'HEALTH_UNSTABLE',
      accepted: 1,
    });
  });

  test.concurrent('is not made of a status that the API does not show', async () => {
    const instance = await rig().instance();
    showNodes(instance, { from: BEFORE_WATCH + 1 }, [WELL, WITHHELD]);
    const end = await rig().run(instance);
    expect(seen(instance, end)).toEqual({ outcome: 'UNKNOWN', cause: 'NOT_HEALTHY', accepted: 1 });
  });

  test.concurrent('is not made of an AZ that the API does not show', async () => {
    const instance = await rig().instance();
    const zone = instance.roles().find(({ role }) => role === 'replica')?.availabilityZone ?? '';
    const unzoned = { az_code: null };
    showNodes(instance, { from: BEFORE_WATCH + 1 }, [unzoned, unzoned]);
    const end = await rig().run(instance, { target: { availabilityZone: zone } });
    expect(seen(instance, end)).toEqual({
      outcome: 'UNKNOWN',
      cause: 'TARGET_UNCLEAR',
      accepted: 1,
    });
  });
});

describe('a swap back whose reason is gone', () => {
  /** Heals the new master while the last look before the swap back, or its PUT, is kept waiting. */
  const healedWhile = async (route: 'listTasks' | 'asyncSwap', calls: number, code: string) => {
    const instance = await rig().instance();
    const { instanceId } = instance;
    rig().simulator.faults.add({
      ...{ route: 'asyncSwap', instanceId, calls: 1 },
      job: { newMasterStatus: 'Inactive' },
    });
    const fault = hold(rig(), instance, route, calls, { respond: { status: 400, code } });
    const runId = await rig().start(instance);
    await reached(fault);
    instance.setNodeStatus(instance.masterNodeId(), 'Active');
    fault.release();
    return { ...seen(instance, await rig().end(instance, runId)), instance };
  };

  test.concurrent('by the time of its re-read is not sent, and the run has succeeded', async () => {
    // Its tasks are read a third time at the end of the verification.
    const end = await healedWhile('listTasks', BEFORE_WATCH + 2, 'DCS.4026');
    expect(end).toMatchObject({ outcome: 'SUCCEEDED', cause: 'ROLES_CHANGED', accepted: 1 });
  });

  test.concurrent('does not make foreign an earlier swap that is listed late', async () => {
    const instance = await rig().instance();
    const job = { newMasterStatus: 'Inactive' } as const;
    const put = hold(rig(), instance, 'asyncSwap', 1, { job });
    const last = hold(rig(), instance, 'listTasks', BEFORE_WATCH + 2, {
      respond: { status: 400, code: 'DCS.4026' },
    });
    const runId = await rig().start(instance);
    await reached(put);
    const atSecondsAgo = (seconds: number) =>
      new Date(rig().apiNowMs() - seconds * 1000).toISOString();
    instance.addTask({ created_at: atSecondsAgo(40), updated_at: atSecondsAgo(30) });
    put.release();
    await reached(last);
    instance.setNodeStatus(instance.masterNodeId(), 'Active');
    last.release();
    const end = seen(instance, await rig().end(instance, runId));
    expect(end).toMatchObject({ outcome: 'SUCCEEDED', accepted: 1 });
  });

  test.concurrent('after a PUT that was not applied is not sent again', async () => {
    const end = await healedWhile('asyncSwap', 2, 'DCS.4026');
    expect(end).toMatchObject({ outcome: 'SUCCEEDED', cause: 'ROLES_CHANGED', accepted: 1 });
  });

  test.concurrent('because another replica may be promoted by now: nothing is sent', async () => {
    const nodes = [100, 100, 0].map((priority, index) => ({
      availabilityZone: `az${index}`,
      priority,
    }));
    const instance = await rig().instance({ nodes });
    const { instanceId } = instance;
    rig().simulator.faults.add({
      ...{ route: 'asyncSwap', instanceId, calls: 1 },
      job: { newMasterStatus: 'Inactive' },
    });
    const third = instance.roles()[2]?.nodeId ?? '';
    const fault = hold(rig(), instance, 'listTasks', BEFORE_WATCH + 2, {
      respond: { status: 400, code: 'DCS.4026' },
    });
    const runId = await rig().start(instance);
    await reached(fault);
    instance.setPriority(third, 1);
    fault.release();
    expect(seen(instance, await rig().end(instance, runId))).toEqual({
      outcome: 'UNKNOWN',
      cause: 'NEW_MASTER_INACTIVE',
      accepted: 1,
    });
  });

  test.concurrent(
    'because the roles have moved by themselves: judged by the state now',
    async () => {
      const instance = await rig().instance();
      const { instanceId } = instance;
      const { faults } = rig().simulator;
      const job = { newMasterStatus: 'Inactive' } as const;
      faults.add({ route: 'asyncSwap', instanceId, calls: 1, job });
      const fault = hold(rig(), instance, 'listTasks', BEFORE_WATCH + 2, {
        respond: { status: 400, code: 'DCS.4026' },
      });
      const runId = await rig().start(instance);
      await reached(fault);
      // A failover leaves no swap task.
      faults.add({ route: 'listNodes', instanceId, roles: 'swapped' });
      fault.release();
      expect(seen(instance, await rig().end(instance, runId))).toEqual({
        outcome: 'UNKNOWN',
        cause: 'SUCCESS_WITHOUT_CHANGE',
        accepted: 1,
      });
    },
  );
});

describe('what shows late', () => {
  const late = { habits: { staleRoleViewsMs: 6_000 } };
  const timing = { settleSeconds: 1, verifyTimeoutSeconds: 12 };
  const fails: FaultActions = { job: { outcome: 'FAIL', changesRoles: true } };

  test.concurrent('after a job that says FAIL is waited for as after success', async () => {
    expect(await scripted(fails, { timing }, late)).toMatchObject({
      outcome: 'SUCCEEDED',
      cause: 'JOB_FAILED_ROLES_CHANGED',
      accepted: 1,
    });
  });

  test.concurrent('of a swap back whose job says FAIL is waited for, too', async () => {
    const instance = await rig().instance(late);
    const { instanceId } = instance;
    const { faults } = rig().simulator;
    const job = { newMasterStatus: 'Inactive' as const };
    faults.add({ route: 'asyncSwap', instanceId, calls: 1, job });
    faults.add({ route: 'asyncSwap', instanceId, calls: 2, ...fails });
    const end = await rig().run(instance, { timing });
    expect(seen(instance, end)).toMatchObject({ outcome: 'COMPENSATED', accepted: 2 });
  });
});

describe('the last reading of a watch', () => {
  const rejected: FaultActions = { respond: { status: 400, code: 'DCS.4855' } };

  test.concurrent.each([
    ['roles', 'listNodes', BEFORE_WATCH + 10],
    ['instance', 'showInstance', BEFORE_WATCH + 10],
    ['tasks', 'listTasks', BEFORE_WATCH + 11],
  ] as const)('of the %s is tried again where it fails', async (_, route, call) => {
    const instance = await rig().instance();
    const { instanceId } = instance;
    const { faults } = rig().simulator;
    faults.add({ route: 'asyncSwap', instanceId, ...rejected });
    const respond = { status: 503, headers: { 'Retry-After': '1' } };
    const fault = faults.add({ route, instanceId, calls: call, respond });
    const end = await rig().run(instance, { timing: TEN_SAMPLES });
    expect(fault.hits()).toBe(1);
    expect(seen(instance, end)).toEqual({
      outcome: 'FAILED_UNCHANGED',
      cause: 'NOT_APPLIED',
      accepted: 0,
    });
  });

  test.concurrent('of roles that have changed is tried again where it fails', async () => {
    const instance = await rig().instance();
    const { instanceId } = instance;
    showNodes(instance, { from: BEFORE_WATCH + 1, to: BEFORE_WATCH + 9 }, [BAD, WELL]);
    const fault = rig().simulator.faults.add({
      ...{ route: 'listNodes', instanceId, calls: BEFORE_WATCH + 10 },
      respond: { status: 503 },
    });
    const end = await rig().run(instance, { timing: TEN_SAMPLES });
    expect(fault.hits()).toBe(1);
    expect(seen(instance, end)).toMatchObject({ outcome: 'SUCCEEDED', accepted: 1 });
  });
});

describe('an account', () => {
  const inactive: FaultActions = { job: { newMasterStatus: 'Inactive' } };

  test.concurrent.each<[string, InstanceSpec]>([
    ['addresses follow the role', { habits: { addresses: 'follow-role' } }],
    [
      'addresses follow the role and no AZ is shown',
      { habits: { addresses: 'follow-role', availabilityZones: 'absent' } },
    ],
    ['replication ids follow the role', { habits: { replicationIds: 'follow-role' } }],
    ['replication ids are new after each swap', { habits: { replicationIds: 'renewed' } }],
    ['nodes are listed in any order', { habits: { nodeOrder: 'shuffled' } }],
  ])('whose %s: SUCCEEDED, and COMPENSATED from a bad state', async (_, spec) => {
    const [well, bad] = await Promise.all([scripted({}, {}, spec), scripted(inactive, {}, spec)]);
    expect(well).toMatchObject({ outcome: 'SUCCEEDED', accepted: 1, hasMoved: true });
    expect(bad).toMatchObject({ outcome: 'COMPENSATED', accepted: 2, hasMoved: false });
  });

  test.concurrent.each(['follow-role', 'renewed'] as const)(
    'whose node ids are "%s": UNKNOWN, which names what moved and the setting',
    async (nodeIds) => {
      const end = await scripted({}, {}, { habits: { nodeIds } });
      expect(end).toMatchObject({ outcome: 'UNKNOWN', cause: 'IDENTIFIERS_DISAGREE', accepted: 1 });
      expect(end.message).toContain('its replication id is a former replica’s');
      expect(end.message).toMatch(/set nodeIdentity \(DCS_NODE_IDENTITY\) .* to replication-id or/);
    },
  );

  test.concurrent('whose node ids follow the role: no failure while the roles moved', async () => {
    const fails: FaultActions = { job: { outcome: 'FAIL', changesRoles: true } };
    const end = await scripted(fails, {}, { habits: { nodeIds: 'follow-role' } });
    expect(end).toMatchObject({
      outcome: 'UNKNOWN',
      cause: 'IDENTIFIERS_DISAGREE',
      hasMoved: true,
    });
  });

  test.concurrent.each([
    ['replication-id', 'follow-role', 'stay'],
    ['replication-id', 'renewed', 'stay'],
    ['availability-zone', 'follow-role', 'follow-role'],
    ['availability-zone', 'renewed', 'renewed'],
  ] as const)(
    'read by %s, whose node ids are "%s" and replication ids "%s": SUCCEEDED, and COMPENSATED',
    async (identity, nodeIds, replicationIds) => {
      const site = openSite(rig());
      await site.startWorker({ DCS_NODE_IDENTITY: identity });
      const outcomes = await Promise.all(
        [{}, inactive].map(async (swap) => {
          const habits = { nodeIds, replicationIds, addresses: 'follow-role' } as const;
          const instance = await rig().instance({ habits });
          const { instanceId } = instance;
          rig().simulator.faults.add({ route: 'asyncSwap', instanceId, calls: 1, ...swap });
          return seen(instance, await site.end(instance, await site.start(instance)));
        }),
      );
      expect(outcomes).toMatchObject([
        { outcome: 'SUCCEEDED', accepted: 1 },
        { outcome: 'COMPENSATED', accepted: 2 },
      ]);
    },
  );
});
