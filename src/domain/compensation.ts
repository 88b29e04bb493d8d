import type { RolesSnapshot, SwitchoverRequest } from '../contract/index.js';

import type { BadState } from './bad-state.js';
import { isVerifiedBad } from './outcome.js';
import type { Judgement } from './outcome.js';
import type { Observation } from './reports.js';
import type { NodeIdentity } from './identity.js';
import {
  isActive,
  isAtTarget,
  isKnownInactive,
  nodesOf,
  onlyMaster,
  promotableReplicas,
} from './roles.js';

/** Whether to swap back, and if not, why not, in words for the result. */
export type CompensationDecision =
  | { readonly compensate: true; readonly from: RolesSnapshot; readonly undoes: BadState }
  | { readonly compensate: false; readonly why: string };

/**
 * Decides on the one compensating swap. Only from a verified bad state, only while the old master is
 * an Active replica, and only where the toggle can promote nobody else: async-swap takes no target.
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
