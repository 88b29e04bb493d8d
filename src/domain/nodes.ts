import type { NodeSnapshot, RolesSnapshot } from '../contract/index.js';

/** All nodes of a snapshot, whatever their group. */
export function allNodes(roles: RolesSnapshot): readonly NodeSnapshot[] {
  return roles.groups.flatMap((group) => group.nodes);
}

/** The one master of a single-group instance; `null` when there is none or more than one. */
export function onlyMaster(roles: RolesSnapshot): NodeSnapshot | null {
  const masters = allNodes(roles).filter((node) => node.role === 'master');
  return masters.length === 1 ? (masters[0] ?? null) : null;
}
