/** Temporal keeps one note of a schedule, and a pause takes its place: the schedule's own stays in its memo. */
import type { ScheduleDescription } from '@temporalio/client';

/** A note that tells of a resumption, with the schedule's own behind it. */
export function withOwnNote({ action }: ScheduleDescription, note: string): string {
  const own = action.memo?.['note'];
  return typeof own === 'string' ? joinNotes(note, own) : note;
}

/** Both notes; the first alone where it has the other already. */
export function joinNotes(note: string, own: string): string {
  if (note === '') return own;
  return own === '' || note.endsWith(own) ? note : `${note}; ${own}`;
}
