/** Which tasks of an instance may still change it. */
import { ageMs } from './clocks.js';
import type { ApiMs } from './clocks.js';
import type { InstanceFacts, Sighted, TaskFacts } from './facts.js';
import { isUnfinished } from './tasks.js';

/**
 * Words of a task that goes on. The API page lists none: `EXECUTING` was seen, the others are those of jobs and
 * of the sister services' tasks.
 */
const OPEN_STATES = ['CREATED', 'INIT', 'WAITING', 'RUNNING', 'EXECUTING', 'PROCESSING'];

/**
 * A task in no known state, or in none, that has not changed for so long counts as ended where the instance calls
 * itself idle. A task that runs for longer shows as the instance's own `task`.
 */
const FORGOTTEN_AFTER_MS = 1_800_000;

/** The tasks that have not ended by their own word. */
export interface OpenTasks {
  readonly open: readonly TaskFacts[];
  /** In no known state for so long that they count as ended. */
  readonly forgotten: readonly TaskFacts[];
}

/** Sorts the tasks that have not ended, by what the instance says of itself. */
export function findOpenTasks(
  { value: tasks, serverTimeMs = null }: Sighted<readonly TaskFacts[]>,
  { status, busyWith }: Pick<InstanceFacts, 'status' | 'busyWith'>,
): OpenTasks {
  const isIdle = status === 'RUNNING' && busyWith === null;
  const unfinished = tasks.filter(isUnfinished);
  const forgotten = isIdle ? unfinished.filter((task) => isForgotten(task, serverTimeMs)) : [];
  return { open: unfinished.filter((task) => !forgotten.includes(task)), forgotten };
}

/** Whether a task says of itself that it goes on; no word, or an unknown one, says nothing. */
export function saysItGoesOn({ status }: TaskFacts): boolean {
  return OPEN_STATES.includes(status ?? '');
}

function isForgotten(task: TaskFacts, answeredAtMs: ApiMs | null): boolean {
  const age = ageMs(answeredAtMs, task.updatedAtMs ?? task.createdAtMs);
  return !saysItGoesOn(task) && age !== null && age >= FORGOTTEN_AFTER_MS;
}

/** What a person should know of the forgotten tasks, a line each. */
export function describeForgotten({ forgotten }: OpenTasks): string[] {
  return forgotten.map(
    ({ id, name, status }) =>
      `Task ${name ?? 'without a name'} ${id} counts as ended: its state is ${status ?? 'not shown'}, it has not ` +
      `changed for ${FORGOTTEN_AFTER_MS / 60_000} minutes, and the instance is RUNNING and idle.`,
  );
}

/** What to do about a task that stands in the way. */
export const OPEN_TASK_REMEDY =
  `Wait until the task has ended. One in an unknown state counts as ended ${FORGOTTEN_AFTER_MS / 60_000} minutes ` +
  'after its last change.';
