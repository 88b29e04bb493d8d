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

import { createBlock } from './block.js';
import type { Cli } from './context.js';
import { DetachedError } from './errors.js';
import { toInput } from './fields.js';
import { headline } from './format/page.js';
import type { Page } from './format/page.js';
import { formatResult } from './format/run.js';
import { fitWidth, formatSeconds, formatSpan } from './format/text.js';
import { paintWord } from './format/tones.js';
import type { Paint } from './format/tones.js';
import { nameGiven, readOfInstance } from './instance-name.js';
import type { CliIo } from './io.js';
import { checkBeforeConnecting, runConnected } from './options.js';
import type { RunOptions, WaitOptions } from './options.js';
import type { Output } from './output.js';

/** What is shown of where a run stands. */
type ShownStatus = Pick<RunStatus, 'phase' | 'since' | 'next'>;

/** Shows where a run stands while one waits. */
interface Progress {
  show(status: ShownStatus): void;
  /** The run has ended: the result is printed next. */
  finish(): void;
  /** Leaves the terminal on a fresh line. */
  end(): void;
}

/** On a terminal what is rewritten, and a line that stays per phase; elsewhere a line per phase. */
export function createProgress(
  io: CliIo,
  output: Pick<Output, 'paint' | 'render'>,
  now: () => number = Date.now,
): Progress {
  return io.isTerminal ? createRewritten(io, output, now) : createLog(io);
}

function createRewritten(
  io: CliIo,
  { paint, render }: Pick<Output, 'paint' | 'render'>,
  now: () => number,
): Progress {
  const block = createBlock(io);
  let shown: ShownStatus | null = null;
  const finish = (untilMs = now()): void => {
    if (shown === null) return;
    const { phase, since } = shown;
    const took = formatSeconds(Math.max(0, untilMs - Date.parse(since)));
    block.draw({ rendered: `${paintWord(paint, phase.padEnd(13), phase)} ${took}\n` });
    block.keep();
    shown = null;
  };
  return {
    show: (status) => {
      if (shown !== null && shown.phase !== status.phase) finish(Date.parse(status.since));
      shown = status;
      // In full while one waits for the end of the hold; the result says it then, and this no more.
      if (status.phase === 'HOLDING') block.draw(render(heldPage(status, now())));
      else block.draw({ rendered: lineOf(status, paint, columnsOf(io), now()) });
    },
    finish: () => {
      finish();
    },
    end: () => {
      // No result follows, so what is UNKNOWN stays in sight.
      if (shown?.phase !== 'HOLDING') finish();
      block.keep();
    },
  };
}

function heldPage({ next, since }: ShownStatus, nowMs: number): Page {
  const age = formatSpan(nowMs - Date.parse(since));
  const message = joinText([asSentence(next), 'Ctrl-C stops only the waiting.']);
  return [headline('UNKNOWN', `HOLDING for ${age}`, message)];
}

function createLog(io: CliIo): Progress {
  let shown: Phase | null = null;
  return {
    show: (status) => {
      if (status.phase !== shown) io.err(`${phaseLine(status)}\n`);
      shown = status.phase;
    },
    finish: () => undefined,
    end: () => undefined,
  };
}

/** The phase that a run has entered, as a log keeps it. */
export function phaseLine({ phase, since, next }: ShownStatus): string {
  return `${since} ${phase === 'HOLDING' ? 'UNKNOWN, HOLDING' : phase}: ${next}`;
}

const columnsOf = (io: CliIo): number => io.terminalSize().columns;

/** One that wraps would move with the terminal's width. */
function lineOf(
  { phase, next, since }: ShownStatus,
  paint: Paint,
  columns: number,
  nowMs: number,
): string {
  const spent = formatSeconds(Math.max(0, nowMs - Date.parse(since)));
  const text = visible(oneLine(withoutCommands(next)));
  return paintWord(paint, fitWidth(`${phase.padEnd(13)} ${spent}  ${text}`, columns - 1), phase);
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
  output: Output,
  client: Follower,
  run: RunRef & { readonly runId: string },
  waitTimeout?: number,
): Promise<SwitchoverResult> {
  const progress = createProgress(io, output);
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

/** What one says who stops looking at an open run. */
export function detachedText(run: RunRef & { readonly runId: string }): string {
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
  return printResult(
    output,
    run,
    await followRun(io, output, client, { ...run, taskQueue }, waitTimeout),
  );
}

/** Prints a result, the same whichever command led to it. */
export function printResult(
  output: Output,
  run: AwaitedRun,
  result: Parameters<typeof formatResult>[0],
): number {
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
  instance: string,
  options: RunOptions & WaitOptions,
  toAsked: (input: SwitchoverInput) => SwitchoverInput,
): Promise<void> {
  const read = (): Promise<SwitchoverInput> =>
    readOfInstance(cli, instance, options, async (instanceId) => {
      const input = toAsked(toInput(cli.io, instanceId, options));
      await checkBeforeConnecting(input);
      return input;
    });
  return runConnected(cli, options, read, async ({ switchover: client }, output, input) => {
    const run = await client.start(input, nameGiven(instance, input.instanceId));
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
