import { cancellationSignal } from '@temporalio/activity';

import type { NodeSnapshot, RolesSnapshot } from '../contract/index.js';
import { DcsError } from '../dcs/index.js';
import { unlessSetBack, withoutTimesAhead, withoutTimesBehind } from '../domain/clocks.js';
import type { ApiMs } from '../domain/clocks.js';
import type { InstanceFacts, Observed, TaskFacts } from '../domain/facts.js';
import {
  allNodes,
  compareRoles,
  describeDisagreement,
  describeNode,
  isActive,
  isSameRoles,
  nodesOf,
  onlyMaster,
} from '../domain/identity.js';
import type { NodeIdentity } from '../domain/identity.js';
import type { NewSwapTask, Observation, SwapCall, WatchCall } from '../domain/reports.js';
import { countOf } from '../domain/text.js';
import { isOneOf, newSwapTasks, NO_JOBS, NO_KNOWN_USERS, swapTasks } from '../domain/tasks.js';
import type { KnownUsers } from '../domain/tasks.js';

import type { ProjectEntry } from './deps.js';
import { explain, leaveToOthers } from './errors.js';
import type { InstanceReader } from './session.js';

/** Whose swaps are ours, as far as is known of the credential of a project. Asks STS at most once for each. */
async function knownUsersOf({
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
  { value: tasks, serverTimeMs = null }: Observed<readonly TaskFacts[]>,
  call: Pick<SwapCall, 'knownSwapTaskIds' | 'overBeforeMs'>,
  project: Pick<ProjectEntry, 'dcs' | 'taskUserName'>,
): Promise<readonly NewSwapTask[]> {
  const overBeforeMs = unlessSetBack(call.overBeforeMs ?? null, serverTimeMs);
  const strays = (users: KnownUsers): readonly NewSwapTask[] =>
    newSwapTasks(tasks, call.knownSwapTaskIds, { ...NO_JOBS, overBeforeMs }, users);
  return strays(NO_KNOWN_USERS).length === 0 ? [] : strays(await knownUsersOf(project));
}

/** One reading of everything that an outcome depends on. */
interface Sample {
  readonly roles: RolesSnapshot;
  readonly instance: InstanceFacts;
}

/** Everything read so far. */
interface Sightings {
  readonly samples: readonly Sample[];
  readonly unreadable: number;
  readonly wasLastReadable: boolean;
  readonly tasks: readonly TaskFacts[] | null;
  /** What was over by then is no new swap; `null`: not known. */
  readonly overBeforeMs: ApiMs | null;
  readonly users: KnownUsers;
  readonly lastError: string | null;
  readonly retryAfterMs: number | null;
}

/** A watch over the roles, the health and the swap tasks of an instance. */
export interface Watch {
  /** Reads roles and instance once. */
  readonly sample: () => Promise<void>;
  /** Reads the task list once. */
  readonly readTasks: () => Promise<void>;
  /** The instance, as last read; `null`: it was not. */
  readonly instance: () => InstanceFacts | null;
  /** What was observed so far, judged against the prior roles. */
  readonly observation: () => Observation;
  /** How long the API asked to wait in its last answer, in milliseconds; `null` where it did not. */
  readonly retryAfterMs: () => number | null;
}

/** What the worker's settings say of the project that is watched. */
type Settings = Pick<ProjectEntry, 'dcs' | 'taskUserName' | 'nodeIdentity'>;

/** Starts a watch; a reading that fails is counted and tolerated, because the next one may work. */
export function createWatch(reader: InstanceReader, call: WatchCall, project: Settings): Watch {
  let seen: Sightings = {
    samples: [],
    unreadable: 0,
    wasLastReadable: false,
    tasks: null,
    overBeforeMs: null,
    users: NO_KNOWN_USERS,
    lastError: null,
    retryAfterMs: null,
  };
  const tolerate = async (
    read: () => Promise<Partial<Sightings>>,
    whenFailed: Partial<Sightings>,
  ): Promise<void> => {
    try {
      const news = await read();
      seen = { ...seen, lastError: null, retryAfterMs: null, ...news };
    } catch (error) {
      if (cancellationSignal().aborted || !(error instanceof DcsError)) throw error;
      leaveToOthers(error);
      const { retryAfterMs } = error;
      const unreadable = seen.unreadable + 1;
      seen = { ...seen, ...whenFailed, unreadable, lastError: explain(error), retryAfterMs };
    }
  };
  const readRoles = async (): Promise<Partial<Sightings>> => {
    const { value: roles } = await reader.roles();
    const { value: instance } = await reader.instance();
    return { samples: [...seen.samples, { roles, instance }], wasLastReadable: true };
  };
  const listTasks = async (): Promise<Partial<Sightings>> => {
    const { value, serverTimeMs = null } = await reader.tasks();
    const sinceMs = unlessSetBack(call.sinceMs ?? null, serverTimeMs);
    const overBeforeMs = unlessSetBack(call.overBeforeMs ?? null, serverTimeMs);
    const past = withoutTimesAhead(value, serverTimeMs);
    const tasks = withoutTimesBehind(past, sinceMs, serverTimeMs);
    learn(tasks, call, project);
    // Whose a task is matters only where its ids do not say: no question to STS on the happy path.
    const isClear = isAllClear(newTasks({ ...seen, tasks, overBeforeMs }, call) ?? [], call);
    const users = isClear ? seen.users : await knownUsersOf(project);
    return { tasks, overBeforeMs, users };
  };
  return {
    sample: () => tolerate(readRoles, { wasLastReadable: false }),
    // An older list is no answer to "and now?".
    readTasks: () => tolerate(listTasks, { tasks: null }),
    instance: () => seen.samples.at(-1)?.instance ?? null,
    observation: () => toObservation(seen, call, project),
    retryAfterMs: () => seen.retryAfterMs,
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

function newTasks(
  { tasks, overBeforeMs, users }: Sightings,
  { knownSwapTaskIds, ownJobIds: ids, ownJobsBy: by = 'answer' }: WatchCall,
): Observation['newSwapTasks'] {
  if (tasks === null) return null;
  return newSwapTasks(tasks, knownSwapTaskIds, { ids, by, overBeforeMs }, users);
}

function toObservation(seen: Sightings, call: WatchCall, { nodeIdentity }: Settings): Observation {
  const { samples, unreadable, lastError, wasLastReadable } = seen;
  const comparing = { call, identity: nodeIdentity };
  return {
    ...lastSight(samples.at(-1), comparing),
    stable: wasLastReadable && doLastAgree(samples, comparing, isSameMaster),
    steady: wasLastReadable && doLastAgree(samples, comparing, isEqual),
    ...(nodeIdentity === undefined ? {} : { nodeIdentity }),
    heldThroughout:
      wasLastReadable &&
      samples.every(({ roles }) => compareRoles(call.before, roles, nodeIdentity) === 'unchanged'),
    hasShownChange: samples.some(
      ({ roles }) => compareRoles(call.before, roles, nodeIdentity) === 'changed',
    ),
    newSwapTasks: newTasks(seen, call),
    samples: samples.length,
    unreadable,
    lastError,
  };
}

type LastSight = Pick<
  Observation,
  | ('roles' | 'change' | 'disagreement')
  | ('masterActive' | 'nodesActive' | 'instanceReady' | 'complaints')
>;

/** What the last readable sample shows. */
function lastSight(
  sample: Sample | undefined,
  { call: { before }, identity }: Comparing,
): LastSight {
  if (sample === undefined) return NO_SIGHT;
  const { roles, instance } = sample;
  const master = onlyMaster(roles);
  const missing = countMissing(before, roles);
  return {
    roles,
    change: compareRoles(before, roles, identity),
    disagreement: describeDisagreement(before, roles, identity),
    masterActive: master !== null && isActive(master),
    nodesActive: missing === 0 && allNodes(roles).every(isActive),
    instanceReady: isReady(instance),
    complaints: complaints(roles, instance, missing),
  };
}

const NO_SIGHT: LastSight = {
  roles: null,
  change: null,
  disagreement: null,
  masterActive: false,
  nodesActive: false,
  instanceReady: false,
  complaints: [],
};

interface Comparing {
  readonly call: WatchCall;
  readonly identity: NodeIdentity | undefined;
}

/** The last `verifySamples` samples are equal, each to the first of them. */
function doLastAgree(
  samples: readonly Sample[],
  comparing: Comparing,
  isSame: (a: Sample, b: Sample, comparing: Comparing) => boolean,
): boolean {
  const { verifySamples } = comparing.call.request.timing;
  const recent = samples.slice(-verifySamples);
  const [first] = recent;
  return (
    recent.length === verifySamples &&
    first !== undefined &&
    recent.every((sample) => isSame(first, sample, comparing))
  );
}

function isSameMaster(a: Sample, b: Sample, { identity }: Comparing): boolean {
  return compareRoles(a.roles, b.roles, identity) === 'unchanged';
}

/** Equal in everything that the outcome depends on; after a compensation the replicas are no part of it. */
function isEqual(a: Sample, b: Sample, { call, identity }: Comparing): boolean {
  if (isReady(a.instance) !== isReady(b.instance)) return false;
  const isSame = nodesOf(a.roles, b.roles, identity);
  const looksSame = (node: NodeSnapshot): boolean =>
    allNodes(b.roles).some((other) => isSame(node, other) && isAlike(node, other));
  if (!call.mayHaveInactiveReplicas)
    return isSameRoles(a.roles, b.roles, identity) && allNodes(a.roles).every(looksSame);
  const master = onlyMaster(a.roles);
  return isSameMaster(a, b, { call, identity }) && master !== null && looksSame(master);
}

function isAlike(a: NodeSnapshot, b: NodeSnapshot): boolean {
  return a.status === b.status && a.availabilityZone === b.availabilityZone;
}

function isReady({ status, busyWith }: InstanceFacts): boolean {
  return status === 'RUNNING' && busyWith === null;
}

/** Of the nodes of before: one that is not shown any more may be down, and then there is no replica. */
function countMissing(before: RolesSnapshot, now: RolesSnapshot): number {
  return Math.max(0, allNodes(before).length - allNodes(now).length);
}

function complaints(
  roles: RolesSnapshot,
  { status, busyWith }: InstanceFacts,
  missing: number,
): string[] {
  const inactive = allNodes(roles).filter((node) => !isActive(node));
  return [
    ...inactive.map((node) => `${node.role} ${describeNode(node)} is not Active`),
    ...(missing === 0 ? [] : [`${countOf(missing, 'node')} of before not shown any more`]),
    ...(status === 'RUNNING' ? [] : [`instance is ${status ?? 'without status'}`]),
    ...(busyWith === null ? [] : [`instance is busy with ${busyWith}`]),
  ];
}
