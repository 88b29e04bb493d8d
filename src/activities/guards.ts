import type { Info } from '@temporalio/activity';
import { ActivityCancelledError } from '@temporalio/client';
import type { Client } from '@temporalio/client';

import { CodecError } from '../data-converter/index.js';
import { TEMPORAL_RPC_TIMEOUT_MS } from '../domain/budgets.js';
import type { SwapCall } from '../domain/reports.js';

import { workerNowMs } from './clock.js';

/**
 * Why this execution of the swap activity is not the first of its kind, or `null`.
 *
 * A retry, an operator's "reset activity" and a workflow reset all execute the activity again although
 * an earlier execution may have sent the PUT. The check lives here because in the workflow it would
 * break the replay of the run that was reset.
 */
export function findRepetition(info: Info, originalRunId: string): string | null {
  if (info.attempt > 1) return `this is attempt ${info.attempt} of the activity`;
  if (info.heartbeatDetails !== undefined) return 'an earlier execution passed the fence';
  if (info.currentAttemptScheduledTimestampMs !== info.scheduledTimestampMs)
    return 'the activity was scheduled again by hand';
  if (info.workflowExecution?.runId !== originalRunId) return 'the workflow was reset';
  return null;
}

/**
 * Why a run of this mode may not send at all, or `null`. The workflows of the other modes cannot even
 * name this activity; this guard holds when that is ever broken.
 */
export function findForbiddenMode({ request }: Pick<SwapCall, 'request'>): string | null {
  return request.mode === 'switch' ? null : `a run of mode "${request.mode}" sends nothing`;
}

/** The fence's answer. `unencoded`: it could not even be asked for, because the codec failed. */
export type FenceAnswer = 'open' | 'cancelled' | 'unencoded' | { readonly closed: string };

/**
 * The fence: one heartbeat RPC by the activity's own task token. The server accepts it only while this
 * execution still counts, so a worker that was frozen past its timeout, or belongs to a terminated or
 * reset run, learns it here. The details it leaves behind stop any later execution.
 */
export async function passFence(client: Client, taskToken: Uint8Array): Promise<FenceAnswer> {
  try {
    await client.withDeadline(workerNowMs() + TEMPORAL_RPC_TIMEOUT_MS, () =>
      client.activity.heartbeat(taskToken, { fencedAt: new Date(workerNowMs()).toISOString() }),
    );
    return 'open';
  } catch (error) {
    if (error instanceof ActivityCancelledError) return 'cancelled';
    if (error instanceof CodecError) return 'unencoded';
    return { closed: error instanceof Error ? error.name : 'no answer' };
  }
}
