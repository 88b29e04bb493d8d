import {
  ApplicationFailure,
  CancelledFailure,
  TerminatedFailure,
  TimeoutFailure,
  WorkflowFailedError,
} from '@temporalio/client';

import { isOutcome } from '../contract/index.js';
import type { InputProblem, Outcome, SwitchoverResult } from '../contract/index.js';
import { isRecord } from '../is-record.js';

import type { DescribedRun } from './describe-run.js';
import { callTemporal } from './rpc.js';
import type { ClientContext } from './rpc.js';

/** Why a run that ended carries no result of ours. */
type UntoldCause = 'RUN_TERMINATED' | 'RUN_TIMED_OUT' | 'RUN_FAILED';

/** How a run ended. `untold`: it was ended from outside, or is not one of ours. */
export type Ending =
  | { readonly kind: 'told'; readonly result: SwitchoverResult }
  | { readonly kind: 'invalid-input'; readonly problems: readonly InputProblem[] }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'untold'; readonly cause: UntoldCause; readonly detail: string };

/**
 * Waits up to `timeoutMs` for the run to end, and says how it did.
 *
 * @throws TemporalUnreachableError, also when the run is still open after `timeoutMs`
 */
export async function readEnding(
  context: ClientContext,
  { workflowId, ref }: DescribedRun,
  timeoutMs: number,
): Promise<Ending> {
  const handle = context.client.workflow.getHandle(workflowId, ref.runId, { followRuns: false });
  try {
    const value: unknown = await callTemporal(context, 'wait', () => handle.result(), timeoutMs);
    return isResult(value) ? { kind: 'told', result: value } : FOREIGN_VALUE;
  } catch (error) {
    if (error instanceof WorkflowFailedError) return fromFailure(error.cause);
    throw error;
  }
}

/** The outcome that an ending stands for; `null` for a cancelled run, which has none. */
export function outcomeOf(ending: Ending): Outcome | null {
  switch (ending.kind) {
    case 'told':
      return ending.result.outcome;
    case 'invalid-input':
      return 'INVALID_INPUT';
    case 'untold':
      return 'UNKNOWN';
    case 'cancelled':
      return null;
  }
}

const FOREIGN_VALUE: Ending = {
  kind: 'untold',
  cause: 'RUN_FAILED',
  detail: 'it completed with a value that is no result of a switchover',
};

function fromFailure(cause: Error | undefined): Ending {
  if (cause instanceof CancelledFailure) return { kind: 'cancelled' };
  const message = cause?.message ?? 'no reason told';
  if (cause instanceof TerminatedFailure)
    return { kind: 'untold', cause: 'RUN_TERMINATED', detail: `it was terminated (${message})` };
  if (cause instanceof TimeoutFailure)
    return { kind: 'untold', cause: 'RUN_TIMED_OUT', detail: 'it ran into its workflow timeout' };
  const told = cause instanceof ApplicationFailure ? fromDetails(cause) : null;
  return told ?? { kind: 'untold', cause: 'RUN_FAILED', detail: `it failed: ${message}` };
}

function fromDetails({ type, details }: ApplicationFailure): Ending | null {
  const first: unknown = details?.[0];
  if (type === 'INVALID_INPUT' && isRecord(first) && Array.isArray(first['problems']))
    return { kind: 'invalid-input', problems: first['problems'] as readonly InputProblem[] };
  return isOutcome(type) && isResult(first) ? { kind: 'told', result: first } : null;
}

function isResult(value: unknown): value is SwitchoverResult {
  return isRecord(value) && isOutcome(value['outcome']);
}
