/** One worker for two projects, and what its settings deny: by the ledgers of two simulators. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { InvalidInputError } from '../../src/client.js';
import type { SwitchoverInput } from '../../src/contract/index.js';
import { startSimulator } from '../../src/simulator/index.js';
import type { InstanceSpec, SimulatedInstance, Simulator } from '../../src/simulator/index.js';
import { startMaintenance } from '../support/maintenance-rig.js';
import { FAST, useRig } from '../support/rig.js';

const OTHER_PROJECT = '77b6a44cba5143ab91d13ab9a8ff44fd';
const DENIED_ID = '5560df16-cebf-4473-95c4-d1b573c16e79';
const FLOOR_SECONDS = 600;

const rig = useRig({ hasWorker: false });
let other: Simulator;
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'dcs-switchover-policy-'));
  other = await startSimulator({
    projectId: OTHER_PROJECT,
    region: 'ap-southeast-1',
    timing: { jobInitMs: 100, jobRunMs: 900 },
    clockOffsetMs: rig().clocks.apiMs,
  });
  await rig().stack.startWorker({
    ...{ DCS_REGION: '', DCS_ENDPOINT: '', HUAWEICLOUD_SDK_SECURITY_TOKEN: '' },
    ...{ HUAWEICLOUD_SDK_AK: '', HUAWEICLOUD_SDK_SK: '' },
    DCS_SWITCHOVER_CONFIG: await writeConfig(),
  });
});
afterAll(async () => {
  await other.close();
  await rm(folder, { recursive: true });
});

/** The rig's project allows and denies; the other one only keeps people from swapping too often. */
async function writeConfig(): Promise<string> {
  const { simulator } = rig();
  const file = path.join(folder, 'projects.json');
  const projects = [
    {
      ...(await projectOf(simulator)),
      allow: [{ name: 'orders-*' }, { instanceId: DENIED_ID }],
      deny: [{ instanceId: DENIED_ID }, { tag: { key: 'switchover', value: 'never' } }],
    },
    { ...(await projectOf(other)), coolDownFloorSeconds: FLOOR_SECONDS },
  ];
  await writeFile(file, JSON.stringify({ projects }));
  return file;
}

async function projectOf(simulator: Simulator): Promise<Record<string, unknown>> {
  const { projectId, region, endpoint, accessKey, secretKey, securityToken } = simulator;
  const fileFor = async (name: string, content: string): Promise<string> => {
    const file = `${projectId}.${name}`;
    await writeFile(path.join(folder, file), content);
    return file;
  };
  const credentials = {
    source: 'files',
    accessKeyFile: await fileFor('ak', accessKey),
    secretKeyFile: await fileFor('sk', secretKey),
    ...(securityToken === null ? {} : { securityTokenFile: await fileFor('token', securityToken) }),
  };
  return { projectId, region, endpoint, credentials };
}

/** Runs in the other project, which the rig does not know. */
async function runInOther(instance: SimulatedInstance, input: Partial<SwitchoverInput> = {}) {
  const ref = { projectId: OTHER_PROJECT, instanceId: instance.instanceId };
  const { client } = rig();
  const whole = { ...ref, toggle: true, ...input, timing: { ...FAST, ...input.timing } };
  const { runId } = await client.start(whole, { joinEquivalent: false });
  return client.result({ ...ref, mode: 'switch', runId });
}

describe('a worker of two projects', () => {
  test('sends each run to the API of its project', async () => {
    const ours = await rig().instance({ name: 'orders-1' });
    const theirs = await other.addInstance({});
    const [first, second] = await Promise.all([rig().run(ours), runInOther(theirs)]);
    expect(first.outcome).toBe('SUCCEEDED');
    expect(second).toMatchObject({ outcome: 'SUCCEEDED', region: 'ap-southeast-1' });
    expect(rig().simulator.ledger.puts(ours.instanceId)).toHaveLength(1);
    expect(other.ledger.puts(theirs.instanceId)).toHaveLength(1);
    expect(rig().simulator.ledger.puts(theirs.instanceId)).toHaveLength(0);
  });

  test('does not know the instances of one project in the other', async () => {
    const { outcome, message } = await runInOther(await rig().instance({ name: 'orders-2' }));
    expect(outcome).toBe('REFUSED');
    expect(message).toMatch(/Check api-readable failed: .*404 DCS\.3022/);
  });

  test('refuses a project that it does not serve, by its id', async () => {
    const projectId = 'f'.repeat(32);
    const ref = { projectId, instanceId: DENIED_ID };
    const { runId } = await rig().client.start({ ...ref, toggle: true });
    const end = rig().client.result({ ...ref, mode: 'switch', runId });
    await expect(end).rejects.toThrow(InvalidInputError);
    await expect(end).rejects.toThrow(`${projectId} is not served by this worker`);
  });

  test('raises the cool-down of a request to the floor of its project, and says so', async () => {
    const instance = await other.addInstance({});
    expect((await runInOther(instance)).outcome).toBe('SUCCEEDED');
    const again = await runInOther(instance, { timing: { coolDownSeconds: 0 } });
    expect(again.outcome).toBe('REFUSED');
    expect(again.message).toMatch(/Check cool-down failed: last swap \d+ s ago/);
    expect(again.message).toContain(
      `${FLOOR_SECONDS} s is the least that the settings of the worker want`,
    );
    expect(other.ledger.puts(instance.instanceId)).toHaveLength(1);
  });
});

describe('an instance is judged by its tags, however the API shows them', () => {
  const puts = ({ instanceId }: SimulatedInstance) => rig().simulator.ledger.puts(instanceId);
  const never = { tags: [{ key: 'switchover', value: 'never' }] };

  test.each(['null', 'absent-when-none'] as const)(
    'an untagged one that shows "%s" is switched, although a rule denies by tag',
    async (shownTags) => {
      const instance = await rig().instance({ name: 'orders-untagged', habits: { shownTags } });
      expect((await rig().run(instance)).outcome).toBe('SUCCEEDED');
      expect(puts(instance)).toHaveLength(1);
    },
  );

  test('a denied one whose own page hides its tags is refused, and nothing is sent', async () => {
    const habits = { shownTags: 'absent' } as const;
    const instance = await rig().instance({ name: 'orders-hidden', ...never, habits });
    const { outcome, result } = await rig().run(instance);
    expect(outcome).toBe('REFUSED');
    expect(result.message).toContain('denied by the deny rule tag switchover=never');
    expect(puts(instance)).toHaveLength(0);
  });

  test('one whose tags may not be read is refused by name of the missing permission', async () => {
    const habits = { shownTags: 'absent' } as const;
    const instance = await rig().instance({ name: 'orders-unread', habits });
    const { instanceId } = instance;
    const respond = { status: 403 };
    rig().simulator.faults.add({ route: 'showTags', instanceId, respond });
    const { outcome, result } = await rig().run(instance);
    expect(outcome).toBe('REFUSED');
    expect(result.message).toContain('the credential needs dcs:tag:get');
    expect(puts(instance)).toHaveLength(0);
  });

  test('a maintenance by tag switches those that carry it, and reports those that may', async () => {
    const tags = [{ key: 'wave', value: 'one' }];
    const [tagged, hidden, untagged, absent, unread] = await Promise.all([
      rig().instance({ name: 'orders-a', tags, habits: { shownTags: 'absent-when-none' } }),
      rig().instance({
        name: 'orders-b',
        tags,
        habits: { listedTags: 'absent', shownTags: 'absent' },
      }),
      rig().instance({
        name: 'orders-c',
        habits: { listedTags: 'null', shownTags: 'absent-when-none' },
      }),
      rig().instance({ name: 'orders-d', habits: { listedTags: 'absent', shownTags: 'absent' } }),
      rig().instance({ name: 'orders-e', habits: { listedTags: 'absent', shownTags: 'absent' } }),
    ]);
    const { instanceId } = unread;
    rig().simulator.faults.add({ route: 'showTags', instanceId, respond: { status: 403 } });
    const maintenance = await startMaintenance(rig(), [], {
      instanceIds: null,
      selector: { tags: { wave: 'one' } },
    });
    const { type, result } = await maintenance.end();
    expect([tagged, hidden, untagged, absent, unread].map((each) => puts(each).length)).toEqual([
      1, 1, 0, 0, 0,
    ]);
    expect(type).toBe('PARTIAL');
    expect(result.items.map((item) => item.name)).toEqual(['orders-a', 'orders-b', 'orders-e']);
    expect(JSON.stringify(result.items[2])).toContain('the API did not show');
  });
});

describe('an instance that the settings do not allow is refused, and nothing is sent', () => {
  const NEVER = { tags: [{ key: 'switchover', value: 'never' }] };
  const CASES: [string, InstanceSpec, string][] = [
    ['by its id', { instanceId: DENIED_ID }, `denied by the deny rule instanceId ${DENIED_ID}`],
    ['by its tag', { name: 'orders-3', ...NEVER }, 'denied by the deny rule tag switchover=never'],
    ['by no rule', { name: 'billing-1' }, 'no rule of allow names it'],
  ];

  test.each(CASES)('%s', async (_, spec, observed) => {
    const instance = await rig().instance(spec);
    for (const mode of ['plan', 'switch'] as const) {
      const goal = mode === 'plan' ? { mode, toggle: true } : {};
      const { outcome, result } = await rig().run(instance, goal);
      expect(outcome).toBe('REFUSED');
      expect(result.checks).toContainEqual(
        expect.objectContaining({ id: 'instance-allowed', passed: false, observed }),
      );
      expect(result.message).toContain(`Check instance-allowed failed: ${observed}`);
    }
    expect(rig().simulator.ledger.puts(instance.instanceId)).toHaveLength(0);
  });

  test('also where the master is at the target already', async () => {
    const nodes = ['az1', 'az2'].map((availabilityZone) => ({ availabilityZone }));
    const instance = await rig().instance({ name: 'billing-2', nodes });
    const target = { availabilityZone: 'az1' };
    const { outcome } = await rig().run(instance, { target });
    expect(outcome).toBe('REFUSED');
  });
});
