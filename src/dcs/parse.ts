/**
 * Bodies to models. Lenient where the vendor's samples drift (numbers as strings, absent and extra
 * fields, unknown words), strict where a guess could be taken for a fact: a list that is no list is an
 * error, not an empty list.
 */
import { isPresent, JOB_ID } from '../util.js';

import {
  busyStatus,
  epochMs,
  flag,
  givenName,
  instant,
  integer,
  rows,
  text,
  toRow,
  toShown,
  word,
} from './body-fields.js';
import type { Row } from './body-fields.js';
import { sanitise } from './endpoint.js';
import { UnusableBody } from './lists.js';
import type { Page } from './lists.js';

// What the client returns: the documented fields in use, `null` where absent.

/** A tag of an instance. Keys and values that the body shows as numbers are texts here. */
export interface InstanceTag {
  readonly key: string;
  readonly value: string;
}

/** Of ShowInstance and ListInstances. */
export interface InstanceDetails {
  readonly instanceId: string | null;
  readonly name: string | null;
  /** Upper case; unknown words kept. */
  readonly status: string | null;
  readonly cacheMode: string | null;
  readonly engine: string | null;
  readonly engineVersion: string | null;
  /** `null` when the body does not say; ShowTags does. */
  readonly tags: readonly InstanceTag[] | null;
  /** Daily maintenance window, such as `02:00:00`, UTC. */
  readonly maintainBegin: string | null;
  readonly maintainEnd: string | null;
  /** The current task, such as `BACKUPING`; `status` may stay RUNNING meanwhile. */
  readonly task: string | null;
  readonly serviceTaskId: string | null;
  readonly bandwidthTaskRunning: boolean;
  readonly address: RedisAddress;
}

/** Where Redis answers; `null`: not shown, or not understood. */
interface RedisAddress {
  readonly ip: string | null;
  readonly port: number | null;
  readonly domainName: string | null;
  readonly isTls: boolean | null;
  readonly needsNoPassword: boolean | null;
}

/** Of ShowNodesInformation (logical-nodes) or ListGroupReplicationInfo (groups). */
export interface NodeInfo {
  readonly nodeId: string | null;
  readonly replicationId: string | null;
  readonly ip: string | null;
  readonly availabilityZone: string | null;
  readonly status: string | null;
  /** `null`: a word that this client does not know. */
  readonly role: 'master' | 'replica' | null;
  readonly priority: number | null;
  readonly groupId: string;
}

/** Of BatchShowNodesInformation: one instance. */
export interface InstanceNodes {
  readonly instanceId: string;
  readonly nodes: readonly NodeInfo[];
}

/** Of ListBackgroundTask. */
export interface TaskInfo {
  readonly id: string;
  readonly name: string | null;
  readonly status: string | null;
  readonly jobId: string | null;
  readonly userName: string | null;
  readonly userId: string | null;
  readonly createdAtMs: number | null;
  readonly updatedAtMs: number | null;
}

/** Of ShowJobInfo. */
export interface JobInfo {
  readonly jobId: string | null;
  readonly jobType: string | null;
  /** Upper case; `INIT`, `RUNNING`, `SUCCESS`, `FAIL` are documented, unknown words kept. */
  readonly status: string | null;
  readonly beginTimeMs: number | null;
  readonly endTimeMs: number | null;
  readonly failReason: string | null;
}

/** ShowInstance. @throws UnusableBody where it shows none */
export function parseInstance(body: unknown): InstanceDetails {
  return toInstance(toShown(body, 'instance', 'instance_id'));
}

function toInstance(row: Row): InstanceDetails {
  return {
    instanceId: text(row['instance_id']),
    name: givenName(row['name']),
    status: word(row['status']),
    cacheMode: text(row['cache_mode'])?.toLowerCase() ?? null,
    engine: text(row['engine']),
    engineVersion: text(row['engine_version']),
    tags: toTags(row),
    maintainBegin: timeOfDay(row['maintain_begin']),
    maintainEnd: timeOfDay(row['maintain_end']),
    task: busyStatus(row['task']),
    serviceTaskId: busyStatus(row['service_task_id']),
    bandwidthTaskRunning:
      String((row['bandwidth_info'] as Row | null | undefined)?.['task_running']) === 'true',
    address: toAddress(row),
  };
}

function toAddress(row: Row): RedisAddress {
  const port = integer(row['port']);
  return {
    ip: text(row['ip']),
    port: port !== null && port > 0 && port < 65_536 ? port : null,
    domainName: text(row['domain_name']),
    isTls: flag(row['enable_ssl']),
    needsNoPassword: flag(row['no_password_access']),
  };
}

/**
 * The tags that a body shows, or `null` where it does not say. Captured answers show an untagged instance
 * with `tags: null` (ListInstances) or without the key (ShowInstance), so only the key with `null` means none.
 * A row without a key could be any tag: then no one knows. A tag without a value has the empty one.
 */
function toTags({ tags }: Row): InstanceDetails['tags'] {
  if (tags === null) return [];
  if (!Array.isArray(tags)) return null;
  const known = (tags as (Row | null)[]).flatMap((row) => {
    const key = givenName(row?.['key']);
    return key === null ? [] : [{ key, value: givenName(row?.['value']) ?? '' }];
  });
  return known.length === tags.length ? known : null;
}

/** ShowTags. @throws UnusableBody when it shows no tags that could be judged */
export function parseInstanceTags(body: unknown): readonly InstanceTag[] {
  const tags = toTags(toRow(body));
  if (tags === null) throw new UnusableBody('without usable tags');
  return tags;
}

/** `HH:mm:ss`, or whole hours as the list of maintenance windows shows them. */
function timeOfDay(value: unknown): string | null {
  const [, hour, minute = '00', second = '00'] =
    /^([01]?\d|2[0-3])(?::([0-5]\d))?(?::([0-5]\d))?$/.exec(text(value) ?? '') ?? [];
  return hour === undefined ? null : `${hour.padStart(2, '0')}:${minute}:${second}`;
}

/** The data nodes of an instance; proxies are dropped. There `node_type` is master/slave, `node_role` server/proxy. */
export function parseLogicalNodes(body: unknown): NodeInfo[] {
  return rows(toRow(body)['nodes'], 'nodes')
    .filter((row) => row['node_role'] !== 'redis-proxy' && row['node_type'] !== 'proxy')
    .map((row) => ({
      ...identity(row),
      ip: text(row['node_ip']),
      role: toRole(row['node_type']),
      priority: integer(row['priority_weight']),
      groupId: text(row['group_id']) ?? '',
    }));
}

/** ShowNodesInformation. @throws UnusableBody where it shows no node: what has none could not be switched either */
export function parseNodes(body: unknown): NodeInfo[] {
  return atLeastOne(parseLogicalNodes(body));
}

function atLeastOne(nodes: NodeInfo[]): NodeInfo[] {
  if (nodes.length > 0) return nodes;
  throw new UnusableBody('that shows no node');
}

/** One page of ListInstances. */
export function parseInstances(body: unknown): Page<InstanceDetails> {
  const page = toRow(body);
  const list = rows(page['instances'], 'instances').map(toInstance);
  if (list.some(({ instanceId }) => instanceId === null))
    throw new UnusableBody('with an instance that has no id');
  return { total: integer(page['instance_num']), rows: list };
}

/** One page of BatchShowNodesInformation. */
export function parseAllNodes(body: unknown): Page<InstanceNodes> {
  const page = toRow(body);
  const list = rows(page['instances'], 'instances').map((row) => {
    const instanceId = text(row['instance_id']);
    if (instanceId === null) throw new UnusableBody('with an instance that has no id');
    return { instanceId, nodes: parseLogicalNodes(row) };
  });
  return { total: integer(page['count']), rows: list };
}

/** ListGroupReplicationInfo, flattened; it shows no priorities. @throws UnusableBody where it shows no node */
export function parseGroups(body: unknown): NodeInfo[] {
  const nodes = rows(toRow(body)['group_list'], 'group_list').flatMap((group) =>
    rows(group['replication_list'], 'replication_list').map((row) => ({
      ...identity(row),
      ip: text(row['replication_ip']),
      role: toRole(row['replication_role']),
      priority: null,
      groupId: text(group['group_id']) ?? '',
    })),
  );
  return atLeastOne(nodes);
}

/** One page of ListBackgroundTask. */
export function parseTasks(body: unknown): Page<TaskInfo> {
  const page = toRow(body);
  const total = integer(page['task_count']);
  // An empty list may be left out, or stand as null; without its count no one knows.
  if (!isPresent(page['tasks']) && total === 0) return { total, rows: [] };
  return { total, rows: rows(page['tasks'], 'tasks').map(toTask) };
}

function toTask(row: Row): TaskInfo {
  const id = text(row['id']) ?? text(row['job_id']);
  if (id === null) throw new UnusableBody('with a task that has no id');
  return {
    id,
    name: text(row['name']),
    status: word(row['status']),
    jobId: text(row['job_id']),
    userName: givenName(row['user_name']),
    userId: text(row['user_id']),
    createdAtMs: instant(row['created_at']),
    updatedAtMs: instant(row['updated_at']),
  };
}

/** ShowJobInfo; times are epoch milliseconds as strings. @throws UnusableBody where it shows no job */
export function parseJob(body: unknown): JobInfo {
  const row = toShown(body, 'job', 'job_id');
  const beginTimeMs = epochMs(row['begin_time']);
  const endTimeMs = epochMs(row['end_time']);
  return {
    jobId: text(row['job_id']),
    jobType: text(row['job_type']),
    status: word(row['status']),
    beginTimeMs,
    endTimeMs: endTimeMs !== null && endTimeMs < (beginTimeMs ?? 0) ? null : endTimeMs,
    failReason: sanitise(row['fail_reason']) || null,
  };
}

/** The answer to async-swap. @throws UnusableBody when it names no job: then no one knows what it did */
export function parseSwap(body: unknown): { readonly jobId: string } {
  const jobId = text(toRow(body)['job_id']);
  if (jobId === null || !JOB_ID.test(jobId)) throw new UnusableBody('without a usable job_id');
  return { jobId };
}

function identity(row: Row) {
  return {
    nodeId: text(row['node_id']),
    replicationId: text(row['replication_id']),
    availabilityZone: text(row['az_code']),
    status: text(row['status']),
  };
}

function toRole(value: unknown): NodeInfo['role'] {
  const role = typeof value === 'string' ? value.toLowerCase() : '';
  if (role === 'master') return 'master';
  return role === 'slave' || role === 'replica' ? 'replica' : null;
}
