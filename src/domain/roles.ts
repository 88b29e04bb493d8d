import type { NodeSnapshot, RolesSnapshot, Target } from '../contract/index.js';

import { allNodes } from './nodes.js';

export { compareRoles, describeDisagreement, isSameRoles, nodesOf } from './identity.js';
export { allNodes, onlyMaster } from './nodes.js';

/** Replicas in the order in which the API listed them. */
export function replicas(roles: RolesSnapshot): readonly NodeSnapshot[] {
  return allNodes(roles).filter((node) => node.role === 'replica');
}

/** Replicas that the service may promote: priority 0 means never. An unknown priority may be any. */
export function promotableReplicas(roles: RolesSnapshot): readonly NodeSnapshot[] {
  return replicas(roles).filter((node) => node.priority !== 0);
}

/** Whether a node is where the target wants the master; a node with unknown data is not. */
export function satisfiesTarget(node: NodeSnapshot, target: Target): boolean {
  return isAtTarget(node, target) === true;
}

/** The same, where it is no answer that the API did not show what the target asks for: `null`. */
export function isAtTarget(node: NodeSnapshot, target: Target): boolean | null {
  const shown = 'nodeId' in target ? node.nodeId : node.availabilityZone;
  if (shown === null) return null;
  if ('nodeId' in target) return shown === target.nodeId;
  return 'availabilityZone' in target
    ? shown === target.availabilityZone
    : shown !== target.avoidAvailabilityZone;
}

/** Whether the API calls the node healthy. */
export function isActive(node: NodeSnapshot): boolean {
  return node.status?.toLowerCase() === 'active';
}

/** Whether the API calls the node anything but healthy. No word is no verdict. */
export function isKnownInactive(node: NodeSnapshot): boolean {
  return node.status !== null && !isActive(node);
}

/** A node in one line for people: role, id, AZ and what is unusual about it. */
export function describeNode(node: NodeSnapshot): string {
  const id = node.nodeId ?? node.replicationId ?? node.ip ?? 'unidentified node';
  return `${id} (${node.availabilityZone ?? 'AZ unknown'}, ${node.status ?? 'status unknown'})`;
}

/** The roles in one line for people. */
export function describeRoles(roles: RolesSnapshot): string {
  return allNodes(roles)
    .map((node) => `${node.role} ${describeNode(node)}`)
    .join(', ');
}

/** A target in words, such as `in AZ az2`. */
export function describeTarget(target: Target): string {
  if ('nodeId' in target) return `on node ${target.nodeId}`;
  return 'availabilityZone' in target
    ? `in AZ ${target.availabilityZone}`
    : `outside AZ ${target.avoidAvailabilityZone}`;
}
