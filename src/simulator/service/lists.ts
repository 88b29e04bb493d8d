import { createHash } from 'node:crypto';

import { makeHexId } from '../basics.js';
import type { Clock } from '../basics.js';
import type { Habits, InstanceHabits } from '../habits.js';
import { refuse } from '../http/answer.js';

const DEFAULT_LIMIT = 10;
const MAX_LIMIT = 1000;

/**
 * The page that `offset` and `limit` ask for: from 0 and 10 entries unless they say otherwise.
 *
 * @throws Refusal for a value out of bounds
 */
export function readPage(
  query: URLSearchParams,
  maxLimit = MAX_LIMIT,
): <T>(all: readonly T[]) => readonly T[] {
  const offset = wholeNumber(query.get('offset'), 0) ?? refuse('badOffset');
  const limit = wholeNumber(query.get('limit'), DEFAULT_LIMIT);
  if (limit === null || limit < 1 || limit > maxLimit) refuse('badLimit');
  return (all) => all.slice(offset, offset + limit);
}

/** What a list says how many there are: all that match, or the rows of the page. */
export function totalOf(
  matching: readonly unknown[],
  page: readonly unknown[],
  { listTotals }: Pick<Habits, 'listTotals'>,
): number {
  return listTotals === 'all' ? matching.length : page.length;
}

function wholeNumber(text: string | null, fallback: number): number | null {
  if (text === null) return fallback;
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

/** An order that follows from nothing but the names: the same at every read, and no one's to rely on. */
export function shuffled<T>(rows: readonly T[], nameOf: (row: T) => string): readonly T[] {
  const place = (row: T): string => createHash('sha256').update(nameOf(row)).digest('hex');
  return [...rows].sort((a, b) => (place(a) < place(b) ? -1 : 1));
}

/** Rows from the last to the first. */
export function reversed<T>(rows: readonly T[]): readonly T[] {
  return [...rows].reverse();
}

/** Name of the background task of a master/replica swap, in task rows and jobs alike. */
export const SWAP_TASK = 'masterStandbySwapJob';

/** A background task as `GET …/tasks` shows it (ListBackgroundTask), in the API's spelling. */
export interface TaskRow {
  readonly id: string;
  readonly name: string;
  readonly user_name: string | null;
  readonly user_id: string | null;
  readonly params: string | null;
  readonly details: Readonly<Record<string, unknown>>;
  /** `EXECUTING` makes the instance busy; `SUCCESS` and `FAILED` are over. */
  readonly status?: string;
  /** Start, `2020-06-17T07:38:42.503Z`. */
  readonly created_at: string;
  readonly updated_at: string;
  readonly enable_show: boolean;
  readonly error_code?: string | null;
  /** Undocumented for this list, but read by existing clients. */
  readonly job_id?: string;
}

/** A task of an instance. */
export interface TaskEntry {
  row: TaskRow;
  /** What the task centre shows as the job's id; `null` = what the row shows. */
  readonly centerJobId: string | null;
  /** When the list begins to show it, epoch milliseconds; `Infinity` = never. */
  readonly visibleFromMs: number;
}

/** Shown as the user of what no one in particular has done. */
export const FOREIGN_USER = 'another-operator';

/** Completes a row: by default a swap that another operator has just made. */
export function makeTaskRow(row: Partial<TaskRow>, clock: Clock): TaskRow {
  const createdAt = row.created_at ?? new Date(clock.now()).toISOString();
  return {
    id: makeHexId(),
    name: SWAP_TASK,
    user_name: FOREIGN_USER,
    user_id: makeHexId(),
    params: null,
    details: {},
    status: 'SUCCESS',
    created_at: createdAt,
    updated_at: createdAt,
    enable_show: false,
    error_code: null,
    ...row,
  };
}

const TASK_TIME = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/;

/** How a list of tasks is shown. */
export type TaskListHabits = Pick<Habits, 'listTotals' | 'taskOrder' | 'taskStatus'>;

type Order = (rows: readonly TaskRow[]) => readonly TaskRow[];

const newestFirst: Order = (rows) =>
  [...rows].sort((a, b) => Date.parse(b.created_at) - Date.parse(a.created_at));

const ORDERS: Record<InstanceHabits['taskOrder'], Order> = {
  'newest-first': newestFirst,
  'oldest-first': (rows) => reversed(newestFirst(rows)),
  shuffled: (rows) => shuffled(rows, ({ id }) => id),
};

/** A row as the task centre shows it: with a job's id in any case. */
export function centerRow({ row, centerJobId }: TaskEntry): TaskRow {
  return { ...row, ...(centerJobId === null ? {} : { job_id: centerJobId }) };
}

/** The answer to `GET …/tasks`, of an instance or of all; `task_count` is a string. */
export function taskListBody(
  rows: readonly TaskRow[],
  query: URLSearchParams,
  habits: TaskListHabits,
): unknown {
  const page = readPage(query);
  const fromMs = taskTime(query.get('start_time'), -Infinity) ?? refuse('badStartTime');
  const toMs = taskTime(query.get('end_time'), Infinity) ?? refuse('badEndTime');
  const matching = rows.filter((row) => isBetween(Date.parse(row.created_at), fromMs, toMs));
  const tasks = page(ORDERS[habits.taskOrder](matching));
  const hidden = habits.taskStatus === 'absent' ? { status: undefined } : {};
  return {
    task_count: String(totalOf(matching, tasks, habits)),
    tasks: tasks.map((row) => ({ ...row, ...hidden })),
  };
}

/** Bounds are whole seconds, so a task of the same second lies within. */
function isBetween(atMs: number, fromMs: number, toMs: number): boolean {
  const secondMs = Math.floor(atMs / 1000) * 1000;
  return secondMs >= fromMs && secondMs <= toMs;
}

/** `yyyyMMddHHmmss` in UTC as epoch milliseconds; `null` when it is no such time. */
function taskTime(text: string | null, fallback: number): number | null {
  if (text === null) return fallback;
  const parts = TASK_TIME.exec(text)?.slice(1).map(Number);
  if (!parts) return null;
  const [year = 0, month = 0, day, hour, minute, second] = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
