import { ScheduleNotFoundError as UnknownSchedule } from '@temporalio/client';
import type { ScheduleDescription } from '@temporalio/client';

import { MAINTENANCE_WORKFLOW_TYPE } from '../../contract/index.js';
import type { InputProblem } from '../../contract/index.js';
import { command, withCommands } from '../../domain/commands.js';
import { MAX_TEXT_LENGTH } from '../../schema/index.js';
import { callTemporal, isNotFound } from '../../temporal/rpc.js';
import type { ClientContext } from '../../temporal/rpc.js';
import { joinNotes, replaceAsRead, withState } from '../../temporal/schedule.js';
import type { ScheduleChange } from '../../temporal/schedule.js';
import { InvalidInputError, NotFoundError } from '../errors.js';

import { ForeignScheduleError, ScheduleBusyError } from './client.js';

const SCHEDULE_ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** Checks a name before it is asked for. @throws InvalidInputError */
export function checkScheduleId(scheduleId: string): void {
  if (SCHEDULE_ID.test(scheduleId)) return;
  throw new InvalidInputError([
    {
      field: 'scheduleId',
      problem: 'is not 1 to 64 of a-z 0-9 . _ - with a letter or digit first',
      remedy: withCommands('See which there are', command(['schedule', 'list'])),
    },
  ]);
}

/**
 * Reads one schedule of ours.
 *
 * @throws InvalidInputError (before any call), NotFoundError, ForeignScheduleError
 */
export async function describeSchedule(
  context: ClientContext,
  scheduleId: string,
): Promise<ScheduleDescription> {
  checkScheduleId(scheduleId);
  const description = await callSchedule(context, 'describe the schedule', scheduleId, () =>
    context.client.schedule.getHandle(scheduleId).describe(),
  );
  const { workflowType } = description.action;
  if (workflowType === MAINTENANCE_WORKFLOW_TYPE) return description;
  throw new ForeignScheduleError(scheduleId, workflowType);
}

/** One call about one schedule. @throws NotFoundError, and what `callTemporal` throws */
export async function callSchedule<T>(
  context: ClientContext,
  operation: string,
  scheduleId: string,
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await callTemporal(context, operation, call);
  } catch (error) {
    const isUnknown = error instanceof UnknownSchedule || isNotFound(error);
    throw isUnknown ? new NotFoundError({ scheduleId }) : error;
  }
}

/**
 * Reads a schedule of ours and replaces it as it was read, see {@link replaceAsRead}.
 *
 * @param decide what replaces it; `null` where it is as it should be
 * @returns the schedule as it was read last, and whether it was replaced
 * @throws NotFoundError, ForeignScheduleError, ScheduleBusyError
 */
export async function changeSchedule(
  context: ClientContext,
  scheduleId: string,
  decide: (there: ScheduleDescription) => Promise<ScheduleChange | null> | ScheduleChange | null,
): Promise<{ readonly schedule: ScheduleDescription; readonly isChanged: boolean }> {
  const read = (): Promise<ScheduleDescription> => describeSchedule(context, scheduleId);
  try {
    const changed = await replaceAsRead(context, scheduleId, read, decide);
    if (changed !== null) return changed;
  } catch (error) {
    throw isNotFound(error) ? new NotFoundError({ scheduleId }) : error;
  }
  throw new ScheduleBusyError(scheduleId);
}

/** Pauses a schedule, with who and why as its note; see `SchedulesClient.pause`. */
export async function pauseSchedule(
  context: ClientContext,
  scheduleId: string,
  note: string,
): Promise<void> {
  checkNote(note);
  await changeSchedule(context, scheduleId, ({ raw, state }) =>
    state.paused && state.note === note ? null : withState(raw, { paused: true, note }),
  );
}

/** Ends the pause that is there now, and none that comes meanwhile; see `SchedulesClient.resume`. */
export async function resumeSchedule(
  context: ClientContext,
  scheduleId: string,
  note: string,
): Promise<void> {
  checkNote(note);
  let ended: string | null | undefined;
  await changeSchedule(context, scheduleId, ({ raw, state, action }) => {
    const pause = state.paused ? (state.note ?? '') : null;
    if (ended === undefined) ended = pause;
    const own = action.memo?.['note'];
    const joined = joinNotes(note, typeof own === 'string' ? own : '');
    if (pause === null && state.note === joined) return null;
    if (pause !== null && pause !== ended) throw new ScheduleBusyError(scheduleId);
    return withState(raw, { paused: false, note: joined });
  });
}

/** Starts a maintenance now, unless one of the schedule is open; see `SchedulesClient.trigger`. */
export async function triggerNow(context: ClientContext, scheduleId: string): Promise<void> {
  await describeSchedule(context, scheduleId);
  const handle = context.client.schedule.getHandle(scheduleId);
  await callSchedule(context, 'trigger', scheduleId, () => handle.trigger('SKIP'));
}

/** Deletes a schedule; a maintenance that it has started goes on. */
export async function deleteSchedule(context: ClientContext, scheduleId: string): Promise<void> {
  await describeSchedule(context, scheduleId);
  const handle = context.client.schedule.getHandle(scheduleId);
  await callSchedule(context, 'delete', scheduleId, () => handle.delete());
}

function checkNote(note: string): void {
  const isMissing = note.trim() === '';
  if (!isMissing && note.length <= MAX_TEXT_LENGTH) return;
  const problem: InputProblem = {
    field: 'note',
    problem: isMissing ? 'is empty' : `is longer than ${MAX_TEXT_LENGTH} characters`,
    remedy: 'Say who and why.',
  };
  throw new InvalidInputError([problem]);
}
