/** Says what is being waited for, where it takes so long that one would wonder. */
import { fitWidth, formatSpan } from './format/text.js';
import type { CliIo } from './io.js';

/** Silence that needs no reason yet. */
const PATIENCE_MS = 2000;

/** On a terminal the line is rewritten so often. */
const TICK_MS = 1000;

/** Elsewhere, such as in a log of CI, a line comes so often, so that no one takes it for dead. */
const REPEAT_MS = 30_000;

/** What is being waited for, step by step. */
export interface Waiting {
  /** What is waited for from now on. */
  readonly step: (what: string) => void;
  /** Nothing more; a terminal is left as if there had been no wait. */
  readonly end: () => void;
}

/** Shows nothing as long as each step takes less than two seconds. */
export function showWaiting(io: CliIo): Waiting {
  let now: { readonly what: string; readonly sinceMs: number } | null = null;
  let saidAtMs: number | null = null;
  const clear = (): void => {
    if (saidAtMs !== null && io.isTerminal) io.rewrite(0, '');
    saidAtMs = null;
  };
  const say = (): void => {
    if (now === null) return;
    const atMs = Date.now();
    const spentMs = atMs - now.sinceMs;
    if (spentMs < PATIENCE_MS) return;
    if (!io.isTerminal && saidAtMs !== null && atMs - saidAtMs < REPEAT_MS) return;
    saidAtMs = atMs;
    const line = `${now.what} … ${formatSpan(spentMs)}`;
    if (io.isTerminal) io.rewrite(0, fitWidth(line, io.terminalSize().columns - 1));
    else io.err(`${line}\n`);
  };
  const timer = setInterval(say, TICK_MS);
  // What is waited for keeps the process alive, not that it is shown.
  timer.unref();
  return {
    step: (what) => {
      clear();
      now = { what, sinceMs: Date.now() };
    },
    end: () => {
      clear();
      now = null;
      clearInterval(timer);
    },
  };
}

/** Shows it while one thing is waited for. */
export async function showWhile<T>(io: CliIo, what: string, work: () => Promise<T>): Promise<T> {
  const waiting = showWaiting(io);
  waiting.step(what);
  return work().finally(waiting.end);
}

/** The same for an answer, on terminals alone: a script that reads what is written has no use for it. */
export function waitFor<T>(io: CliIo, what: string, work: () => Promise<T>): Promise<T> {
  return io.isTerminal ? showWhile(io, what, work) : work();
}
