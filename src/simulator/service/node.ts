import { randomUUID } from 'node:crypto';

import { makeHexId, makePrivateIps } from '../basics.js';
import type { RoleView } from '../faults/spec.js';
import type { IdentifierHabit, InstanceHabits } from '../habits.js';
import type { NodeSpec } from '../options.js';
import { reversed, shuffled } from './lists.js';

/** A node of an instance. Which identifiers stay with it when roles move is a matter of habits. */
export interface Node {
  /** Who the node really is, whatever the API shows: its first node id. */
  readonly key: string;
  nodeId: string;
  readonly logicalNodeId: string;
  replicationId: string;
  readonly monitoredObjectId: string;
  /** Address in the tenant's network, as the API shows it; invented even when real Redis runs behind. */
  ip: string;
  readonly availabilityZone: string;
  priority: number;
  status: string;
}

/** Role of a node. The API's value for `replica` is `slave`. */
export type Role = 'master' | 'replica';

/** A node as a read shows it. */
export type NodeRow = Readonly<Node> & { readonly role: Role };

/** Weight of a node no one has ranked: the last rank that may be promoted. */
const DEFAULT_PRIORITY = 100;

/** Invents the nodes of an instance. */
export function makeNodes(specs: readonly NodeSpec[]): Node[] {
  const ips = makePrivateIps(specs.length);
  return specs.map((spec, index) => ({
    ...withKey(makeHexId()),
    logicalNodeId: makeHexId(),
    replicationId: randomUUID(),
    monitoredObjectId: makeHexId(),
    ip: ips[index] ?? '',
    availabilityZone: spec.availabilityZone,
    priority: spec.priority ?? DEFAULT_PRIORITY,
    status: spec.status ?? 'Active',
  }));
}

const withKey = (nodeId: string): Pick<Node, 'key' | 'nodeId'> => ({ key: nodeId, nodeId });

/** The replica that a swap promotes: lowest priority other than 0, then the order of creation. */
export function chooseNextMaster(rows: readonly NodeRow[]): NodeRow | null {
  const promotable = rows.filter(({ role, priority }) => role === 'replica' && priority !== 0);
  return promotable.sort((a, b) => a.priority - b.priority)[0] ?? null;
}

/** What happens to one identifier of the old and the new master. */
const MOVES: Record<IdentifierHabit, (pair: [string, string], make: () => string) => string[]> = {
  stay: (pair) => pair,
  'follow-role': ([from, to]) => [to, from],
  renewed: (_, make) => [make(), make()],
};

/** Moves what follows the role: `to` becomes the master, `from` was it. */
export function moveIdentifiers(from: Node, to: Node, habits: InstanceHabits): void {
  if (habits.addresses === 'follow-role') [from.ip, to.ip] = [to.ip, from.ip];
  const nodeIds = MOVES[habits.nodeIds]([from.nodeId, to.nodeId], makeHexId);
  const replicationIds = MOVES[habits.replicationIds](
    [from.replicationId, to.replicationId],
    randomUUID,
  );
  [from, to].forEach((node, index) => {
    node.nodeId = nodeIds[index] ?? node.nodeId;
    node.replicationId = replicationIds[index] ?? node.replicationId;
  });
}

const ORDERS: Record<
  InstanceHabits['nodeOrder'],
  (rows: readonly NodeRow[]) => readonly NodeRow[]
> = {
  'as-created': (rows) => rows,
  reversed,
  shuffled: (rows) => shuffled(rows, ({ key }) => key),
};

/** Redis 3.0 has nodes, but no list shows them (ListGroupReplicationInfo, ShowNodesInformation: 4.0 and later). */
export function hidesNodes(engineVersion: string): boolean {
  return engineVersion.startsWith('3.');
}

/** Nodes in the order in which lists show them. */
export function orderNodes(
  rows: readonly NodeRow[],
  { nodeOrder }: InstanceHabits,
): readonly NodeRow[] {
  return ORDERS[nodeOrder](rows);
}

const withRoles = (rows: readonly NodeRow[], isMaster: (row: NodeRow) => boolean): NodeRow[] =>
  rows.map((row) => ({ ...row, role: isMaster(row) ? 'master' : 'replica' }));

const otherRow = (rows: readonly NodeRow[]): NodeRow | undefined =>
  chooseNextMaster(rows) ?? rows.find(({ role }) => role === 'replica');

const VIEWS: Record<RoleView, (rows: readonly NodeRow[]) => readonly NodeRow[]> = {
  swapped: (rows) => withRoles(rows, (row) => row === otherRow(rows)),
  'two-masters': (rows) =>
    withRoles(rows, (row) => row.role === 'master' || row === otherRow(rows)),
  'no-master': (rows) => withRoles(rows, () => false),
  // Node ids and roles stay, replication ids and addresses belong to the neighbour.
  'ids-disagree': (rows) =>
    rows.map((row, index) => {
      const { replicationId, ip } = rows[(index + 1) % rows.length] ?? row;
      return { ...row, replicationId, ip };
    }),
};

/** The rows as a read with a scripted false view shows them. */
export function viewRows(rows: readonly NodeRow[], view: RoleView | undefined): readonly NodeRow[] {
  return view === undefined ? rows : VIEWS[view](rows);
}

/** The one group of an instance that has no shards. */
export interface GroupIdentity {
  readonly instanceId: string;
  readonly groupId: string;
}

const GROUP_NAME = 'group-0';
const ROLE_VALUES: Record<Role, string> = { master: 'master', replica: 'slave' };

/** The answer to `GET …/logical-nodes` (ShowNodesInformation); here `node_type` is the role. */
export function logicalNodesBody(shown: ShownNodes): unknown {
  const { group, rows } = shown;
  return { instance_id: group.instanceId, total: rows.length, nodes: nodeEntries(shown) };
}

/** The nodes of an instance, as a list shows them. */
export interface ShownNodes {
  readonly group: GroupIdentity;
  readonly habits: InstanceHabits;
  readonly rows: readonly NodeRow[];
}

/** The answer to `GET …/instances-logical-nodes` (BatchShowNodesInformation). */
export function allNodesBody(count: number, listed: readonly ShownNodes[]): unknown {
  return {
    count,
    instances: listed.map((shown) => ({
      instance_id: shown.group.instanceId,
      node_count: shown.rows.length,
      nodes: nodeEntries(shown),
    })),
  };
}

function nodeEntries({ group, habits, rows }: ShownNodes): unknown[] {
  return rows.map((row) => ({
    logical_node_id: row.logicalNodeId,
    name: `(${row.role})${row.ip}`,
    status: row.status,
    ...zoneOf(row, habits),
    node_role: 'redis-server',
    node_type: ROLE_VALUES[row.role],
    node_ip: row.ip,
    node_port: '6379',
    node_id: row.nodeId,
    is_access: true,
    group_id: group.groupId,
    group_name: GROUP_NAME,
    priority_weight: row.priority,
    is_remove_ip: false,
    replication_id: row.replicationId,
    dimensions: dimensions(group, row),
  }));
}

/** The answer to `GET …/groups` (ListGroupReplicationInfo). */
export function groupsBody({ group, habits, rows }: ShownNodes): unknown {
  const replicas = rows.map((row) => ({
    ...zoneOf(row, habits),
    is_replication: false,
    node_id: row.nodeId,
    replication_id: row.replicationId,
    replication_ip: row.ip,
    replication_role: ROLE_VALUES[row.role],
    status: row.status,
    dimensions: dimensions(group, row),
  }));
  const own = { group_id: group.groupId, group_name: GROUP_NAME, replication_list: replicas };
  const groups = rows.length === 0 ? [] : [own];
  return { group_list: groups, group_count: groups.length };
}

function zoneOf(row: NodeRow, { availabilityZones }: InstanceHabits): object {
  return availabilityZones === 'present' ? { az_code: row.availabilityZone } : {};
}

function dimensions(group: GroupIdentity, row: NodeRow): unknown {
  return [
    { name: 'dcs_instance_id', value: group.instanceId },
    { name: 'dcs_cluster_redis_node', value: row.monitoredObjectId },
  ];
}
