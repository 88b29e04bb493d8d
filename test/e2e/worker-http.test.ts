/** Probes of a real worker process: before it connects, while it runs, without Temporal, at its end. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

import { afterAll, describe, expect, test } from '@jest/globals';

import { startTemporalServer } from '../../src/dev/index.js';
import { waitUntil } from '../../src/simulator/basics.js';
import { ANY_PORT, httpOf, readinessOf } from '../support/probes.js';
import { useRig } from '../support/rig.js';
import { willHaveShown } from '../support/shown.js';

const rig = useRig({ hasWorker: false });

const raw: ChildProcess[] = [];

const COMMAND = path.join(__dirname, '../../dist/cli.js');

/** A worker process that is not expected to come as far as polling. */
function startRaw(extraEnv: NodeJS.ProcessEnv) {
  const env = { ...rig().stack.workerEnv(), ...extraEnv };
  const child = spawn(process.execPath, [COMMAND, 'worker'], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  raw.push(child);
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const exited = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  willHaveShown(() => log);
  return { child, exited, log: () => log };
}

/** Takes connections and says nothing, as a server behind a broken network does. */
async function listenSilently() {
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { port, close: () => server.close() };
}

afterAll(() => {
  for (let child = raw.pop(); child !== undefined; child = raw.pop()) child.kill('SIGKILL');
});

describe('the HTTP port of a worker', () => {
  test.concurrent('is not opened unless asked for', async () => {
    const worker = await rig().stack.startWorker();
    expect(worker.log().join('\n')).not.toContain('http server listening');
    await worker.stop();
  });

  test.concurrent(
    'reports health and readiness of a running worker, and is closed after its end',
    async () => {
      const worker = await rig().stack.startWorker(ANY_PORT);
      const url = httpOf(worker);
      const health = await fetch(`${url}/healthz`);
      expect(health.status).toBe(200);
      expect(await health.json()).toEqual({ alive: true, worker: 'RUNNING' });
      expect(await readinessOf(url)).toMatchObject({ status: 200, ready: true, reason: null });
      await worker.stop();
      expect(await readinessOf(url)).toBeNull();
    },
  );

  test.concurrent(
    'answers while Temporal does not yet: alive, not ready, and stopped by a signal',
    async () => {
      const silent = await listenSilently();
      const starting = startRaw({ ...ANY_PORT, TEMPORAL_ADDRESS: `127.0.0.1:${silent.port}` });
      await waitUntil('the port', 120_000, () =>
        Promise.resolve(starting.log().includes('http server listening')),
      );
      const url = httpOf({ log: () => starting.log().split('\n') } as never);
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      expect(await readinessOf(url)).toMatchObject({
        status: 503,
        reason: 'the worker is starting',
      });
      expect((await fetch(`${url}/metrics`)).status).toBe(200);
      starting.child.kill('SIGTERM');
      expect(await starting.exited).toBe(0);
      expect(starting.log()).toContain('stopped before Temporal answered');
      silent.close();
    },
  );

  test.concurrent(
    'opens before the worker runs, and a signal to stop that comes then is not lost',
    async () => {
      const starting = startRaw(ANY_PORT);
      await waitUntil('the port', 120_000, () =>
        Promise.resolve(starting.log().includes('http server listening')),
      );
      starting.child.kill('SIGTERM');
      expect(await starting.exited).toBe(0);
    },
  );

  test.concurrent('a lost Temporal makes a worker unready, and not dead', async () => {
    const temporal = await startTemporalServer();
    const worker = await rig().stack.startWorker({
      ...ANY_PORT,
      TEMPORAL_ADDRESS: temporal.address,
    });
    const url = httpOf(worker);
    expect(await readinessOf(url)).toMatchObject({ ready: true });
    await temporal.stop();
    await waitUntil('readiness to be false', 120_000, async () => {
      const readiness = await readinessOf(url);
      return readiness?.ready === false && readiness.temporal !== null;
    });
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    worker.kill('SIGKILL');
    await worker.exited;
  });

  test.concurrent(
    'a namespace that is not there ends the worker: reported with its remedy, exit code 8',
    async () => {
      const starting = startRaw({ TEMPORAL_NAMESPACE: 'absent' });
      expect(await starting.exited).toBe(8);
      expect(starting.log()).toMatch(
        /namespace absent\) does not know this namespace .*:\n {2}temporal .*--namespace absent\n$/,
      );
    },
  );

  test.concurrent(
    'that is taken is reported by its variable, before anything starts: exit code 2',
    async () => {
      const taken = await listenSilently();
      const starting = startRaw({ DCS_SWITCHOVER_HTTP_PORT: String(taken.port) });
      expect(await starting.exited).toBe(2);
      expect(starting.log()).toContain(`DCS_SWITCHOVER_HTTP_PORT ${taken.port} is taken`);
      taken.close();
    },
  );
});
