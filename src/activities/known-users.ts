import type { TaskFacts } from '../domain/facts.js';
import type { NewSwapTask } from '../domain/reports.js';
import { NO_JOBS, newSwapTasks } from '../domain/tasks.js';
import { NO_KNOWN_USERS } from '../domain/users.js';
import type { KnownUsers } from '../domain/users.js';

import type { ProjectEntry } from './deps.js';

/** Whose swaps are ours, as far as is known of the credential of a project. Asks STS at most once for each. */
export async function knownUsersOf({
  dcs,
  taskUserName,
}: Pick<ProjectEntry, 'dcs' | 'taskUserName'>): Promise<KnownUsers> {
  return { configuredName: taskUserName, shown: await dcs.identity.user() };
}

/**
 * The swap tasks that were not there at the pre-check, while no job is known to be ours. STS is asked only where there
 * are any. Before a PUT, one of our own user may be the work of an earlier execution of the very activity that asks, of
 * which a Temporal server that was restored from an older copy knows nothing.
 */
export async function findStrays(
  tasks: readonly TaskFacts[],
  knownIds: readonly string[],
  project: Pick<ProjectEntry, 'dcs' | 'taskUserName'>,
): Promise<readonly NewSwapTask[]> {
  const strays = (users: KnownUsers): readonly NewSwapTask[] =>
    newSwapTasks(tasks, knownIds, NO_JOBS, users);
  return strays(NO_KNOWN_USERS).length === 0 ? [] : strays(await knownUsersOf(project));
}
