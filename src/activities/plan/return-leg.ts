/** Whether the return leg of a drill has a chance: found at planning, before a master is moved and left away. */
import type { NodeSnapshot, RolesSnapshot } from '../../contract/index.js';
import {
  describeNode,
  onlyMaster,
  promotableReplicas,
  satisfiesTarget,
} from '../../domain/roles.js';

import type { Inspection } from './inspect.js';
import type { Terms } from '../plan-verdicts.js';
import { nameOf } from './warnings.js';

/** Instances that a warning names; the others are counted. */
const MAX_NAMED = 3;

/**
 * Why the return leg can only be refused, by the nodes as they are; `null`: it may work, or nothing will be moved.
 * Its target is the node of the old master, and async-swap takes no target: after the forward leg that node has to
 * be the only one that the service may promote.
 *
 * A master's own priority of 0 counts only where the API shows another one for any master. Whether a master's row
 * shows its setting or always 0 is not documented; the console lets people set it on replicas only.
 */
export function findNoReturn(terms: Terms, { roles }: Inspection): string | null {
  const home = roles === null ? null : movedMaster(terms, roles);
  if (roles === null || home === null) return null;
  if (home.nodeId === null)
    return 'it could not be switched back: the API does not show the node id of its master. Plan without a return leg';
  const others = promotableReplicas(roles).length;
  if (others > 1)
    return `it could not be switched back: ${others} of its replicas may be promoted, so the service could choose another one than the old master. Set the priority of all but one of them to 0, or plan without a return leg`;
  if (home.priority !== 0 || terms.mastersShowPriority !== true) return null;
  return `it could not be switched back: its master ${describeNode(home)} has priority 0, so it is never promoted again. Give it a priority from 1 to 100, or plan without a return leg`;
}

/** Whether any master shows a priority other than 0: then a 0 is a setting, not what every master's row shows. */
export function showMasterPriority(inspections: readonly Inspection[]): boolean {
  return inspections.some(({ roles }) => {
    const priority = (roles === null ? null : onlyMaster(roles))?.priority ?? 0;
    return priority !== 0;
  });
}

/** One warning about all instances whose master shows priority 0 where that may be no setting; or none. */
export function doubtReturns(terms: Terms, inspections: readonly Inspection[]): string[] {
  if (terms.mastersShowPriority === true) return [];
  const doubtful = inspections.filter(
    ({ roles }) => roles !== null && movedMaster(terms, roles)?.priority === 0,
  );
  if (doubtful.length === 0) return [];
  const names = doubtful
    .slice(0, MAX_NAMED)
    .map(({ instanceId, details }) => nameOf({ instanceId, name: details?.name ?? null }));
  const more = doubtful.length > MAX_NAMED ? ` and ${doubtful.length - MAX_NAMED} more` : '';
  return [
    `The return leg may be refused for ${names.join(', ')}${more}: the API shows priority 0 on the master. If that is a setting, that node is not promoted again and the master stays moved. Check its failover priority in the console, or plan without a return leg.`,
  ];
}

/** The master that a drill moves and has to bring back; `null` where it moves none. */
function movedMaster({ request }: Terms, roles: RolesSnapshot): NodeSnapshot | null {
  const { returnLeg, target } = request;
  const master = onlyMaster(roles);
  if (returnLeg === null || master === null) return null;
  const isThere = target !== null && satisfiesTarget(master, target);
  // With nobody to promote the forward leg is refused as well.
  return isThere || promotableReplicas(roles).length === 0 ? null : master;
}
