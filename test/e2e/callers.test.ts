/** Callers in other languages: what examples/ shows works on real parts, and sends as often as it says. */
import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';

import { createDcsSwitchover } from '../../src/client.js';
import { makeMaintenanceWorkflowId, makeSwitchoverWorkflowId } from '../../src/contract/index.js';
import type { MaintenanceProgress } from '../../src/contract/index.js';
import { waitUntil } from '../../src/simulator/basics.js';
import type { SimulatedInstance } from '../../src/simulator/index.js';
import { prepareCallers, startHookWorker, startService } from '../support/callers.js';
import type { CallerEnd, Callers, Language, Service } from '../support/callers.js';
import { violationsOf } from '../support/contract-schema.js';
import { useRig } from '../support/rig.js';

/** Where nothing is cached, SDKs are fetched and built first; .ci/run has done so. */
jest.setTimeout(900_000);

const rig = useRig();
const LANGUAGES: readonly Language[] = ['Python', 'Go', 'Temporal CLI'];
const ALL_LANGUAGES: readonly Language[] = [...LANGUAGES, 'TypeScript'];
const REFUSED_EXIT_CODE = 3;
const PARTIAL_EXIT_CODE = 10;
const HOUR_MS = 3_600_000;
const PLANNING_TIMEOUT_MS = 60_000;

let callers: Callers;
beforeAll(() => {
  callers = prepareCallers();
});

const latestRunOf = async ({ instanceId }: SimulatedInstance): Promise<string> => {
  const { projectId } = rig().simulator;
  const workflowId = makeSwitchoverWorkflowId({ projectId, instanceId });
  return (await rig().temporal.workflow.getHandle(workflowId).describe()).runId;
};

const replicaZoneOf = (instance: SimulatedInstance): string =>
  instance.roles().find(({ role }) => role !== 'master')?.availabilityZone ?? '';

describe.each(LANGUAGES)('a caller in %s', (language) => {
  const switchOver = async ({ instanceId }: SimulatedInstance, zone: string, requestId = 'r-1') =>
    callers[language](rig().stack)('switch-over', [
      rig().simulator.projectId,
      instanceId,
      zone,
      requestId,
    ]);

  test.concurrent(
    'moves the master, once, and reads so; asked again, nothing is sent',
    async () => {
      const instance = await rig().instance();
      const zone = replicaZoneOf(instance);
      const { exitCode, stdout, stderr } = await switchOver(instance, zone);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(stdout).toMatch(/"outcome": ?"SUCCEEDED"/);
      expect(rig().putsOf(instance)).toHaveLength(1);
      const runId = await latestRunOf(instance);
      const repeated = await switchOver(instance, zone);
      expect(repeated).toMatchObject({ exitCode: 0 });
      expect(repeated.stdout).toMatch(/"outcome": ?"SUCCEEDED"/);
      // The earlier run's outcome, by name.
      expect(repeated.stdout).toContain(runId);
      const [home = ''] = instance
        .roles()
        .flatMap(({ role, availabilityZone }) => (role === 'master' ? [] : [availabilityZone]));
      const mistaken = await switchOver(instance, home);
      expect(mistaken.exitCode).toBe(REFUSED_EXIT_CODE);
      expect(`${mistaken.stdout}${mistaken.stderr}`).toContain('request-id-reused');
      expect(rig().putsOf(instance)).toHaveLength(1);
      const again = await switchOver(instance, zone, 'r-2');
      expect(again).toMatchObject({ exitCode: 0 });
      expect(again.stdout).toMatch(/"outcome": ?"NOOP"/);
      expect(rig().putsOf(instance)).toHaveLength(1);
    },
  );

  test.concurrent('reads of a REFUSED why, and what a person can do', async () => {
    const instance = await rig().instance();
    const { exitCode, stderr } = await switchOver(instance, 'no-such-zone');
    expect(exitCode).toBe(REFUSED_EXIT_CODE);
    expect(stderr).toMatch(/target-reachable.+Correct the target/s);
    expect(rig().putsOf(instance)).toHaveLength(0);
  });

  test.concurrent('is notified when another run of the instance is open', async () => {
    const instance = await rig().instance();
    const { instanceId } = instance;
    const fault = rig().simulator.faults.add({ route: 'showInstance', instanceId, hold: true });
    const runId = await rig().start(instance);
    const { exitCode, stderr } = await switchOver(instance, replicaZoneOf(instance));
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/open|already/i);
    fault.release();
    expect(await rig().end(instance, runId)).toMatchObject({ outcome: 'SUCCEEDED' });
    expect(rig().putsOf(instance)).toHaveLength(1);
  });

  test.concurrent('learns which field of the input cannot be acted on', async () => {
    const instance = await rig().instance();
    const { exitCode, stderr } = await switchOver(instance, 'not a zone');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('target.availabilityZone');
    expect(rig().putsOf(instance)).toHaveLength(0);
  });
});

test.concurrent('what Python reads is the result as its schema reports it', async () => {
  const { projectId } = rig().simulator;
  const { instanceId } = await rig().instance();
  const { stdout } = await callers.Python(rig().stack)('switch-over', [
    projectId,
    instanceId,
    'zz',
    'r',
  ]);
  expect(violationsOf('switchover-result', JSON.parse(stdout))).toEqual([]);
});

describe.each(ALL_LANGUAGES)('a maintenance from %s', (language) => {
  const newId = (): string => `many-${randomUUID()}`;
  const runMaintenance = (
    maintenanceId: string,
    approver: string,
    ...instances: readonly SimulatedInstance[]
  ): Promise<CallerEnd> =>
    callers[language](rig().stack)('run-maintenance', [
      maintenanceId,
      rig().simulator.projectId,
      approver,
      ...instances.map(({ instanceId }) => instanceId),
    ]);

  test.concurrent(
    'switches its instance once after it was approved, and is COMPLETED',
    async () => {
      const instance = await rig().instance();
      const { exitCode, stdout, stderr } = await runMaintenance(newId(), 'ann', instance);
      expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
      expect(stdout).toMatch(/"outcome": ?"COMPLETED"/);
      expect(rig().putsOf(instance)).toHaveLength(1);
    },
  );

  test.concurrent('reads of a PARTIAL which instance is not done, and why', async () => {
    const [good, bad] = [await rig().instance(), await rig().instance()];
    bad.setStatus('FROZEN');
    const { exitCode, stdout, stderr } = await runMaintenance(newId(), 'ann', bad, good);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: PARTIAL_EXIT_CODE });
    expect(stdout).toMatch(/"outcome": ?"REFUSED"/);
    expect(stdout).toContain('instance-running');
    expect([bad, good].map((each) => rig().putsOf(each).length)).toEqual([0, 1]);
  });

  test.concurrent(
    'learns why its approval was not taken; the maintenance goes on waiting',
    async () => {
      const instance = await rig().instance();
      const maintenanceId = newId();
      const { exitCode, stderr } = await runMaintenance(maintenanceId, '', instance);
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/\bby\b/);
      const handle = rig().temporal.workflow.getHandle(makeMaintenanceWorkflowId(maintenanceId));
      await waitUntil('the maintenance to wait for approval', PLANNING_TIMEOUT_MS, async () => {
        const progress = await handle.query<MaintenanceProgress>('progress');
        expect(violationsOf('maintenance-progress', progress)).toEqual([]);
        return progress.phase === 'AWAITING_APPROVAL' && progress.decisions.length === 0;
      });
      await handle.cancel();
      expect(rig().putsOf(instance)).toHaveLength(0);
    },
  );
});

test.concurrent.each([
  ['COMPLETED', 'RUNNING'],
  ['PARTIAL', 'FROZEN'],
])(
  'what Python reads of a %s maintenance is the result as its schema reports it',
  async (outcome, status) => {
    const { projectId } = rig().simulator;
    const instance = await rig().instance();
    instance.setStatus(status);
    const args = [`many-${randomUUID()}`, projectId, 'ann', instance.instanceId];
    const { stdout } = await callers.Python(rig().stack)('run-maintenance', args);
    const result: unknown = JSON.parse(stdout);
    expect(result).toMatchObject({ outcome });
    expect(violationsOf('maintenance-result', result)).toEqual([]);
  },
);

test.concurrent(
  'hooks in Python leave an instance out, and are notified of the other',
  async () => {
    const [kept, switched] = [await rig().instance(), await rig().instance()];
    const taskQueue = `hooks-${randomUUID()}`;
    const env = { ...rig().stack.clientEnv, KEEP_OUT: kept.instanceId };
    const hooks = startHookWorker(env, callers.pythonPath, taskQueue);
    const { maintenance } = createDcsSwitchover({
      client: rig().temporal,
      taskQueue: rig().stack.taskQueue,
    });
    const started = await maintenance.start({
      maintenanceId: `many-${randomUUID()}`,
      projectId: rig().simulator.projectId,
      instanceIds: [kept.instanceId, switched.instanceId],
      toggle: true,
      window: { closesAt: new Date(Date.now() + HOUR_MS).toISOString() },
      hooks: { taskQueue, before: 'may-switch', after: 'was-switched' },
    });
    const { items } = await maintenance.result(started);
    expect(await hooks.firstLine).toBe(`${switched.instanceId} SUCCEEDED`);
    hooks.stop();
    expect(items.map(({ forward: { state, outcome } }) => [state, outcome])).toEqual([
      ['SKIPPED', null],
      ['ENDED', 'SUCCEEDED'],
    ]);
    expect(items[0]?.forward.reason).toContain('a batch job runs on it');
    expect([kept, switched].map((each) => rig().putsOf(each).length)).toEqual([0, 1]);
  },
);

describe('the service in TypeScript', () => {
  let service: Service;
  let url: string;
  beforeAll(async () => {
    service = startService(rig().stack.clientEnv);
    url = await service.firstLine;
  });
  afterAll(() => {
    service.stop();
  });

  const post = (path: string, body: object): Promise<Response> =>
    fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify(body) });
  const switchOver = async ({ instanceId }: SimulatedInstance, zone: string) => {
    const path = `/instances/${instanceId}/switchovers`;
    const started = await post(path, { zone, requestId: 'r-1' });
    expect(started.status).toBe(202);
    const { runId } = (await started.json()) as { runId: string };
    const ended = await fetch(`${url}${path}/${runId}`);
    return { runId, status: ended.status, body: await ended.json() };
  };

  test('moves the master once, however often the same request comes', async () => {
    const instance = await rig().instance();
    const zone = replicaZoneOf(instance);
    const first = await switchOver(instance, zone);
    expect(first).toMatchObject({ status: 200, body: { outcome: 'SUCCEEDED' } });
    expect(await switchOver(instance, zone)).toMatchObject({ runId: first.runId, status: 200 });
    expect(rig().putsOf(instance)).toHaveLength(1);
  });

  test('answers a REFUSED with the failed check and its remedy', async () => {
    const instance = await rig().instance();
    const { status, body } = await switchOver(instance, 'no-such-zone');
    expect(status).toBe(409);
    expect(body).toMatchObject({ outcome: 'REFUSED', failed: [{ id: 'target-reachable' }] });
    expect(rig().putsOf(instance)).toHaveLength(0);
  });

  test('answers an input that cannot be acted on with its fields', async () => {
    const { instanceId } = await rig().instance();
    const path = `/instances/${instanceId}/switchovers`;
    const answer = await post(path, { zone: 'not a zone', requestId: 'r-1' });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ problems: [{ field: 'target.availabilityZone' }] });
  });
});
