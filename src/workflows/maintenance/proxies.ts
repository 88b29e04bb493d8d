/** The activities of a maintenance; they only read. What sends is started as a child, and sends by its own rules. */
import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';

import type { Activities } from '../../activities/index.js';
import type { HookCall, MaintenanceRequest } from '../../contract/index.js';
import { HEARTBEAT_TIMEOUT_MS } from '../../domain/timing.js';

/** Resolves window and instances. Repeating that costs nothing, so Temporal retries it. */
export const { planMaintenance } = proxyActivities<Activities>({
  // As long as it waits for turns; a lost worker shows by its heartbeat.
  startToCloseTimeout: '24h',
  heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
  retry: { maximumAttempts: 5, maximumInterval: '30s' },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  summary: 'Resolve the window and the instances; sends nothing',
});

/** A freeze that came after the maintenance was made. */
export const { readFreeze } = proxyActivities<Activities>({
  startToCloseTimeout: '20s',
  retry: { maximumAttempts: 5, maximumInterval: '10s' },
  summary: 'Ask whether a freeze is in force',
});

/** A switchover that an earlier run of the chain has started; it ends by itself, however long that takes. */
export const { followRun } = proxyActivities<Activities>({
  startToCloseTimeout: '24h',
  heartbeatTimeout: '30s',
  retry: { maximumInterval: '30s' },
  cancellationType: ActivityCancellationType.ABANDON,
  summary: 'Follow a switchover that an earlier run of this maintenance has started',
});

/**
 * Calls an activity of the user's own, on a queue of the user's own.
 *
 * @throws ActivityFailure when it fails or its time is over, retries included
 */
export async function callHook(
  name: string,
  { taskQueue, timeoutSeconds }: NonNullable<MaintenanceRequest['hooks']>,
  call: HookCall,
): Promise<unknown> {
  const hooks = proxyActivities<Record<string, (call: HookCall) => Promise<unknown>>>({
    taskQueue,
    scheduleToCloseTimeout: timeoutSeconds * 1000,
    retry: { maximumInterval: '30s' },
    summary: `Hook of ${call.instanceId}`,
  });
  return hooks[name]?.(call);
}
