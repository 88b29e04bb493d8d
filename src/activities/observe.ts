import { cancellationSignal } from '@temporalio/activity';

import type { RolesSnapshot } from '../contract/index.js';
import { DcsError } from '../dcs/index.js';
import type { InstanceFacts, TaskFacts } from '../domain/facts.js';
import type { NewSwapTask, Observation, WatchCall } from '../domain/reports.js';
import {
  allNodes,
  compareRoles,
  describeNode,
  isActive,
  isSameRoles,
  onlyMaster,
} from '../domain/roles.js';
import { isOneOf, newSwapTasks, swapTasks } from '../domain/tasks.js';
import { NO_KNOWN_USERS } from '../domain/users.js';
import type { KnownUsers } from '../domain/users.js';

import type { ProjectEntry } from './deps.js';
import { explain } from './explain.js';
import { knownUsersOf } from './known-users.js';
import type { InstanceReader } from './session.js';

/** Everything read so far. */
interface Sightings {
  readonly samples: readonly RolesSnapshot[];
  readonly unreadable: number;
  readonly wasLastReadable: boolean;
  readonly instance: InstanceFacts | null;
  readonly tasks: readonly TaskFacts[] | null;
  readonly users: KnownUsers;
  readonly lastError: string | null;
}

/** A watch over the roles, the health and the swap tasks of an instance. */
export interface Watch {
  /** Reads roles and instance once. */
  readonly sample: () => Promise<void>;
  /** Reads the task list once. */
  readonly readTasks: () => Promise<void>;
  /** What was seen so far, judged against the roles of before. */
  readonly observation: () => Observation;
}

/** Starts a watch; a reading that fails is counted and tolerated, because the next one may work. */
export function createWatch(
  reader: InstanceReader,
  call: WatchCall,
  project: Pick<ProjectEntry, 'dcs' | 'taskUserName'>,
): Watch {
  let seen: Sightings = {
    samples: [],
    unreadable: 0,
    wasLastReadable: false,
    instance: null,
    tasks: null,
    users: NO_KNOWN_USERS,
    lastError: null,
  };
  const tolerate = async (
    read: () => Promise<Partial<Sightings>>,
    whenFailed: Partial<Sightings>,
  ): Promise<void> => {
    try {
      const news = await read();
      seen = { ...seen, lastError: null, ...news };
    } catch (error) {
      if (cancellationSignal().aborted || !(error instanceof DcsError)) throw error;
      const unreadable = seen.unreadable + 1;
      seen = { ...seen, ...whenFailed, unreadable, lastError: explain(error) };
    }
  };
  const readRoles = async (): Promise<Partial<Sightings>> => {
    const roles = await reader.roles();
    const { value: instance } = await reader.instance();
    return { samples: [...seen.samples, roles.value], wasLastReadable: true, instance };
  };
  const listTasks = async (): Promise<Partial<Sightings>> => {
    const { value: tasks } = await reader.tasks();
    learn(tasks, call, project);
    // Whose a task is matters only where its ids do not tell: no question to STS on the happy path.
    const isClear = isAllClear(newTasks({ ...seen, tasks }, call) ?? [], call);
    return { tasks, users: isClear ? seen.users : await knownUsersOf(project) };
  };
  return {
    sample: () => tolerate(readRoles, { wasLastReadable: false }),
    // An older list is no answer to "and now?".
    readTasks: () => tolerate(listTasks, { tasks: null }),
    observation: () => toObservation(seen, call),
  };
}

/** The row of a job that a PUT was answered with shows whom the service takes us for. */
function learn(
  tasks: readonly TaskFacts[],
  { ownJobIds, ownJobsBy = 'answer' }: WatchCall,
  { dcs }: Pick<ProjectEntry, 'dcs'>,
): void {
  if (ownJobsBy !== 'answer') return;
  for (const jobId of ownJobIds)
    for (const task of swapTasks(tasks).filter((row) => isOneOf(row, [jobId])))
      dcs.identity.sawRow(jobId, task);
}

function isAllClear(tasks: readonly NewSwapTask[], { ownJobsBy = 'answer' }: WatchCall): boolean {
  return tasks.every(({ owner }) => owner === 'ours' && ownJobsBy === 'answer');
}

function newTasks({ tasks, users }: Sightings, call: WatchCall): Observation['newSwapTasks'] {
  if (tasks === null) return null;
  const { knownSwapTaskIds, ownJobIds: ids, ownJobsBy: by = 'answer' } = call;
  return newSwapTasks(tasks, knownSwapTaskIds, { ids, by }, users);
}

function toObservation(seen: Sightings, call: WatchCall): Observation {
  const { samples, unreadable, lastError } = seen;
  const roles = samples.at(-1) ?? null;
  const { request, before } = call;
  const instanceReady = seen.instance?.status === 'RUNNING' && seen.instance.busyWith === null;
  return {
    roles,
    stable: isStable(seen, request.timing.verifySamples),
    change: roles === null ? null : compareRoles(before, roles),
    heldThroughout: seen.wasLastReadable && samples.every((sample) => isSameRoles(before, sample)),
    masterActive: roles !== null && isMasterActive(roles),
    nodesActive: roles !== null && allNodes(roles).every(isActive),
    instanceReady,
    complaints: complaints(roles, seen.instance),
    newSwapTasks: newTasks(seen, call),
    samples: samples.length,
    unreadable,
    lastError,
  };
}

/** The last N samples agree, and the last reading worked. */
function isStable({ samples, wasLastReadable }: Sightings, wanted: number): boolean {
  const recent = samples.slice(-wanted);
  const [first] = recent;
  return (
    wasLastReadable &&
    recent.length === wanted &&
    first !== undefined &&
    recent.every((sample) => isSameRoles(first, sample))
  );
}

function isMasterActive(roles: RolesSnapshot): boolean {
  const master = onlyMaster(roles);
  return master !== null && isActive(master);
}

function complaints(roles: RolesSnapshot | null, instance: InstanceFacts | null): string[] {
  const inactive = roles === null ? [] : allNodes(roles).filter((node) => !isActive(node));
  const { status, busyWith } = instance ?? { status: 'RUNNING', busyWith: null };
  return [
    ...inactive.map((node) => `${node.role} ${describeNode(node)} is not Active`),
    ...(status === 'RUNNING' ? [] : [`instance is ${status ?? 'without status'}`]),
    ...(busyWith === null ? [] : [`instance is busy with ${busyWith}`]),
  ];
}
