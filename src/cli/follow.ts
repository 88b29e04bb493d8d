import { setTimeout as pause } from 'node:timers/promises';

import type { ResultOptions, RunRef, RunStatus, StartedRun, SwitchoverClient } from '../client.js';
import { EXIT_CODE_BY_OUTCOME } from '../contract/index.js';
import type { Phase, SwitchoverInput, SwitchoverResult } from '../contract/index.js';
import {
  asSentence,
  joinText,
  runCommand,
  withCommands,
  withoutCommands,
} from '../domain/commands.js';
import { oneLine } from '../domain/text.js';
import { visible } from '../util.js';

import type { Cli } from './context.js';
import { DetachedError } from './errors.js';
import { formatResult } from './format/run.js';
import { fitWidth, formatInstant, formatSeconds, wrapLines } from './format/text.js';
import type { CliIo } from './io.js';
import { checkBeforeConnecting, runConnected } from './options.js';
import type { RunOptions, WaitOptions } from './options.js';
import type { Output } from './output.js';

/** What is shown of where a run stands. */
type ShownStatus = Pick<RunStatus, 'phase' | 'since' | 'next' | 'lockedUntil'>;

/** Shows where a run stands while one waits. */
interface Progress {
  show(status: ShownStatus): void;
  /** Leaves the terminal on a fresh line. */
  end(): void;
}

/** On a terminal one line that is rewritten, and one that stays per phase; elsewhere a line per phase. */
export function createProgress(io: CliIo, now: () => number = Date.now): Progress {
  let shown: { phase: Phase; sinceMs: number } | null = null;
  const settle = (untilMs: number): void => {
    if (shown === null || !io.isTerminal) return;
    const took = formatSeconds(Math.max(0, untilMs - shown.sinceMs));
    io.erase(0);
    io.err(`${shown.phase.padEnd(13)} ${took}\n`);
  };
  return {
    show(status) {
      const { phase, since, next } = status;
      const sinceMs = Date.parse(since);
      const isNew = shown?.phase !== phase;
      if (isNew) settle(sinceMs);
      shown = { phase, sinceMs };
      // UNKNOWN is reported at once and in full, not only when the lock is given back.
      if (isNew && phase === 'HOLDING' && io.isTerminal) {
        io.erase(0);
        io.err(`UNKNOWN\n${wrapLines(visible(asSentence(next)), columnsOf(io))}\n`);
      }
      if (io.isTerminal) {
        const line = lineOf(status, now() - sinceMs);
        // One that wraps cannot be rewritten.
        io.erase(0);
        io.err(fitWidth(line, columnsOf(io) - 1));
      } else if (isNew)
        io.err(`${since} ${phase === 'HOLDING' ? 'UNKNOWN, HOLDING' : phase}: ${next}\n`);
    },
    end() {
      settle(now());
      shown = null;
    },
  };
}

const columnsOf = (io: CliIo): number => io.terminalSize().columns;

function lineOf({ phase, next, lockedUntil }: ShownStatus, spentMs: number): string {
  // What is held stands above in full.
  const text =
    lockedUntil === undefined
      ? visible(oneLine(withoutCommands(next)))
      : `the lock is held until ${formatInstant(lockedUntil)}; Ctrl-C stops only the waiting`;
  return `${phase.padEnd(13)} ${formatSeconds(Math.max(0, spentMs))}  ${text}`;
}

/** Pause between two looks at a run; phases can be as short as this. */
const LOOK_EVERY_MS = 400;

/** What following needs of the client. */
export type Follower = Pick<SwitchoverClient, 'result' | 'status'>;

/** What one can wait for and look at meanwhile. */
export interface Followed<T> {
  readonly result: (options: ResultOptions) => Promise<T>;
  /**
   * Looks once and shows it, unless the signal says meanwhile that there is nothing more to show. Never throws:
   * progress is a courtesy, `result` shows what is wrong.
   *
   * @returns milliseconds until the next look
   */
  readonly look: (signal: AbortSignal) => Promise<number>;
  readonly progress: { finish?(result: T): void; end(): void };
  /** What Ctrl-C says: it stops waiting, nothing else. */
  readonly detachedText: string;
  /** @default the client's own */
  readonly waitTimeout?: number | undefined;
}

/** Waits for a result and shows the progress meanwhile. @throws DetachedError, and whatever `result` throws */
export async function follow<T>(
  io: CliIo,
  { result, look, progress, detachedText, waitTimeout }: Followed<T>,
): Promise<T> {
  const stop = new AbortController();
  const release = io.onInterrupt(() => {
    stop.abort(new DetachedError(detachedText));
  });
  const looking = new AbortController();
  const keepLooking = async ({ signal }: AbortController): Promise<void> => {
    while (!signal.aborted) {
      const waitMs = await look(signal);
      await pause(waitMs, undefined, { signal }).catch(() => undefined);
    }
  };
  void keepLooking(looking);
  try {
    const ended = await result({
      signal: stop.signal,
      ...(waitTimeout === undefined ? {} : { timeoutMs: waitTimeout * 1000 }),
    });
    looking.abort();
    progress.finish?.(ended);
    return ended;
  } finally {
    looking.abort();
    progress.end();
    release();
  }
}

/** Follows a run: its phases. @throws DetachedError, and whatever `result` throws */
export function followRun(
  io: CliIo,
  client: Follower,
  run: RunRef & { readonly runId: string },
  waitTimeout?: number,
): Promise<SwitchoverResult> {
  const progress = createProgress(io);
  return follow(io, {
    result: (options) => client.result(run, options),
    look: async (signal) => {
      const status = await client.status(run).catch(() => null);
      // A worker reports the phase; at its end the result says more.
      if (status !== null && status.phase !== 'ENDED' && !signal.aborted) progress.show(status);
      return LOOK_EVERY_MS;
    },
    progress,
    detachedText: detachedText(run),
    waitTimeout,
  });
}

function detachedText(run: RunRef & { readonly runId: string }): string {
  return joinText([
    `Detached; run ${run.runId} continues.`,
    withCommands('Look', runCommand('status', run)),
    withCommands('Wait again', runCommand('wait', run)),
    withCommands('Cancel it', runCommand('cancel', run)),
  ]);
}

/** A run to wait for. */
export type AwaitedRun = RunRef & { readonly runId: string; readonly workflowId: string };

/** Waits for a run, prints its result and gives the exit code of its outcome. */
export async function finish(
  io: CliIo,
  output: Output,
  client: Follower,
  run: AwaitedRun,
  { waitTimeout, taskQueue }: WaitOptions & Pick<RunOptions, 'taskQueue'>,
): Promise<number> {
  return printResult(output, run, await followRun(io, client, { ...run, taskQueue }, waitTimeout));
}

/** Prints a result, the same whichever command led to it. */
export function printResult(output: Output, run: AwaitedRun, result: SwitchoverResult): number {
  const { workflowId, runId } = run;
  output.data({ ...result, run: { workflowId, runId } }, () => formatResult(result, run));
  return EXIT_CODE_BY_OUTCOME[result.outcome];
}

/** Prints that a run was started (or found) and is not waited for. */
export function printStarted(
  output: Output,
  run: StartedRun,
  { taskQueue }: Pick<RunOptions, 'taskQueue'>,
): number {
  const wait = runCommand('wait', { ...run, taskQueue });
  const { workflowId, runId, reused } = run;
  return output.data({ workflowId, runId, reused }, () =>
    joinText([`${workflowId} ${runId}`, withCommands('Wait for it', wait)]),
  );
}

/** `plan`, `verify`, `adopt` and `resolve`: starts what is asked, unless a run of it is there, and waits. */
export function runToEnd(
  cli: Cli,
  options: RunOptions & WaitOptions,
  toAsked: () => SwitchoverInput | Promise<SwitchoverInput>,
): Promise<void> {
  const read = async (): Promise<SwitchoverInput> => {
    const input = await toAsked();
    await checkBeforeConnecting(input);
    return input;
  };
  return runConnected(cli, options, read, async ({ switchover: client }, output, input) => {
    const run = await client.start(input);
    noteReuse(output, run);
    return finish(cli.io, output, client, run, options);
  });
}

/** Reports when nothing was started because another run serves. */
export function noteReuse(output: Output, { reused, runId }: StartedRun): void {
  if (reused === 'open') output.note(`Joined the open run ${runId}, which does the same.`);
  if (reused === 'closed')
    output.note(`This request was already done by run ${runId}; its result:`);
}
