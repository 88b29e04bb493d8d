import { cancellationSignal } from '@temporalio/activity';
import {
  ApplicationFailure,
  CancelledFailure,
  TerminatedFailure,
  TimeoutFailure,
  WorkflowFailedError,
} from '@temporalio/client';
import { ApplicationFailureCategory } from '@temporalio/common';
import type { Client } from '@temporalio/client';

import type { SwitchoverResult } from '../contract/index.js';
import { isUnknownEncoding } from '../data-converter/index.js';
import {
  cancelledEnding,
  clipMessage,
  toEnding,
  toLegOutcome,
  untoldEnding,
} from '../domain/maintenance/ending.js';
import type { FollowCall, LegEnding } from '../domain/maintenance/reports.js';

import type { ActivityDeps } from './deps.js';
import { withHeartbeats } from './heartbeats.js';
import { isNotFound } from './temporal.js';
import { toRepeatedFailure } from './to-application-failure.js';

/**
 * How long one look takes at most, and after how long the next one comes. A follower that stayed would keep its
 * place on the worker from the very switchover that it waits for: fifty of them could fill it, for ever.
 */
const LOOK_MS = 10_000;
const NEXT_LOOK_MS = 10_000;

/**
 * Activity `followRun`: waits for a switchover that an earlier run of the plan has started, look by look: each is an
 * attempt, which costs no history. Heartbeats; the end stands in the switchover's own history.
 *
 * @param lookMs longest time of one look, in milliseconds
 * @returns how it ended, in the words of a plan that follows its children itself. Ended from outside (terminated,
 * timed out), or no longer known to Temporal, is UNKNOWN: nobody knows what it did
 * @throws ApplicationFailure (retryable) while the run is open, or Temporal does not tell
 */
export async function followRun(
  { temporal }: ActivityDeps,
  call: FollowCall,
  lookMs = LOOK_MS,
): Promise<LegEnding> {
  const { workflowId, runId } = call;
  return withHeartbeats(
    () => ({ next: `wait for the end of run ${runId} of ${workflowId}` }),
    () => readEnding(temporal, call, AbortSignal.timeout(lookMs)),
  );
}

async function readEnding(
  temporal: Client,
  { workflowId, runId }: FollowCall,
  enough: AbortSignal,
): Promise<LegEnding> {
  const handle = temporal.workflow.getHandle(workflowId, runId, { followRuns: false });
  try {
    const result = await temporal.withAbortSignal(
      AbortSignal.any([cancellationSignal(), enough]),
      () => handle.result() as Promise<SwitchoverResult>,
    );
    return toEnding(result);
  } catch (error) {
    if (cancellationSignal().aborted) throw error;
    if (error instanceof WorkflowFailedError) return endingOfFailure(error);
    if (isNotFound(error))
      return untoldEnding('RUN_FORGOTTEN', 'is not known to Temporal any more (retention)');
    if (isUnknownEncoding(error))
      return untoldEnding('RUN_UNREADABLE', 'has ended, but in an encoding that this worker lacks');
    if (enough.aborted) throw stillOpen(workflowId, runId);
    throw toRepeatedFailure(error, 'the end of the switchover');
  }
}

function stillOpen(workflowId: string, runId: string): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'StillOpen',
    message: `Run ${runId} of ${workflowId} goes on; its end is looked for again.`,
    category: ApplicationFailureCategory.BENIGN,
    nextRetryDelay: NEXT_LOOK_MS,
  });
}

function endingOfFailure({ cause }: WorkflowFailedError): LegEnding {
  if (cause instanceof CancelledFailure) return cancelledEnding();
  if (cause instanceof TerminatedFailure) return untoldEnding('RUN_TERMINATED', 'was terminated');
  if (cause instanceof TimeoutFailure) return untoldEnding('RUN_TIMED_OUT', 'timed out');
  if (!(cause instanceof ApplicationFailure)) return untoldEnding('RUN_FAILED', 'failed');
  const outcome = toLegOutcome(cause.type);
  const told = cause.details?.[0] as Partial<SwitchoverResult> | undefined;
  if (told?.outcome !== undefined && told.outcome === cause.type)
    return toEnding({ ...NOTHING_TOLD, ...told } as SwitchoverResult);
  if (outcome === 'UNKNOWN') return untoldEnding('RUN_FAILED', `failed: ${cause.message}`);
  return { outcome, cause: null, message: clipMessage(cause.message), swapsSent: 0, master: null };
}

/** What a shorter result leaves out. */
const NOTHING_TOLD = { cause: null, swapsSent: 0, before: null, after: null };
