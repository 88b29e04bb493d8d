import type { RolesSnapshot, SwitchoverRequest } from '../contract/index.js';

import { VERIFIED_BAD_STATES } from './outcome.js';
import type { Judgement } from './outcome.js';
import type { Observation } from './reports.js';
import { isActive, isSameNode, onlyMaster, promotableReplicas } from './roles.js';

/** Whether to swap back, and if not, why not, in words for the result. */
export type CompensationDecision =
  | { readonly compensate: true; readonly from: RolesSnapshot }
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
  const roles = observation.roles;
  const oldMaster = onlyMaster(before);
  const why = ((): string | null => {
    if (!VERIFIED_BAD_STATES.includes(judgement.cause))
      return 'the state is not a verified bad one';
    if (request.compensation === 'none') return 'compensation is "none"';
    if (nowMs >= request.compensateNotAfterMs) return 'compensateNotAfter has passed';
    if (!observation.instanceReady) return 'the instance is busy or not RUNNING';
    if (roles === null || oldMaster === null) return 'the roles are not clear';
    return whyNotBack(roles, before);
  })();
  if (why !== null || roles === null) return { compensate: false, why: why ?? 'roles unread' };
  return { compensate: true, from: roles };
}

function whyNotBack(roles: RolesSnapshot, before: RolesSnapshot): string | null {
  const oldMaster = onlyMaster(before);
  const candidates = promotableReplicas(roles);
  const returning = candidates.filter((node) => oldMaster !== null && isSameNode(node, oldMaster));
  if (returning.length !== 1) return 'the old master is not a promotable replica';
  if (!returning.every(isActive)) return 'the old master is not Active';
  if (candidates.length > 1) return 'another replica could be promoted instead of the old master';
  return null;
}
