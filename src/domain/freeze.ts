import { FREEZE_WORKFLOW_ID } from '../contract/index.js';
import type { Freeze } from '../contract/index.js';
import { fieldsOf, MAX_SKEW_MS } from '../util.js';

import { byWorker, isOver } from './clocks.js';
import type { Present, WorkerMs } from './clocks.js';
import { canForge, isInstant, oneLine } from './text.js';

/** Argument of the activity `thawSchedules`: the freeze that is over. */
export interface ThawCall {
  readonly freeze: Freeze;
}

/** What became of the schedules that the freeze had paused. Stands in history: fields are only added. */
export interface ThawReport {
  /** Ids of the schedules that run again. */
  readonly resumed: readonly string[];
  /** What could not be resumed, and why. */
  readonly failed: readonly { readonly scheduleId: string; readonly detail: string }[];
}

/** Begins the note of every schedule that a freeze has paused; no one else's note begins so. */
export const FREEZE_NOTE_PREFIX = 'frozen until ';

/** Note of a schedule that this freeze pauses: its thaw resumes the schedules with exactly this note. */
export function makeFreezeNote({ until, by, reason }: Freeze): string {
  return `${FREEZE_NOTE_PREFIX}${until} by ${by}: ${reason}`;
}

/**
 * Whether a freeze whose record is open is in force: until every clock says that it is over. The run that
 * records it may stay open for longer, where no worker ends it.
 */
export function isFrozen({ until }: Pick<Freeze, 'until'>, present: Present): boolean {
  return !isOver(Date.parse(until), present);
}

/**
 * Whether a freeze whose record is open counts as in force where only one clock is known, that of a person's
 * machine: it may be ahead, and whoever believes it over would end a freeze that still holds.
 *
 * @param nowMs by the clock of this machine
 */
export function isFrozenByOneClock(freeze: Pick<Freeze, 'until'>, nowMs: WorkerMs): boolean {
  return isFrozen(freeze, [byWorker(nowMs - MAX_SKEW_MS)]);
}

/** "running" and "paused" in the service's enumeration: whoever pauses the record in the UI has not thawed. */
const OPEN_STATUSES: readonly number[] = [1, 8];

/** Whether the run that records a freeze is open, by its status as the service numbers it. */
export function isRecordOpen(status: unknown): boolean {
  return OPEN_STATUSES.includes(Number(status));
}

/** A freeze in one line, such as `frozen until 2026-12-24T06:00:00Z by ann: quarter end`. */
export function describeFreeze(freeze: Freeze): string {
  return oneLine(makeFreezeNote(freeze));
}

/** What is wrong with the argument of `dcsFreeze`, no matter who started it; by field. Empty: nothing. */
export function findFreezeProblems(input: unknown): { field: string; problem: string }[] {
  const given = fieldsOf(input);
  const problems = [
    problemOf('until', isInstant(given['until']), 'is no RFC 3339 instant with zone'),
    problemOf(
      'reason',
      isText(given['reason'], 1024),
      'is not a text of 1 to 1024 characters, none for control',
    ),
    problemOf(
      'by',
      isText(given['by'], 128),
      'is not a text of 1 to 128 characters, none for control',
    ),
  ];
  return problems.filter((problem) => problem !== null);
}

/** Stands for a freeze that is there for sure, but whose words cannot be read. */
export const UNREADABLE_FREEZE: Freeze = {
  until: '9999-12-31T23:59:59Z',
  by: 'somebody',
  reason: `the text of the freeze cannot be read; see the workflow ${FREEZE_WORKFLOW_ID}`,
};

/** The freeze of an open record, by the words in its memo; malformed ones are a freeze all the same. */
export function toFreeze(words: unknown): Freeze {
  return findFreezeProblems(words).length === 0 ? (words as Freeze) : UNREADABLE_FREEZE;
}

function problemOf(field: string, isRight: boolean, problem: string) {
  return isRight ? null : { field, problem };
}

function isText(value: unknown, maxLength: number): boolean {
  return (
    typeof value === 'string' &&
    value.trim() !== '' &&
    value.length <= maxLength &&
    !canForge(value)
  );
}
