/** A maintenance whose switchovers are measured, at real Redis: what its result and the command show of the figures. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { runCli } from '../../src/cli/program.js';
import type { MaintenanceInput } from '../../src/contract/index.js';
import type { SimulatedInstance } from '../../src/simulator/index.js';
import { createFakeIo } from '../cli/support/fake-io.js';
import { startMaintenance } from '../support/maintenance-rig.js';
import type { MaintenanceEnd } from '../support/maintenance-rig.js';
import { writeRedisSettings } from '../support/redis-settings.js';
import { useRig } from '../support/rig.js';

const PASSWORD = 'Canary-of-a-maintenance';

const rig = useRig({ hasWorker: false, redis: true });

const folder = mkdtempSync(path.join(tmpdir(), 'maintenance-measured-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

beforeAll(async () => {
  const entry = { match: { name: 'measured-*' }, password: PASSWORD };
  await rig().stack.startWorker(writeRedisSettings(folder, rig().simulator, entry));
});

/** One that takes its time with the last look, as on the real service, so that the probe is ready before the PUT. */
async function instance(name: string): Promise<SimulatedInstance> {
  const added = await rig().instance({ name, redis: { password: PASSWORD } });
  const { instanceId } = added;
  rig().simulator.faults.add({ route: 'listTasks', instanceId, delayMs: 1_500 });
  return added;
}

interface Shown extends MaintenanceEnd {
  /** What `maintenance wait` prints, 80 columns wide. */
  readonly text: string;
}

/** Two instances, of which no entry of the worker names the second. */
async function maintain(input: Partial<MaintenanceInput>): Promise<Shown> {
  const names = [`measured-${input.maintenanceId ?? ''}`, `unknown-${input.maintenanceId ?? ''}`];
  const instances = await Promise.all(names.map(instance));
  const started = await startMaintenance(rig(), instances, { maxConcurrent: 1, ...input });
  const end = await started.end();
  const io = createFakeIo({ env: rig().stack.workerEnv() });
  const queue = ['--task-queue', rig().stack.taskQueue];
  await runCli(['maintenance', 'wait', started.maintenanceId, ...queue], io);
  return { ...end, text: io.stdout() };
}

const INTERRUPTED = String.raw`(?:up to )?\d+\.\d+(?:–\d+\.\d+)? s, 0 lost`;

test.concurrent('what is possible is measured, and the rest is switched all the same', async () => {
  const { type, result, text } = await maintain({
    ...{ maintenanceId: 'if-possible', probe: 'if-possible' },
  });
  expect(type).toBe('COMPLETED');
  const [one, other] = result.items;
  expect(one?.forward.figures).toMatchObject({ maxMs: expect.any(Number), lostWrites: 0 });
  expect(other?.forward.outcome).toBe('SUCCEEDED');
  expect(other?.forward).not.toHaveProperty('figures');
  expect(text).toMatch(/^NAME .* INTERRUPTED/m);
  expect(text).toMatch(new RegExp(`^measured-if-possible .*${INTERRUPTED}`, 'm'));
  expect(text).toMatch(
    /^interrupted +longest .+ s, 0 test writes lost, 1 of 2 switchovers measured$/m,
  );
});

test.concurrent('what is required is measured, and what cannot be is not switched', async () => {
  const { type, result, text } = await maintain({ maintenanceId: 'require', probe: 'require' });
  expect(type).toBe('PARTIAL');
  const [one, other] = result.items;
  expect(one?.forward.figures).toMatchObject({ lostWrites: 0 });
  expect(other?.forward).toMatchObject({ outcome: 'REFUSED', swapsSent: 0 });
  expect(text).toMatch(new RegExp(`^measured-require .*${INTERRUPTED}`, 'm'));
  expect(text).toMatch(/1 of 1 switchover measured$/m);
  expect(text).toMatch(/Check data-plane-ready failed: Redis: the settings of the worker have no/);
});
