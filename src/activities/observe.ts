import { cancellationSignal } from '@temporalio/activity';

import type { RolesSnapshot } from '../contract/index.js';
import { DcsError } from '../dcs/index.js';
import type { InstanceFacts, TaskFacts } from '../domain/facts.js';
import type { Observation, WatchCall } from '../domain/reports.js';
import {
  allNodes,
  compareRoles,
  describeNode,
  isActive,
  isSameRoles,
  onlyMaster,
} from '../domain/roles.js';
import { newSwapTasks } from '../domain/tasks.js';

import { explain } from './explain.js';
import type { InstanceReader } from './session.js';

/** Everything read so far. */
interface Sightings {
  readonly samples: readonly RolesSnapshot[];
  readonly unreadable: number;
  readonly wasLastReadable: boolean;
  readonly instance: InstanceFacts | null;
  readonly tasks: readonly TaskFacts[] | null;
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
  taskUserName: string | null,
): Watch {
  let seen: Sightings = {
    samples: [],
    unreadable: 0,
    wasLastReadable: false,
    instance: null,
    tasks: null,
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
  const listTasks = async (): Promise<Partial<Sightings>> => ({
    tasks: (await reader.tasks()).value,
  });
  return {
    sample: () => tolerate(readRoles, { wasLastReadable: false }),
    // An older list is no answer to "and now?".
    readTasks: () => tolerate(listTasks, { tasks: null }),
    observation: () => toObservation(seen, call, taskUserName),
  };
}

function toObservation(seen: Sightings, call: WatchCall, taskUserName: string | null): Observation {
  const { samples, unreadable, lastError } = seen;
  const roles = samples.at(-1) ?? null;
  const { request, before, knownSwapTaskIds, ownJobIds } = call;
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
    newSwapTasks:
      seen.tasks === null
        ? null
        : newSwapTasks(seen.tasks, knownSwapTaskIds, ownJobIds, taskUserName),
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
