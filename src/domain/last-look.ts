/** What the last look before a PUT finds against it. Pure. */
import type { RolesSnapshot } from '../contract/index.js';

import { isStillBad, whyNotBack } from './compensation.js';
import type { InstanceFacts, Sighted, TaskFacts } from './facts.js';
import type { NodeIdentity } from './identity.js';
import { findOpenTasks, saysItGoesOn } from './open-tasks.js';
import type { NewSwapTask, SwapCall } from './reports.js';
import {
  describeRoles,
  describeTarget,
  isActive,
  isSameRoles,
  promotableReplicas,
  satisfiesTarget,
} from './roles.js';
import { isOneOf, isWithin } from './tasks.js';

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
  tasks: Sighted<readonly TaskFacts[]>,
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
  /** The one to tell of; `null` where there is none. */
  readonly told: NewSwapTask | null;
  /** It is of our own user and of the time of this run: nobody can vouch that no earlier execution has sent it. */
  readonly isOwnSwap: boolean;
  /** A PUT of an earlier execution, if there was one, would look like this. */
  readonly mayBeOwnWork: boolean;
}

/** What was created before the pre-check had listed the tasks is of an earlier run, or of somebody else: listed late. */
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
    told: own ?? strays[0] ?? null,
    isOwnSwap: own !== undefined,
    // Roles that have moved by no swap that is listed may have moved by one that is not listed yet.
    mayBeOwnWork:
      since.some(({ user }) => user !== 'other') ||
      (strays.length === 0 && !isSameRoles(expected, now, identity)),
  };
}
