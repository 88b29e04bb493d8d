import type { TaskFacts } from './facts.js';
import type { NewSwapTask } from './reports.js';

/** Name of a switchover in the task list (API page ListBackgroundTask). */
export const SWAP_TASK_NAME = 'masterStandbySwapJob';

/** Task states after which nothing happens any more; `SUCCESS` is documented, the others are seen elsewhere. */
const ENDED_STATES = ['SUCCESS', 'FAIL', 'FAILED', 'CANCELLED', 'CANCELED', 'DELETED', 'FINISH'];

/** The swap rows of a task list. */
export function swapTasks(tasks: readonly TaskFacts[]): readonly TaskFacts[] {
  return tasks.filter((task) => task.name === SWAP_TASK_NAME);
}

/** Whether a task may still change the instance; unknown states are taken for running. */
export function isUnfinished(task: TaskFacts): boolean {
  return isUnfinishedStatus(task.status);
}

/** Whether a task of this status may still change the instance. */
export function isUnfinishedStatus(status: string | null): boolean {
  return !ENDED_STATES.includes(status?.toUpperCase() ?? '');
}

/**
 * The swap tasks that were not listed before the run, each with its owner.
 *
 * A row is ours when it shows one of our job ids. A row that shows another job id, or another user
 * than `ourUserName`, is foreign. What says neither is `unattributed`: our own job may be behind it,
 * because the page does not say that `id` equals the job id.
 *
 * @param knownIds task or job ids that were there before
 * @param ourUserName the IAM user that DCS shows for our tasks; `null` when not configured
 */
export function newSwapTasks(
  tasks: readonly TaskFacts[],
  knownIds: readonly string[],
  ownJobIds: readonly string[],
  ourUserName: string | null,
): readonly NewSwapTask[] {
  return swapTasks(tasks)
    .filter(({ id, jobId }) => !knownIds.includes(id) && !knownIds.includes(jobId ?? id))
    .map(({ id, jobId, status, userName, createdAtMs }) => {
      const isOwn = ownJobIds.includes(id) || (jobId !== null && ownJobIds.includes(jobId));
      const isOtherUser = ourUserName !== null && userName !== null && userName !== ourUserName;
      const isOtherJob = ownJobIds.length > 0 && jobId !== null;
      const owner = isOwn ? 'ours' : isOtherUser || isOtherJob ? 'foreign' : 'unattributed';
      return { id, jobId, status, userName, owner, createdAtMs };
    });
}

/**
 * Attribution after the fact: how many of the new tasks can only be somebody else's, given the jobs
 * that are ours. One unattributed row may stand for each of our jobs that no row shows.
 */
export function countForeign(tasks: readonly NewSwapTask[], ownJobCount: number): number {
  const count = (owner: NewSwapTask['owner']): number =>
    tasks.filter((task) => task.owner === owner).length;
  const unshownOwn = Math.max(0, ownJobCount - count('ours'));
  return count('foreign') + Math.max(0, count('unattributed') - unshownOwn);
}
