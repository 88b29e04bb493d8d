import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

import { untilPolling } from '../../src/dev/stack.js';

const PROBE = path.join(__dirname, '../hosts/probe.cjs');
const REGISTER = path.join(__dirname, '../register.cjs');

/** A worker process that shows what it uses. */
export interface MeasuredProcess {
  /** From the start of the process until it polled, in milliseconds. */
  readonly startMs: number;
  /** Processor time of all its threads so far, in milliseconds. */
  readonly cpuMs: () => Promise<number>;
  /** Heap of its main thread after a garbage collection, in bytes. */
  readonly heapBytes: () => Promise<number>;
  /** The most memory that the process has held so far, native parts and threads included, in bytes. */
  readonly peakBytes: () => Promise<number>;
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
  await untilPolling(child, exited);
  return {
    startMs: performance.now() - startedAt,
    cpuMs: () => ask(child, 'cpuMs'),
    heapBytes: () => ask(child, 'heapBytes'),
    peakBytes: () => ask(child, 'peakBytes'),
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

type Question = 'cpuMs' | 'heapBytes' | 'peakBytes';

async function ask(child: ChildProcess, question: Question): Promise<number> {
  const answer = once(child, 'message');
  child.send(question);
  const [value] = (await answer) as [number];
  return value;
}
