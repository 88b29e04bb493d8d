/** What a run makes of every way in which the job and the roles can disagree. */
import { beforeAll, describe, expect, test } from '@jest/globals';

import type { SwitchoverInput } from '../../src/contract/index.js';
import type { FaultActions, InstanceSpec } from '../../src/simulator/index.js';
import { useRig } from '../support/rig.js';
import { hold, reached } from '../support/steps.js';

const rig = useRig();

const scripted = async (
  fault: FaultActions,
  input: Partial<SwitchoverInput> = {},
  spec: InstanceSpec = {},
) => {
  const instance = await rig().instance(spec);
  const { instanceId } = instance;
  const before = instance.masterNodeId();
  rig().simulator.faults.add({ route: 'asyncSwap', instanceId, calls: 1, ...fault });
  const end = await rig().run(instance, input);
  const puts = rig().simulator.ledger.puts(instanceId).length;
  return { ...end, puts, hasMoved: instance.masterNodeId() !== before, instance };
};

describe("the job's word is never the outcome", () => {
  test.concurrent('FAIL with roles changed and healthy: SUCCEEDED with a warning', async () => {
    const end = await scripted({ job: { outcome: 'FAIL', changesRoles: true } });
    expect(end).toMatchObject({ outcome: 'SUCCEEDED', puts: 1, hasMoved: true });
    expect(end.result.cause).toBe('JOB_FAILED_ROLES_CHANGED');
    expect(end.result.warnings.join()).toContain('FAIL');
  });

  test.concurrent.each<[string, FaultActions]>([
    ['healthy', {}],
    ['with an Inactive master', { job: { newMasterStatus: 'Inactive' } }],
  ])(
    'FAIL with roles changed, %s, and no row of it: UNKNOWN, for it may have been a failover; one PUT',
    async (_, { job }) => {
      const taskRow = { never: true };
      const end = await scripted({ taskRow, job: { ...job, outcome: 'FAIL', changesRoles: true } });
      expect(end).toMatchObject({ outcome: 'UNKNOWN', puts: 1, hasMoved: true });
      expect(end.result.cause).toBe('JOB_FAILED_ROLES_CHANGED');
      const { instance, runId: examinedRunId } = end;
      const verified = await rig().run(instance, { mode: 'verify', examinedRunId });
      expect(verified.outcome).toBe('UNKNOWN');
    },
  );

  test.concurrent(
    'FAIL with its row and an Inactive master: not undone, for it may be a failover',
    async () => {
      const end = await scripted({
        job: { outcome: 'FAIL', changesRoles: true, newMasterStatus: 'Inactive' },
      });
      expect(end).toMatchObject({ outcome: 'UNKNOWN', puts: 1, hasMoved: true });
      expect(JSON.stringify(end.result.evidence)).toContain('our job says FAIL');
    },
  );

  test.concurrent('an answer with the job of an earlier swap proves nothing: UNKNOWN', async () => {
    const instance = await rig().instance({ habits: { taskRows: 'withJobId' } });
    const [jobId = ''] = (await rig().run(instance)).result.jobIds;
    const { instanceId } = instance;
    const respond = { status: 200, body: { job_id: jobId } };
    rig().simulator.faults.add({ route: 'asyncSwap', instanceId, calls: 1, respond });
    const end = await rig().run(instance, { timing: { coolDownSeconds: 0, settleSeconds: 3 } });
    expect(end).toMatchObject({ outcome: 'UNKNOWN' });
    expect(end.result).toMatchObject({ cause: 'NO_TRACE', swapsAccepted: 0 });
  });

  test.concurrent('FAIL with roles unchanged: FAILED_UNCHANGED with the reason', async () => {
    const end = await scripted({ job: { outcome: 'FAIL', failReason: 'replica not in sync' } });
    expect(end).toMatchObject({ outcome: 'FAILED_UNCHANGED', puts: 1, hasMoved: false });
    expect(JSON.stringify(end.result.evidence)).toContain('replica not in sync');
  });

  test.concurrent('SUCCESS with roles unchanged: UNKNOWN', async () => {
    const end = await scripted({ job: { outcome: 'SUCCESS', changesRoles: false } });
    expect(end).toMatchObject({ outcome: 'UNKNOWN', puts: 1, hasMoved: false });
    expect(end.result.cause).toBe('SUCCESS_WITHOUT_CHANGE');
  });

  test.concurrent('a job that never ends: UNKNOWN, whatever the roles show', async () => {
    const end = await scripted({ job: { neverEnds: true } }, { timing: { jobTimeoutSeconds: 3 } });
    expect(end).toMatchObject({ outcome: 'UNKNOWN', puts: 1 });
    expect(end.result.cause).toBe('JOB_STILL_RUNNING');
  });

  test.concurrent('an unknown status word is waited out', async () => {
    const end = await scripted({ job: { status: 'PAUSED', runMs: 3_000 } });
    expect(end).toMatchObject({ outcome: 'SUCCEEDED', puts: 1 });
  });

  test.concurrent.each([
    ['FAILED', 'FAIL', 'FAILED_UNCHANGED'],
    ['CANCELLED', 'FAIL', 'FAILED_UNCHANGED'],
    ['ROLLBACK', 'FAIL', 'FAILED_UNCHANGED'],
    ['FINISHED', 'SUCCESS', 'SUCCEEDED'],
  ] as const)(
    'a job that ends with the word %s is not waited for any longer: %s, %s',
    async (status, outcome, expected) => {
      const instance = await rig().instance();
      const { instanceId } = instance;
      const { faults } = rig().simulator;
      faults.add({ route: 'asyncSwap', instanceId, job: { outcome } });
      const body = { job_id: 'a'.repeat(32), status, begin_time: '0', end_time: '0' };
      faults.add({ route: 'showJob', instanceId, respond: { status: 200, body } });
      expect(await rig().run(instance)).toMatchObject({ outcome: expected });
    },
  );

  test.concurrent('a job that the API does not know yet is waited out', async () => {
    const instance = await rig().instance();
    const { instanceId } = instance;
    rig().simulator.faults.add({
      route: 'showJob',
      instanceId,
      calls: 1,
      respond: { status: 404 },
    });
    expect(await rig().run(instance)).toMatchObject({ outcome: 'SUCCEEDED' });
  });

  test.concurrent(
    'a job of which the API shows nothing but an error, with 200: its row tells its end',
    async () => {
      const instance = await rig().instance();
      const { instanceId } = instance;
      const body = { error_code: 'DCS.4070', error_msg: 'Invalid task ID format.' };
      rig().simulator.faults.add({ route: 'showJob', instanceId, respond: { status: 200, body } });
      const end = await rig().run(instance);
      expect(end).toMatchObject({ outcome: 'SUCCEEDED' });
      expect(end.result.warnings.join()).toContain('DCS.4070 Invalid task ID format');
    },
  );

  test.concurrent.each<[string, object]>([
    ['a word that no one knows', { status: 'DONE' }],
    ['no word', { status: null, job_id: 'a'.repeat(32) }],
    ['a word that goes on', { status: 'RUNNING' }],
  ])('a job that ends with %s: at its deadline its row may tell', async (_, body) => {
    const instance = await rig().instance();
    const { instanceId } = instance;
    rig().simulator.faults.add({ route: 'showJob', instanceId, respond: { status: 200, body } });
    const end = await rig().run(instance);
    const goesOn = JSON.stringify(body).includes('RUNNING');
    expect(end.outcome).toBe(goesOn ? 'UNKNOWN' : 'SUCCEEDED');
    expect(end.result.cause).toBe(goesOn ? 'JOB_STILL_RUNNING' : 'ROLES_CHANGED');
    expect(end.result.warnings).toHaveLength(goesOn ? 0 : 1);
  });

  test.concurrent('polls that fail in every way are waited out', async () => {
    const instance = await rig().instance();
    const { instanceId } = instance;
    const { faults } = rig().simulator;
    faults.add({ route: 'showJob', instanceId, calls: 1, respond: { status: 503, shape: 'html' } });
    faults.add({ route: 'showJob', instanceId, calls: 2, reset: 'before' });
    faults.add({ route: 'showJob', instanceId, calls: 3, malformedBody: true });
    const end = await rig().run(instance, { timing: { jobTimeoutSeconds: 15 } });
    expect(end).toMatchObject({ outcome: 'SUCCEEDED' });
  });
});

describe("another client's swap", () => {
  test.concurrent('during the run: UNKNOWN', async () => {
    const end = await scripted(
      { foreignSwapAfterMs: 200 },
      { timing: { verifyIntervalSeconds: 1 } },
    );
    expect(end).toMatchObject({ outcome: 'UNKNOWN', puts: 1 });
    expect(end.result.cause).toBe('FOREIGN_SWAP');
  });

  test.concurrent('after the pre-check: REFUSED for drift, nothing sent', async () => {
    const instance = await rig().instance();
    const { instanceId } = instance;
    const fault = rig().simulator.faults.add({
      route: 'listTasks',
      instanceId,
      calls: 1,
      hold: true,
    });
    const runId = await rig().start(instance);
    while (fault.hits() === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await instance.swapBy('somebody-else');
    fault.release();
    const end = await rig().end(instance, runId);
    expect(end.outcome).toBe('REFUSED');
    expect(
      end.result.checks.find(({ id, passed }) => id === 'no-drift' && passed === false),
    ).toBeDefined();
  });
});

describe("a colleague's swap after a PUT that never arrived", () => {
  /** The PUT is reset before it arrives; a colleague swaps as soon as that is known. */
  const colleague = async (before: FaultActions, input: Partial<SwitchoverInput> = {}) => {
    const instance = await rig().instance();
    const { instanceId } = instance;
    const lost = { route: 'asyncSwap', instanceId, calls: 1, reset: 'before' } as const;
    const put = rig().simulator.faults.add(lost);
    const { job = {} } = before;
    const runId = await rig().start(instance, { timing: { settleSeconds: 8 }, ...input });
    while (put.hits() === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await instance.swapBy('a-colleague');
    if (job.newMasterStatus) instance.setNodeStatus(instance.masterNodeId(), job.newMasterStatus);
    const end = await rig().end(instance, runId);
    const accepted = rig()
      .simulator.ledger.puts(instanceId)
      .filter(({ executed }) => executed);
    return { ...end, accepted: accepted.length, instance };
  };

  test.concurrent('is named, and neither taken for ours nor undone: UNKNOWN', async () => {
    const { outcome, result, accepted, instance, runId } = await colleague({});
    expect({ outcome, accepted, cause: result.cause }).toEqual({
      outcome: 'UNKNOWN',
      accepted: 0,
      cause: 'FOREIGN_SWAP',
    });
    expect(result).toMatchObject({ swapsSent: 1, swapsAccepted: 0, jobIds: [] });
    expect(result.message).toContain('of user a-colleague');
    const mode = 'verify' as const;
    const verified = await rig().run(instance, { mode, examinedRunId: runId });
    expect(verified).toMatchObject({ outcome: 'UNKNOWN', result: { cause: 'FOREIGN_SWAP' } });
    const [swap] = rig().simulator.ledger.swaps.filter(
      ({ instanceId }) => instanceId === instance.instanceId,
    );
    const jobId = swap?.jobId ?? '';
    const adopted = await rig().run(instance, { mode: 'adopt', jobId, examinedRunId: runId });
    expect(adopted).toMatchObject({ outcome: 'UNKNOWN', result: { cause: 'FOREIGN_SWAP' } });
    expect(adopted.result.message).toContain('of user a-colleague');
  });

  test.concurrent('is not undone where its new master is not healthy: no PUT', async () => {
    const { outcome, accepted } = await colleague({ job: { newMasterStatus: 'Inactive' } });
    expect({ outcome, accepted }).toEqual({ outcome: 'UNKNOWN', accepted: 0 });
  });
});

describe('whose swap it is', () => {
  // Of an accepted PUT the worker has seen whom the service takes it for.
  beforeAll(async () => {
    await rig().run(await rig().instance());
  });

  test.concurrent(
    'a row that names no one after a lost answer: UNKNOWN, and the row can be adopted by a person',
    async () => {
      const taskRow = { userName: null, userId: null };
      const { outcome, result, runId, instance } = await scripted({ reset: 'after', taskRow });
      expect({ outcome, cause: result.cause, accepted: result.swapsAccepted }).toEqual({
        outcome: 'UNKNOWN',
        cause: 'UNATTRIBUTED_SWAP',
        accepted: 0,
      });
      const [, jobId = ''] = /--job (\S+)/.exec(result.message) ?? [];
      const adopted = await rig().run(instance, { mode: 'adopt', jobId, examinedRunId: runId });
      expect(adopted).toMatchObject({ outcome: 'SUCCEEDED' });
      expect(adopted.result.warnings.join()).toContain('as stated by the requester');
    },
  );

  test.concurrent(
    'a user of our name and another id than our own row has shown, after a lost answer: UNKNOWN, it is another',
    async () => {
      const habits = { taskIds: 'job', taskRows: 'withJobId' } as const;
      const first = await rig().instance({ habits });
      expect(await rig().run(first)).toMatchObject({ outcome: 'SUCCEEDED' });
      const taskRow = { userId: 'f'.repeat(32) };
      const { outcome, result } = await scripted({ reset: 'after', taskRow }, {}, { habits });
      expect({ outcome, cause: result.cause }).toEqual({
        outcome: 'UNKNOWN',
        cause: 'FOREIGN_SWAP',
      });
    },
  );

  test.concurrent('a renamed user with our id after a lost answer: SUCCEEDED', async () => {
    const { account } = rig().simulator;
    const taskRow = { userName: 'renamed', userId: account.userId };
    const end = await scripted({ reset: 'after', taskRow });
    expect(end).toMatchObject({ outcome: 'SUCCEEDED', puts: 1, hasMoved: true });
  });

  test.concurrent(
    'an adopted job whose new master is not healthy is never swapped back: UNKNOWN, one PUT',
    async () => {
      const end = await scripted({ reset: 'after', job: { newMasterStatus: 'Inactive' } });
      expect(end).toMatchObject({ outcome: 'UNKNOWN', puts: 1, hasMoved: true });
      expect(end.result.cause).toBe('NEW_MASTER_INACTIVE');
    },
  );

  test.concurrent(
    'a swap of our own user between the pre-check and the PUT: UNKNOWN, nothing sent, it is named',
    async () => {
      const instance = await rig().instance();
      const { instanceId } = instance;
      const { account, ledger } = rig().simulator;
      const preCheck = hold(rig(), instance, 'listTasks');
      const runId = await rig().start(instance);
      await reached(preCheck);
      await instance.swapBy(account.userName);
      preCheck.release();
      const { outcome, result } = await rig().end(instance, runId);
      expect({ outcome, cause: result.cause }).toEqual({
        outcome: 'UNKNOWN',
        cause: 'UNATTRIBUTED_SWAP',
      });
      expect(result.message).toContain(`of user ${account.userName}`);
      expect(ledger.puts(instanceId)).toHaveLength(0);
    },
  );

  test.concurrent(
    'a row of an earlier swap of ours that is listed late, before the PUT: REFUSED, nothing was sent',
    async () => {
      const instance = await rig().instance();
      const { instanceId } = instance;
      const { account, ledger } = rig().simulator;
      const preCheck = hold(rig(), instance, 'listTasks');
      const runId = await rig().start(instance);
      await reached(preCheck);
      const { userName: user_name, userId: user_id } = account;
      const created_at = new Date(rig().apiNowMs() - 10_000).toISOString();
      instance.addTask({ user_name, user_id, created_at });
      preCheck.release();
      const { outcome, result } = await rig().end(instance, runId);
      expect({ outcome, cause: result.cause, sent: result.swapsSent }).toEqual({
        outcome: 'REFUSED',
        cause: 'LAST_MOMENT_CHECK_FAILED',
        sent: 0,
      });
      expect(result.checks.at(-1)?.observed).toContain(`of user ${user_name}`);
      expect(ledger.puts(instanceId)).toHaveLength(0);
    },
  );

  test.concurrent(
    'unchanged roles after a job that succeeded: a change hours later is not its effect',
    async () => {
      const end = await scripted({ job: { changesRoles: false } });
      expect(end.result.cause).toBe('SUCCESS_WITHOUT_CHANGE');
      const { instance, runId } = end;
      // An automatic failover leaves no swap task.
      const { faults } = rig().simulator;
      faults.add({ route: 'listNodes', instanceId: instance.instanceId, roles: 'swapped' });
      const verified = await rig().run(instance, { mode: 'verify', examinedRunId: runId });
      expect(verified).toMatchObject({ outcome: 'UNKNOWN', result: { cause: 'CHANGED_LATER' } });
    },
  );

  test.concurrent(
    'a lost answer whose row has an id of its own: the task centre reports the job and why it failed',
    async () => {
      const { outcome, result, instance } = await scripted({
        ...{ reset: 'after', taskRow: { otherId: true, withoutJobId: true } },
        job: { outcome: 'FAIL', failReason: 'replica not in sync' },
      });
      const [swap] = rig().simulator.ledger.swaps.filter(
        ({ instanceId }) => instanceId === instance.instanceId,
      );
      expect(outcome).toBe('FAILED_UNCHANGED');
      expect(result.jobIds).toEqual([swap?.jobId]);
      expect(result.message).toContain('replica not in sync');
    },
  );

  test.concurrent(
    'a row with a job id that no one knows is ours by count after an answer',
    async () => {
      const instance = await rig().instance({ habits: { taskRows: 'ownJobId', taskIds: 'own' } });
      expect(await rig().run(instance)).toMatchObject({ outcome: 'SUCCEEDED' });
    },
  );

  test.concurrent.each<[string, FaultActions, string]>([
    ['is no foreign one', {}, 'SUCCEEDED'],
    ['holds no swap back', { job: { newMasterStatus: 'Inactive' } }, 'COMPENSATED'],
  ])('a swap that was over before the run and is listed late %s', async (_, fault, outcome) => {
    const instance = await rig().instance();
    const { instanceId } = instance;
    const { faults } = rig().simulator;
    const put = faults.add({ route: 'asyncSwap', instanceId, calls: 1, hold: true, ...fault });
    const runId = await rig().start(instance);
    while (put.hits() === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    const atSecondsAgo = (seconds: number) =>
      new Date(rig().apiNowMs() - seconds * 1000).toISOString();
    instance.addTask({ created_at: atSecondsAgo(40), updated_at: atSecondsAgo(30) });
    put.release();
    expect(await rig().end(instance, runId)).toMatchObject({ outcome });
  });

  test.concurrent(
    'a lost answer whose row is stamped by a clock behind that of the gateway: SUCCEEDED',
    async () => {
      const instance = await rig().instance();
      const { instanceId } = instance;
      const { faults } = rig().simulator;
      const headers = { Date: new Date(rig().apiNowMs() + 30_000).toUTCString() };
      for (const route of ['listNodes', 'showInstance', 'listTasks'] as const)
        faults.add({ route, instanceId, headers });
      faults.add({ route: 'asyncSwap', instanceId, calls: 1, reset: 'after' });
      expect(await rig().run(instance)).toMatchObject({ outcome: 'SUCCEEDED' });
    },
  );

  test.concurrent.each([
    ['ahead', 8],
    ['behind', -5],
  ])(
    'a row that shows local time, hours %s, is ours by count after an answer',
    async (_, hours) => {
      const instance = await rig().instance({ habits: { taskRows: 'ownJobId', taskIds: 'own' } });
      const { instanceId } = instance;
      const created = new Date(rig().apiNowMs() + hours * 3_600_000).toISOString().slice(0, -1);
      const row = { id: 'f'.repeat(32), name: 'masterStandbySwapJob', status: 'SUCCESS' };
      const body = { task_count: 1, tasks: [{ ...row, created_at: created }] };
      const respond = { status: 200, body };
      rig().simulator.faults.add({ route: 'listTasks', instanceId, calls: { from: 3 }, respond });
      expect(await rig().run(instance)).toMatchObject({ outcome: 'SUCCEEDED' });
    },
  );

  test.concurrent('a row whose ids say nothing is ours by count after an answer', async () => {
    const taskRow = { otherId: true, withoutJobId: true };
    expect(await scripted({ taskRow })).toMatchObject({ outcome: 'SUCCEEDED', puts: 1 });
  });
});

describe('reading the roles afterwards', () => {
  test.concurrent('flapping views are waited out', async () => {
    const instance = await rig().instance();
    const { instanceId } = instance;
    const { faults } = rig().simulator;
    faults.add({ route: 'listNodes', instanceId, calls: 3, roles: 'two-masters' });
    faults.add({ route: 'listNodes', instanceId, calls: 4, respond: { status: 500 } });
    expect(await rig().run(instance)).toMatchObject({ outcome: 'SUCCEEDED' });
  });

  test.concurrent('roles that stay unreadable: UNKNOWN', async () => {
    const instance = await rig().instance();
    const { instanceId } = instance;
    rig().simulator.faults.add({
      route: 'listNodes',
      instanceId,
      calls: { from: 3 },
      respond: { status: 500 },
    });
    const end = await rig().run(instance);
    expect(end).toMatchObject({ outcome: 'UNKNOWN' });
    expect(end.result.cause).toBe('ROLES_UNREADABLE');
  });

  test.concurrent('a task list that stays unreadable: UNKNOWN', async () => {
    const instance = await rig().instance();
    const { instanceId } = instance;
    rig().simulator.faults.add({
      route: 'listTasks',
      instanceId,
      calls: { from: 3 },
      respond: { status: 500 },
    });
    const end = await rig().run(instance);
    expect(end).toMatchObject({ outcome: 'UNKNOWN' });
    expect(end.result.cause).toBe('TASKS_UNREADABLE');
  });

  test.concurrent(
    'an instance whose logical-nodes does not answer is read by its groups',
    async () => {
      const instance = await rig().instance();
      const { instanceId } = instance;
      rig().simulator.faults.add({ route: 'listNodes', instanceId, respond: { status: 404 } });
      expect(await rig().run(instance)).toMatchObject({ outcome: 'SUCCEEDED' });
    },
  );
});

describe('compensation', () => {
  const unhealthy: FaultActions = { job: { newMasterStatus: 'Inactive' } };

  test.concurrent('a new master that stays Inactive: swapped back once, COMPENSATED', async () => {
    const end = await scripted(unhealthy);
    expect(end).toMatchObject({ outcome: 'COMPENSATED', puts: 2, hasMoved: false });
    expect(end.result.cause).toBe('NEW_MASTER_INACTIVE');
  });

  test.concurrent('with compensation "none": UNKNOWN, one PUT', async () => {
    const end = await scripted(unhealthy, { compensation: 'none' });
    expect(end).toMatchObject({ outcome: 'UNKNOWN', puts: 1, hasMoved: true });
  });

  test.concurrent('after compensateNotAfter: UNKNOWN, one PUT', async () => {
    const soon = new Date(rig().latestNowMs() + 15_000).toISOString();
    const timing = { jobTimeoutSeconds: 60 };
    const end = await scripted(
      { job: { newMasterStatus: 'Inactive', runMs: 16_000 } },
      { notAfter: soon, compensateNotAfter: soon, timing },
    );
    expect(end).toMatchObject({ outcome: 'UNKNOWN', puts: 1 });
  });

  test.concurrent(
    'with a third node that could be promoted instead: UNKNOWN, one PUT',
    async () => {
      const nodes = ['az1', 'az2', 'az3'].map((availabilityZone) => ({ availabilityZone }));
      const end = await scripted(unhealthy, {}, { nodes });
      expect(end).toMatchObject({ outcome: 'UNKNOWN', puts: 1 });
    },
  );

  test.concurrent('a swap back that is not proven: UNKNOWN, never a third PUT', async () => {
    const instance = await rig().instance();
    const { instanceId } = instance;
    rig().simulator.faults.add({ route: 'asyncSwap', instanceId, calls: 1, ...unhealthy });
    rig().simulator.faults.add({ route: 'asyncSwap', instanceId, calls: 2, reset: 'before' });
    const end = await rig().run(instance);
    expect(end.outcome).toBe('UNKNOWN');
    expect(end.result.cause).toBe('COMPENSATION_NO_TRACE');
    expect(rig().simulator.ledger.puts(instanceId)).toHaveLength(2);
  });
});
