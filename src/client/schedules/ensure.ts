import { ScheduleAlreadyRunning } from '@temporalio/client';
import type { ScheduleDescription } from '@temporalio/client';

import type { MaintenanceInput, ScheduleInput } from '../../contract/index.js';
import { withCommands } from '../../domain/commands.js';
import { makeFreezeNote } from '../../domain/freeze.js';
import { planLine } from '../../domain/maintenance/commands.js';

import { readCurrent } from '../freeze/current.js';
import { callTemporal } from '../../temporal/rpc.js';
import type { ClientContext } from '../../temporal/rpc.js';

import { changeSchedule } from './change.js';
import { checkSchedule } from './check.js';
import type { CheckedSchedule } from './check.js';
import { encodeDesired, isAsDesired, isWritten, toDesired } from './desired.js';
import type { DesiredSchedule } from './desired.js';
import { ScheduleNotFoundError } from './errors.js';
import { joinNotes } from './notes.js';
import type { EnsuredSchedule } from './client.js';

/** How many firings are told, and compared with what the server tells. */
const TOLD = 5;

/** Creates or updates a schedule; see `SchedulesClient.ensure`. */
export async function ensureSchedule(
  context: ClientContext,
  asked: ScheduleInput,
): Promise<EnsuredSchedule> {
  const nowMs = Date.now();
  const checked = checkSchedule(asked, nowMs);
  const desired = toDesired(context, checked, nowMs);
  return (
    (await tryUpdate(context, checked, desired)) ??
    (await tryCreate(context, checked, desired)) ??
    // Somebody created it between our two calls.
    (await update(context, checked, desired))
  );
}

async function tryUpdate(
  context: ClientContext,
  checked: CheckedSchedule,
  desired: DesiredSchedule,
): Promise<EnsuredSchedule | null> {
  try {
    return await update(context, checked, desired);
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return null;
    throw error;
  }
}

async function update(
  context: ClientContext,
  checked: CheckedSchedule,
  desired: DesiredSchedule,
): Promise<EnsuredSchedule> {
  const { scheduleId } = desired;
  const { schedule, isChanged } = await changeSchedule(context, scheduleId, (there) => {
    const note = noteFor(there, desired);
    const isRight =
      isAsDesired(there, desired) && firesAsTold(there, checked) && note === there.state.note;
    if (isRight || isWritten(there, desired)) return null;
    return encodeDesired(context.client, desired, there, note);
  });
  return {
    scheduleId,
    change: isChanged ? 'updated' : 'unchanged',
    isPaused: schedule.state.paused,
    ...tellOf(context, checked),
  };
}

/** The note of a pause stays; who resumed stays in front of ours, unless that is asked to be another. */
function noteFor({ action, state }: ScheduleDescription, { note }: DesiredSchedule): string {
  if (state.paused) return state.note ?? '';
  const isSame = action.memo?.['note'] === note;
  return isSame ? joinNotes(state.note ?? '', note) : note;
}

/** Whether the server is about to fire as calculated: somebody may have changed it by other means. */
function firesAsTold({ info }: ScheduleDescription, { input, firings }: CheckedSchedule): boolean {
  const jitterMs = (input.schedule.jitterSeconds ?? 0) * 1000;
  return firings.slice(0, TOLD).every(({ at }, index) => {
    const lateMs = (info.nextActionTimes[index]?.getTime() ?? NaN) - Date.parse(at);
    return lateMs >= 0 && lateMs <= jitterMs;
  });
}

/** `null` when there is such a schedule already. During a freeze it comes to the world paused. */
async function tryCreate(
  context: ClientContext,
  checked: CheckedSchedule,
  { isOneShot, note, ...desired }: DesiredSchedule,
): Promise<EnsuredSchedule | null> {
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
    return { scheduleId, change: 'created', isPaused, ...tellOf(context, checked) };
  } catch (error) {
    if (error instanceof ScheduleAlreadyRunning) return null;
    throw error;
  }
}

/** Temporal alone is at hand here: which instances fit is seen by a worker. */
function tellOf(
  { taskQueue }: ClientContext,
  { input, firings }: CheckedSchedule,
): Pick<EnsuredSchedule, 'next' | 'warnings'> {
  const { selector, allowEmpty } = input.maintenance;
  const isChecked = selector === undefined || allowEmpty === true;
  const look = planLine(input.maintenance as MaintenanceInput, { taskQueue });
  return {
    next: firings.slice(0, TOLD).map(({ at }) => at),
    warnings: isChecked ? [] : [withCommands(UNSEEN_SELECTION, look)],
  };
}

const UNSEEN_SELECTION =
  'Nobody has looked yet which instances fit the selector; a firing that finds none ends PARTIAL. Look now';
