/**
 * Measurements beside real switchovers, on Redis itself: with figures where the probe saw the run to its outcome, with a
 * reason where it did not. Each scenario has a task queue and workers of its own.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { openConnection } from '../../src/data-plane/connection.js';
import { probeKey } from '../../src/data-plane/index.js';
import { waitUntil } from '../../src/simulator/basics.js';
import type { InstanceSpec, SimulatedInstance } from '../../src/simulator/index.js';
import type { WorkerProcess } from '../../src/dev/stack.js';
import { writeRedisSettings } from '../support/redis-settings.js';
import { useRig } from '../support/rig.js';
import { eventsOf, hold, openSite, reached, untilEvent } from '../support/steps.js';
import type { Site } from '../support/steps.js';

const PASSWORD = 'canary-of-the-probe';

const rig = useRig({ hasWorker: false, redis: true });

let folder = '';
let env: NodeJS.ProcessEnv = {};
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'measure-'));
  const entry = { match: { name: 'measured-*' }, password: PASSWORD };
  env = writeRedisSettings(folder, rig().simulator, entry);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

let instances = 0;
const instance = (spec: InstanceSpec = {}): Promise<SimulatedInstance> => {
  instances += 1;
  const name = `measured-${instances}`;
  return rig().instance({ name, redis: { password: PASSWORD }, ...spec });
};

const PROBED = { probe: 'require' } as const;

/** A run whose PUT is being answered while a probe of this worker looks on. */
const untilThePut = async (site: Site, target: SimulatedInstance) => {
  const put = hold(rig(), target, 'asyncSwap', 1);
  const runId = await site.start(target, PROBED);
  await reached(put);
  // Time for the probe to be ready, and for a beat of it.
  await delay(4_000);
  return { put, runId };
};

test.concurrent('a switchover is measured: 0 of its test writes are lost', async () => {
  const site = openSite(rig());
  await site.startWorker(env);
  const target = await instance();
  // The last look takes its time, as on the real service.
  rig().simulator.faults.add({
    ...{ route: 'listTasks', instanceId: target.instanceId, delayMs: 1_500 },
  });
  const runId = await site.start(target, PROBED);
  const { outcome, result } = await site.end(target, runId);
  expect(outcome).toBe('SUCCEEDED');
  expect(result.dataPlane).toMatchObject({
    // On a busy machine the probe may be ready late, or without an answer at its end, and says so: no coverage is asked.
    ...{ state: 'measured', why: null, binding: 'password' },
    write: { ok: expect.any(Number) },
    lostWrites: { count: 0, perSecond: 20 },
  });
  expect(result.dataPlane?.write?.ok).toBeGreaterThan(10);
  expect(result.dataPlane?.write?.interruptions.length).toBeGreaterThan(0);
  const events = await rig().history(target, runId);
  expect(eventsOf(events, 'ACTIVITY_TASK_SCHEDULED')).toHaveLength(5);
  expect(JSON.stringify(events)).not.toContain(PASSWORD);
});

test.concurrent.each<[string, (worker: WorkerProcess) => void, RegExp]>([
  [
    'killed',
    (worker) => {
      worker.kill('SIGKILL');
    },
    /was lost/,
  ],
  [
    'frozen',
    (worker) => {
      worker.kill('SIGSTOP');
    },
    /was lost/,
  ],
  [
    'shut down',
    (worker) => {
      worker.kill('SIGTERM');
    },
    /was shut down|was lost/,
  ],
])('a worker %s in the middle leaves no figure, and the outcome as it is', async (_, end, why) => {
  const site = openSite(rig());
  const worker = await site.startWorker({ ...env, DCS_SWITCHOVER_SHUTDOWN_GRACE_SECONDS: '2' });
  const target = await instance();
  const { put, runId } = await untilThePut(site, target);
  put.release();
  await delay(300);
  end(worker);
  await site.startWorker(env);
  const { result } = await site.end(target, runId);
  worker.kill('SIGCONT');
  expect(result.dataPlane).toMatchObject({ state: 'not-measured', write: null });
  expect(result.dataPlane?.why).toMatch(why);
  expect(rig().putsOf(target)).toHaveLength(1);
});

/** Whether Redis has no key of the run's probe. */
const isGone = async ({ address }: SimulatedInstance, runId: string): Promise<boolean> => {
  const [host = '', port] = (address ?? '').split(':');
  const access = { host, port: Number(port), username: null, password: PASSWORD } as const;
  const limits = { connectMs: 5_000, answerMs: 5_000 };
  const connection = await openConnection({ ...access, login: 'acl', tls: null }, limits);
  try {
    const answer = await connection.ask('GET', probeKey(runId));
    return answer.type === 'bytes' && answer.bytes === null;
  } finally {
    connection.close();
  }
};

test.concurrent(
  'a run that is cancelled before its fence leaves neither figures nor a key',
  async () => {
    const site = openSite(rig());
    await site.startWorker(env);
    const target = await instance();
    const lastRead = hold(rig(), target, 'listTasks', 2);
    const runId = await site.start(target, PROBED);
    await reached(lastRead);
    await delay(2_000);
    await rig().client.cancel({
      projectId: rig().simulator.projectId,
      instanceId: target.instanceId,
      runId,
    });
    // The worker that sends hears of it by its fence.
    await untilEvent(rig(), target, runId, 'ACTIVITY_TASK_CANCEL_REQUESTED');
    lastRead.release();
    const { outcome } = await site.end(target, runId);
    expect(outcome).toBe('CANCELLED');
    expect(rig().putsOf(target)).toHaveLength(0);
    await waitUntil('the key of the probe is gone', 30_000, () => isGone(target, runId));
  },
);

/** Settings in which this instance, too, is reached at the address of the other: a line that was copied. */
const copied = (one: SimulatedInstance, other: SimulatedInstance): NodeJS.ProcessEnv => {
  const entries = [one, other].map(({ instanceId }) => {
    return { match: { instanceId }, password: PASSWORD, address: one.address ?? '' };
  });
  return writeRedisSettings(mkdtempSync(path.join(folder, 'copied-')), rig().simulator, ...entries);
};

test.concurrent('a second run at one address measures nothing, and reports why', async () => {
  const site = openSite(rig());
  const [one, other] = [await instance(), await instance()];
  await site.startWorker(copied(one, other));
  const first = await untilThePut(site, one);
  // Of the same instance there is no second one: whoever asks for it joins the first.
  expect(await site.start(one, PROBED)).toBe(first.runId);
  const put = hold(rig(), other, 'asyncSwap', 1);
  const second = await site.start(other, PROBED);
  await reached(put);
  // The pre-check, and the measurement that was not to be.
  await untilEvent(rig(), other, second, 'ACTIVITY_TASK_COMPLETED', 2);
  first.put.release();
  put.release();
  const { outcome, result } = await site.end(one, first.runId);
  expect(outcome).toBe('SUCCEEDED');
  expect(result.dataPlane).toMatchObject({ state: 'measured', lostWrites: { count: 0 } });
  const end = await site.end(other, second);
  expect(end.result.dataPlane).toMatchObject({
    ...{ state: 'not-measured', write: null },
    why: `another probe of this worker is at ${one.address ?? ''}`,
  });
});

test.concurrent('an instance with read/write splitting is measured, and not judged', async () => {
  const site = openSite(rig());
  await site.startWorker(env);
  const target = await instance({ cacheMode: 'ha_rw_split' });
  // The API shows new roles, and Redis has never moved.
  rig().simulator.faults.add({
    ...{ route: 'asyncSwap', instanceId: target.instanceId, calls: 1, delayMs: 3_000 },
    redis: { promotion: 'none', addressStays: true },
  });
  const { outcome, result } = await site.end(target, await site.start(target, PROBED));
  expect(outcome).toBe('SUCCEEDED');
  expect(result.dataPlane).toMatchObject({
    ...{ state: 'measured', binding: 'password', witness: { word: 'SAME' } },
    lostWrites: { count: 0 },
  });
  expect(result.warnings.join()).toMatch(/contradicts it: SAME.*only for an instance of .* ha /);
});
