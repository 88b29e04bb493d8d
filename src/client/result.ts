import { setTimeout as pause } from 'node:timers/promises';

import type { SwitchoverResult } from '../contract/index.js';

import { describeRun } from './describe-run.js';
import type { DescribedRun } from './describe-run.js';
import { readEnding } from './ending.js';
import type { Ending } from './ending.js';
import {
  InvalidInputError,
  RunCancelledError,
  TemporalUnreachableError,
  WaitTimedOutError,
} from './errors.js';
import type { UnreachableKind } from './errors.js';
import type { ClientContext } from './rpc.js';
import { readRunHistory } from './run-history.js';
import type { RunRef } from './run-ref.js';
import { traceSwaps } from '../run-history/swap-trace.js';
import { toUntoldResult } from './untold-result.js';

/** Longer than any run with default timing takes once a worker has it. */
const DEFAULT_TIMEOUT_MS = 3_600_000;

/** One long poll; after each, a short call tells a quiet run from a dead connection. */
const SLICE_MS = 20_000;

/** How long Temporal may stay silent while one waits, before waiting is given up. */
const UNREACHABLE_GRACE_MS = 60_000;
const UNREACHABLE_PAUSE_MS = 2_000;

/** Options of `result`. */
export interface ResultOptions {
  /** How long to wait, in milliseconds; 0 = look once. @default 3_600_000 */
  readonly timeoutMs?: number | undefined;
  /** Stops waiting; the run is not touched. */
  readonly signal?: AbortSignal | undefined;
}

/** Waits for a run; see `SwitchoverClient.result`. */
export async function awaitResult(
  context: ClientContext,
  ref: RunRef,
  { timeoutMs = DEFAULT_TIMEOUT_MS, signal }: ResultOptions = {},
): Promise<SwitchoverResult> {
  signal?.throwIfAborted();
  const deadlineMs = Date.now() + timeoutMs;
  const run = await describeRun(context, ref);
  const ending = run.isOpen
    ? await withSignal(context, signal, () => pollEnding(context, run, deadlineMs, signal))
    : await readEnding(context, run, context.rpcTimeoutMs);
  if (ending === null) throw new WaitTimedOutError(ref, run.ref.runId, timeoutMs);
  return settle(context, run, ending);
}

/** The result that an ending stands for. */
async function settle(
  context: ClientContext,
  run: DescribedRun,
  ending: Ending,
): Promise<SwitchoverResult> {
  switch (ending.kind) {
    case 'told':
      return ending.result;
    case 'invalid-input':
      throw new InvalidInputError(ending.problems);
    case 'cancelled': {
      const { putInWords } = traceSwaps(await readRunHistory(context, run));
      throw new RunCancelledError(run.ref, run.ref.runId, putInWords);
    }
    case 'untold': {
      // Described again: only now is the time of its end known.
      const ended = await describeRun(context, run.ref);
      return toUntoldResult(ended, ending, await readRunHistory(context, ended));
    }
  }
}

/** Polls in slices until the run has ended; `null` at the deadline. */
async function pollEnding(
  context: ClientContext,
  run: DescribedRun,
  deadlineMs: number,
  signal: AbortSignal | undefined,
): Promise<Ending | null> {
  let lastContactMs = Date.now();
  for (;;) {
    const leftMs = deadlineMs - Date.now();
    if (leftMs <= 0) return null;
    signal?.throwIfAborted();
    const ending = await pollOnce(context, run, Math.min(SLICE_MS, leftMs));
    if (ending !== 'silence') return ending;
    const silence = await probe(context, run);
    if (silence === null) lastContactMs = Date.now();
    else if (Date.now() - lastContactMs > UNREACHABLE_GRACE_MS || Date.now() > deadlineMs)
      throw silence;
    else await pause(UNREACHABLE_PAUSE_MS, undefined, { ...(signal ? { signal } : {}) });
  }
}

async function pollOnce(
  context: ClientContext,
  run: DescribedRun,
  sliceMs: number,
): Promise<Ending | 'silence'> {
  try {
    return await readEnding(context, run, sliceMs);
  } catch (error) {
    if (isPassing(error)) return 'silence';
    throw error;
  }
}

/** `null` when Temporal answers, else why it does not. */
async function probe(context: ClientContext, run: DescribedRun): Promise<Error | null> {
  try {
    await describeRun(context, run.ref);
    return null;
  } catch (error) {
    if (isPassing(error)) return error;
    throw error;
  }
}

/** Kinds of silence that may pass while one waits; wrong credentials do not. */
const PASSING_KINDS: readonly UnreachableKind[] = ['no-answer', 'overloaded'];

function isPassing(error: unknown): error is TemporalUnreachableError {
  return error instanceof TemporalUnreachableError && PASSING_KINDS.includes(error.kind);
}

/** Calls under way end when the signal aborts; what the caller sees is the signal's own reason. */
async function withSignal<T>(
  { client }: ClientContext,
  signal: AbortSignal | undefined,
  call: () => Promise<T>,
): Promise<T> {
  if (signal === undefined) return call();
  try {
    return await client.withAbortSignal(signal, call);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
