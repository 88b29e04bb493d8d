import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** Starts in 1 s; a loaded machine gets the rest. */
const START_TIMEOUT_MS = 60_000;

/** The worker's own grace for running activities is cut short: nothing here is worth waiting for. */
const STOP_GRACE_MS = 10_000;

const KEPT_LINES = 200;

/** What the worker logs when it polls. */
const READY = '"worker started"';

/** A process of the command `worker`. */
export interface WorkerProcess {
  readonly pid: number;
  /** Sends a signal, such as SIGKILL or SIGSTOP, to the process. */
  kill(signal: NodeJS.Signals): void;
  /** Resolves when the process is gone. */
  readonly exited: Promise<void>;
  /** The last lines of its log. */
  log(): readonly string[];
  /** Ends it: SIGTERM, and SIGKILL after 10 s. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Starts the built worker command as a process of its own and waits until it polls. The process ends
 * with ours: it watches the channel between the two.
 *
 * @param env its whole environment
 * @param onLog called with each line of its log
 * @throws Error with the last lines of its log when it ends or stays silent for 60 s
 */
export async function startWorkerProcess(
  env: NodeJS.ProcessEnv,
  onLog: (line: string) => void = () => undefined,
): Promise<WorkerProcess> {
  const child = spawn(process.execPath, [commandPath(), 'worker'], {
    env,
    // A group of its own: Ctrl-C reaches only us, and we stop it while Temporal still answers.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const exited = once(child, 'close').then(() => undefined);
  const lines: string[] = [];
  const ready = new Promise<void>((resolve) => {
    if (child.stderr === null) return;
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
      onLog(line);
      if (line.includes(READY)) resolve();
    });
  });
  const stop = (): Promise<void> => stopChild(child, exited);
  try {
    const tooLate = sleep(START_TIMEOUT_MS, undefined, { ref: false });
    await Promise.race([
      ready,
      exited.then(refuse('The worker ended before it polled')),
      tooLate.then(refuse(`The worker did not poll within ${START_TIMEOUT_MS / 1000} s`)),
    ]);
  } catch (error) {
    await stop();
    const log = lines.slice(-5).join('\n');
    throw new Error(`${(error as Error).message}. Its log: ${log}`, { cause: error });
  }
  return {
    pid: child.pid ?? 0,
    kill: (signal) => {
      child.kill(signal);
    },
    exited,
    log: () => [...lines],
    stop,
  };
}

/** From `src/dev` and from `dist/dev` alike: what runs is what was built. */
function commandPath(): string {
  return path.resolve(__dirname, '../../dist/cli.js');
}

function refuse(reason: string): () => never {
  return () => {
    throw new Error(reason);
  };
}

async function stopChild(child: ChildProcess, exited: Promise<void>): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
  await exited;
  clearTimeout(timer);
}
