import { activityInfo, heartbeat } from '@temporalio/activity';
import type { Client } from '@temporalio/client';

import { MAINTENANCE_WORKFLOW_TYPE } from '../contract/index.js';
import { FREEZE_NOTE_PREFIX } from '../domain/freeze.js';
import type { ThawCall, ThawReport } from '../domain/freeze.js';

import type { ActivityDeps } from './deps.js';
import { explain } from './explain.js';
import { startExecutionClock } from './clock.js';
import { findFreeze } from '../temporal/freeze-record.js';
import { askTemporal, isNotFound } from './temporal.js';
import { toRepeatedFailure } from './to-application-failure.js';

/** What became of one schedule; `left`: it was not for us to resume. */
type Thawed = 'resumed' | 'left' | { readonly failed: string };

/**
 * Activity `thawSchedules`: resumes the schedules of plans that a freeze has paused, known by the beginning of
 * their note, and no others. A later freeze that has taken over keeps them all. Safe to repeat.
 *
 * @throws ApplicationFailure (retryable) while the schedules cannot be listed
 */
export async function thawSchedules(deps: ActivityDeps, call: ThawCall): Promise<ThawReport> {
  const resumed: string[] = [];
  const failed: { scheduleId: string; detail: string }[] = [];
  for (const scheduleId of await listSchedules(deps.temporal)) {
    heartbeat({ scheduleId });
    const thawed = await thaw(deps.temporal, scheduleId, call);
    if (thawed === 'resumed') resumed.push(scheduleId);
    else if (thawed !== 'left') failed.push({ scheduleId, detail: thawed.failed });
  }
  return { resumed, failed };
}

/**
 * The schedules of plans; their notes are read one by one, because the list may lag behind. Asked of the service
 * itself: the SDK's client decodes the memo of each schedule, which fails on those of other keys.
 */
async function listSchedules(temporal: Client): Promise<string[]> {
  const ids: string[] = [];
  let nextPageToken: Uint8Array = new Uint8Array();
  try {
    do {
      const page = await askTemporal(temporal, 'list the schedules', () =>
        temporal.workflowService.listSchedules({
          namespace: temporal.options.namespace,
          maximumPageSize: 100,
          nextPageToken,
        }),
      );
      for (const { scheduleId, info } of page.schedules)
        if (info?.workflowType?.name === MAINTENANCE_WORKFLOW_TYPE) ids.push(scheduleId ?? '');
      nextPageToken = page.nextPageToken;
    } while (nextPageToken.length > 0);
    return ids;
  } catch (error) {
    throw toRepeatedFailure(error, 'what the freeze has paused');
  }
}

async function thaw(
  temporal: Client,
  scheduleId: string,
  { freeze: { until } }: ThawCall,
): Promise<Thawed> {
  const { namespace } = temporal.options;
  try {
    const { schedule } = await askTemporal(temporal, 'describe a schedule', () =>
      temporal.workflowService.describeSchedule({ namespace, scheduleId }),
    );
    const { paused, notes } = schedule?.state ?? {};
    const isOurs = paused === true && notes?.startsWith(FREEZE_NOTE_PREFIX) === true;
    if (!isOurs || (await isTakenOver(temporal))) return 'left';
    await askTemporal(temporal, 'resume a schedule', () =>
      temporal.schedule.getHandle(scheduleId).unpause(`resumed: the freeze until ${until} is over`),
    );
    return 'resumed';
  } catch (error) {
    return isNotFound(error) ? 'left' : { failed: explain(error) };
  }
}

/** Asked right before each change: this activity may outlive the freeze that it belongs to. */
async function isTakenOver(temporal: Client): Promise<boolean> {
  const inForce = await findFreeze(temporal, startExecutionClock().present);
  return inForce !== null && inForce.runId !== activityInfo().workflowExecution?.runId;
}
