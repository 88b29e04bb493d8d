import { ScheduleNotFoundError as UnknownSchedule } from '@temporalio/client';
import type { ScheduleDescription } from '@temporalio/client';

import { MAINTENANCE_WORKFLOW_TYPE } from '../../contract/index.js';
import type { InputProblem } from '../../contract/index.js';
import { command, withCommands } from '../../domain/commands.js';
import { MAX_TEXT_LENGTH } from '../../schema/index.js';
import { callTemporal, isNotFound, replaceSchedule } from '../../temporal/rpc.js';
import type { ClientContext, ScheduleChange } from '../../temporal/rpc.js';
import { InvalidInputError } from '../errors.js';

import { ForeignScheduleError, ScheduleBusyError, ScheduleNotFoundError } from './client.js';

/** Each further one follows a change by another client between our reading and our writing. */
const MAX_WRITES = 5;

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
 * @throws InvalidInputError (before any call), ScheduleNotFoundError, ForeignScheduleError
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

/** One call about one schedule. @throws ScheduleNotFoundError, and what `callTemporal` throws */
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
    throw isUnknown ? new ScheduleNotFoundError(scheduleId) : error;
  }
}

/**
 * Reads a schedule and replaces it, only while no one has changed it in between: the SDK's own `update` would
 * undo a pause that came between its two calls. Then reads it again, because the server may drop what came too
 * late silently.
 *
 * @param decide what replaces it; `null` where it is as it should be
 * @returns the schedule as it was read last, and whether it was replaced
 * @throws ScheduleNotFoundError, ForeignScheduleError, ScheduleBusyError
 */
export async function changeSchedule(
  context: ClientContext,
  scheduleId: string,
  decide: (there: ScheduleDescription) => Promise<ScheduleChange | null> | ScheduleChange | null,
): Promise<{ readonly schedule: ScheduleDescription; readonly isChanged: boolean }> {
  for (let writes = 0; ; writes += 1) {
    const schedule = await describeSchedule(context, scheduleId);
    const change = await decide(schedule);
    if (change === null) return { schedule, isChanged: writes > 0 };
    if (writes >= MAX_WRITES) throw new ScheduleBusyError(scheduleId);
    const { conflictToken } = schedule.raw;
    await callSchedule(context, 'update the schedule', scheduleId, () =>
      replaceSchedule(context.client, { scheduleId, schedule: change, conflictToken }),
    );
  }
}

/** The same schedule with another pause state and note. */
export function withState(
  { raw: { schedule } }: ScheduleDescription,
  { paused, note }: { readonly paused: boolean; readonly note: string },
): ScheduleChange {
  return { ...schedule, state: { ...schedule?.state, paused, notes: note } };
}

/** Temporal keeps one note of a schedule, and a pause takes its place: the schedule's own stays in its memo. */

/** A note that reports a resumption, with the schedule's own behind it. */
export function withOwnNote({ action }: ScheduleDescription, note: string): string {
  const own = action.memo?.['note'];
  return typeof own === 'string' ? joinNotes(note, own) : note;
}

/** Both notes; the first alone where it has the other already. */
export function joinNotes(note: string, own: string): string {
  if (note === '') return own;
  return own === '' || note.endsWith(own) ? note : `${note}; ${own}`;
}

/** Pauses or resumes a schedule, with who and why as its note. */
export async function setPaused(
  context: ClientContext,
  scheduleId: string,
  isPaused: boolean,
  note: string,
): Promise<void> {
  checkNote(note);
  const schedule = await describeSchedule(context, scheduleId);
  const handle = context.client.schedule.getHandle(scheduleId);
  await callSchedule(context, isPaused ? 'pause' : 'resume', scheduleId, () =>
    isPaused ? handle.pause(note) : handle.unpause(withOwnNote(schedule, note)),
  );
}

/** Starts a maintenance now, unless one of the schedule is open; see `SchedulesClient.trigger`. */
export async function triggerNow(context: ClientContext, scheduleId: string): Promise<void> {
  await describeSchedule(context, scheduleId);
  const handle = context.client.schedule.getHandle(scheduleId);
  await callSchedule(context, 'trigger', scheduleId, () => handle.trigger('SKIP'));
}

/** Deletes a schedule; plans that it has started go on. */
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
