import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

import { WorkflowContinuedAsNewError, WorkflowFailedError } from '@temporalio/client';

import { endingOfFailure, endingOfValue } from '../domain/run-ending.js';
import type { RunEnding } from '../domain/run-ending.js';

import { TemporalUnreachableError } from './errors.js';
import type { UnreachableKind } from './errors.js';
import { callTemporal } from './rpc.js';
import type { ClientContext } from './rpc.js';

/** What is awaited: the SDK's promise of a run's end, and how to know a result of ours. */
interface RunToRead<R> {
  readonly result: () => Promise<unknown>;
  readonly isResult: (value: unknown) => value is R;
  /** Reads the failure with which it ended, where a cron schedule or a retry policy has started the next run. Not where that is followed. */
  readonly readChained?: () => Promise<Error | null>;
}

/**
 * Waits up to `timeoutMs` for a run to end, and says how it did.
 *
 * @throws TemporalUnreachableError, also when the run is still open after `timeoutMs`
 */
export async function readRunEnding<R extends { readonly outcome: string }>(
  context: ClientContext,
  { result, isResult, readChained }: RunToRead<R>,
  timeoutMs: number,
): Promise<RunEnding<R>> {
  try {
    const value = await callTemporal(context, 'wait', result, timeoutMs);
    return endingOfValue(value, isResult);
  } catch (error) {
    if (error instanceof WorkflowFailedError) return endingOfFailure(error.cause, isResult);
    if (!(error instanceof WorkflowContinuedAsNewError) || readChained === undefined) throw error;
    const failure = await callTemporal(context, 'wait', readChained);
    return failure === null ? CHAINED : endingOfFailure(failure, isResult);
  }
}

const CHAINED: RunEnding<never> = {
  kind: 'no-result',
  cause: 'RUN_FAILED',
  detail: 'it was continued as a new run',
};

/** Longer than any switchover with default timing takes once a worker has it. */
export const DEFAULT_WAIT_MS = 3_600_000;

/** One long poll; after each, a short call tells a quiet run from a dead connection. */
const SLICE_MS = 20_000;

/**
 * In the last second before the deadline of a long poll the server answers at once, and the SDK asks again and
 * again, a thousand times a second. So a poll is cancelled in time, and its deadline lies beyond.
 */
const BEYOND_MS = 5_000;

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

/** A run to wait for. */
interface OpenEnd<E> {
  /** Waits up to so many milliseconds. */
  readonly read: (timeoutMs: number) => Promise<E>;
  /** Any short call that shows whether Temporal answers. */
  readonly probe: () => Promise<unknown>;
}

/**
 * Waits for an open run to end, in slices; `null` at the deadline.
 *
 * @throws TemporalUnreachableError after a minute of silence; the reason of the signal
 */
export function awaitEnding<E>(
  context: ClientContext,
  run: OpenEnd<E>,
  { deadlineMs, signal }: { readonly deadlineMs: number; readonly signal: AbortSignal | undefined },
): Promise<E | null> {
  const abortable = {
    read: (timeoutMs: number) =>
      withAbort(context, () => run.read(timeoutMs + BEYOND_MS), { signal, timeoutMs }),
    probe: () => withAbort(context, run.probe, { signal }),
  };
  return pollEnding(abortable, deadlineMs, signal);
}

async function pollEnding<E>(
  run: OpenEnd<E | null>,
  deadlineMs: number,
  signal: AbortSignal | undefined,
): Promise<E | null> {
  let lastContactMs = Date.now();
  for (;;) {
    const leftMs = deadlineMs - Date.now();
    if (leftMs <= 0) return null;
    signal?.throwIfAborted();
    const ending = await orSilence(() => run.read(Math.min(SLICE_MS, leftMs)));
    if (ending !== null && !(ending instanceof TemporalUnreachableError)) return ending;
    const silence = await orSilence(() => run.probe());
    if (!(silence instanceof TemporalUnreachableError)) lastContactMs = Date.now();
    else if (Date.now() - lastContactMs > UNREACHABLE_GRACE_MS || Date.now() > deadlineMs)
      throw silence;
    else await pauseUnless(signal);
  }
}

/** What the call gives, or the error of a silence that may pass. */
async function orSilence<T>(call: () => Promise<T>): Promise<T | TemporalUnreachableError> {
  try {
    return await call();
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

/** @throws the reason of the signal */
async function pauseUnless(signal: AbortSignal | undefined): Promise<void> {
  try {
    await pause(UNREACHABLE_PAUSE_MS, undefined, { ...(signal ? { signal } : {}) });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

/**
 * One call, which ends when the signal aborts, with its reason, and after `timeoutMs`, with `null`. The SDK adds a
 * listener per RPC, of which a call may make many, and never removes one. So it gets a signal that lives no
 * longer than the call: one may wait for days.
 */
async function withAbort<T>(
  { client }: ClientContext,
  call: () => Promise<T>,
  { signal, timeoutMs }: { readonly signal: AbortSignal | undefined; readonly timeoutMs?: number },
): Promise<T | null> {
  signal?.throwIfAborted();
  const own = new AbortController();
  setMaxListeners(0, own.signal);
  const stop = (): void => {
    own.abort();
  };
  signal?.addEventListener('abort', stop, { once: true });
  const timer = timeoutMs === undefined ? undefined : setTimeout(stop, timeoutMs);
  try {
    return await client.withAbortSignal(own.signal, call);
  } catch (error) {
    signal?.throwIfAborted();
    if (own.signal.aborted) return null;
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}
