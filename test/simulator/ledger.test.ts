import { afterEach, expect, it } from '@jest/globals';

import { eventually, firstId, get, pathsOf, put, start, stopAll } from './support.js';

afterEach(stopAll);

it('the ledger holds every call in the order of arrival, with what became of it', async () => {
  // The job is not over before the second PUT arrives, however slow the machine is.
  const timing = { jobInitMs: 60_000 };
  const simulator = await start({ userName: 'switch-operator', timing });
  const { nodes, swap, instance } = pathsOf(simulator);
  const before = Date.now();
  await get(simulator, `${nodes}?x=1`);
  await put(simulator, swap);
  await put(simulator, swap);
  await get(simulator, instance, { unsigned: true });
  await get(simulator, '/favicon.ico');
  const { calls } = simulator.ledger;
  const instanceId = firstId(simulator);
  const user = 'switch-operator';
  expect(calls).toMatchObject([
    {
      index: 1,
      method: 'GET',
      path: `${nodes}?x=1`,
      route: 'listNodes',
      status: 200,
      executed: true,
    },
    { index: 2, method: 'PUT', route: 'asyncSwap', instanceId, status: 200, user, executed: true },
    { index: 3, method: 'PUT', route: 'asyncSwap', instanceId, status: 400, user, executed: false },
    { index: 4, route: 'showInstance', instanceId, status: 401, user: null, executed: false },
    { index: 5, route: 'unknown', instanceId: null, status: 404, user: null, executed: false },
  ]);
  for (const { at, remotePort } of calls) {
    expect(at).toBeGreaterThanOrEqual(before);
    expect(remotePort).toBeGreaterThan(0);
  }
  expect(new Set(calls.map(({ remotePort }) => remotePort)).size).toBe(5);
});

it('the ledger names the instance of a job, and counts by route and instance', async () => {
  const simulator = await start({ instances: [{}, {}] });
  const [one, two] = simulator.instances;
  const { json } = await put(simulator, pathsOf(simulator, two?.instanceId).swap);
  await get(simulator, pathsOf(simulator).job(json.job_id));
  const { ledger } = simulator;
  expect(ledger.calls[1]).toMatchObject({ route: 'showJob', instanceId: two?.instanceId });
  expect(ledger.count('showJob')).toBe(1);
  expect(ledger.count('showJob', one?.instanceId)).toBe(0);
  expect(ledger.count('showJob', two?.instanceId)).toBe(1);
  expect(ledger.puts(one?.instanceId)).toEqual([]);
  expect(ledger.puts(two?.instanceId)).toHaveLength(1);
});

it('the ledger holds an accepted swap from its acceptance on', async () => {
  const simulator = await start();
  const [from, to] = simulator.instances[0]?.roles() ?? [];
  const { json } = await put(simulator, pathsOf(simulator).swap);
  const accepted = {
    at: expect.any(Number),
    instanceId: firstId(simulator),
    jobId: json.job_id,
    byUser: 'simulated-user',
    source: 'api',
    fromNodeId: from?.nodeId,
    toNodeId: to?.nodeId,
  };
  expect(simulator.ledger.swaps).toEqual([{ ...accepted, rolesChangedAt: null }]);
  await eventually(() => simulator.ledger.swaps[0]?.rolesChangedAt !== null);
});

it('a snapshot of the ledger does not change any more', async () => {
  const simulator = await start();
  await put(simulator, pathsOf(simulator).swap);
  const snapshot = simulator.ledger.snapshot();
  await eventually(() => simulator.ledger.swaps[0]?.rolesChangedAt !== null);
  await get(simulator, pathsOf(simulator).instance);
  expect(snapshot.calls).toHaveLength(1);
  expect(snapshot.swaps).toMatchObject([{ rolesChangedAt: null }]);
  expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
});
