import type { NodeSnapshot, RolesSnapshot } from '../../contract/index.js';
import { allNodes, nodesOf } from '../../domain/roles.js';

import { formatTable } from './text.js';

/** The roles of one moment. */
export function formatRoles(roles: RolesSnapshot): string {
  const rows = allNodes(roles).map((node) => [
    node.role,
    nameOf(node),
    node.availabilityZone ?? '-',
    node.status ?? '-',
    node.priority === null ? '-' : String(node.priority),
  ]);
  return formatTable([['ROLE', 'NODE', 'AZ', 'STATUS', 'PRIORITY'], ...rows]);
}

/** The roles of two moments side by side, node by node; of one, where only one was read. */
export function formatRolesChange(
  before: RolesSnapshot | null,
  after: RolesSnapshot | null,
): string | null {
  if (before === null || after === null) {
    const only = before ?? after;
    return only === null ? null : formatRoles(only);
  }
  const [earlier, later] = [allNodes(before), allNodes(after)];
  const isSame = nodesOf(before, after);
  const added = later.filter((node) => !earlier.some((other) => isSame(other, node)));
  const rows = [...earlier, ...added].map((node) => {
    const was = earlier.find((other) => other === node);
    const is = later.find((other) => isSame(node, other));
    const { availabilityZone, status } = is ?? node;
    return [
      nameOf(node),
      availabilityZone ?? '-',
      was?.role ?? '-',
      is?.role ?? '-',
      status ?? '-',
    ];
  });
  return formatTable([['NODE', 'AZ', 'BEFORE', 'AFTER', 'STATUS'], ...rows]);
}

function nameOf({ nodeId, replicationId, ip }: NodeSnapshot): string {
  return nodeId ?? replicationId ?? ip ?? '?';
}
