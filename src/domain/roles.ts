import type { NodeSnapshot, RolesSnapshot, Target } from '../contract/index.js';

import type { RoleChange } from './reports.js';

/** The identifiers of a node that are compared together, because none is known to be stable alone. */
const IDENTIFIERS = ['nodeId', 'replicationId', 'ip', 'availabilityZone'] as const;

/** Identifiers that no two nodes of an instance share. */
const UNIQUE_IDENTIFIERS = ['nodeId', 'replicationId', 'ip'] as const;

/** All nodes of a snapshot, whatever their group. */
export function allNodes(roles: RolesSnapshot): readonly NodeSnapshot[] {
  return roles.groups.flatMap((group) => group.nodes);
}

/** The one master of a single-group instance; `null` when there is none or more than one. */
export function onlyMaster(roles: RolesSnapshot): NodeSnapshot | null {
  const masters = allNodes(roles).filter((node) => node.role === 'master');
  return masters.length === 1 ? (masters[0] ?? null) : null;
}

/** Replicas in the order in which the API listed them. */
export function replicas(roles: RolesSnapshot): readonly NodeSnapshot[] {
  return allNodes(roles).filter((node) => node.role === 'replica');
}

/** Replicas that the service may promote: priority 0 means never. An unknown priority may be any. */
export function promotableReplicas(roles: RolesSnapshot): readonly NodeSnapshot[] {
  return replicas(roles).filter((node) => node.priority !== 0);
}

/**
 * Whether two sightings are of one node: nothing that both show differs, and they share at least one
 * identifier that is unique. The API page does not say which identifier follows the node.
 */
export function isSameNode(a: NodeSnapshot, b: NodeSnapshot): boolean {
  const comparable = (field: (typeof IDENTIFIERS)[number]): boolean =>
    a[field] !== null && b[field] !== null;
  return (
    UNIQUE_IDENTIFIERS.some(comparable) &&
    IDENTIFIERS.filter(comparable).every((field) => a[field] === b[field])
  );
}

/**
 * How the master moved between two readings of a single-group instance.
 *
 * `changed` only when the master of now is, by every identifier, a replica of before;
 * `disagree` when the identifiers contradict each other or there is no single master.
 */
export function compareRoles(before: RolesSnapshot, now: RolesSnapshot): RoleChange {
  const [was, is] = [onlyMaster(before), onlyMaster(now)];
  if (was === null || is === null) return 'disagree';
  const matches = allNodes(before).filter((node) => isSameNode(node, is));
  if (matches.length !== 1) return 'disagree';
  return matches[0] === was ? 'unchanged' : 'changed';
}

/** Whether two readings show the same nodes in the same roles; status and priority may differ. */
export function isSameRoles(a: RolesSnapshot, b: RolesSnapshot): boolean {
  const [left, right] = [allNodes(a), allNodes(b)];
  return (
    left.length === right.length &&
    left.every((node) => right.some((other) => other.role === node.role && isSameNode(node, other)))
  );
}

/** Whether a node is where the target wants the master; a node with unknown data is not. */
export function satisfiesTarget(node: NodeSnapshot, target: Target): boolean {
  if ('nodeId' in target) return node.nodeId === target.nodeId;
  if (node.availabilityZone === null) return false;
  return 'availabilityZone' in target
    ? node.availabilityZone === target.availabilityZone
    : node.availabilityZone !== target.avoidAvailabilityZone;
}

/** Whether the API calls the node healthy. */
export function isActive(node: NodeSnapshot): boolean {
  return node.status?.toLowerCase() === 'active';
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
