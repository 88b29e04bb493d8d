import { afterEach, describe, expect, it } from '@jest/globals';

import type { FaultActions, FaultSpec, RoleView, Simulator } from '../../src/simulator/index.js';
import { eventually, first, firstId, get, pathsOf, put, start, stopAll } from './support.js';
import type { Reply } from './support.js';

afterEach(stopAll);

const onSwap = (simulator: Simulator, actions: Omit<FaultSpec, 'route'>) =>
  simulator.faults.add({ route: 'asyncSwap', ...actions });

const swap = (simulator: Simulator): Promise<Reply> => put(simulator, pathsOf(simulator).swap);

const failureOf = (reply: Promise<Reply>): Promise<string> =>
  reply.then(
    ({ status }) => `answered ${String(status)}`,
    (error: unknown) => String(error),
  );

const jobIsOver = (simulator: Simulator): Promise<void> =>
  eventually(async () => (await get(simulator, pathsOf(simulator).instance)).json.task === null);

describe('a fault concerns', () => {
  it.each([
    ['every call of its route', undefined, '5555'],
    ['one call', 2, '2522'],
    ['some calls', [1, 3], '5252'],
    ['a range of calls', { from: 2, to: 3 }, '2552'],
    ['all calls from one on', { from: 3 }, '2255'],
  ])('%s', async (_, calls, expected) => {
    const simulator = await start();
    const fault = simulator.faults.add({
      route: 'showInstance',
      respond: { status: 500 },
      ...(calls === undefined ? {} : { calls }),
    });
    let seen = '';
    for (let count = 0; count < 4; count += 1) {
      await get(simulator, pathsOf(simulator).tasks);
      seen += String((await get(simulator, pathsOf(simulator).instance)).status).slice(0, 1);
    }
    expect(seen).toBe(expected);
    expect(fault.hits()).toBe(expected.replaceAll('2', '').length);
  });

  it('the calls of one instance, that of its job included', async () => {
    const simulator = await start({ instances: [{}, {}] });
    const [one, two] = simulator.instances.map(({ instanceId }) => pathsOf(simulator, instanceId));
    const instanceId = firstId(simulator);
    simulator.faults.add({ route: 'listNodes', instanceId, respond: { status: 404 } });
    simulator.faults.add({ route: 'showJob', instanceId, respond: { status: 404 } });
    for (const [paths, status] of [[one, 404] as const, [two, 200] as const]) {
      expect((await get(simulator, paths?.nodes ?? '')).status).toBe(status);
      const { job_id } = (await put(simulator, paths?.swap ?? '')).json;
      expect((await get(simulator, paths?.job(job_id) ?? '')).status).toBe(status);
    }
  });

  it('nothing any more once it is removed', async () => {
    const simulator = await start();
    const path = pathsOf(simulator).instance;
    const fault = simulator.faults.add({ route: 'showInstance', respond: { status: 500 } });
    simulator.faults.add({ route: 'showInstance', headers: { 'x-more': 'yes' } });
    expect((await get(simulator, path)).status).toBe(500);
    fault.remove();
    const reply = await get(simulator, path);
    expect(reply.status).toBe(200);
    expect(reply.headers['x-more']).toBe('yes');
    simulator.faults.clear();
    expect((await get(simulator, path)).headers['x-more']).toBeUndefined();
  });
});

describe('a scripted answer', () => {
  it.each([
    [400, { error_code: '111400063', error_ext_msg: null }],
    [401, { error_code: 'APIGW.0301' }],
    [403, { error_code: 'DCS.2003' }],
    [404, { error_code: '111404022' }],
    [409, { error_code: 'DCS.4026' }],
    [429, { error_code: 'APIGW.0308' }],
    [500, { error_code: 'DCS.5000' }],
    [502, { error_code: 'APIGW.0202' }],
    [504, { error_code: 'APIGW.0203' }],
    [202, {}],
  ])('of status %s has the body usual for it, and executes nothing', async (status, body) => {
    const simulator = await start();
    onSwap(simulator, { respond: { status } });
    const reply = await swap(simulator);
    expect(reply.status).toBe(status);
    expect(reply.json).toMatchObject(body);
    expect(simulator.ledger.puts()).toMatchObject([{ status, executed: false }]);
    expect(simulator.ledger.swaps).toEqual([]);
  });

  it.each([
    ['dcs', { error_code: 'C', error_msg: 'M', error_ext_msg: null }],
    ['nested', { error: { code: 'C', message: 'M', ext_message: null } }],
    ['gateway', { error_code: 'C', error_msg: 'M', request_id: expect.any(String) }],
  ] as const)('can have the %s shape', async (shape, body) => {
    const simulator = await start();
    onSwap(simulator, { respond: { status: 400, shape, code: 'C', message: 'M' } });
    expect((await swap(simulator)).json).toEqual(body);
  });

  it('can be HTML, text, or any body, with headers of its own', async () => {
    const simulator = await start();
    onSwap(simulator, { calls: 1, respond: { status: 503 } });
    onSwap(simulator, { calls: 2, respond: { status: 500, shape: 'raw', message: 'oops' } });
    onSwap(simulator, { calls: 3, respond: { status: 200, body: { job_id: 7 } } });
    onSwap(simulator, { calls: 4, respond: { status: 429, headers: { 'retry-after': '2' } } });
    const [html, raw, body, limited] = [
      await swap(simulator),
      await swap(simulator),
      await swap(simulator),
      await swap(simulator),
    ];
    expect(html.headers['content-type']).toBe('text/html');
    expect(html.text).toMatch(/^<html>/);
    expect(raw.text).toBe('oops');
    expect(body.json).toEqual({ job_id: 7 });
    expect(limited.headers['retry-after']).toBe('2');
  });

  it('can follow an executed operation', async () => {
    const simulator = await start();
    onSwap(simulator, { respond: { status: 504, execute: true } });
    expect((await swap(simulator)).status).toBe(504);
    expect(simulator.ledger.puts()).toMatchObject([{ status: 504, executed: true }]);
    expect(simulator.ledger.swaps).toHaveLength(1);
  });

  it('does not make a refused operation executed', async () => {
    const simulator = await start();
    first(simulator).setTask('BACKUPING');
    onSwap(simulator, { respond: { status: 504, execute: true } });
    expect((await swap(simulator)).status).toBe(504);
    expect(simulator.ledger.puts()).toMatchObject([{ status: 504, executed: false }]);
    expect(simulator.ledger.swaps).toEqual([]);
  });
});

describe('an answer can be', () => {
  it('malformed', async () => {
    const simulator = await start();
    onSwap(simulator, { malformedBody: true });
    const reply = await swap(simulator);
    expect(reply.status).toBe(200);
    expect(reply.text).toMatch(/job_id/);
    expect(reply.json).toBeUndefined();
    expect(simulator.ledger.swaps).toHaveLength(1);
  });

  it('truncated', async () => {
    const simulator = await start();
    onSwap(simulator, { truncatedBody: true });
    expect(await failureOf(swap(simulator))).toMatch(/aborted|ECONNRESET/);
    expect(simulator.ledger.puts()).toMatchObject([{ status: 200, executed: true }]);
  });

  it('lost by a reset before the operation', async () => {
    const simulator = await start();
    onSwap(simulator, { reset: 'before' });
    expect(await failureOf(swap(simulator))).toMatch(/ECONNRESET/);
    expect(simulator.ledger.puts()).toMatchObject([{ status: 'reset', executed: false }]);
    expect(simulator.ledger.swaps).toEqual([]);
  });

  it('lost by a reset after the operation', async () => {
    const simulator = await start();
    onSwap(simulator, { reset: 'after' });
    expect(await failureOf(swap(simulator))).toMatch(/ECONNRESET/);
    expect(simulator.ledger.puts()).toMatchObject([{ status: 'reset', executed: true }]);
    expect(simulator.ledger.swaps).toHaveLength(1);
  });

  it('delayed before the operation, which happens even if the caller leaves', async () => {
    const simulator = await start();
    onSwap(simulator, { delayMs: 3_000 });
    const reply = failureOf(put(simulator, pathsOf(simulator).swap, { giveUpAfterMs: 1_000 }));
    expect(await reply).toMatch(/gave up/);
    expect(simulator.ledger.swaps).toEqual([]);
    await eventually(() => simulator.ledger.swaps.length === 1);
    expect(simulator.ledger.puts()).toMatchObject([{ status: 'none', executed: true }]);
  });

  it('delayed after the operation', async () => {
    const simulator = await start();
    onSwap(simulator, { delayResponseMs: 2_000 });
    const reply = swap(simulator);
    await eventually(() => simulator.ledger.swaps.length === 1);
    expect(simulator.ledger.puts()).toMatchObject([{ status: 'none', executed: true }]);
    expect((await reply).status).toBe(200);
  });

  it('held back until it is released', async () => {
    const simulator = await start();
    const fault = onSwap(simulator, { hold: true });
    const reply = swap(simulator);
    await jobIsOver(simulator);
    expect(simulator.ledger.puts()).toMatchObject([{ status: 'none', executed: true }]);
    fault.release();
    expect((await reply).status).toBe(200);
    expect((await swap(simulator)).status).toBe(200);
  });

  it('delayed for many callers at once', async () => {
    const simulator = await start();
    simulator.faults.add({ route: 'showInstance', delayMs: 50, delayResponseMs: 50 });
    const path = pathsOf(simulator).instance;
    const replies = await Promise.all(Array.from({ length: 30 }, () => get(simulator, path)));
    expect(replies.every(({ status }) => status === 200)).toBe(true);
  });

  it('given another date', async () => {
    const simulator = await start();
    const date = 'Thu, 01 Jan 2026 00:00:00 GMT';
    simulator.faults.add({ route: 'showInstance', headers: { date } });
    expect((await get(simulator, pathsOf(simulator).instance)).headers.date).toBe(date);
  });
});

describe('a read of the roles', () => {
  const rolesSeen = async (simulator: Simulator): Promise<string[]> => {
    const { nodes } = (await get(simulator, pathsOf(simulator).nodes)).json;
    const { group_list: groups } = (await get(simulator, pathsOf(simulator).groups)).json;
    const byGroups = groups[0]?.replication_list.map((row) => row.replication_role);
    expect(byGroups).toEqual(nodes.map((row) => row.node_type));
    return nodes.map((row) => row.node_type);
  };

  it.each<[RoleView, string[]]>([
    ['swapped', ['slave', 'master']],
    ['two-masters', ['master', 'master']],
    ['no-master', ['slave', 'slave']],
    ['ids-disagree', ['master', 'slave']],
  ])('can flap to %s, while nothing has changed', async (roles, expected) => {
    const simulator = await start({ habits: { nodeOrder: 'as-created' } });
    simulator.faults.add({ route: 'listNodes', calls: 2, roles });
    simulator.faults.add({ route: 'listGroups', calls: 2, roles });
    expect(await rolesSeen(simulator)).toEqual(['master', 'slave']);
    expect(await rolesSeen(simulator)).toEqual(expected);
    expect(await rolesSeen(simulator)).toEqual(['master', 'slave']);
  });

  it('can show ids that disagree about who is who', async () => {
    const simulator = await start();
    const [a, b] = (await get(simulator, pathsOf(simulator).nodes)).json.nodes;
    simulator.faults.add({ route: 'listNodes', roles: 'ids-disagree' });
    const { nodes } = (await get(simulator, pathsOf(simulator).nodes)).json;
    expect(nodes).toMatchObject([
      { node_id: a?.node_id, replication_id: b?.replication_id, node_ip: b?.node_ip },
      { node_id: b?.node_id, replication_id: a?.replication_id, node_ip: a?.node_ip },
    ]);
  });
});

describe('a job can', () => {
  const jobAfter = async (actions: FaultActions) => {
    const simulator = await start();
    const instance = first(simulator);
    const [before] = instance.roles();
    onSwap(simulator, actions);
    const { job_id } = (await swap(simulator)).json;
    await jobIsOver(simulator);
    const job = (await get(simulator, pathsOf(simulator).job(job_id))).json;
    const [task] = (await get(simulator, pathsOf(simulator).tasks)).json.tasks;
    const hasChanged = instance.masterNodeId() !== before?.nodeId;
    const [record] = simulator.ledger.swaps;
    expect(record?.rolesChangedAt !== null).toBe(hasChanged);
    return { simulator, job, task, hasChanged };
  };

  it('fail without a change of roles', async () => {
    const { job, task, hasChanged } = await jobAfter({ job: { outcome: 'FAIL' } });
    expect(job).toMatchObject({ status: 'FAIL', fail_reason: 'Master standby swap failed.' });
    expect(task).toMatchObject({ status: 'FAILED', error_code: 'DCS.5094' });
    expect(hasChanged).toBe(false);
  });

  it('fail although the roles changed, for a given reason', async () => {
    const script = { outcome: 'FAIL', changesRoles: true, failReason: 'late' } as const;
    const { job, hasChanged } = await jobAfter({ job: script });
    expect(job).toMatchObject({ status: 'FAIL', fail_reason: 'late' });
    expect(hasChanged).toBe(true);
  });

  it('succeed although no role changed', async () => {
    const { job, hasChanged } = await jobAfter({ job: { changesRoles: false } });
    expect(job.status).toBe('SUCCESS');
    expect(hasChanged).toBe(false);
  });

  it('leave the new master unhealthy', async () => {
    const { simulator } = await jobAfter({ job: { newMasterStatus: 'Inactive' } });
    const { nodes } = (await get(simulator, pathsOf(simulator).nodes)).json;
    expect(nodes.map(({ node_type, status }) => `${node_type} ${status}`).sort()).toEqual([
      'master Inactive',
      'slave Active',
    ]);
  });

  it('take its own time, and show an unknown word while it runs', async () => {
    const simulator = await start({ timing: { jobInitMs: 60_000 } });
    onSwap(simulator, { job: { initMs: 0, runMs: 1_500, status: 'SWITCHING' } });
    const path = pathsOf(simulator).job((await swap(simulator)).json.job_id);
    const seen = new Set<string>();
    await eventually(async () => {
      const { status } = (await get(simulator, path)).json;
      seen.add(status);
      return status === 'SUCCESS';
    });
    expect([...seen]).toEqual(expect.arrayContaining(['SWITCHING', 'SUCCESS']));
    expect(seen).not.toContain('RUNNING');
  });

  it('never end, the instance staying busy, with or without a change of roles', async () => {
    const simulator = await start();
    const instance = first(simulator);
    const before = instance.masterNodeId();
    onSwap(simulator, { job: { neverEnds: true } });
    const path = pathsOf(simulator).job((await swap(simulator)).json.job_id);
    await eventually(() => instance.masterNodeId() !== before);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect((await get(simulator, path)).json).toMatchObject({ status: 'RUNNING', end_time: null });
    expect((await swap(simulator)).json.error_code).toBe('DCS.4017');
  });
});

describe('the task row of a swap can', () => {
  const rowsAfter = async (taskRow: FaultActions['taskRow']) => {
    const simulator = await start();
    onSwap(simulator, { taskRow: taskRow ?? {} });
    const { job_id } = (await swap(simulator)).json;
    const { tasks } = (await get(simulator, pathsOf(simulator).tasks)).json;
    return { simulator, jobId: job_id, tasks };
  };

  it('come late', async () => {
    const { simulator, tasks } = await rowsAfter({ delayMs: 2_000 });
    expect(tasks).toEqual([]);
    await eventually(
      async () => (await get(simulator, pathsOf(simulator).tasks)).json.tasks.length === 1,
    );
  });

  it('never come', async () => {
    const { simulator } = await rowsAfter({ never: true });
    await jobIsOver(simulator);
    expect((await get(simulator, pathsOf(simulator).tasks)).json.tasks).toEqual([]);
  });

  it('lack the job id, have an id of its own, and another user', async () => {
    const { jobId, tasks } = await rowsAfter({
      withoutJobId: true,
      otherId: true,
      userName: 'somebody',
    });
    const [row] = tasks;
    expect(row).toMatchObject({ user_name: 'somebody', name: 'masterStandbySwapJob' });
    expect(row).not.toHaveProperty('job_id');
    expect(row?.id).not.toBe(jobId);
  });
});

describe('another operator can swap', () => {
  it('between the last look and our swap, which then swaps back', async () => {
    const simulator = await start();
    const before = first(simulator).masterNodeId();
    onSwap(simulator, { foreignSwapBefore: true });
    expect((await swap(simulator)).status).toBe(200);
    await jobIsOver(simulator);
    expect(simulator.ledger.swaps.map(({ source }) => source)).toEqual(['foreign', 'api']);
    expect(first(simulator).masterNodeId()).toBe(before);
  });

  it('before a read', async () => {
    const simulator = await start({ habits: { nodeOrder: 'as-created' } });
    simulator.faults.add({ route: 'listNodes', calls: 2, foreignSwapBefore: true });
    const seen = [
      (await get(simulator, pathsOf(simulator).nodes)).json.nodes[0]?.node_type,
      (await get(simulator, pathsOf(simulator).nodes)).json.nodes[0]?.node_type,
    ];
    expect(seen).toEqual(['master', 'slave']);
  });

  it('after our swap, once it is over', async () => {
    const simulator = await start();
    onSwap(simulator, { foreignSwapAfterMs: 10 });
    await swap(simulator);
    await eventually(() => simulator.ledger.swaps.length === 2);
    const [ours, theirs] = simulator.ledger.swaps;
    expect(theirs).toMatchObject({ source: 'foreign', toNodeId: ours?.fromNodeId });
    expect(theirs?.at).toBeGreaterThanOrEqual(ours?.rolesChangedAt ?? Infinity);
  });
});
