import { iso, MAX_SKEW_MS } from '../util.js';

import { API_CLOCK_TOLERANCE_MS, unlessSetBack } from './clocks.js';
import type { ApiMs } from './clocks.js';
import type { TaskFacts } from './facts.js';
import type { JobReport, NewSwapTask, OwnJobs, Whose } from './reports.js';
import { SWAP_START_TO_CLOSE_MS } from './timing.js';

// What the words mean by which DCS shows how a job or a task stands. Data: pages and samples show `SUCCESS` and `FAIL`
// of a job and `EXECUTING`, `SUCCESS` and `FAILED` of a task; the others are those of its sister services.

const SUCCESS_STATES = ['SUCCESS', 'SUCCEEDED', 'FINISH', 'FINISHED', 'COMPLETED'];

const FAILURE_STATES = [
  ...['FAIL', 'FAILED', 'FAILURE', 'ERROR', 'ABORTED'],
  ...['CANCEL', 'CANCELLED', 'CANCELED', 'DELETED'],
];

/** A job that is taken back has failed; whether that is over, the roles will show. A task may still be at it. */
const WITHDRAWN_STATES = ['ROLLBACK', 'ROLLBACKED', 'ROLLED_BACK', 'ROLLING_BACK'];

/** How something did that has ended. */
type End = 'SUCCESS' | 'FAIL';

/** How the job of a task row ended; `null`: it may still change the instance, for all that the word says. */
export function endOfTask(status: string | null): End | null {
  const word = status?.toUpperCase() ?? '';
  if (SUCCESS_STATES.includes(word)) return 'SUCCESS';
  return FAILURE_STATES.includes(word) ? 'FAIL' : null;
}

/** How a job ended, by its own state; `null` while it goes on, or where no one knows the word. */
export function endOfJob(status: string | null): End | null {
  return isWithdrawn(status) ? 'FAIL' : endOfTask(status);
}

/** Whether a word says that something is taken back, or was. */
export function isWithdrawn(status: string | null): boolean {
  return WITHDRAWN_STATES.includes(status?.toUpperCase() ?? '');
}

/** Name of a switchover in the task list (API page ListBackgroundTask). */
const SWAP_TASK_NAME = 'masterStandbySwapJob';

/** The swap rows of a task list. */
export function swapTasks(tasks: readonly TaskFacts[]): readonly TaskFacts[] {
  return tasks.filter((task) => task.name === SWAP_TASK_NAME);
}

/** Whether a task may still change the instance; unknown states are taken for running. */
export function isUnfinished({ status }: Pick<TaskFacts, 'status'>): boolean {
  return endOfTask(status) === null;
}

/** How the job of a task that has ended did, by the status of its row. */
export function endOf(status: string | null): End {
  return endOfTask(status) ?? 'FAIL';
}

// Whether the user of a task row is ours. Pure; without proof it is not known.

/** A user as task rows name one; `null` where they do not say. */
export interface CloudUser {
  readonly userId: string | null;
  readonly userName: string | null;
}

/** The user whom task rows show for our swaps, and who says so. */
interface ShownUser extends CloudUser {
  /** `row`: the row of a job that our PUT was answered with; `sts`: the answer of STS, which rows need not repeat. */
  readonly by: 'row' | 'sts';
}

/** What is known of the user whom task rows show for our swaps. */
export interface KnownUsers {
  /** By the worker's settings. */
  readonly configuredName: string | null;
  readonly shown: ShownUser | null;
}

/** No one knows whose work is whose. */
export const NO_KNOWN_USERS: KnownUsers = { configuredName: null, shown: null };

/** Whose user a row shows. What settings and evidence say has to agree. */
export function whoseUser(row: CloudUser, { configuredName, shown }: KnownUsers): Whose {
  const verdicts = [
    compareNames(row.userName, configuredName),
    shown === null ? 'unknown' : compareUsers(row, shown),
  ].filter((verdict) => verdict !== 'unknown');
  const [first = 'unknown', ...others] = verdicts;
  return first !== 'contradictory' && others.every((verdict) => verdict === first)
    ? first
    : 'unknown';
}

/**
 * The id decides where both are known. That rows show the id that STS reports is likely, not documented, and temporary
 * keys may have one of their own: our name with another id is neither ours nor another's, unless a row of ours has
 * shown its id.
 */
function compareUsers(row: CloudUser, known: ShownUser): Whose | 'contradictory' {
  if (row.userId === null || known.userId === null)
    return compareNames(row.userName, known.userName);
  if (row.userId.toLowerCase() === known.userId.toLowerCase()) return 'ours';
  const isOfOurName = compareNames(row.userName, known.userName) !== 'other';
  return known.by === 'sts' && isOfOurName ? 'contradictory' : 'other';
}

/** Names that differ in case alone may be of one user or of two. */
function compareNames(name: string | null, known: string | null): Whose {
  if (name === null || known === null) return 'unknown';
  if (name === known) return 'ours';
  return name.toLowerCase() === known.toLowerCase() ? 'unknown' : 'other';
}

/** No job counts as ours. */
export const NO_JOBS: OwnJobs = { ids: [], by: 'answer' };

/**
 * The swap tasks that were not listed before the run, each with its owner.
 *
 * A row is ours when it shows one of our job ids, and foreign when its user is known to be another. What says
 * neither is `unattributed`, whatever ids it shows: no one has documented how a row's ids relate to the job's.
 *
 * @param knownIds task or job ids that were there before
 */
export function newSwapTasks(
  tasks: readonly TaskFacts[],
  knownIds: readonly string[],
  ownJobs: OwnJobs,
  users: KnownUsers,
): readonly NewSwapTask[] {
  return swapTasks(tasks)
    .filter(({ id, jobId }) => !knownIds.includes(id) && !knownIds.includes(jobId ?? id))
    .filter((task) => !isOverBefore(task, ownJobs.overBeforeMs ?? null))
    .map((task) => {
      const { id, jobId, status, userName, userId, createdAtMs } = task;
      const user = whoseUser(task, users);
      const owner = ownerOf(isOneOf(task, ownJobs.ids), ownJobs.by, user);
      return { id, jobId, status, userName, userId, user, owner, createdAtMs };
    });
}

/** Whether a task says that it had ended before: what it did was done by then. */
function isOverBefore(
  { status, createdAtMs, updatedAtMs }: TaskFacts,
  overBeforeMs: ApiMs | null,
): boolean {
  if (overBeforeMs === null || createdAtMs === null || updatedAtMs === null) return false;
  const lastMs = Math.max(createdAtMs, updatedAtMs);
  return endOfTask(status) !== null && lastMs < overBeforeMs - API_CLOCK_TOLERANCE_MS;
}

/** Whether a row is that of one of these jobs, by any id that it shows. */
export function isOneOf(
  { id, jobId }: Pick<TaskFacts, 'id' | 'jobId'>,
  jobIds: readonly string[],
): boolean {
  return jobIds.includes(id) || (jobId !== null && jobIds.includes(jobId));
}

function ownerOf(isOwn: boolean, by: OwnJobs['by'], user: Whose): NewSwapTask['owner'] {
  if (isOwn && (by === 'answer' || user !== 'other')) return 'ours';
  return user === 'other' ? 'foreign' : 'unattributed';
}

/**
 * When a swap of ours can have begun, by the API's clock, epoch milliseconds: between the last answer before its
 * PUT and the end of its job; `null` where that is not known.
 */
export interface SwapTime {
  readonly notBeforeMs: number | null;
  readonly notAfterMs: number | null;
}

/** A time of which nothing is known. */
export const ANY_TIME: SwapTime = { notBeforeMs: null, notAfterMs: null };

/**
 * Room for a service whose clock differs from its gateway's, and that lists a task late, in milliseconds: where only a
 * row of our own user is asked for, nothing is proved by less.
 */
export const TRACE_TOLERANCE_MS = 60_000;

/**
 * When the swap of a job can have begun. Gateway and service have a clock each: a job of ours that began before the
 * gateway's last answer before its PUT shows that the service's clock, which stamps the rows too, is behind. More than
 * clocks differ by is no difference of clocks. Of a clock that was set back meanwhile no one knows when it stamped.
 *
 * @param notBeforeMs the gateway's clock before the PUT; `null`: not known
 */
export function swapTimeOf(notBeforeMs: number | null, job: JobTimes): SwapTime {
  const { beganAtMs = null } = job;
  const behindMs = notBeforeMs === null || beganAtMs === null ? 0 : notBeforeMs - beganAtMs;
  const isBehind = behindMs > 0 && behindMs <= MAX_SKEW_MS;
  const sinceMs = isBehind ? beganAtMs : unlessSetBack(notBeforeMs, job.observedEndedAtMs ?? null);
  return { notBeforeMs: sinceMs, notAfterMs: lastOf(notBeforeMs, job) };
}

/** The end of a job. One that lies before its beginning: the clock was set back, and the row has the earlier time. */
function lastOf(fromMs: number | null, job: JobTimes): number | null {
  const { beganAtMs, endedAtMs, observedEndedAtMs } = job;
  const endMs = endedAtMs ?? (observedEndedAtMs ?? NaN) + TRACE_TOLERANCE_MS;
  return Number.isNaN(endMs) ? null : Math.max(endMs, beganAtMs ?? fromMs ?? endMs);
}

/**
 * Before when a swap that was over is not ours, however late it is listed; `null`: not known. Only a job that reports
 * its own beginning shows how far the clock that stamps the rows is behind; once that was set back, what began later
 * may seem to be over before.
 */
export function overBefore(job: JobTimes, { notBeforeMs }: SwapTime): number | null {
  const { beganAtMs = null, endedAtMs = null, observedEndedAtMs = null } = job;
  if (unlessSetBack(beganAtMs, endedAtMs) === null) return null;
  return unlessSetBack(notBeforeMs, observedEndedAtMs);
}

type JobTimes = Pick<JobReport, 'beganAtMs' | 'endedAtMs' | 'observedEndedAtMs'>;

/** Whether a task can have begun in that time; one that does not say its own may have. */
export function isWithin(
  { createdAtMs = null }: NewSwapTask,
  { notBeforeMs, notAfterMs }: SwapTime,
): boolean {
  if (createdAtMs === null) return true;
  const from = (notBeforeMs ?? -Infinity) - API_CLOCK_TOLERANCE_MS;
  const until = (notAfterMs ?? Infinity) + API_CLOCK_TOLERANCE_MS;
  return createdAtMs >= from && createdAtMs <= until;
}

/**
 * Attribution by count: how many of the new tasks can only be of another client, given the jobs that are ours. One
 * unattributed row of the right time may stand for each of our jobs that no row shows.
 */
export function countForeign(
  tasks: readonly NewSwapTask[],
  ownJobCount: number,
  time: SwapTime = ANY_TIME,
): number {
  const ours = tasks.filter(({ owner }) => owner === 'ours').length;
  const candidates = tasks.filter((task) => task.owner === 'unattributed' && isWithin(task, time));
  const unshownOwn = Math.max(0, ownJobCount - ours);
  return tasks.length - ours - Math.min(candidates.length, unshownOwn);
}

/**
 * The trace of a PUT without an answer, by proof alone: the only new swap task, of a user who is known to be ours,
 * begun no earlier than the PUT, as far as two clocks of the API report.
 */
export function findOwnTrace(
  tasks: readonly NewSwapTask[] | null,
  notBeforeMs: number | null,
): NewSwapTask | null {
  const [trace, ...others] = tasks ?? [];
  if (trace === undefined || others.length > 0) return null;
  // Recorded by a version that did not look for the user: what that one did stands in the history.
  if (trace.user === undefined) return trace.owner === 'foreign' ? null : trace;
  if (trace.user !== 'ours' || (trace.createdAtMs ?? null) === null) return null;
  const fromMs = notBeforeMs === null ? null : notBeforeMs - TRACE_TOLERANCE_MS;
  return isWithin(trace, { notBeforeMs: fromMs, notAfterMs: null }) ? trace : null;
}

/**
 * The row of the job that a PUT was answered with, where no id leads from one to the other: the only new swap task
 * that is not known to be of another user, begun while the activity that sent the PUT was under way.
 *
 * @param notBeforeMs the API's clock before that PUT; `null`: not known
 */
export function findAnsweredTask(
  tasks: readonly NewSwapTask[],
  notBeforeMs: number | null,
): NewSwapTask | null {
  const [row, ...others] = tasks.filter(({ owner }) => owner !== 'foreign');
  if (notBeforeMs === null || row === undefined || others.length > 0) return null;
  if ((row.createdAtMs ?? null) === null) return null;
  const notAfterMs = notBeforeMs + SWAP_START_TO_CLOSE_MS;
  return isWithin(row, { notBeforeMs, notAfterMs }) ? row : null;
}

/** A swap task in one line for people. */
export function describeSwapTask(task: NewSwapTask): string {
  const { id, userName, userId = null, user = 'unknown', createdAtMs = null, status } = task;
  const name = userName ?? 'not reported';
  const who = userId === null ? name : `${name} (user id ${userId})`;
  const created = createdAtMs === null ? 'at a time not reported' : iso(createdAtMs);
  return `swap task ${id} of user ${who}, ${OWNER_TEXT[user]}, created ${created}, status ${status ?? 'not reported'}`;
}

const OWNER_TEXT: Record<Whose, string> = {
  ours: 'which is our own',
  other: 'which is not ours',
  unknown: 'not known to be ours',
};
