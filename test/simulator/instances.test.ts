import { afterEach, describe, expect, it } from '@jest/globals';

import { parseInstances } from '../../src/simulator/index.js';
import type { Simulator } from '../../src/simulator/index.js';
import { get, pathsOf, start, stopAll } from './support.js';

afterEach(stopAll);

const TAGS = [{ key: 'env', value: 'prod' }];

const startThree = (): Promise<Simulator> =>
  start({
    instances: [
      { name: 'orders-1', tags: TAGS, engineVersion: '7.0', maintainBegin: '02:00:00' },
      { name: 'orders-2', status: 'FROZEN' },
      { name: 'broken', status: 'CREATEFAILED' },
    ],
  });

const list = async (simulator: Simulator, query = '') => {
  const { status, json } = await get(simulator, `${pathsOf(simulator).instances}${query}`);
  return { status, json, names: status === 200 ? json.instances.map(({ name }) => name) : null };
};

describe('the list of instances', () => {
  it('shows what the page documents, and neither task nor cache_mode', async () => {
    const simulator = await startThree();
    const { json } = await list(simulator, '?name=orders-1');
    expect(json.instance_num).toBe(1);
    const [entry] = json.instances;
    expect(entry).toMatchObject({
      ...{ name: 'orders-1', tags: TAGS, engine_version: '7.0', status: 'RUNNING' },
      ...{ maintain_begin: '02:00:00', maintain_end: '19:00:00', no_password_access: 'true' },
      instance_id: simulator.instances[0]?.instanceId,
    });
    for (const absent of ['task', 'cache_mode', 'replica_count']) {
      expect(entry).not.toHaveProperty(absent);
    }
  });

  it.each([
    ['', ['orders-1', 'orders-2']],
    ['?include_failure=true', ['orders-1', 'orders-2', 'broken']],
    ['?name=order', ['orders-1', 'orders-2']],
    ['?name=order&name_equal=true', []],
    ['?name=orders-2&name_equal=true', ['orders-2']],
    ['?status=FROZEN', ['orders-2']],
    ['?tags=env=prod', ['orders-1']],
    ['?tags=env=test', []],
    ['?limit=1', ['orders-1']],
    ['?limit=1&offset=1', ['orders-2']],
    ['?offset=2', []],
  ])('selects by %s', async (query, names) => {
    // The '=' within a value has to be escaped, as a client does.
    const escaped = query.replace(/(tags=\w+)=/, '$1%3D');
    expect((await list(await startThree(), escaped)).names).toEqual(names);
  });

  it('selects by id and counts all that match, not only the page', async () => {
    const simulator = await startThree();
    const id = String(simulator.instances[1]?.instanceId);
    expect((await list(simulator, `?instance_id=${id}`)).names).toEqual(['orders-2']);
    expect((await list(simulator, '?limit=1')).json.instance_num).toBe(2);
  });

  it.each(['?limit=0', '?limit=1001', '?offset=x', '?tags=env'])('refuses %s', async (query) => {
    const { status, json } = await list(await startThree(), query);
    expect([status, json.error_code]).toEqual([400, 'DCS.4800']);
  });
});

describe('an instance', () => {
  it('shows its name, tags, version and window in detail as well', async () => {
    const simulator = await startThree();
    expect((await get(simulator, pathsOf(simulator).instance)).json).toMatchObject({
      ...{ name: 'orders-1', tags: TAGS, engine_version: '7.0', maintain_begin: '02:00:00' },
      ...{ cache_mode: 'ha', task: null, no_password_access: 'true' },
    });
    expect(simulator.instances.map(({ name }) => name)).toContain('orders-2');
  });
});

describe('the task centre', () => {
  it('shows the tasks of every instance, newest first, page by page', async () => {
    const simulator = await startThree();
    const [one, two] = simulator.instances;
    one?.addTask({ created_at: '2026-01-01T00:00:00.000Z', job_id: 'a' });
    two?.addTask({ created_at: '2026-01-02T00:00:00.000Z', job_id: 'b' });
    const { centerTasks } = pathsOf(simulator);
    const { json } = await get(simulator, centerTasks);
    expect(json.task_count).toBe('2');
    expect(json.tasks.map(({ job_id: jobId }) => jobId)).toEqual(['b', 'a']);
    expect((await get(simulator, `${centerTasks}?limit=1&offset=1`)).json.tasks).toHaveLength(1);
  });
});

describe('a file of instances', () => {
  const node = { availabilityZone: 'xx-1a' };
  it.each([
    [[{ cacheMode: 'pair' }], 'instances[0].cacheMode must be one of single, ha'],
    [[{}, { nodes: [{ ...node, priority: 101 }] }], 'instances[1].nodes[0].priority must be'],
    [[{ nodes: [{}] }], 'instances[0].nodes[0].availabilityZone is required'],
    [[{ maintainBegin: '2 am' }], 'instances[0].maintainBegin must be a time of day'],
    [[{ tags: [{ key: 'a' }] }], 'instances[0].tags[0].value is required'],
    [[{ instanceId: 'X' }], 'instances[0].instanceId must be a UUID'],
    [[{ zones: 2 }], 'instances[0].zones is unknown; known: instanceId, name'],
    ['none', 'Instances are an array'],
  ])('that is wrong is refused by entry and field: %j', (value, message) => {
    expect(() => parseInstances(value)).toThrow(message);
  });

  it('is an array, or an object with one', () => {
    expect(parseInstances([{ nodes: [node] }])).toEqual([{ nodes: [node] }]);
    expect(parseInstances({ instances: [{}] })).toEqual([{}]);
  });

  it('is checked for callers without types as well', async () => {
    await expect(start({ instances: [{ status: '' }] })).rejects.toThrow('instance.status must be');
  });
});

describe('the list of all nodes', () => {
  const nodes = async (simulator: Simulator, query = '') => {
    const path = pathsOf(simulator).instances.replace(/instances$/, 'instances-logical-nodes');
    const { status, json } = await get(simulator, `${path}${query}`);
    return { status, body: json as unknown as NodesBody };
  };

  interface NodesBody {
    readonly count: number;
    readonly instances: readonly {
      readonly instance_id: string;
      readonly node_count: number;
      readonly nodes: readonly { readonly node_type: string; readonly node_role: string }[];
    }[];
  }

  it('shows each instance with its nodes, as the list of one does', async () => {
    const simulator = await startThree();
    const { body } = await nodes(simulator);
    expect(body.count).toBe(3);
    expect(body.instances[0]).toMatchObject({
      instance_id: simulator.instances[0]?.instanceId,
      node_count: 2,
      nodes: [{ node_role: 'redis-server' }, { node_role: 'redis-server' }],
    });
    const { instances } = pathsOf(simulator);
    const one = await get(
      simulator,
      `${instances}/${simulator.instances[0]?.instanceId ?? ''}/logical-nodes`,
    );
    expect((one.json as unknown as { nodes: unknown }).nodes).toEqual(body.instances[0]?.nodes);
  });

  it('comes in pages, and leaves out instances that are being created', async () => {
    const simulator = await start({ instances: [{}, { status: 'CREATING' }, {}] });
    const { body } = await nodes(simulator, '?limit=1&offset=1');
    expect(body.count).toBe(2);
    expect(body.instances.map((each) => each.instance_id)).toEqual([
      simulator.instances[2]?.instanceId,
    ]);
    expect((await nodes(simulator, '?limit=0')).status).toBe(400);
  });
});
