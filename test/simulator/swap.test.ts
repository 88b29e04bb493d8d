import { afterEach, describe, expect, it } from '@jest/globals';

import type { InstanceSpec, SimulatedInstance, Simulator } from '../../src/simulator/index.js';
import { eventually, first, get, pathsOf, put, start, stopAll } from './support.js';

afterEach(stopAll);

const swap = async (simulator: Simulator): Promise<string> => {
  const { status, json } = await put(simulator, pathsOf(simulator).swap);
  expect(status).toBe(200);
  return json.job_id;
};

const jobOf = async (simulator: Simulator, jobId: string) =>
  (await get(simulator, pathsOf(simulator).job(jobId))).json;

const isOver = (simulator: Simulator, jobId: string): Promise<void> =>
  eventually(async () => ['SUCCESS', 'FAIL'].includes((await jobOf(simulator, jobId)).status));

describe('a swap', () => {
  it('is answered with a job id, and moves the master to the replica', async () => {
    const simulator = await start();
    const instance = first(simulator);
    const [before, replica] = instance.roles();
    const reply = await put(simulator, pathsOf(simulator).swap);
    expect(reply.status).toBe(200);
    expect(reply.json).toEqual({ job_id: expect.stringMatching(/^[0-9a-f]{32}$/) });
    await isOver(simulator, reply.json.job_id);
    expect(instance.masterNodeId()).toBe(replica?.nodeId);
    expect(instance.roles()).toEqual([
      { ...before, role: 'replica' },
      { ...replica, role: 'master' },
    ]);
    const nodes = (await get(simulator, pathsOf(simulator).nodes)).json.nodes;
    const shown = nodes.map(({ node_id, node_type }) => [node_id, node_type]);
    expect(Object.fromEntries(shown)).toEqual({
      [before?.nodeId ?? '']: 'slave',
      [replica?.nodeId ?? '']: 'master',
    });
  });

  it('goes through INIT and RUNNING, changes the roles while RUNNING, and ends in SUCCESS', async () => {
    const simulator = await start({
      timing: { jobInitMs: 1_200, jobRunMs: 3_600, rolesFlipAtMs: 2_400 },
    });
    const instance = first(simulator);
    const seen: string[] = [];
    const before = instance.masterNodeId();
    const jobId = await swap(simulator);
    await eventually(async () => {
      const { status } = await jobOf(simulator, jobId);
      const word = `${status} ${instance.masterNodeId() === before ? 'before' : 'after'}`;
      if (seen.at(-1) !== word) seen.push(word);
      return status === 'SUCCESS';
    });
    expect(seen).toEqual(['INIT before', 'RUNNING before', 'RUNNING after', 'SUCCESS after']);
  });

  it('reports its job with times in milliseconds', async () => {
    const simulator = await start();
    const jobId = await swap(simulator);
    expect(await jobOf(simulator, jobId)).toMatchObject({ end_time: null, fail_reason: null });
    await isOver(simulator, jobId);
    const job = await jobOf(simulator, jobId);
    expect(job).toEqual({
      job_id: jobId,
      job_type: 'masterStandbySwapJob',
      status: 'SUCCESS',
      begin_time: expect.stringMatching(/^\d{13}$/),
      end_time: expect.stringMatching(/^\d{13}$/),
      fail_reason: null,
    });
    expect(Number(job.end_time) - Number(job.begin_time)).toBeGreaterThanOrEqual(75);
  });

  it('shows as task of the instance and as task row while it runs, and as row afterwards', async () => {
    const simulator = await start({ userName: 'switch-operator', timing: { jobRunMs: 3_000 } });
    const { instance, tasks, centerTasks } = pathsOf(simulator);
    const jobId = await swap(simulator);
    expect((await get(simulator, instance)).json.task).toBe('masterStandbySwapJob');
    const row = { name: 'masterStandbySwapJob', user_name: 'switch-operator' };
    expect((await get(simulator, tasks)).json.tasks).toMatchObject([
      { ...row, status: 'EXECUTING' },
    ]);
    await isOver(simulator, jobId);
    expect((await get(simulator, instance)).json).toMatchObject({ task: null, status: 'RUNNING' });
    const [ended] = (await get(simulator, tasks)).json.tasks;
    expect(ended).toMatchObject({ ...row, status: 'SUCCESS' });
    expect(ended).not.toHaveProperty('job_id');
    const [center] = (await get(simulator, centerTasks)).json.tasks;
    expect(center).toMatchObject({ ...row, id: ended?.id, job_id: jobId });
    expect(Date.parse(ended?.updated_at ?? '')).toBeGreaterThan(
      Date.parse(ended?.created_at ?? ''),
    );
  });

  it('toggles: a second one moves the master back', async () => {
    const simulator = await start();
    const before = first(simulator).masterNodeId();
    await isOver(simulator, await swap(simulator));
    await isOver(simulator, await swap(simulator));
    expect(first(simulator).masterNodeId()).toBe(before);
    expect(simulator.ledger.swaps).toHaveLength(2);
  });

  it('promotes the replica with the lowest priority that is not 0, the first of equals', async () => {
    const zones = ['a', 'b', 'c', 'd', 'e'];
    const priorities = [100, 0, 50, 20, 20];
    const nodes = zones.map((availabilityZone, index) => ({
      availabilityZone,
      priority: priorities[index] ?? 0,
    }));
    const simulator = await start({ instances: [{ nodes }] });
    const instance = first(simulator);
    await isOver(simulator, await swap(simulator));
    const master = instance.roles().find(({ role }) => role === 'master');
    expect(master?.availabilityZone).toBe('d');
    expect(await instance.redisRoles()).toEqual(
      instance.roles().map(({ nodeId, role }) => ({
        nodeId,
        role: role === 'master' ? 'master' : 'slave',
      })),
    );
  });

  it('of an instance without replication lag is served at once when the timing is 0', async () => {
    const simulator = await start({ timing: { jobInitMs: 0, jobRunMs: 0 } });
    const jobId = await swap(simulator);
    await isOver(simulator, jobId);
    expect(simulator.ledger.swaps).toMatchObject([{ jobId, rolesChangedAt: expect.any(Number) }]);
  });

  it('shows its task row late when the timing says so', async () => {
    const simulator = await start({ timing: { jobInitMs: 0, jobRunMs: 0, taskRowDelayMs: 2_000 } });
    await isOver(simulator, await swap(simulator));
    const { tasks } = pathsOf(simulator);
    expect((await get(simulator, tasks)).json.task_count).toBe('0');
    await eventually(async () => (await get(simulator, tasks)).json.task_count === '1');
  });
});

describe('a swap is refused', () => {
  const nothing = (): void => undefined;

  it.each<[string, InstanceSpec, (instance: SimulatedInstance) => void, number, string]>([
    ['of a single instance', { cacheMode: 'single' }, nothing, 400, 'DCS.4855'],
    ['of a cluster', { cacheMode: 'cluster' }, nothing, 400, 'DCS.4855'],
    ['of a proxy cluster', { cacheMode: 'proxy' }, nothing, 400, 'DCS.4855'],
    ['while frozen', { status: 'FROZEN' }, nothing, 400, 'DCS.4120'],
    ['while not running', { status: 'RESTARTING' }, nothing, 400, 'DCS.4049'],
    [
      'while another operation is in progress',
      {},
      (instance) => {
        instance.setTask('BACKUPING');
      },
      400,
      'DCS.4017',
    ],
    [
      'while another task is executing',
      {},
      (instance) => {
        instance.addTask({ name: 'EXTEND', status: 'EXECUTING' });
      },
      400,
      'DCS.4017',
    ],
    [
      'when no replica may be promoted',
      {},
      (instance) => {
        for (const { nodeId } of instance.roles()) instance.setPriority(nodeId, 0);
      },
      400,
      'DCS.4253',
    ],
  ])('%s', async (_, spec, arrange, status, code) => {
    const simulator = await start({ instances: [spec] });
    arrange(first(simulator));
    const before = first(simulator).masterNodeId();
    const reply = await put(simulator, pathsOf(simulator).swap);
    expect(reply.status).toBe(status);
    expect(reply.json).toMatchObject({ error_code: code, error_ext_msg: null });
    expect(simulator.ledger.puts()).toMatchObject([{ status, executed: false }]);
    expect(simulator.ledger.swaps).toEqual([]);
    expect(first(simulator).masterNodeId()).toBe(before);
  });

  it('while another swap is in progress, and accepted once it is over', async () => {
    const simulator = await start();
    const jobId = await swap(simulator);
    const busy = await put(simulator, pathsOf(simulator).swap);
    expect(busy.json.error_code).toBe('DCS.4017');
    await isOver(simulator, jobId);
    await swap(simulator);
    expect(simulator.ledger.swaps).toHaveLength(2);
  });

  it('of an instance that does not exist', async () => {
    const simulator = await start();
    const other = pathsOf(simulator, '4ad47d1e-2c0b-4bd7-b0c0-6ad0ad3c7b11');
    expect((await put(simulator, other.swap)).status).toBe(404);
  });
});

describe('a swap by another operator', () => {
  it('has a task row with another user, and a job in the ledger', async () => {
    const simulator = await start();
    const instance = first(simulator);
    const [from, to] = instance.roles();
    await instance.swapBy('night-shift');
    expect(instance.masterNodeId()).toBe(to?.nodeId);
    const { tasks } = (await get(simulator, pathsOf(simulator).centerTasks)).json;
    expect(tasks).toMatchObject([{ user_name: 'night-shift', status: 'SUCCESS' }]);
    expect(simulator.ledger.swaps).toMatchObject([
      {
        source: 'foreign',
        byUser: 'night-shift',
        jobId: tasks[0]?.job_id,
        fromNodeId: from?.nodeId,
        toNodeId: to?.nodeId,
      },
    ]);
    expect(simulator.ledger.puts()).toEqual([]);
    expect((await get(simulator, pathsOf(simulator).job(tasks[0]?.job_id ?? ''))).status).toBe(200);
  });

  it('waits for the swap in progress', async () => {
    const simulator = await start();
    const before = first(simulator).masterNodeId();
    await swap(simulator);
    await first(simulator).swapBy('night-shift');
    expect(simulator.ledger.swaps.map(({ source }) => source)).toEqual(['api', 'foreign']);
    expect(first(simulator).masterNodeId()).toBe(before);
  });

  it('cannot begin while a swap never ends, or without a replica', async () => {
    const simulator = await start();
    simulator.faults.add({ route: 'asyncSwap', job: { neverEnds: true } });
    await swap(simulator);
    await expect(first(simulator).swapBy('night-shift')).rejects.toThrow(/never ends/);
    const single = await simulator.addInstance({ cacheMode: 'single' });
    await expect(single.swapBy('night-shift')).rejects.toThrow(/no replica/);
  });
});
