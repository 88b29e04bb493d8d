/** `inspect`: the instance straight from the API. No Temporal is there, and none is looked for. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { runCli } from '../../src/cli/program.js';
import type { UnresolvedRun } from '../../src/client.js';
import type { InspectReport } from '../../src/doctor/index.js';
import { waitUntil } from '../../src/simulator/basics.js';
import { startSimulator } from '../../src/simulator/index.js';
import type { SimulatedInstance, Simulator } from '../../src/simulator/index.js';
import { createFakeClient } from '../cli/support/fake-client.js';
import { createFakeIo } from '../cli/support/fake-io.js';
import { expectNoSecret } from '../support/rig.js';

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator({
    timing: { jobInitMs: 60_000 },
    habits: { taskRows: 'withJobId' },
  });
});
afterAll(() => simulator.close());

const environment = () => ({
  DCS_ENDPOINT: simulator.endpoint,
  DCS_REGION: simulator.region,
  HUAWEICLOUD_SDK_PROJECT_ID: simulator.projectId,
  HUAWEICLOUD_SDK_AK: simulator.accessKey,
  HUAWEICLOUD_SDK_SK: simulator.secretKey,
  // Whoever connects to it waits in vain.
  TEMPORAL_ADDRESS: '192.0.2.1:7233',
});

async function inspect(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const io = createFakeIo({ env: { ...environment(), ...env } });
  const exitCode = await runCli(['inspect', ...args], io);
  expectNoSecret({ simulator }, [io.stdout(), io.stderr()]);
  expect(simulator.ledger.puts()).toHaveLength(0);
  return { exitCode, stdout: io.stdout(), stderr: io.stderr() };
}

async function report(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { exitCode, stdout } = await inspect([...args, '-o', 'json'], env);
  return { ...(JSON.parse(stdout) as InspectReport), code: exitCode };
}

const fresh = (): Promise<SimulatedInstance> => simulator.addInstance({ name: 'orders' });

test('an idle instance: state, roles, priorities', async () => {
  const instance = await fresh();
  const { exitCode, stdout, stderr } = await inspect([instance.instanceId]);
  expect(exitCode).toBe(0);
  expect(stderr).toBe('');
  expect(stdout).toContain('orders');
  expect(stdout).toContain('RUNNING, idle');
  expect(stdout).toMatch(/ROLE +NODE +AZ +STATUS +PRIORITY/);
  expect(stdout).toMatch(/\nmaster .*Active/);
  expect(stdout).toContain('No tasks are listed.');
});

test('a running task, latest first, with its job', async () => {
  const instance = await fresh();
  const ended = '2026-01-01T00:00:00.000Z';
  instance.addTask({ name: 'modify', created_at: ended, updated_at: ended });
  // It runs until the simulator is closed.
  instance.swapBy('somebody-else').catch(() => undefined);
  await waitUntil('the swap begins', 120_000, async () => {
    const { tasks } = await report([instance.instanceId]);
    return tasks?.length === 2;
  });
  const seen = await report([instance.instanceId]);
  expect(seen.code).toBe(0);
  expect(seen.tasks?.map(({ name, isRunning }) => [name, isRunning])).toEqual([
    ['masterStandbySwapJob', true],
    ['modify', false],
  ]);
  expect(seen.jobs.map(({ status }) => status)).toEqual(['INIT']);
  const { stdout } = await inspect([instance.instanceId]);
  expect(stdout).toContain('somebody-else');
  expect(stdout).toMatch(/\njob \w+: masterStandbySwapJob, INIT/);
  expect(stdout).toMatch(/EXECUTING \(running\)/);
});

test('where logical-nodes does not answer, groups shows the roles', async () => {
  const instance = await fresh();
  const { instanceId } = instance;
  const fault = simulator.faults.add({ route: 'listNodes', instanceId, respond: { status: 404 } });
  const seen = await report([instanceId]);
  fault.remove();
  expect(seen.code).toBe(0);
  expect(seen.problems).toEqual([]);
  expect(seen.roles?.groups[0]?.nodes).toHaveLength(2);
});

test('what cannot be read is named, the rest is shown: exit code 1', async () => {
  const instance = await fresh();
  simulator.permissions.deny(['dcs:instance:getBackgroundTask']);
  const { exitCode, stdout, stderr } = await inspect([instance.instanceId]);
  simulator.permissions.allowAll();
  expect(exitCode).toBe(1);
  expect(stdout).toContain('master');
  expect(stderr).toContain('Allow the action dcs:instance:getBackgroundTask');
});

test('a job by its id, and one that is not there', async () => {
  const instance = await fresh();
  const absent = await report([instance.instanceId, '--job', 'a'.repeat(32)]);
  expect(absent.code).toBe(1);
  expect(absent.problems[0]?.what).toContain('404');
});

test('DCS is out of reach: exit code 8', async () => {
  const instance = await fresh();
  const seen = await report([instance.instanceId], { DCS_ENDPOINT: 'http://127.0.0.1:1' });
  expect(seen.code).toBe(8);
  expect(seen.instance).toBeNull();
});

test.each([
  ['no such project', ['--project', 'f'.repeat(32)], {}],
  ['no credential', [], { HUAWEICLOUD_SDK_AK: '', HUAWEICLOUD_SDK_SK: '' }],
  ['no region', [], { DCS_REGION: '' }],
])('%s: exit code 2', async (_, args, env) => {
  const instance = await fresh();
  expect((await inspect([instance.instanceId, ...args], env)).exitCode).toBe(2);
});

test('an id of the wrong shape never becomes part of a request', async () => {
  const callsBefore = simulator.ledger.calls.length;
  expect((await inspect(['../../v2/x'])).exitCode).toBe(2);
  expect(simulator.ledger.calls).toHaveLength(callsBefore);
});

test('a wrong key: one refused login', async () => {
  const instance = await fresh();
  const callsBefore = simulator.ledger.calls.length;
  const seen = await report([instance.instanceId], { HUAWEICLOUD_SDK_SK: 'wrong' });
  expect(seen.code).toBe(1);
  expect(simulator.ledger.calls).toHaveLength(callsBefore + 1);
});

test('the instances of the project, by name; and one of them by its name', async () => {
  const { instanceId, name } = await simulator.addInstance({ name: 'billing-cache' });
  const io = createFakeIo({ env: environment() });
  const client = createFakeClient();
  expect(await runCli(['instances'], io, client)).toBe(0);
  expect(io.stdout()).toMatch(
    new RegExp(`^${name} +${instanceId} .* RUNNING +- +- +rules only$`, 'm'),
  );
  expectNoSecret({ simulator }, [io.stdout(), io.stderr()]);
  expect((await inspect([name])).stdout).toContain(instanceId);
  const absent = await inspect(['billing']);
  expect(absent.exitCode).toBe(2);
  expect(absent.stderr).toContain('is named billing. Searched: the list of the API');
});

test('no instance is allowed that the pre-check would refuse by what is known', async () => {
  const frozen = await simulator.addInstance({ name: 'frozen-cache', status: 'FROZEN' });
  const lone = await simulator.addInstance({
    ...{ name: 'lone-cache', nodes: [{ availabilityZone: 'xx-simulated-1a' }] },
  });
  const doubted = await simulator.addInstance({ name: 'doubted-cache' });
  const unresolved: UnresolvedRun = {
    ...{ projectId: simulator.projectId, instanceId: doubted.instanceId, workflowId: 'w' },
    ...{ taskQueue: 'q', instanceName: null, runId: 'r', state: 'TERMINATED' },
    ...{ cause: null, wasExamined: false, startedAt: '2026-11-24T02:00:00.000Z' },
  };
  const listed = async (...words: readonly string[]) => {
    const io = createFakeIo({ env: environment() });
    await runCli(['instances', ...words], io, createFakeClient({ unresolved: [unresolved] }));
    return io.stdout();
  };
  const text = await listed();
  expect(text).toMatch(/^frozen-cache .* no: instance-running$/m);
  expect(text).toMatch(/^lone-cache .* no: replica-active$/m);
  expect(text).toMatch(/^doubted-cache .* no: unresolved$/m);
  expect(text).not.toMatch(/ yes$/m);
  const { instances } = JSON.parse(await listed('-o', 'json')) as {
    instances: { instanceId: string; allowed: boolean; refusedNow: object[] }[];
  };
  const refusalsOf = ({ instanceId }: SimulatedInstance) =>
    instances.find((each) => each.instanceId === instanceId)?.refusedNow;
  expect(refusalsOf(frozen)).toEqual([{ id: 'instance-running', observed: 'status FROZEN' }]);
  expect(refusalsOf(lone)?.[0]).toMatchObject({ id: 'replica-active' });
  expect(refusalsOf(doubted)).toEqual([
    { id: 'previous-run-resolved', observed: 'run r ended TERMINATED' },
  ]);
});

test('the instances without a key: the error leads on', async () => {
  const io = createFakeIo({ env: { ...environment(), HUAWEICLOUD_SDK_AK: '' } });
  expect(await runCli(['instances'], io, createFakeClient())).not.toBe(0);
  expect(io.stderr()).toContain('\n  dcs-switchover list\n');
});
