import { createHash, randomUUID } from 'node:crypto';

import { ScheduleAlreadyRunning } from '@temporalio/client';
import type { Client, ScheduleDescription, ScheduleOptions } from '@temporalio/client';
import {
  encodeScheduleAction,
  encodeSchedulePolicies,
  encodeScheduleSpec,
  encodeScheduleState,
} from '@temporalio/client/lib/schedule-helpers';

import { MAINTENANCE_WORKFLOW_TYPE, makeMaintenanceWorkflowId } from '../../contract/index.js';
import type { ScheduleInput } from '../../contract/index.js';
import { withCommands } from '../../domain/commands.js';
import { makeFreezeNote } from '../../domain/freeze.js';
import { planCommandLine } from '../../domain/maintenance/commands.js';
import { MAINTENANCE_TASK_TIMEOUT_MS } from '../../domain/timing.js';
import { readCurrent } from '../../temporal/freeze-record.js';
import { callTemporal } from '../../temporal/rpc.js';
import type { ClientContext } from '../../temporal/rpc.js';
import { joinNotes } from '../../temporal/schedule.js';
import type { ScheduleChange } from '../../temporal/schedule.js';
import { toTemporalSpec } from '../../windows/index.js';
import {
  canonical,
  describeMaintenanceGoal,
  describeWindow,
  maintenanceTexts,
} from '../maintenance/describe.js';

import { changeSchedule } from './change.js';
import { checkSchedule } from './check.js';
import type { CheckedSchedule } from './check.js';
import type { AppliedSchedule } from './client.js';
import { describeWhen } from './read.js';
import { NotFoundError } from '../errors.js';

/** A schedule as the SDK takes it, apart from its state. */
type DesiredSchedule = Required<Pick<ScheduleOptions, 'scheduleId' | 'spec' | 'policies'>> & {
  readonly action: Extract<ScheduleOptions['action'], { type: 'startWorkflow' }> & {
    readonly workflowType: string;
    readonly workflowId: string;
    readonly args: unknown[];
  };
  readonly note: string;
  /** Fires once, at most. */
  readonly isOneShot: boolean;
};

/**
 * What a schedule has to be on the server. Policies are stated, never left to the server's defaults.
 *
 * @param nowMs epoch milliseconds; see `toTemporalSpec`
 */
function toDesired(
  { taskQueue }: ClientContext,
  { input, catchUpSeconds }: CheckedSchedule,
  nowMs: number,
): DesiredSchedule {
  const { scheduleId, maintenance, schedule } = input;
  const spec = toTemporalSpec(schedule, maintenance.window, nowMs);
  const compiled = createHash('sha256').update(canonical(spec)).digest('hex').slice(0, 16);
  const when = describeWhen(schedule, describeWindow(maintenance.window));
  const texts = maintenanceTexts(maintenance, { taskQueue }, { scheduleId, when });
  // The UI shows the note beside the name: one that was not given says what the schedule is.
  const note = input.note ?? `${describeMaintenanceGoal(maintenance)}; fires ${when}`;
  return {
    scheduleId,
    note,
    spec,
    action: {
      type: 'startWorkflow',
      workflowType: MAINTENANCE_WORKFLOW_TYPE,
      workflowId: makeMaintenanceWorkflowId(maintenance.maintenanceId),
      taskQueue,
      args: [maintenance],
      workflowTaskTimeout: MAINTENANCE_TASK_TIMEOUT_MS,
      ...texts,
      memo: { ...texts.memo, scheduleId, schedule, note, compiled, revision: randomUUID() },
    },
    policies: {
      overlap: 'SKIP',
      catchupWindow: catchUpSeconds * 1000,
      pauseOnFailure: schedule.pauseOnFailure ?? false,
    },
    isOneShot: input.schedule.at !== undefined,
  };
}

/** Whether the server has it by this very call. */
function isWritten({ action }: ScheduleDescription, desired: DesiredSchedule): boolean {
  return action.memo?.['revision'] === desired.action.memo?.['revision'];
}

/** Whether the server has all of it already, as far as it says. */
function isAsDesired({ action, policies }: ScheduleDescription, desired: DesiredSchedule): boolean {
  const parts = (one: {
    readonly action: Pick<
      DesiredSchedule['action'],
      'args' | 'memo' | 'taskQueue' | 'workflowId' | 'workflowTaskTimeout'
    >;
    readonly policies: unknown;
  }): string => {
    const { args, memo, taskQueue, workflowId, workflowTaskTimeout = null } = one.action;
    const asked = { ...memo, revision: null };
    return canonical([args, asked, taskQueue, workflowId, workflowTaskTimeout, one.policies]);
  };
  const there = { ...action, args: action.args ?? [] } as DesiredSchedule['action'];
  return parts({ action: there, policies }) === parts(desired);
}

/** All of a schedule in the wire's words: whatever is left out of an update is gone. */
async function encodeDesired(
  { options }: Client,
  { spec, action, policies, isOneShot }: DesiredSchedule,
  { raw: { schedule }, state }: ScheduleDescription,
  note: string,
): Promise<ScheduleChange> {
  const { loadedDataConverter: converter, namespace } = options;
  const headers = schedule?.action?.startWorkflow?.header?.fields ?? {};
  return {
    spec: encodeScheduleSpec(spec),
    action: await encodeScheduleAction(converter, namespace, action, headers),
    policies: encodeSchedulePolicies(policies),
    state: encodeScheduleState({
      paused: state.paused,
      note,
      ...(isOneShot ? { remainingActions: 1 } : {}),
    }),
  };
}

/** How many firings are reported, and compared with what the server reports. */
const SHOWN_FIRINGS = 5;

/** Creates or updates a schedule; see `SchedulesClient.ensure`. */
export async function createOrUpdateSchedule(
  context: ClientContext,
  asked: ScheduleInput,
): Promise<AppliedSchedule> {
  const nowMs = Date.now();
  const checked = checkSchedule(asked, nowMs);
  const desired = toDesired(context, checked, nowMs);
  return (
    (await tryUpdate(context, checked, desired)) ??
    (await tryCreate(context, checked, desired)) ??
    // Someone created it between our two calls.
    (await update(context, checked, desired))
  );
}

async function tryUpdate(
  context: ClientContext,
  checked: CheckedSchedule,
  desired: DesiredSchedule,
): Promise<AppliedSchedule | null> {
  try {
    return await update(context, checked, desired);
  } catch (error) {
    if (error instanceof NotFoundError) return null;
    throw error;
  }
}

async function update(
  context: ClientContext,
  checked: CheckedSchedule,
  desired: DesiredSchedule,
): Promise<AppliedSchedule> {
  const { scheduleId } = desired;
  const { schedule, isChanged } = await changeSchedule(context, scheduleId, (there) => {
    const note = noteFor(there, desired);
    const isRight =
      isAsDesired(there, desired) && firesAsCalculated(there, checked) && note === there.state.note;
    if (isRight || isWritten(there, desired)) return null;
    return encodeDesired(context.client, desired, there, note);
  });
  return {
    scheduleId,
    change: isChanged ? 'updated' : 'unchanged',
    isPaused: schedule.state.paused,
    ...describeSchedule(context, checked),
  };
}

/** The note of a pause stays; who resumed stays in front of ours, unless that is asked to be another. */
function noteFor({ action, state }: ScheduleDescription, { note }: DesiredSchedule): string {
  if (state.paused) return state.note ?? '';
  const isSame = action.memo?.['note'] === note;
  return isSame ? joinNotes(state.note ?? '', note) : note;
}

/** Whether the server is about to fire as calculated: someone may have changed it by other means. */
function firesAsCalculated(
  { info }: ScheduleDescription,
  { input, firings }: CheckedSchedule,
): boolean {
  const jitterMs = (input.schedule.jitterSeconds ?? 0) * 1000;
  return firings.slice(0, SHOWN_FIRINGS).every(({ at }, index) => {
    const lateMs = (info.nextActionTimes[index]?.getTime() ?? NaN) - Date.parse(at);
    return lateMs >= 0 && lateMs <= jitterMs;
  });
}

/** `null` when there is such a schedule already. Created paused while a freeze is in force. */
async function tryCreate(
  context: ClientContext,
  checked: CheckedSchedule,
  { isOneShot, note, ...desired }: DesiredSchedule,
): Promise<AppliedSchedule | null> {
  const freeze = await readCurrent(context);
  const isPaused = freeze !== null;
  const state = {
    paused: isPaused,
    note: freeze === null ? note : makeFreezeNote(freeze),
    ...(isOneShot ? { remainingActions: 1 } : {}),
  };
  try {
    await callTemporal(context, 'create the schedule', () =>
      context.client.schedule.create({ ...desired, state }),
    );
    const { scheduleId } = desired;
    return { scheduleId, change: 'created', isPaused, ...describeSchedule(context, checked) };
  } catch (error) {
    if (error instanceof ScheduleAlreadyRunning) return null;
    throw error;
  }
}

/** Temporal alone is at hand here: which instances fit is observed by a worker. */
function describeSchedule(
  { taskQueue }: ClientContext,
  { input, firings }: CheckedSchedule,
): Pick<AppliedSchedule, 'next' | 'warnings'> {
  const { selector, allowEmpty } = input.maintenance;
  const isChecked = selector === undefined || allowEmpty === true;
  const look = planCommandLine(input.maintenance, { taskQueue });
  return {
    next: firings.slice(0, SHOWN_FIRINGS).map(({ at }) => at),
    warnings: isChecked ? [] : [withCommands(UNSEEN_SELECTION, look)],
  };
}

const UNSEEN_SELECTION =
  'The selector has not been resolved yet; a firing that matches no instance ends PARTIAL. Check it now';
