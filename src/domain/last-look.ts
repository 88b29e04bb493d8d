/** What the last look before a PUT finds against it. Pure. */
import type { RolesSnapshot, SwitchoverRequest } from '../contract/index.js';

import { ageMs } from './clocks.js';
import type { ApiMs } from './clocks.js';
import type { InstanceFacts, Observed, TaskFacts } from './facts.js';
import {
  describeRoles,
  describeTarget,
  isActive,
  isAtTarget,
  isKnownInactive,
  isSameRoles,
  nodesOf,
  onlyMaster,
  promotableReplicas,
  satisfiesTarget,
} from './identity.js';
import type { NodeIdentity } from './identity.js';
import { isVerifiedBad } from './outcome.js';
import type { BadState, Judgement, NewSwapTask, Observation, SwapCall } from './reports.js';
import { isOneOf, isUnfinished, isWithin } from './tasks.js';

// Which tasks of an instance may still change it.

/**
 * Words of a task that goes on. The API page lists none: `EXECUTING` was observed, the others are those of jobs and
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
  { value: tasks, serverTimeMs = null }: Observed<readonly TaskFacts[]>,
  { status, busyWith }: Pick<InstanceFacts, 'status' | 'busyWith'>,
): OpenTasks {
  const isIdle = status === 'RUNNING' && busyWith === null;
  const unfinished = tasks.filter(isUnfinished);
  const forgotten = isIdle ? unfinished.filter((task) => isForgotten(task, serverTimeMs)) : [];
  return { open: unfinished.filter((task) => !forgotten.includes(task)), forgotten };
}

/** Whether a task, or a job, says of itself that it goes on; no word, or an unknown one, says nothing. */
export function saysItGoesOn({ status }: Pick<TaskFacts, 'status'>): boolean {
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

/** Whether to swap back, and if not, why not, as text for the result. */
export type CompensationDecision =
  | { readonly compensate: true; readonly from: RolesSnapshot; readonly undoes: BadState }
  | { readonly compensate: false; readonly why: string };

/**
 * Decides on the one compensating swap. Only from a verified bad state, only while the old master is
 * an Active replica, and only where the toggle can promote no one else: async-swap takes no target.
 */
export function decideCompensation(
  request: SwitchoverRequest,
  before: RolesSnapshot,
  judgement: Judgement,
  observation: Observation,
  nowMs: number,
): CompensationDecision {
  const { roles } = observation;
  const { cause } = judgement;
  if (!isVerifiedBad(cause))
    return { compensate: false, why: 'the state is not a verified bad one' };
  const oldMaster = onlyMaster(before);
  const why = ((): string | null => {
    if (request.compensation === 'none') return 'compensation is "none"';
    if (nowMs >= request.compensateNotAfterMs) return 'compensateNotAfter has passed';
    if (!observation.instanceReady) return 'the instance is busy or not RUNNING';
    if (roles === null || oldMaster === null) return 'the roles are not clear';
    return whyNotBack(roles, before, observation.nodeIdentity);
  })();
  if (why !== null || roles === null) return { compensate: false, why: why ?? 'roles unread' };
  return { compensate: true, from: roles, undoes: { cause, before, target: request.target } };
}

/** Why a swap back would not restore the old master, or `null`: async-swap takes no target. */
export function whyNotBack(
  roles: RolesSnapshot,
  before: RolesSnapshot,
  identity?: NodeIdentity,
): string | null {
  const oldMaster = onlyMaster(before);
  const isSame = nodesOf(before, roles, identity);
  const candidates = promotableReplicas(roles);
  const returning = candidates.filter((node) => oldMaster !== null && isSame(oldMaster, node));
  if (returning.length !== 1) return 'the old master is not a promotable replica';
  if (!returning.every(isActive)) return 'the old master is not Active';
  if (candidates.length > 1) return 'another replica could be promoted instead of the old master';
  return null;
}

/** Whether a bad state still holds in a later reading, by what that one shows: the reason for a swap back. */
export function isStillBad({ cause, target }: BadState, now: RolesSnapshot): boolean {
  const master = onlyMaster(now);
  if (master === null) return false;
  if (cause === 'NEW_MASTER_INACTIVE') return isKnownInactive(master);
  return target !== null && isAtTarget(master, target) === false;
}

/** Whether the bad state that a swap back is to undo has passed, as it may while one waits. */
export function hasHealed(
  now: RolesSnapshot,
  { undoes, expected }: SwapCall,
  identity: NodeIdentity | undefined,
): boolean {
  return undoes !== undefined && isSameRoles(expected, now, identity) && !isStillBad(undoes, now);
}

/** What makes the PUT a different one than the pre-check allowed, or `null`. */
export function findDrift(
  now: RolesSnapshot,
  { expected, purpose, request, undoes }: SwapCall,
  identity: NodeIdentity | undefined,
): string | null {
  const promotable = promotableReplicas(now);
  const { target } = request;
  const seen = `; now: ${describeRoles(now)}`;
  if (!isSameRoles(expected, now, identity)) return `the roles have moved${seen}`;
  if (promotable.length === 0 || !promotable.every(isActive))
    return `a replica that may be promoted is not Active${seen}`;
  const notBack = undoes === undefined ? null : whyNotBack(now, undoes.before, identity);
  if (notBack !== null) return `${notBack}${seen}`;
  if (
    purpose === 'forward' &&
    target !== null &&
    !promotable.every((node) => satisfiesTarget(node, target))
  )
    return `a replica that may be promoted is no longer ${describeTarget(target)}`;
  return null;
}

/** Why the service would refuse a swap now, or `null`. */
export function findBusy(
  instance: InstanceFacts,
  tasks: Observed<readonly TaskFacts[]>,
  call: Pick<SwapCall, 'purpose' | 'knownSwapTaskIds'>,
): string | null {
  const { status, busyWith } = instance;
  if (status !== 'RUNNING') return `the instance is ${status ?? 'without status'}`;
  if (busyWith !== null) return `the instance is busy with ${busyWith}`;
  const [running] = findOpenTasks(tasks, instance).open.filter(
    (task) => !isSwapOfBefore(task, call),
  );
  return running === undefined ? null : `task ${running.name ?? running.id} is running`;
}

/**
 * A swap back comes after the end of the job that it undoes, and every other swap that it knows had ended before
 * that one. Rows that do not say so would keep a bad master for as long as the patience lasts.
 */
function isSwapOfBefore(
  task: TaskFacts,
  { purpose, knownSwapTaskIds }: Pick<SwapCall, 'purpose' | 'knownSwapTaskIds'>,
): boolean {
  return purpose === 'compensate' && !saysItGoesOn(task) && isOneOf(task, knownSwapTaskIds);
}

/** What swap tasks mean that were not there at the pre-check, while this execution has sent nothing. */
export interface Strays {
  /** The one to report; `null` where there is none. */
  readonly reported: NewSwapTask | null;
  /** It is of our own user and of the time of this run: no one can vouch that no earlier execution has sent it. */
  readonly isOwnSwap: boolean;
  /** A PUT of an earlier execution, if there was one, would look like this. */
  readonly mayBeOwnWork: boolean;
}

/** What was created before the pre-check had listed the tasks is of an earlier run, or of another client, and was listed late. */
export function judgeStrays(
  strays: readonly NewSwapTask[],
  now: RolesSnapshot,
  { expected, tasksListedAtMs = null }: Pick<SwapCall, 'expected' | 'tasksListedAtMs'>,
  identity: NodeIdentity | undefined,
): Strays {
  const ofThisRun = { notBeforeMs: tasksListedAtMs, notAfterMs: null };
  const since = strays.filter((task) => isWithin(task, ofThisRun));
  const own = since.find(({ user }) => user === 'ours');
  return {
    reported: own ?? strays[0] ?? null,
    isOwnSwap: own !== undefined,
    // Roles that have moved by no swap that is listed may have moved by one that is not listed yet.
    mayBeOwnWork:
      since.some(({ user }) => user !== 'other') ||
      (strays.length === 0 && !isSameRoles(expected, now, identity)),
  };
}
