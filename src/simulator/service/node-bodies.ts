import type { InstanceHabits } from '../habits.js';
import type { NodeRow, Role } from './node.js';

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
