import { cancellationSignal } from '@temporalio/activity';
import { ApplicationFailure, WorkflowFailedError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { ApplicationFailureCategory } from '@temporalio/common';

import { endingWithoutResult, toLegEnding } from '../domain/maintenance/ending.js';
import type { FollowCall, LegEnding } from '../domain/maintenance/reports.js';
import { endingOfFailure, endingOfValue, isSwitchoverResult } from '../domain/run-ending.js';
import { isUnknownEncoding } from '../temporal/data-converter.js';

import { isNotFound } from '../temporal/rpc.js';
import { timeoutSignal } from '../util.js';
import type { ActivityDeps } from './deps.js';
import { toRepeatedFailure } from './errors.js';
import { withHeartbeats } from './turns.js';

/**
 * How long one look takes at most, and after how long the next one comes. A follower that stayed would keep its
 * place on the worker from the very switchover that it waits for: fifty of them could fill it, for ever.
 */
const LOOK_MS = 10_000;
const NEXT_LOOK_MS = 10_000;

/**
 * Activity `followRun`: waits for a switchover that an earlier run of the maintenance has started, look by look: each is an
 * attempt, which costs no history. Heartbeats; the end stands in the switchover's own history.
 *
 * @param lookMs longest time of one look, in milliseconds
 * @returns how it ended, in the words of a maintenance that follows its children itself. Ended from outside (terminated,
 * timed out), or no longer known to Temporal, is UNKNOWN: no one knows what it did
 * @throws ApplicationFailure (retryable) while the run is open, or Temporal does not say
 */
export async function followRun(
  { temporal }: ActivityDeps,
  call: FollowCall,
  lookMs = LOOK_MS,
): Promise<LegEnding> {
  const { workflowId, runId } = call;
  return withHeartbeats(
    () => ({ next: `wait for the end of run ${runId} of ${workflowId}` }),
    () => readEnding(temporal, call, timeoutSignal(lookMs)),
  );
}

async function readEnding(
  temporal: Client,
  { workflowId, runId }: FollowCall,
  enough: AbortSignal,
): Promise<LegEnding> {
  const handle = temporal.workflow.getHandle(workflowId, runId, { followRuns: false });
  try {
    const value: unknown = await temporal.withAbortSignal(
      AbortSignal.any([cancellationSignal(), enough]),
      () => handle.result(),
    );
    return toLegEnding(endingOfValue(value, isSwitchoverResult));
  } catch (error) {
    if (cancellationSignal().aborted) throw error;
    if (error instanceof WorkflowFailedError)
      return toLegEnding(endingOfFailure(error.cause, isSwitchoverResult));
    if (isNotFound(error))
      return endingWithoutResult(
        'RUN_FORGOTTEN',
        'it is not known to Temporal any more (retention)',
      );
    if (isUnknownEncoding(error))
      return endingWithoutResult(
        'RUN_UNREADABLE',
        'it has ended, but in an encoding that this worker lacks',
      );
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
