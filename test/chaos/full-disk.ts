/** Processes whose output goes to a full disk. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { WorkerProcess } from '../../src/dev/stack.js';
import { pickFreePorts } from '../../src/free-ports.js';
import { readinessOf } from '../support/probes.js';

const COMMAND = path.join(__dirname, '../../dist/cli.js');

/** Device of Linux that fails every write as a full disk does. */
const FULL = '/dev/full';

const START_TIMEOUT_MS = 60_000;
const STOP_GRACE_MS = 10_000;
const LOOK_MS = 200;

/**
 * Starts a worker whose log no disk takes; its HTTP port says when it polls.
 *
 * @throws Error when it ends, or does not get ready in time
 */
export async function startWorkerOnFullDisk(env: NodeJS.ProcessEnv): Promise<WorkerProcess> {
  const [port = 0] = await pickFreePorts(1);
  const full = await open(FULL, 'w');
  const child = spawn(process.execPath, [COMMAND, 'worker'], {
    env: { ...env, DCS_SWITCHOVER_HTTP_PORT: String(port) },
    detached: true,
    stdio: ['ignore', 'ignore', full.fd, 'ipc'],
  });
  await full.close();
  const exited = once(child, 'close').then(() => undefined);
  const worker: WorkerProcess = {
    pid: child.pid ?? 0,
    kill: (signal) => {
      child.kill(signal);
    },
    exited,
    log: () => [],
    stop: async () => {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
      await exited;
      clearTimeout(timer);
    },
  };
  const untilMs = Date.now() + START_TIMEOUT_MS;
  while ((await readinessOf(`http://127.0.0.1:${port}`))?.status !== 200) {
    const hasEnded = child.exitCode !== null || child.signalCode !== null;
    if (!hasEnded && Date.now() < untilMs) await sleep(LOOK_MS);
    else {
      await worker.stop();
      throw new Error('the worker with a full disk did not get ready');
    }
  }
  return worker;
}

/** How a command ended whose report no disk took. */
export async function runOnFullDisk(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  timeoutMs: number,
): Promise<{ readonly code: number | null; readonly said: string }> {
  const full = await open(FULL, 'w');
  const child = spawn(process.execPath, [COMMAND, ...args], {
    env,
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    stdio: ['ignore', full.fd, 'pipe'],
  });
  await full.close();
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, said };
}
