/**
 * A codec server for worker, client and command; and one that fails at the worst moment. What a worker
 * cannot encode is lost, which must never lead to a second PUT nor end the worker.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { connectDcsSwitchover } from '../../src/client.js';
import type { ConnectedDcsSwitchover } from '../../src/client.js';
import type { WorkerProcess } from '../../src/dev/stack.js';
import type { SimulatedInstance } from '../../src/simulator/index.js';
import { startCodecServer } from '../support/codec.js';
import type { CodecServer, CodecServerMode } from '../support/codec.js';
import { readableTexts } from '../support/readable.js';
import { FAST, useRig } from '../support/rig.js';
import { showed } from '../support/shown.js';
import { hold, reached, untilEvent } from '../support/steps.js';

const rig = useRig({ hasWorker: false });

/** One site with its own codec server: tests break it. */
interface Place {
  readonly codec: CodecServer;
  readonly env: NodeJS.ProcessEnv;
  readonly client: ConnectedDcsSwitchover;
  readonly worker: WorkerProcess;
}

const places: Place[] = [];

const openPlace = async (): Promise<Place> => {
  const codec = await startCodecServer();
  const settings = {
    DCS_SWITCHOVER_TASK_QUEUE: `site-${randomUUID()}`,
    TEMPORAL_CODEC_ENDPOINT: codec.endpoint,
    TEMPORAL_CODEC_AUTH: codec.auth,
  };
  const env = { ...rig().stack.clientEnv, ...settings };
  const worker = await rig().stack.startWorker(settings);
  const client = await connectDcsSwitchover({ env });
  const place = { codec, env, client, worker };
  places.push(place);
  return place;
};

let shared: Place;

beforeAll(async () => {
  shared = await openPlace();
});

afterAll(async () => {
  for (const { client, codec, worker } of places) {
    await worker.stop();
    await client.close();
    await codec.close();
  }
});

const refOf = ({ instanceId }: SimulatedInstance) => ({
  projectId: rig().simulator.projectId,
  instanceId,
});

const inputOf = (instance: SimulatedInstance) => ({
  ...refOf(instance),
  toggle: true,
  reason: 'canary-reason',
  timing: FAST,
});

const cli = ({ env }: Place, args: readonly string[]) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const main = path.join(__dirname, '../../dist/cli.js');
    execFile(process.execPath, [main, ...args], { env }, (error, stdout, stderr) => {
      resolve(showed({ code: error === null ? 0 : Number(error.code), stdout, stderr }));
    });
  });

test('worker, client and command share a codec server', async () => {
  const place = shared;
  const instance = await rig().instance();
  const run = await place.client.switchover.start(inputOf(instance));
  const result = await place.client.switchover.result(run);
  expect(result).toMatchObject({ outcome: 'SUCCEEDED', reason: 'canary-reason' });
  const wait = await cli(place, ['wait', instance.instanceId]);
  expect(wait.code).toBe(0);
  expect(wait.stdout).toContain(result.message);
  const texts = await readableTexts(rig().temporal, run.workflowId, run.runId);
  expect(texts.filter(({ text }) => text.includes('canary') || text.includes('master'))).toEqual(
    [],
  );
  const { calls } = place.codec;
  expect(new Set(calls.map((call) => call.path))).toEqual(
    new Set(['/default/codec/encode', '/default/codec/decode']),
  );
  expect(new Set(calls.map((call) => call.namespace))).toEqual(new Set(['default']));
  expect(place.worker.log().join('\n')).not.toContain(place.codec.auth);
});

test('a codec server that is down is reported by the command, without the credential', async () => {
  const place = shared;
  const instance = await rig().instance();
  const run = await place.client.switchover.start(inputOf(instance));
  await place.client.switchover.result(run);
  place.codec.mode = 'refuses';
  const status = await cli(place, ['status', instance.instanceId]);
  const started = await cli(place, ['switch', instance.instanceId, '--toggle', '--yes']);
  place.codec.mode = 'works';
  for (const { code, stderr } of [status, started]) {
    expect(code).toBe(8);
    expect(stderr).toMatch(/codec server at http:\/\/127\.0\.0\.1:\d+ answers with HTTP 503/);
    expect(stderr).not.toContain(place.codec.auth);
  }
  expect(rig().putsOf(instance)).toHaveLength(1);
});

test.concurrent.each<CodecServerMode>(['refuses', 'hangs'])(
  'a codec server that %s right after the PUT: the report is lost, no second PUT, the worker stays',
  async (mode) => {
    const place = await openPlace();
    const instance = await rig().instance();
    const put = hold(rig(), instance, 'asyncSwap');
    const run = await place.client.switchover.start(inputOf(instance));
    await reached(put);
    place.codec.mode = mode;
    put.release();
    await untilEvent(rig(), instance, run.runId, 'ACTIVITY_TASK_FAILED');
    place.codec.mode = 'works';
    const result = await place.client.switchover.result(run);
    expect(result).toMatchObject({ outcome: 'SUCCEEDED', swapsSent: 1, swapsAccepted: 1 });
    expect(result.timings.phasesMs.RECONCILING).toBeDefined();
    expect(rig().putsOf(instance)).toHaveLength(1);
    // The same process goes on with the next run.
    const next = await place.client.switchover.start(inputOf(instance));
    expect(await place.client.switchover.result(next)).toMatchObject({ outcome: 'SUCCEEDED' });
    expect(rig().putsOf(instance)).toHaveLength(2);
    expect(place.worker.log().join('\n')).not.toContain('worker stopped');
  },
);

test.concurrent(
  'a codec server that fails before the PUT: nothing is sent until it works again',
  async () => {
    const place = await openPlace();
    const instance = await rig().instance();
    const lastRead = hold(rig(), instance, 'listTasks', 2);
    const run = await place.client.switchover.start(inputOf(instance));
    await reached(lastRead);
    place.codec.mode = 'refuses';
    lastRead.release();
    // The fence's heartbeat cannot be encoded, and neither can the report that says so.
    await untilEvent(rig(), instance, run.runId, 'ACTIVITY_TASK_FAILED');
    expect(rig().putsOf(instance)).toHaveLength(0);
    place.codec.mode = 'works';
    expect(await place.client.switchover.result(run)).toMatchObject({
      outcome: 'SUCCEEDED',
      swapsSent: 1,
    });
    expect(rig().putsOf(instance)).toHaveLength(1);
  },
);

test.concurrent('a worker whose codec server is down does not start, and says so', async () => {
  const env = { TEMPORAL_CODEC_ENDPOINT: 'http://127.0.0.1:9/codec' };
  await expect(rig().stack.startWorker(env)).rejects.toThrow(/codec server at .* does not answer/);
});
