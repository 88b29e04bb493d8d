import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

const PROBE = path.join(__dirname, '../hosts/probe.cjs');
const REGISTER = path.join(__dirname, '../register.cjs');
const KEPT_LINES = 20;

/** What our worker logs when it polls; the other hosts say the same. */
export const READY = '"worker started"';

/** A worker process that shows what it uses. */
export interface MeasuredProcess {
  /** From the start of the process until it polled, in milliseconds. */
  readonly startMs: number;
  /** Processor time of all its threads so far, in milliseconds. */
  readonly cpuMs: () => Promise<number>;
  /** Heap of its main thread after a garbage collection, in bytes. */
  readonly heapBytes: () => Promise<number>;
  readonly stop: () => Promise<void>;
}

/**
 * Starts a script as a process of its own and waits until it says that it polls.
 *
 * @throws Error with the last lines of its log when it ends before
 */
export async function startMeasured(
  script: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<MeasuredProcess> {
  const startedAt = performance.now();
  const preload = script.endsWith('.ts') ? [REGISTER, PROBE] : [PROBE];
  const execArgv = preload.flatMap((file) => ['--require', file]);
  const stdio = ['ignore', 'ignore', 'pipe', 'ipc'] as const;
  const child = fork(script, args, { env, execArgv, stdio: [...stdio] });
  const exited = once(child, 'exit');
  await untilReady(child, exited);
  return {
    startMs: performance.now() - startedAt,
    cpuMs: () => ask(child, 'cpuMs'),
    heapBytes: () => ask(child, 'heapBytes'),
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

async function untilReady(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  const lines: string[] = [];
  const ready = new Promise<void>((resolve) => {
    if (child.stderr === null) return;
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
      if (line.includes(READY)) resolve();
    });
  });
  const ended = exited.then(() => {
    throw new Error(`a measured process ended before it polled: ${lines.join('\n')}`);
  });
  await Promise.race([ready, ended]);
}

async function ask(child: ChildProcess, question: 'cpuMs' | 'heapBytes'): Promise<number> {
  const answer = once(child, 'message');
  child.send(question);
  const [value] = (await answer) as [number];
  return value;
}
