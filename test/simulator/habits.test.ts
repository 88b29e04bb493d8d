import { readFileSync } from 'node:fs';

import { afterEach, describe, expect, it } from '@jest/globals';

import { HABITS, parseHabit } from '../../src/simulator/index.js';
import type { Habits, InstanceHabits, InstanceSpec, Simulator } from '../../src/simulator/index.js';
import { call, eventually, first, get, pathsOf, put, start, stopAll } from './support.js';

afterEach(stopAll);

type Shown = Readonly<Record<string, unknown>>;

const withHabits = (habits: Partial<InstanceHabits>, spec: InstanceSpec = {}) =>
  start({ instances: [{ ...spec, habits }] });

const read = async (simulator: Simulator, path: string) =>
  (await get(simulator, path)).json as unknown as Shown;

const nodesOf = async (simulator: Simulator) =>
  (await get(simulator, pathsOf(simulator).nodes)).json.nodes;

/** Swaps by a call, and waits until the job is over. */
async function swap(simulator: Simulator): Promise<string> {
  const { json } = await put(simulator, pathsOf(simulator).swap);
  const { job } = pathsOf(simulator);
  await eventually(async () => (await get(simulator, job(json.job_id))).json.status === 'SUCCESS');
  return json.job_id;
}

const isMaster = ({ node_type: type }: { readonly node_type: string }) => type === 'master';

describe('identifiers of nodes', () => {
  const around = async (habits: Partial<InstanceHabits>) => {
    const simulator = await withHabits(habits);
    const before = (await nodesOf(simulator)).find(isMaster);
    const [{ role } = { role: '' }] = await first(simulator).redisRoles();
    await swap(simulator);
    // Whatever the API shows: the roles have really moved.
    const [after] = await first(simulator).redisRoles();
    expect([role, after?.role]).toEqual(['master', 'slave']);
    const rows = await nodesOf(simulator);
    return { before, now: rows.find(isMaster), rows };
  };

  it('stay with the node, and only the role moves', async () => {
    const { before, now } = await around({
      ...{ addresses: 'fixed', nodeIds: 'stay', replicationIds: 'stay' },
    });
    expect(now?.node_ip).not.toBe(before?.node_ip);
    expect(now?.node_id).not.toBe(before?.node_id);
    expect(now?.replication_id).not.toBe(before?.replication_id);
  });

  it('follow the role, each by a habit of its own', async () => {
    const { before, now } = await around({ addresses: 'follow-role', nodeIds: 'stay' });
    expect(now?.node_ip).toBe(before?.node_ip);
    expect(now?.node_id).not.toBe(before?.node_id);
    const ids = await around({ nodeIds: 'follow-role', replicationIds: 'follow-role' });
    expect(ids.now?.node_id).toBe(ids.before?.node_id);
    expect(ids.now?.replication_id).toBe(ids.before?.replication_id);
  });

  it('are new after each change', async () => {
    const { before, rows } = await around({ nodeIds: 'renewed', replicationIds: 'renewed' });
    expect(rows.map(({ node_id: id }) => id)).not.toContain(before?.node_id);
    expect(rows.map(({ replication_id: id }) => id)).not.toContain(before?.replication_id);
  });
});

describe('role views', () => {
  it('show for a while what was before the change', async () => {
    const simulator = await withHabits({ staleRoleViewsMs: 3_600_000 });
    const before = await nodesOf(simulator);
    const master = first(simulator).masterNodeId();
    await swap(simulator);
    expect(await nodesOf(simulator)).toEqual(before);
    expect(first(simulator).masterNodeId()).not.toBe(master);
  });

  it('list the last node first, or the nodes in any order', async () => {
    const zones = ['x-1a', 'x-1b', 'x-1c', 'x-1d', 'x-1e'];
    const nodes = zones.map((availabilityZone) => ({ availabilityZone }));
    const listed = async (nodeOrder: InstanceHabits['nodeOrder']) =>
      (await nodesOf(await withHabits({ nodeOrder }, { nodes }))).map(({ az_code: zone }) => zone);
    expect(await listed('reversed')).toEqual([...zones].reverse());
    expect([...(await listed('shuffled'))].sort()).toEqual(zones);
  });

  it('may not say where a node is', async () => {
    const simulator = await withHabits({ availabilityZones: 'absent' });
    const { groups } = pathsOf(simulator);
    const [group] = (await get(simulator, groups)).json.group_list;
    for (const row of [...(await nodesOf(simulator)), ...(group?.replication_list ?? [])])
      expect(row).not.toHaveProperty('az_code');
  });
});

describe('rows of swaps', () => {
  const rowsOf = async (habits: Partial<InstanceHabits>) => {
    const simulator = await withHabits(habits);
    const jobId = await swap(simulator);
    const { tasks, centerTasks } = pathsOf(simulator);
    const [row] = (await get(simulator, tasks)).json.tasks;
    const [center] = (await get(simulator, centerTasks)).json.tasks;
    return { jobId, row, center };
  };

  it('carry the id of the job, in both lists', async () => {
    const { jobId, row, center } = await rowsOf({ taskRows: 'withJobId', taskIds: 'job' });
    expect([row?.id, row?.job_id, center?.job_id]).toEqual([jobId, jobId, jobId]);
  });

  it('carry no job id, and the task centre reports it by the id of the task', async () => {
    const { jobId, row, center } = await rowsOf({ taskRows: 'withoutJobId', taskIds: 'own' });
    expect(row).not.toHaveProperty('job_id');
    expect(row?.id).not.toBe(jobId);
    expect(center).toMatchObject({ id: row?.id, job_id: jobId });
  });

  it('carry a job id that is neither the job’s nor their own', async () => {
    const { jobId, row, center } = await rowsOf({ taskRows: 'ownJobId', taskIds: 'own' });
    expect([jobId, row?.id]).not.toContain(row?.job_id);
    expect(center?.job_id).toBe(row?.job_id);
  });

  it('may come late, and may not say how the task stands', async () => {
    const { row } = await rowsOf({ taskRowDelayMs: 3_600_000 });
    expect(row).toBeUndefined();
    const silent = await rowsOf({ taskStatus: 'absent' });
    expect(silent.row).not.toHaveProperty('status');
  });

  it.each([
    ['newest-first', ['c', 'b', 'a']],
    ['oldest-first', ['a', 'b', 'c']],
  ] as const)('come %s', async (taskOrder, names) => {
    const simulator = await withHabits({ taskOrder });
    for (const [index, name] of ['a', 'b', 'c'].entries())
      first(simulator).addTask({ name, created_at: `2026-01-0${index + 1}T00:00:00.000Z` });
    const { json } = await get(simulator, pathsOf(simulator).tasks);
    expect(json.tasks.map(({ name }) => name)).toEqual(names);
  });
});

describe('tags', () => {
  const TAGS = [{ key: '1', value: 'DCS' }];
  const shown = async (habits: Partial<InstanceHabits>, tags = TAGS) => {
    const simulator = await withHabits(habits, { tags });
    const { instances, instance } = pathsOf(simulator);
    const [listed] = (await get(simulator, instances)).json.instances;
    const own = (await read(simulator, `${instance}/tags`))['tags'];
    return { listed: listed as unknown as Shown, shown: await read(simulator, instance), own };
  };

  it('of an untagged instance are null, or not shown, but asked for they are none', async () => {
    const none = await shown({ listedTags: 'null', shownTags: 'absent-when-none' }, []);
    expect(none.listed['tags']).toBeNull();
    expect(none.shown).not.toHaveProperty('tags');
    expect(none.own).toEqual([]);
  });

  it('of a tagged instance are shown all the same, unless never', async () => {
    const tagged = await shown({ listedTags: 'null', shownTags: 'absent' });
    expect(tagged.listed['tags']).toEqual(TAGS);
    expect(tagged.shown).not.toHaveProperty('tags');
    expect(tagged.own).toEqual(TAGS);
  });

  it('have keys that may come as numbers', async () => {
    const { own, listed } = await shown({ tagKeys: 'number' });
    expect([own, listed['tags']]).toEqual([[{ key: 1, value: 'DCS' }], [{ key: 1, value: 'DCS' }]]);
  });

  it('select an instance whether they are shown or not', async () => {
    const simulator = await withHabits({ listedTags: 'absent' }, { tags: TAGS });
    const { instances } = pathsOf(simulator);
    expect((await get(simulator, `${instances}?tags=1%3DDCS`)).json.instances).toHaveLength(1);
    expect((await get(simulator, `${instances}?tags=1%3DRDS`)).json.instances).toHaveLength(0);
  });
});

describe('an instance', () => {
  it.each([
    ['task', { status: 'RUNNING', task: 'masterStandbySwapJob' }],
    ['status', { status: 'SWITCHING', task: null }],
    ['nothing', { status: 'RUNNING', task: null }],
  ] as const)('shows a swap by its %s', async (swapShownAs, expected) => {
    const timing = { jobInitMs: 60_000 };
    const simulator = await start({ timing, instances: [{ habits: { swapShownAs } }] });
    const { swap: swapPath, instance } = pathsOf(simulator);
    await put(simulator, swapPath);
    expect(await read(simulator, instance)).toMatchObject(expected);
    expect((await put(simulator, swapPath)).json.error_code).toBe('DCS.4017');
  });

  it('may be listed with cache_mode, and with no_password_access as a boolean', async () => {
    const simulator = await withHabits({
      ...{ listedCacheMode: 'present', listedPasswordAccess: 'boolean' },
    });
    const [entry] = (await get(simulator, pathsOf(simulator).instances)).json.instances;
    expect(entry).toMatchObject({ cache_mode: 'ha', no_password_access: true });
  });

  it('of Redis 3.0 lists neither nodes nor groups, and does not say its cache mode', async () => {
    const simulator = await start({ instances: [{ engineVersion: '3.0' }] });
    const { nodes, groups, instance } = pathsOf(simulator);
    expect(await read(simulator, nodes)).toMatchObject({ total: 0, nodes: [] });
    expect(await read(simulator, groups)).toEqual({ group_list: [], group_count: 0 });
    expect(await read(simulator, instance)).not.toHaveProperty('cache_mode');
  });

  it('may be in a region whose API has no async-swap', async () => {
    const simulator = await withHabits({ asyncSwap: 'missing' });
    const { status, json } = await put(simulator, pathsOf(simulator).swap);
    expect([status, json.error_code]).toEqual([404, 'APIGW.0101']);
    expect(simulator.ledger.swaps).toEqual([]);
  });

  it.each([
    ['null', null],
    ['empty', ''],
    ['absent', undefined],
  ] as const)('has jobs whose end is %s before they end', async (openEndTime, expected) => {
    const timing = { jobInitMs: 60_000 };
    const simulator = await start({ timing, instances: [{ habits: { openEndTime } }] });
    const { swap: swapPath, job } = pathsOf(simulator);
    const { job_id: jobId } = (await put(simulator, swapPath)).json;
    expect((await read(simulator, job(jobId)))['end_time']).toBe(expected);
  });
});

describe('gateway and lists', () => {
  it.each([
    ['get-secret-key-failed', 'Get secretKey failed,ak:STRANGER,err:ak not exist'],
    ['ak-not-exist', 'ak STRANGER not exist'],
    ['unauthorized', 'Unauthorized'],
  ] as const)('say of an unknown key: %s', async (unknownKeyText, text) => {
    const simulator = await start({ habits: { unknownKeyText } });
    const keys = { accessKey: 'STRANGER', secretKey: 's' };
    const { status, json } = await get(simulator, pathsOf(simulator).instance, { keys });
    expect([status, json.error_code]).toEqual([401, 'APIGW.0301']);
    expect(json.error_msg).toBe(`Incorrect IAM authentication information: ${text}`);
  });

  it('count the rows of the page, list the newest first, and take no limit above 100', async () => {
    const simulator = await start({
      instances: [{ name: 'one' }, { name: 'two' }],
      habits: { listTotals: 'page', instanceOrder: 'newest-first' },
    });
    const { instances } = pathsOf(simulator);
    const page = (await get(simulator, `${instances}?limit=1`)).json;
    expect([page.instance_num, page.instances[0]?.name]).toEqual([1, 'two']);
    const statuses = await Promise.all(
      [100, 101].map((limit) =>
        call(simulator, 'GET', `${instances}-logical-nodes?limit=${limit}`),
      ),
    );
    expect(statuses.map(({ status }) => status)).toEqual([200, 400]);
  });

  it('know no job of a wrong id, in two ways', async () => {
    const codeOf = async (unknownJob: Habits['unknownJob']) => {
      const simulator = await start({ habits: { unknownJob } });
      const { status, json } = await get(simulator, pathsOf(simulator).job('0'.repeat(32)));
      return [status, json.error_code];
    };
    expect(await codeOf('not-found')).toEqual([404, '111404001']);
    expect(await codeOf('bad-id')).toEqual([400, 'DCS.4070']);
  });
});

describe('a habit', () => {
  it('of an instance wins over that of the simulator', async () => {
    const simulator = await start({
      habits: { listedCacheMode: 'present' },
      instances: [{}, { habits: { listedCacheMode: 'absent' } }],
    });
    const { json } = await get(simulator, pathsOf(simulator).instances);
    expect(json.instances.map((entry) => 'cache_mode' in entry)).toEqual([true, false]);
  });

  it('that is unknown or wrong is refused by name', async () => {
    const start1 = (habits: unknown) => start({ habits: habits as Partial<Habits> });
    await expect(start1({ adresses: 'fixed' })).rejects.toThrow('habits.adresses is unknown');
    await expect(start1({ addresses: 'x' })).rejects.toThrow('habits.addresses must be one of');
    await expect(start1({ taskRowDelayMs: '1' })).rejects.toThrow('milliseconds');
    await expect(withHabits({ unknownJob: 'bad-id' } as never)).rejects.toThrow('unknownJob is');
  });

  it('is read from a command line, times as numbers', () => {
    expect(parseHabit('addresses=follow-role')).toEqual({ addresses: 'follow-role' });
    expect(parseHabit('taskRowDelayMs=500')).toEqual({ taskRowDelayMs: 500 });
    for (const wrong of ['addresses', 'x=y', 'addresses=y', 'taskRowDelayMs=soon', 'toString=x'])
      expect(() => parseHabit(wrong)).toThrow();
  });

  it('stands in the documentation with every value, the initial one first', () => {
    const [, section = ''] = readFileSync('docs/simulator.md', 'utf8').split('\n## Habits\n');
    for (const [name, { values, initial, evidence }] of Object.entries(HABITS)) {
      const row = section.split('\n').find((line) => line.startsWith(`| \`${name}\` `));
      expect([name, row]).toEqual([name, expect.stringContaining(`| ${evidence} `)]);
      const words = Array.isArray(values) ? (values as readonly string[]) : [];
      const others = words.filter((word) => word !== initial);
      expect(row).toContain(`| ${[initial, ...others].map((word) => `\`${word}\``).join(', ')} `);
    }
  });
});
