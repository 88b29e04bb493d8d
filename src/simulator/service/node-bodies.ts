import type { NodeRow, Role } from './node.js';

/** The one group of an instance that has no shards. */
export interface GroupIdentity {
  readonly instanceId: string;
  readonly groupId: string;
}

const GROUP_NAME = 'group-0';
const ROLE_WORDS: Record<Role, string> = { master: 'master', replica: 'slave' };

/** The answer to `GET …/logical-nodes` (ShowNodesInformation); here `node_type` is the role. */
export function logicalNodesBody(group: GroupIdentity, rows: readonly NodeRow[]): unknown {
  return {
    instance_id: group.instanceId,
    total: rows.length,
    nodes: nodeEntries(group, rows),
  };
}

/** What of an instance its entry in the list of all nodes shows. */
export interface ListedNodes {
  readonly group: GroupIdentity;
  readonly rows: readonly NodeRow[];
}

/** The answer to `GET …/instances-logical-nodes` (BatchShowNodesInformation); `count` counts all instances. */
export function allNodesBody(count: number, listed: readonly ListedNodes[]): unknown {
  return {
    count,
    instances: listed.map(({ group, rows }) => ({
      instance_id: group.instanceId,
      node_count: rows.length,
      nodes: nodeEntries(group, rows),
    })),
  };
}

function nodeEntries(group: GroupIdentity, rows: readonly NodeRow[]): unknown[] {
  return rows.map((row) => ({
    logical_node_id: row.logicalNodeId,
    name: `(${row.role})${row.ip}`,
    status: row.status,
    az_code: row.availabilityZone,
    node_role: 'redis-server',
    node_type: ROLE_WORDS[row.role],
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
export function groupsBody(group: GroupIdentity, rows: readonly NodeRow[]): unknown {
  const replicas = rows.map((row) => ({
    az_code: row.availabilityZone,
    is_replication: false,
    node_id: row.nodeId,
    replication_id: row.replicationId,
    replication_ip: row.ip,
    replication_role: ROLE_WORDS[row.role],
    status: row.status,
    dimensions: dimensions(group, row),
  }));
  return {
    group_list: [{ group_id: group.groupId, group_name: GROUP_NAME, replication_list: replicas }],
    group_count: 1,
  };
}

function dimensions(group: GroupIdentity, row: NodeRow): unknown {
  return [
    { name: 'dcs_instance_id', value: group.instanceId },
    { name: 'dcs_cluster_redis_node', value: row.monitoredObjectId },
  ];
}
