import { activityInfo, cancellationSignal } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure, WorkflowFailedError } from '@temporalio/client';
import type { Client } from '@temporalio/client';

import type { LegOutcome, SwitchoverResult } from '../contract/index.js';
import type { FollowCall, LegEnding } from '../domain/maintenance/reports.js';
import { onlyMaster } from '../domain/roles.js';

import type { ActivityDeps } from './deps.js';
import { withHeartbeats } from './heartbeats.js';
import { isNotFound } from './temporal.js';
import { toRetryableFailure } from './to-application-failure.js';

/**
 * Activity `followRun`: waits for a switchover that an earlier run of the plan has started. Heartbeats; another
 * worker just waits on, because the end stands in the switchover's own history.
 *
 * @returns how it ended. Ended from outside (terminated, timed out), or no longer known to Temporal, is
 * UNKNOWN: nobody knows what it did
 * @throws ApplicationFailure (retryable) while Temporal does not tell
 */
export async function followRun({ temporal }: ActivityDeps, call: FollowCall): Promise<LegEnding> {
  const { workflowId, runId } = call;
  return withHeartbeats(
    () => ({ next: `wait for the end of run ${runId} of ${workflowId}` }),
    () => readEnding(temporal, call),
  );
}

async function readEnding(temporal: Client, { workflowId, runId }: FollowCall): Promise<LegEnding> {
  const handle = temporal.workflow.getHandle(workflowId, runId, { followRuns: false });
  try {
    const result = await temporal.withAbortSignal(
      cancellationSignal(),
      () => handle.result() as Promise<SwitchoverResult>,
    );
    return toEnding(result);
  } catch (error) {
    if (cancellationSignal().aborted) throw error;
    if (error instanceof WorkflowFailedError) return endingOfFailure(error, runId);
    if (isNotFound(error))
      return untold(`Temporal knows run ${runId} no longer: its retention is over`);
    throw toRetryableFailure(error, activityInfo().attempt);
  }
}

function endingOfFailure({ cause }: WorkflowFailedError, runId: string): LegEnding {
  if (cause instanceof CancelledFailure)
    return { ...untold('cancelled before its PUT; nothing was sent'), outcome: 'CANCELLED' };
  if (!(cause instanceof ApplicationFailure))
    return untold(`run ${runId} was ended from outside (${cause?.message ?? 'without a word'})`);
  const outcome = OUTCOMES_OF_FAILURES.find((each) => each === cause.type);
  if (outcome === undefined)
    return untold(`run ${runId} failed without an outcome: ${cause.message}`);
  const details = (cause.details?.[0] ?? {}) as Partial<SwitchoverResult>;
  return toEnding({ swapsSent: 0, ...details, outcome, message: cause.message });
}

const OUTCOMES_OF_FAILURES: readonly LegOutcome[] = [
  'REFUSED',
  'FAILED_UNCHANGED',
  'COMPENSATED',
  'UNKNOWN',
  'INVALID_INPUT',
];

type Told = Partial<Omit<SwitchoverResult, 'outcome'>> & {
  readonly outcome: string;
  readonly message: string;
  readonly swapsSent: number;
};

function toEnding({ outcome, cause, message, swapsSent, before, after }: Told): LegEnding {
  // Without a PUT the roles of before are those of the end.
  const roles = after ?? (swapsSent === 0 ? before : null) ?? null;
  const master = roles === null ? null : onlyMaster(roles);
  const nodeId = master?.nodeId ?? null;
  return {
    outcome: outcome as LegOutcome,
    cause: cause ?? null,
    message,
    swapsSent,
    master: nodeId === null ? null : { nodeId, availabilityZone: master?.availabilityZone ?? null },
  };
}

function untold(message: string): LegEnding {
  return { outcome: 'UNKNOWN', cause: null, message, swapsSent: 0, master: null };
}
