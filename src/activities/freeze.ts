import { activityInfo, heartbeat } from '@temporalio/activity';
import type { Info } from '@temporalio/activity';
import { ActivityCancelledError } from '@temporalio/client';
import type { Client } from '@temporalio/client';

import type { Freeze } from '../contract/index.js';
import type { ThawCall, ThawReport } from '../domain/freeze.js';
import type { SwapCall } from '../domain/reports.js';
import { findFreeze } from '../temporal/freeze-record.js';
import { inActivity, isNotFound, TEMPORAL_TIMEOUTS_MS } from '../temporal/rpc.js';
import { listScheduleIds, resumeFrozen } from '../temporal/schedule.js';
import type { Thawed } from '../temporal/schedule.js';
import { iso } from '../util.js';

import { startExecutionClock, workerNowMs } from './clock.js';
import type { ActivityDeps } from './deps.js';
import { explain, toRepeatedFailure } from './errors.js';

/**
 * Activity `thawSchedules`: resumes the schedules of maintenance runs that a freeze has paused, known by the beginning of
 * their note, and no others. A later freeze that has taken over keeps them all. Safe to repeat.
 *
 * @throws ApplicationFailure (retryable) while the schedules cannot be listed
 */
export async function thawSchedules(deps: ActivityDeps, call: ThawCall): Promise<ThawReport> {
  const resumed: string[] = [];
  const failed: { scheduleId: string; detail: string }[] = [];
  const scheduleIds = await listScheduleIds(inActivity(deps.temporal)).catch((error: unknown) => {
    throw toRepeatedFailure(error, 'what the freeze has paused');
  });
  // Their notes are read one by one, because the list may lag behind.
  for (const scheduleId of scheduleIds) {
    heartbeat({ scheduleId });
    const thawed = await thaw(deps.temporal, scheduleId, call);
    if (thawed === 'resumed') resumed.push(scheduleId);
    else if (typeof thawed === 'object') failed.push({ scheduleId, detail: thawed.failed });
  }
  return { resumed, failed };
}

async function thaw(
  temporal: Client,
  scheduleId: string,
  { freeze }: ThawCall,
): Promise<Thawed | { readonly failed: string }> {
  const note = `resumed: the freeze until ${freeze.until} is over`;
  const isFrozen = (): Promise<boolean> => isTakenOver(temporal);
  try {
    const thawed = await resumeFrozen(inActivity(temporal), scheduleId, note, isFrozen);
    return thawed === 'busy' ? { failed: 'others changed it at each try' } : thawed;
  } catch (error) {
    return isNotFound(error) ? 'running' : { failed: explain(error) };
  }
}

/** Asked right before each change: this activity may outlive the freeze that it belongs to. */
async function isTakenOver(temporal: Client): Promise<boolean> {
  const inForce = await findFreeze(temporal, startExecutionClock().present);
  return inForce !== null && inForce.runId !== activityInfo().workflowExecution?.runId;
}

/**
 * Activity `readFreeze`: the freeze in force, or `null`.
 *
 * @throws ApplicationFailure (retryable) while Temporal does not say
 */
export async function readFreeze({ temporal }: ActivityDeps): Promise<Freeze | null> {
  try {
    return (await findFreeze(temporal, startExecutionClock().present))?.freeze ?? null;
  } catch (error) {
    throw toRepeatedFailure(error, 'a freeze');
  }
}

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

/** The fence's answer. */
export type FenceAnswer = 'open' | 'cancelled' | { readonly closed: string };

/**
 * The fence: one heartbeat RPC by the activity's own task token. The server accepts it only while this
 * execution still counts, so a worker that was frozen past its timeout, or belongs to a terminated or
 * reset run, learns it here. The details it leaves behind stop any later execution.
 */
export async function passFence(client: Client, taskToken: Uint8Array): Promise<FenceAnswer> {
  try {
    await client.withDeadline(workerNowMs() + TEMPORAL_TIMEOUTS_MS.activity, () =>
      client.activity.heartbeat(taskToken, { fencedAt: iso(workerNowMs()) }),
    );
    return 'open';
  } catch (error) {
    if (error instanceof ActivityCancelledError) return 'cancelled';
    return { closed: error instanceof Error ? error.name : 'no answer' };
  }
}
