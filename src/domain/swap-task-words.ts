/** What a message says of swap tasks that are not known to be ours. */
import { JOB_ID } from './job-id.js';
import type { NewSwapTask } from './reports.js';
import { describeSwapTask } from './tasks.js';

interface TaskWords {
  readonly newSwapTasks?: readonly NewSwapTask[];
}

/** The swap tasks that stand in the way of a better outcome, by name. */
export function tellSwapTasks({ newSwapTasks = [] }: TaskWords): string[] {
  return newSwapTasks
    .filter(({ owner }) => owner !== 'ours')
    .slice(0, MAX_TOLD_TASKS)
    .map((task) => `There is ${describeSwapTask(task)}.`);
}

/** More than these help nobody. */
const MAX_TOLD_TASKS = 3;

/** The jobs of a run, else the only swap task that may be its own: a person may know that it is. */
export function jobsInDoubt({
  jobIds,
  newSwapTasks = [],
}: TaskWords & { readonly jobIds: readonly string[] }): readonly string[] {
  const [task, ...others] = newSwapTasks;
  if (jobIds.length > 0 || task?.owner !== 'unattributed' || others.length > 0) return jobIds;
  const id = task.jobId ?? task.id;
  return JOB_ID.test(id) ? [id] : [];
}
