import { randomUUID } from 'node:crypto';

import { makeHexId, makePrivateIps } from '../basics.js';
import type { InstanceHabits, TagsHabit } from '../habits.js';
import type { InstanceTag } from '../options.js';
import { DEFAULT_USER } from '../redis/access.js';
import type { RedisAccess } from '../redis/access.js';
import { hidesNodes } from './node.js';

/** What of an instance's body never changes. */
export interface InstanceIdentity {
  readonly instanceId: string;
  readonly name: string;
  readonly cacheMode: string;
  readonly engine: string;
  readonly engineVersion: string;
  readonly tags: readonly InstanceTag[];
  readonly maintainBegin: string;
  readonly maintainEnd: string;
  readonly region: string;
  readonly userName: string;
  readonly availabilityZones: readonly string[];
  readonly nodeCount: number;
  /** `host:port` when real Redis is behind the instance. */
  readonly address: string | null;
  readonly access: RedisAccess;
}

/** What of an instance's body changes over time. */
export interface InstanceState {
  readonly status: string;
  /** The operation in progress, `null` when idle. */
  readonly task: string | null;
}

/** Port of an instance without a real Redis. */
const REDIS_PORT = 6379;

/** The bodies that show an instance. */
export interface InstanceBodies {
  /** Answer to `GET …/instances/{id}` (ShowInstance): everything, with invented ids. */
  show(now: InstanceState): InstanceBody;
  /** Entry of `GET …/instances` (ListInstances): less, and neither `task` nor `cache_mode`. */
  listed(now: InstanceState): InstanceBody;
  /** Answer to `GET …/instances/{id}/tags` (ShowTags). */
  readonly tags: InstanceBody;
}

/** Fields in the API's spelling. */
export type InstanceBody = Readonly<Record<string, unknown>>;

/** What the list leaves out (ListInstances, response). */
const NOT_LISTED = [
  ...['cache_mode', 'product_type', 'cpu_type', 'storage_type', 'replica_count', 'sharding_count'],
  ...['db_number', 'available_zones', 'readonly_domain_name', 'domain_name_info', 'proxy_links'],
  ...['instance_backup_policy', 'inquery_spec_code', 'cloud_service_type_code', 'libos', 'free'],
  ...['cloud_resource_type_code', 'support_slow_log_flag', 'crr_role', 'active_active', 'is_free'],
  ...['update_at', 'no_password_access'],
];

/** Prepares the answers that show an instance. */
export function createInstanceBodies(
  identity: InstanceIdentity,
  habits: InstanceHabits,
): InstanceBodies {
  const constant: InstanceBody = {
    ...networkFields(identity),
    ...productFields(identity),
    ...accountFields(identity),
  };
  const tags = tagRows(identity.tags, habits);
  const isOld = hidesNodes(identity.engineVersion);
  const shown = {
    ...constant,
    ...shownTags(tags, habits.shownTags),
    ...(isOld ? { cache_mode: undefined } : {}),
  };
  const listed = {
    ...listedFields(constant, habits),
    ...shownTags(tags, habits.listedTags),
  };
  return {
    show: ({ status, task }) => ({ ...shown, status, sub_status: 'normal', task }),
    listed: ({ status }) => ({ ...listed, status, sub_status: 'normal' }),
    tags: { tags },
  };
}

function listedFields(constant: InstanceBody, habits: InstanceHabits): InstanceBody {
  const { cache_mode, update_at, no_password_access } = constant;
  const fields = Object.entries(constant).filter(([name]) => !NOT_LISTED.includes(name));
  const isText = habits.listedPasswordAccess === 'text';
  return {
    ...Object.fromEntries(fields),
    ...(habits.listedCacheMode === 'present' ? { cache_mode } : {}),
    updated_at: update_at,
    no_password_access: isText ? no_password_access : no_password_access === 'true',
  };
}

/** A tag as an answer shows it. */
interface TagRow {
  readonly key: string | number;
  readonly value: string;
}

function tagRows(tags: readonly InstanceTag[], { tagKeys }: InstanceHabits): readonly TagRow[] {
  const isNumber = (key: string): boolean => tagKeys === 'number' && /^[1-9]\d*$/.test(key);
  return tags.map(({ key, value }) => ({ key: isNumber(key) ? Number(key) : key, value }));
}

const UNTAGGED: Record<TagsHabit, InstanceBody> = {
  empty: { tags: [] },
  null: { tags: null },
  'absent-when-none': {},
  absent: {},
};

function shownTags(tags: readonly TagRow[], habit: TagsHabit): InstanceBody {
  return tags.length === 0 || habit === 'absent' ? UNTAGGED[habit] : { tags };
}

function networkFields({ instanceId, region, address, access }: InstanceIdentity): object {
  const [ip, port] = address?.split(':') ?? [makePrivateIps(1)[0], REDIS_PORT];
  const domain = `dcs.${region}.example.com`;
  return {
    ip,
    port: Number(port),
    domain_name: `redis-${instanceId}.${domain}`,
    readonly_domain_name: `redis-${instanceId}-readonly.${domain}`,
    domain_name_info: {
      support_public_resolve: true,
      is_latest_rules: true,
      zone_name: domain,
      history_domain_names: null,
    },
    vpc_id: randomUUID(),
    vpc_name: 'vpc-simulated',
    subnet_id: randomUUID(),
    subnet_name: 'subnet-simulated',
    subnet_cidr: '10.0.0.0/8',
    security_group_id: randomUUID(),
    security_group_name: 'default',
    enable_publicip: false,
    publicip_id: null,
    publicip_address: null,
    enable_ssl: access.tls !== null,
    transparent_client_ip_enable: true,
    proxy_links: null,
  };
}

function productFields(identity: InstanceIdentity): object {
  const specCode = `redis.${identity.cacheMode}.xu1.tiny.r${identity.nodeCount}.128`;
  return {
    instance_id: identity.instanceId,
    name: identity.name,
    description: null,
    cache_mode: identity.cacheMode,
    engine: identity.engine,
    engine_version: identity.engineVersion,
    product_type: 'generic',
    cpu_type: 'x86_64',
    storage_type: 'DRAM',
    az_codes: identity.availabilityZones,
    available_zones: identity.availabilityZones.map(makeHexId),
    replica_count: identity.nodeCount,
    sharding_count: 1,
    db_number: 256,
    capacity: 0,
    capacity_minor: '.125',
    max_memory: 128,
    used_memory: 2,
    spec_code: specCode,
    inquery_spec_code: specCode,
    cloud_service_type_code: 'hws.service.type.dcs',
    cloud_resource_type_code: 'hws.resource.type.dcs3',
    features: {
      support_acl: true,
      support_transparent_client_ip: true,
      support_ssl: identity.access.tls !== null,
      support_audit_log: false,
    },
    support_slow_log_flag: 'true',
    service_upgrade: false,
    service_task_id: null,
    crr_role: null,
    active_active: null,
    libos: false,
  };
}

function accountFields({ userName, access, ...identity }: InstanceIdentity): object {
  const createdAt = new Date().toISOString();
  return {
    user_id: makeHexId(),
    user_name: userName,
    enterprise_project_id: '0',
    enterprise_project_name: 'default',
    charging_mode: 0,
    order_id: null,
    free: false,
    is_free: false,
    no_password_access: String(!access.passwords.has(DEFAULT_USER)),
    access_user: null,
    maintain_begin: identity.maintainBegin,
    maintain_end: identity.maintainEnd,
    instance_backup_policy: null,
    created_at: createdAt,
    launched_at: createdAt,
    update_at: createdAt,
  };
}
