/** Planning that is cut short goes on from its heartbeat: against the simulator, with instances that are slow to read. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { afterEach, describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';

import { OPEN_POLICY, createActivities } from '../../src/activities/index.js';
import type { Activities } from '../../src/activities/index.js';
import { resumeReading, toHeartbeat } from '../../src/activities/maintenance-readings.js';
import type { Inspection } from '../../src/activities/maintenance-readings.js';
import { createDcsClient } from '../../src/dcs/index.js';
import type {
  PlanMaintenanceCall,
  PlanMaintenanceReport,
} from '../../src/domain/maintenance/reports.js';
import { startSimulator } from '../../src/simulator/index.js';
import type { Simulator } from '../../src/simulator/index.js';

import { temporalAnswering } from './support.js';

const START_MS = Date.UTC(2026, 11, 5, 1, 0);
const COUNT = 80;

const open: Simulator[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((simulator) => simulator.close()));
});

interface Beat {
  readonly read: number;
}

async function simulate(): Promise<Simulator> {
  const instances = Array.from({ length: COUNT }, (_, at) => ({ name: `cache-${at}` }));
  const simulator = await startSimulator({ instances });
  open.push(simulator);
  return simulator;
}

/** One attempt of the activity; `onBeat` may cut it short. */
async function attempt(
  simulator: Simulator,
  heartbeatDetails: unknown,
  onBeat: (beat: Beat, cut: () => void) => void = () => undefined,
): Promise<PlanMaintenanceReport> {
  const { projectId, endpoint, region, accessKey, secretKey } = simulator;
  const key = { kind: 'access-key' as const, accessKey, secretKey, securityToken: null };
  const credentials = {
    description: 'test',
    get: () => Promise.resolve(key),
    refresh: () => Promise.resolve(),
  };
  const dcs = createDcsClient({ endpoint, projectId, credentials });
  const project = { projectId, region, taskUserName: null, dcs, policy: OPEN_POLICY };
  const activities = createActivities({
    temporal: temporalAnswering(),
    isDraining: () => false,
    findProject: () => project,
    searchAttributes: [],
  });
  const input = {
    ...{ maintenanceId: 'drill', projectId, toggle: true },
    window: { closesAt: new Date(START_MS + 3_600_000).toISOString() },
    instanceIds: simulator.instances.map(({ instanceId }) => instanceId),
  };
  const environment = new MockActivityEnvironment({
    ...{ startToCloseTimeoutMs: 600_000, heartbeatDetails },
  });
  environment.on('heartbeat', (beat: Beat) => {
    onBeat(beat, () => {
      environment.cancel('TIMED_OUT');
    });
  });
  return environment.run<
    [PlanMaintenanceCall],
    PlanMaintenanceReport,
    Activities['planMaintenance']
  >(activities.planMaintenance, {
    ...{ input, workflowId: 'dcs-maintenance:drill', startedAtMs: START_MS },
    ...{ nominalAtMs: null, hasCronSchedule: false, hasRetryPolicy: false, timeoutMs: null },
  });
}

const readOf = ({ ledger }: Simulator): string[] =>
  ledger.calls
    .filter(({ route }) => route === 'showInstance')
    .map(({ instanceId }) => instanceId ?? '');

describe('planning whose worker is lost', () => {
  test('goes on from its heartbeat: what was read is not read again, and the maintenance is whole', async () => {
    const simulator = await simulate();
    simulator.faults.add({ route: 'showInstance', delayMs: 300 });
    let last: Beat = { read: 0 };
    const lost = attempt(simulator, undefined, (beat, cut) => {
      // Those whose answers come later are lost with the worker.
      if (last.read > 0) return;
      last = structuredClone(beat);
      if (beat.read > 0) cut();
    });
    await expect(lost).rejects.toThrow();
    expect(last.read).toBeGreaterThan(0);
    expect(last.read).toBeLessThan(COUNT);

    // What was under way still arrives at the simulator.
    let before = -1;
    while (before !== readOf(simulator).length) {
      before = readOf(simulator).length;
      await delay(500);
    }
    simulator.faults.clear();
    const report = await attempt(simulator, last);
    const again = readOf(simulator).slice(before);
    expect(again).toHaveLength(COUNT - last.read);
    expect(new Set(again).size).toBe(again.length);
    if (report.verdict !== 'planned') throw new Error(report.verdict);
    expect(report.instances.map(({ name }) => name)).toEqual(
      Array.from({ length: COUNT }, (_, at) => `cache-${at}`),
    );
    expect(report.instances.every(({ master }) => master !== null)).toBe(true);
  });

  test.each([
    ['of another version', { version: 0, packs: ['x'] }],
    ['that no one can unpack', { version: 1, packs: ['x', 7, null] }],
    ['of before there were any', { next: 'resolve the instances', read: 70 }],
  ])('reads all of them after a heartbeat %s', async (_, details) => {
    const simulator = await simulate();
    expect(await attempt(simulator, details)).toMatchObject({ verdict: 'planned' });
    expect(new Set(readOf(simulator)).size).toBe(COUNT);
  });
});

describe('what has been read so far', () => {
  const read = (details: unknown, inspections: readonly Inspection[]): Promise<Carried> =>
    new MockActivityEnvironment({ heartbeatDetails: details }).run(() => {
      const soFar = resumeReading();
      for (const each of inspections) soFar.add(each);
      return Promise.resolve({ known: soFar.known, details: toHeartbeat(soFar) });
    });

  test('fits a heartbeat for the thousand instances of the largest maintenance', async () => {
    const inspections = Array.from({ length: 1000 }, inspection);
    const { details } = await read(undefined, inspections);
    expect(JSON.stringify(details).length).toBeLessThan(500_000);
    const { known } = await read(details, []);
    expect([...known.values()]).toEqual(inspections);
  });

  test('stays within its bound where instances have many long tags', async () => {
    const tag = () => ({ key: randomUUID(), value: randomUUID() });
    const many = Array.from({ length: 1000 }, () => ({
      ...inspection(),
      tags: Array.from({ length: 20 }, tag),
    }));
    const { details } = await read(undefined, many);
    expect(JSON.stringify(details).length).toBeLessThan(500_000);
    expect((await read(details, [])).known.size).toBeGreaterThan(100);
  });

  test('leaves out what could not be read: it may be readable next time', async () => {
    const failed = { ...inspection(), unreadable: '503' };
    const { details } = await read(undefined, [failed, inspection()]);
    expect([...(await read(details, [])).known.keys()]).not.toContain(failed.instanceId);
  });
});

interface Carried {
  readonly known: ReadonlyMap<string, Inspection>;
  readonly details: unknown;
}

function inspection(): Inspection {
  const node = (role: 'master' | 'replica') => ({
    ...{ nodeId: randomUUID().replaceAll('-', ''), replicationId: randomUUID(), ip: '10.0.0.1' },
    ...{ role, availabilityZone: 'eu-west-101a', status: 'Active', priority: 100 },
  });
  const nodes = [node('master'), node('replica')];
  const [master] = nodes;
  return {
    instanceId: randomUUID(),
    details: {
      ...{ instanceId: randomUUID(), name: `cache-${randomUUID()}`, status: 'RUNNING' },
      ...{ cacheMode: 'ha', engine: 'Redis', engineVersion: '5.0', tags: [] },
      ...{ maintainBegin: '02:00:00', maintainEnd: '06:00:00', task: null },
      ...{ serviceTaskId: null, bandwidthTaskRunning: false },
      address: {
        ip: '10.0.0.1',
        port: 6379,
        domainName: null,
        isTls: false,
        needsNoPassword: false,
      },
    },
    tags: [],
    roles: { observedAt: '2026-12-05T01:00:00.000Z', groups: [{ groupId: randomUUID(), nodes }] },
    master: { nodeId: master?.nodeId ?? '', availabilityZone: 'eu-west-101a' },
    unreadable: null,
  };
}
