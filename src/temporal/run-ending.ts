import {
  ApplicationFailure,
  CancelledFailure,
  TerminatedFailure,
  TimeoutFailure,
  WorkflowContinuedAsNewError,
  WorkflowFailedError,
} from '@temporalio/client';

import type { InputProblem } from '../contract/index.js';
import { isRecord } from '../util.js';

import { callTemporal } from './rpc.js';
import type { ClientContext } from './rpc.js';

/** Why a run that ended carries no result of ours. */
export type UntoldCause = 'RUN_TERMINATED' | 'RUN_TIMED_OUT' | 'RUN_FAILED';

/** How a run ended. `untold`: it was ended from outside, or is not one of ours. */
export type RunEnding<R> =
  | { readonly kind: 'told'; readonly result: R }
  | { readonly kind: 'invalid-input'; readonly problems: readonly InputProblem[] }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'untold'; readonly cause: UntoldCause; readonly detail: string };

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
    return isResult(value) ? { kind: 'told', result: value } : FOREIGN_VALUE;
  } catch (error) {
    if (error instanceof WorkflowFailedError) return fromFailure(error.cause, isResult);
    if (!(error instanceof WorkflowContinuedAsNewError) || readChained === undefined) throw error;
    const failure = await callTemporal(context, 'wait', readChained);
    return failure === null ? CHAINED : fromFailure(failure, isResult);
  }
}

const CHAINED: RunEnding<never> = {
  kind: 'untold',
  cause: 'RUN_FAILED',
  detail: 'it was continued as a new run',
};

const FOREIGN_VALUE: RunEnding<never> = {
  kind: 'untold',
  cause: 'RUN_FAILED',
  detail: 'it completed with a value that is no result of ours',
};

function fromFailure<R extends { readonly outcome: string }>(
  cause: Error | undefined,
  isResult: RunToRead<R>['isResult'],
): RunEnding<R> {
  if (cause instanceof CancelledFailure) return { kind: 'cancelled' };
  const message = cause?.message ?? 'no reason told';
  if (cause instanceof TerminatedFailure)
    return { kind: 'untold', cause: 'RUN_TERMINATED', detail: `it was terminated (${message})` };
  if (cause instanceof TimeoutFailure)
    return { kind: 'untold', cause: 'RUN_TIMED_OUT', detail: 'it ran into its workflow timeout' };
  const told = cause instanceof ApplicationFailure ? fromDetails(cause, isResult) : null;
  return told ?? { kind: 'untold', cause: 'RUN_FAILED', detail: `it failed: ${message}` };
}

function fromDetails<R extends { readonly outcome: string }>(
  { type, details }: ApplicationFailure,
  isResult: RunToRead<R>['isResult'],
): RunEnding<R> | null {
  const first: unknown = details?.[0];
  if (type === 'INVALID_INPUT' && isRecord(first) && Array.isArray(first['problems']))
    return { kind: 'invalid-input', problems: first['problems'] as readonly InputProblem[] };
  return isResult(first) && first.outcome === type ? { kind: 'told', result: first } : null;
}
