/** Readings of an instance, put together for people. */
import { toBusyWith, toRolesSnapshot } from '../activities/snapshots.js';
import type { RolesSnapshot } from '../contract/index.js';
import type { InstanceDetails, JobInfo, NodeInfo, TaskInfo } from '../dcs/index.js';
import { isUnfinished } from '../domain/tasks.js';

import type { Readings } from '../doctor/readings.js';

/** Tasks that are shown; older ones say little about now. */
const MAX_TASKS = 10;

/** What the readings show; `null`: not read. */
export interface InspectView {
  readonly instance: (InstanceDetails & { readonly busyWith: string | null }) | null;
  readonly roles: RolesSnapshot | null;
  /** Latest first. */
  readonly tasks: readonly (TaskInfo & { readonly isRunning: boolean })[] | null;
  readonly jobs: readonly JobInfo[];
}

/** Of several readings of one kind the first that was answered counts. */
export function toView(all: readonly Readings[]): InspectView {
  const instance = firstOf(all, ({ showInstance }) => showInstance?.value);
  const nodes = nodesOf(all);
  return {
    instance: instance === null ? null : { ...instance, busyWith: toBusyWith(instance) },
    roles: nodes === null ? null : toRolesSnapshot(nodes),
    tasks: latestFirst(firstOf(all, ({ listTasks }) => listTasks?.value)),
    jobs: all.flatMap(({ showJob }) => showJob?.value ?? []),
  };
}

/** The nodes by `logical-nodes`, which shows priorities, else by `groups`. */
export function nodesOf(all: readonly Readings[]): readonly NodeInfo[] | null {
  return (
    firstOf(all, ({ listNodes }) => listNodes?.value) ??
    firstOf(all, ({ listGroups }) => listGroups?.value)
  );
}

function firstOf<T>(
  all: readonly Readings[],
  pick: (readings: Readings) => T | null | undefined,
): T | null {
  for (const readings of all) {
    const value = pick(readings);
    if (value !== null && value !== undefined) return value;
  }
  return null;
}

function latestFirst(tasks: readonly TaskInfo[] | null): InspectView['tasks'] {
  if (tasks === null) return null;
  return tasks
    .toSorted((a, b) => (b.createdAtMs ?? 0) - (a.createdAtMs ?? 0))
    .slice(0, MAX_TASKS)
    .map((task) => ({ ...task, isRunning: isUnfinished(task) }));
}
