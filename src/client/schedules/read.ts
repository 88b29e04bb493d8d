import type { ScheduleDescription } from '@temporalio/client';

import { MAINTENANCE_WORKFLOW_TYPE } from '../../contract/index.js';
import type {
  CalendarSpec,
  MaintenanceInput,
  ScheduleInput,
  ScheduleSpec,
} from '../../contract/index.js';
import { parseMaintenanceInput } from '../../schema/index.js';
import type { ClientContext } from '../../temporal/rpc.js';
import { listScheduleIds } from '../../temporal/schedule.js';
import { isRecord } from '../../util.js';
import { describeWindow } from '../maintenance/describe.js';

import { describeSchedule } from './change.js';
import { ForeignScheduleError } from './client.js';
import type { ScheduleDetails, ScheduleEntry } from './client.js';
import { NotFoundError } from '../errors.js';

/** How many are read or changed at the same time: quick for people, gentle with the server. */
const AT_ONCE = 8;

/** Calls for each item, a few at a time; answers in the items' order. */
export async function mapWithLimit<T, R>(
  items: readonly T[],
  call: (item: T) => Promise<R>,
): Promise<R[]> {
  const answers: R[] = [];
  for (let first = 0; first < items.length; first += AT_ONCE)
    answers.push(...(await Promise.all(items.slice(first, first + AT_ONCE).map(call))));
  return answers;
}

/** When a schedule fires, as text; `null`: it was made by other means than ours. */
export function describeWhen(spec: ScheduleSpec | null, window: string): string {
  if (spec === null) return 'by a spec that was not made here; see it in the Temporal UI';
  const { jitterSeconds, leadSeconds } = spec;
  return [
    describeRoute(spec, window),
    ...(isGiven(leadSeconds) ? [`${description(leadSeconds)} earlier`] : []),
    ...(isGiven(jitterSeconds) ? [`up to ${description(jitterSeconds)} later at random`] : []),
  ].join(', ');
}

function describeRoute(spec: ScheduleSpec, window: string): string {
  const zone = spec.timeZone ?? null;
  const inZone = zone === null ? '' : ` (${zone})`;
  if (spec.onWindow === true) return `when the window opens: ${window}`;
  if (isText(spec.cron)) return `cron ${spec.cron}${inZone}`;
  if (isText(spec.at)) return `once, at ${spec.at}`;
  if (isGiven(spec.everySeconds)) {
    const offset = isGiven(spec.offsetSeconds) ? `, offset ${description(spec.offsetSeconds)}` : '';
    return `every ${description(spec.everySeconds)}${offset}`;
  }
  return `${describeCalendar(spec.calendar ?? {})}${inZone}`;
}

function describeCalendar({ month, dayOfMonth, dayOfWeek, hour, minute }: CalendarSpec): string {
  const parts: (readonly [string, readonly (number | string)[] | null | undefined])[] = [
    ['month', month],
    ['day', dayOfMonth],
    ['on', dayOfWeek],
    ['hour', hour],
    ['minute', minute ?? [0]],
  ];
  return parts
    .flatMap(([label, values]) => (Array.isArray(values) ? [`${label} ${values.join(', ')}`] : []))
    .join(', ');
}

function description(seconds: number): string {
  const [unit, size] = UNITS.find(([, length]) => seconds % length === 0) ?? ['s', 1];
  return `${seconds / size} ${unit}`;
}

const UNITS = [
  ['h', 3600],
  ['min', 60],
] as const;

function isGiven(value: number | null | undefined): value is number {
  return typeof value === 'number' && value > 0;
}

function isText(value: string | null | undefined): value is string {
  return typeof value === 'string';
}

/** How many firings to come are reported. */
const SHOWN_FIRINGS = 10;

/** With what the server notes that it has paused a schedule itself. */
const PAUSED_BY_FAILURE = /^paused due to workflow (?:failure|timeout)/;

/** All schedules of maintenance runs; see `SchedulesClient.list`. */
export async function listSchedules(context: ClientContext): Promise<ScheduleEntry[]> {
  const ids = await listScheduleIds(context);
  const entries = await mapWithLimit(ids, (scheduleId) => readEntry(context, scheduleId));
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
    if (error instanceof NotFoundError || error instanceof ForeignScheduleError) return null;
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

/** What was asked for, as far as the schedule shows. */
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
  const maintenance = parseMaintenanceInput(readMaintenance(description));
  const last = info.recentActions.at(-1);
  return {
    scheduleId,
    maintenanceId: maintenance.ok ? maintenance.input.maintenanceId : null,
    when: describeWhen(
      readSpec(description),
      maintenance.ok ? describeWindow(maintenance.input.window) : 'a window that cannot be read',
    ),
    isPaused: state.paused,
    note: state.note === undefined || state.note === '' ? null : state.note,
    next: info.nextActionTimes.slice(0, SHOWN_FIRINGS).map((at) => at.toISOString()),
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

/** The maintenance that each firing starts, as it stands there. */
export function readMaintenance({ action }: ScheduleDescription): unknown {
  return action.workflowType === MAINTENANCE_WORKFLOW_TYPE ? action.args?.[0] : undefined;
}
