import type { InputProblem } from '../../contract/index.js';
import { MAX_TEXT_LENGTH } from '../../schema/index.js';

import { InvalidInputError } from '../errors.js';
import type { ClientContext } from '../../temporal/rpc.js';

import { callSchedule, describeSchedule } from './change.js';
import { withOwnNote } from './notes.js';

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

/** Starts a plan now, unless one of the schedule is open; see `SchedulesClient.trigger`. */
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
