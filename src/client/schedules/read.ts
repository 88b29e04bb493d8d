import type { ScheduleDescription } from '@temporalio/client';

import { MAINTENANCE_WORKFLOW_TYPE } from '../../contract/index.js';
import type { MaintenanceInput, ScheduleInput, ScheduleSpec } from '../../contract/index.js';
import { isRecord } from '../../util.js';
import { parseMaintenanceInput } from '../../schema/index.js';

import { describeWindow } from '../maintenance/describe.js';
import type { ClientContext } from '../../temporal/rpc.js';

import { describeSchedule } from './change.js';
import { ForeignScheduleError, ScheduleNotFoundError } from './errors.js';
import { listScheduleIds, mapGently } from './list-schedules.js';
import type { ScheduleDetails, ScheduleEntry } from './client.js';
import { describeWhen } from './when.js';

/** How many firings to come are told. */
const TOLD = 10;

/** With what the server notes that it has paused a schedule itself. */
const PAUSED_BY_FAILURE = /^paused due to workflow (?:failure|timeout)/;

/** All schedules of plans; see `SchedulesClient.list`. */
export async function listSchedules(context: ClientContext): Promise<ScheduleEntry[]> {
  const ids = await listScheduleIds(context);
  const entries = await mapGently(ids, (scheduleId) => readEntry(context, scheduleId));
  return entries.filter((entry) => entry !== null);
}

/** `null` for one that was deleted, or replaced by another's, since it was listed. */
async function readEntry(
  context: ClientContext,
  scheduleId: string,
): Promise<ScheduleEntry | null> {
  try {
    return toEntry(await describeSchedule(context, scheduleId));
  } catch (error) {
    if (error instanceof ScheduleNotFoundError || error instanceof ForeignScheduleError)
      return null;
    throw error;
  }
}

/** One schedule, whole; see `SchedulesClient.describe`. */
export async function readDetails(
  context: ClientContext,
  scheduleId: string,
): Promise<ScheduleDetails> {
  const description = await describeSchedule(context, scheduleId);
  const { info, state } = description;
  return {
    ...toEntry(description),
    input: readScheduleInput(description),
    running: info.runningActions.map(({ workflow }) => ({
      workflowId: workflow.workflowId,
      runId: workflow.firstExecutionRunId,
    })),
    recent: info.recentActions.map(({ scheduledAt, takenAt, action }) => ({
      scheduledAt: scheduledAt.toISOString(),
      takenAt: takenAt.toISOString(),
      workflowId: action.workflow.workflowId,
    })),
    counts: {
      fired: info.numActionsTaken,
      missed: info.numActionsMissedCatchupWindow,
      skippedOverlap: info.numActionsSkippedOverlap,
    },
    isPausedByFailure: state.paused && PAUSED_BY_FAILURE.test(state.note ?? ''),
  };
}

/** What was asked for, as far as the schedule tells. */
function readScheduleInput(description: ScheduleDescription): ScheduleInput {
  const note = description.action.memo?.['note'];
  return {
    scheduleId: description.scheduleId,
    schedule: readSpec(description) ?? {},
    maintenance: readMaintenance(description) as MaintenanceInput,
    ...(typeof note === 'string' ? { note } : {}),
  };
}

function toEntry(description: ScheduleDescription): ScheduleEntry {
  const { scheduleId, state, info } = description;
  const plan = parseMaintenanceInput(readMaintenance(description));
  const last = info.recentActions.at(-1);
  return {
    scheduleId,
    maintenanceId: plan.ok ? plan.input.maintenanceId : null,
    when: describeWhen(
      readSpec(description),
      plan.ok ? describeWindow(plan.input.window) : 'a window that cannot be read',
    ),
    isPaused: state.paused,
    note: state.note === undefined || state.note === '' ? null : state.note,
    next: info.nextActionTimes.slice(0, TOLD).map((at) => at.toISOString()),
    last:
      last === undefined
        ? null
        : { at: last.takenAt.toISOString(), workflowId: last.action.workflow.workflowId },
  };
}

/** The spec in our words, which the server keeps with the action; `null` where others made the schedule. */
export function readSpec({ action }: ScheduleDescription): ScheduleSpec | null {
  const spec = action.memo?.['schedule'];
  return isRecord(spec) ? spec : null;
}

/** The plan that each firing starts, as it stands there. */
export function readMaintenance({ action }: ScheduleDescription): unknown {
  return action.workflowType === MAINTENANCE_WORKFLOW_TYPE ? action.args?.[0] : undefined;
}
