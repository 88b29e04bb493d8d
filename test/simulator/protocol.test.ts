import { afterEach, describe, expect, it } from '@jest/globals';

import { startSimulator } from '../../src/simulator/index.js';
import { call, eventually, first, firstId, get, pathsOf, put, start, stopAll } from './support.js';

afterEach(stopAll);

describe('reads', () => {
  it('show an instance with the fields of the documented body', async () => {
    const simulator = await start({
      region: 'xx-test-9',
      instances: [{ name: 'orders', cacheMode: 'ha_rw_split' }],
    });
    const { status, json } = await get(simulator, pathsOf(simulator).instance);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      instance_id: firstId(simulator),
      name: 'orders',
      cache_mode: 'ha_rw_split',
      engine: 'Redis',
      status: 'RUNNING',
      sub_status: 'normal',
      task: null,
      replica_count: 2,
      az_codes: ['xx-test-9a', 'xx-test-9b'],
      no_password_access: 'true',
      port: 6379,
    });
    expect(Object.keys(json).length).toBeGreaterThan(55);
  });

  it('show the same nodes, roles and ids by logical-nodes and by groups', async () => {
    const simulator = await start();
    const nodes = (await get(simulator, pathsOf(simulator).nodes)).json;
    const groups = (await get(simulator, pathsOf(simulator).groups)).json;
    expect(nodes).toMatchObject({ instance_id: firstId(simulator), total: 2 });
    expect(groups.group_count).toBe(1);
    const [group] = groups.group_list;
    const byGroups = group?.replication_list.map((row) => ({
      node: row.node_id,
      replica: row.replication_id,
      ip: row.replication_ip,
      az: row.az_code,
      role: row.replication_role,
      status: row.status,
      group: group.group_id,
    }));
    const byNodes = nodes.nodes.map((row) => ({
      node: row.node_id,
      replica: row.replication_id,
      ip: row.node_ip,
      az: row.az_code,
      role: row.node_type,
      status: row.status,
      group: row.group_id,
    }));
    expect(byNodes).toEqual(byGroups);
    expect(byNodes.map(({ role }) => role).sort()).toEqual(['master', 'slave']);
    expect(nodes.nodes[0]).toMatchObject({ node_role: 'redis-server', priority_weight: 100 });
  });

  it('show what tests set: status, task, node status and priority', async () => {
    const simulator = await start();
    const instance = first(simulator);
    instance.setStatus('EXTENDING');
    instance.setTask('BACKUPING');
    instance.setPriority(instance.masterNodeId(), 7);
    instance.setNodeStatus(instance.masterNodeId(), 'Inactive');
    const shown = (await get(simulator, pathsOf(simulator).instance)).json;
    const { nodes } = (await get(simulator, pathsOf(simulator).nodes)).json;
    expect(shown).toMatchObject({ status: 'EXTENDING', task: 'BACKUPING' });
    const master = nodes.find(({ node_type: role }) => role === 'master');
    expect(master).toMatchObject({ status: 'Inactive', priority_weight: 7 });
    expect(() => {
      instance.setPriority('nobody', 1);
    }).toThrow(/no node nobody/);
  });
});

describe('every answer', () => {
  it('carries a request id of its own and the date', async () => {
    const simulator = await start();
    const ok = await get(simulator, pathsOf(simulator).instance);
    const missing = await get(simulator, '/v2/nowhere');
    for (const { headers } of [ok, missing]) {
      expect(headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/);
      expect(Math.abs(Date.parse(headers.date ?? '') - Date.now())).toBeLessThan(5000);
    }
    expect(ok.headers['x-request-id']).not.toBe(missing.headers['x-request-id']);
    expect(simulator.ledger.calls.map(({ requestId }) => requestId)).toEqual([
      ok.headers['x-request-id'],
      missing.headers['x-request-id'],
    ]);
  });

  it.each([
    ['an unknown path', 'GET', '/v2/x', 404, 'APIGW.0101'],
    ['dot segments', 'GET', '/v2/PROJECT/instances/../instances/INSTANCE', 404, 'APIGW.0101'],
    ['a trailing slash', 'GET', '/v2/PROJECT/instances/INSTANCE/', 404, 'APIGW.0101'],
    ['the plural of groups', 'GET', '/v2/PROJECT/instances/INSTANCE/groups', 404, 'APIGW.0101'],
    ['a wrong method', 'POST', '/v2/PROJECT/instances/INSTANCE/async-swap', 405, 'DCS.5001'],
  ])('to %s is refused as documented', async (_, method, template, status, code) => {
    const simulator = await start();
    const path = template
      .replace('PROJECT', simulator.projectId)
      .replaceAll('INSTANCE', firstId(simulator));
    const reply = await call(simulator, method, path);
    expect(reply.status).toBe(status);
    expect(reply.json.error_code).toBe(code);
  });

  it('to a body of more than 12 MB is refused', async () => {
    const simulator = await start();
    const reply = await put(simulator, pathsOf(simulator).swap, { body: 'x'.repeat(13_000_000) });
    expect(reply.status).toBe(413);
    expect(simulator.ledger.swaps).toEqual([]);
  });

  it.each([
    ['an unknown instance', '4ad47d1e-2c0b-4bd7-b0c0-6ad0ad3c7b11', 404, '111404022'],
    ['an upper-case id', '4AD47D1E-2C0B-4BD7-B0C0-6AD0AD3C7B11', 400, 'DCS.4061'],
    ['no id at all', 'x%2F..%2Fy', 400, 'DCS.4061'],
  ])('about %s has the flat body', async (_, id, status, code) => {
    const simulator = await start();
    for (const path of [pathsOf(simulator, id).instance, pathsOf(simulator, id).tasks]) {
      const reply = await get(simulator, path);
      expect(reply.status).toBe(status);
      expect(reply.json).toEqual({
        error_code: code,
        error_msg: expect.any(String),
        error_ext_msg: null,
      });
    }
  });

  it.each([
    ['unknown', 'ff8080818822bbf70188235afc24141a', 404],
    ['malformed', 'not-a-job', 400],
  ])('about a job id that is %s', async (_, jobId, status) => {
    const simulator = await start();
    expect((await get(simulator, pathsOf(simulator).job(jobId))).status).toBe(status);
  });
});

describe('a simulator', () => {
  it('invents keys and ids again at each start, and says what they are', async () => {
    const [one, two] = [await start(), await start()];
    expect(one.accessKey).toMatch(/^SIM/);
    for (const key of ['accessKey', 'secretKey', 'projectId', 'endpoint'] as const) {
      expect(one[key]).not.toBe(two[key]);
    }
    expect(one.projectId).toMatch(/^[0-9a-f]{32}$/);
  });

  it('serves several instances, and takes more while it runs', async () => {
    const simulator = await start({ instances: [{}, { cacheMode: 'single' }] });
    const added = await simulator.addInstance({
      instanceId: '4ad47d1e-2c0b-4bd7-b0c0-6ad0ad3c7b11',
    });
    expect(simulator.instances).toHaveLength(3);
    expect(simulator.instance(added.instanceId)).toBe(added);
    expect((await get(simulator, pathsOf(simulator, added.instanceId).instance)).status).toBe(200);
    await expect(simulator.addInstance({ instanceId: added.instanceId })).rejects.toThrow(
      /already/,
    );
    expect(() => simulator.instance('other')).toThrow(/no instance other/);
  });

  it('says which timing is wrong', async () => {
    await expect(startSimulator({ timing: { jobRunMs: -1 } })).rejects.toThrow(/timing\.jobRunMs/);
  });

  it('says that a port is taken', async () => {
    const { endpoint } = await start();
    const port = Number(new URL(endpoint).port);
    await expect(startSimulator({ port })).rejects.toThrow(/EADDRINUSE/);
  });

  it('can be closed twice, and answers no one afterwards', async () => {
    const simulator = await start({ timing: { jobInitMs: 60_000 } });
    await put(simulator, pathsOf(simulator).swap);
    simulator.faults.add({ route: 'listNodes', hold: true });
    const held = get(simulator, pathsOf(simulator).nodes);
    const left = held.catch((error: unknown) => String(error));
    await eventually(() => simulator.ledger.count('listNodes') === 1);
    await simulator.close();
    await simulator.close();
    expect(await left).toMatch(/socket hang up|ECONNRESET/);
    await expect(get(simulator, pathsOf(simulator).instance)).rejects.toThrow(/ECONNREFUSED/);
  });
});
