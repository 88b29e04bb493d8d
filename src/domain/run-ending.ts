/** How a run ended, by what Temporal reports of it: one table, whoever asks. Pure. */
import { isOutcome } from '../contract/index.js';
import type { InputProblem, SwitchoverResult } from '../contract/index.js';
import { isRecord } from '../util.js';

/** Why a run that ended carries no result of ours. */
export type NoResultCause = 'RUN_TERMINATED' | 'RUN_TIMED_OUT' | 'RUN_FAILED';

/** How a run ended. `no-result`: it was ended from outside, or is not one of ours. */
export type RunEnding<R> =
  | { readonly kind: 'reported'; readonly result: R }
  | {
      readonly kind: 'invalid-input';
      readonly problems: readonly InputProblem[];
      readonly message: string;
    }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'no-result'; readonly cause: NoResultCause; readonly detail: string };

/** How to know a result of ours: a history may hold anything. */
type IsResult<R> = (value: unknown) => value is R;

/** Whether a value is the result of a switchover. */
export function isSwitchoverResult(value: unknown): value is SwitchoverResult {
  return isRecord(value) && isOutcome(value['outcome']);
}

/** The ending of a run that completed with this value. */
export function endingOfValue<R>(value: unknown, isResult: IsResult<R>): RunEnding<R> {
  return isResult(value)
    ? { kind: 'reported', result: value }
    : withoutResult('RUN_FAILED', 'it completed with a value that is no result of ours');
}

/** A failure by the name of its class: the SDK's classes are not at hand in the sandbox. */
export interface ReportedFailure {
  readonly name: string;
  readonly message: string;
  readonly type?: string | null | undefined;
  readonly details?: readonly unknown[] | null | undefined;
}

/** The ending of a run that failed: a result of ours stands in the failure whose type is its outcome. */
export function endingOfFailure<R extends { readonly outcome: string }>(
  failure: ReportedFailure | undefined,
  isResult: IsResult<R>,
): RunEnding<R> {
  const { name = '', message = 'no reason reported', type, details } = failure ?? {};
  const first: unknown = details?.[0];
  const fromOutside = FROM_OUTSIDE[name];
  if (fromOutside !== undefined) return fromOutside(message);
  if (type === 'INVALID_INPUT' && isRecord(first) && Array.isArray(first['problems']))
    return { kind: 'invalid-input', problems: first['problems'] as InputProblem[], message };
  return isResult(first) && first.outcome === type
    ? { kind: 'reported', result: first }
    : withoutResult('RUN_FAILED', `it failed: ${message}`);
}

const FROM_OUTSIDE: Readonly<Record<string, (message: string) => RunEnding<never>>> = {
  CancelledFailure: () => ({ kind: 'cancelled' }),
  TerminatedFailure: (message) => withoutResult('RUN_TERMINATED', `it was terminated (${message})`),
  TimeoutFailure: () => withoutResult('RUN_TIMED_OUT', 'it ran into its workflow timeout'),
};

/** The same by the status that Temporal gives to a run that reported nothing. */
export function causeOfStatus(status: string): NoResultCause {
  if (status === 'TERMINATED') return 'RUN_TERMINATED';
  return status === 'TIMED_OUT' ? 'RUN_TIMED_OUT' : 'RUN_FAILED';
}

function withoutResult(cause: NoResultCause, detail: string): RunEnding<never> {
  return { kind: 'no-result', cause, detail };
}
