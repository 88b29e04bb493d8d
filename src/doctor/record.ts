/** Collects what DCS answered and writes it, sanitised, for bug reports and fixtures. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import path from 'node:path';

import type { Exchange } from '../dcs/index.js';
import { visible } from '../util.js';

/**
 * The fields of the API that a recording keeps, by name. Everything that is not named here is replaced:
 * names of people, networks and tags stand in the same bodies as the states that a bug report is about.
 */

/** How the value of a known field is kept. */
type FieldKind =
  /** A word of an enumeration: letters, digits of a version, underscore. */
  | 'word'
  /** A name that is kept only where it is one of the service's own, such as that of a task. */
  | 'service-name'
  /** A documented error code. */
  | 'code'
  /** An instant or a time of day. */
  | 'time'
  /** A number that is a size, a count or a port. */
  | 'number'
  /** Known, but its content is replaced; so only its name is kept. */
  | 'hidden';

const named = (kind: FieldKind, names: string): (readonly [string, FieldKind])[] =>
  names
    .trim()
    .split(/\s+/)
    .map((name) => [name, kind] as const);

/** Fields of the answers that a switchover reads (API V2: instance, nodes, groups, tasks, job, errors). */
export const FIELDS: ReadonlyMap<string, FieldKind> = new Map([
  ...named(
    'word',
    `status sub_status task cache_mode engine engine_version product_type cpu_type storage_type
     node_role node_type replication_role job_type step_status sub_step_status crr_role
     active_active backup_type period_type old_cache_mode new_cache_mode old_cache_type new_cache_type
     no_password_access support_slow_log_flag`,
  ),
  ...named('service-name', 'name'),
  ...named('code', 'error_code errorCode code'),
  ...named(
    'time',
    `created_at updated_at update_at launched_at begin_time end_time maintain_begin maintain_end
     begin_at expires_at current_time`,
  ),
  ...named(
    'number',
    `port node_port total task_count group_count instance_num count node_count replica_count
     sharding_count db_number priority_weight capacity max_memory used_memory charging_mode
     progress remain_time save_days bandwidth expand_count old_capacity
     new_capacity old_replica_num new_replica_num old_port new_port`,
  ),
  ...named(
    'hidden',
    `instance_id description ip domain_name readonly_domain_name domain_name_info
     support_public_resolve is_latest_rules zone_name history_domain_names backend_addrs vpc_id vpc_name
     subnet_id subnet_name subnet_cidr security_group_id security_group_name enable_publicip publicip_id
     publicip_address enable_ssl access_user transparent_client_ip_enable proxy_links az_codes
     available_zones az_code capacity_minor spec_code inquery_spec_code cloud_service_type_code
     cloud_resource_type_code features support_acl support_transparent_client_ip support_ssl
     support_audit_log service_upgrade service_task_id libos user_id user_name enterprise_project_id
     enterprise_project_name order_id free is_free instance_backup_policy backup_policy_id policy
     periodical_backup_plan timezone_offset backup_at tenant_id tags key value bandwidth_info task_running
     nodes logical_node_id node_ip node_id is_access group_id group_name is_remove_ip replication_id
     dimensions group_list replication_list is_replication replication_ip tasks id params details
     enable_show job_id fail_reason instances error_msg errorMsg error_ext_msg message ext_message error
     request_id encoded_authorization_message`,
  ),
]);

/** Shapes that a kept value must have; anything else is replaced like a value of an unknown field. */
const SHAPES: Readonly<Record<Exclude<FieldKind, 'hidden'>, RegExp>> = {
  word: /^(?:[A-Za-z]+(?:_[A-Za-z]+)*|x86_64|redis-(?:server|proxy)|\d{1,2}\.\d{1,2})$/,
  'service-name':
    /^(?:masterStandbySwapJob|EXTEND|BindEip|UnBindEip|AddReplica|DelReplica|AddWhitelist|UpdatePort|RemoveIpFromDns|ChangeInstanceSpec|DeleteAcl|dcs_instance_id|dcs_cluster_redis_node)$/,
  code: /^(?:(?:DCS|APIGW?|IAM|CBC)\.\s?\d{3,8}|\d{9})$/,
  time: /^(?:\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:?\d{2})?|\d{2}:\d{2}(?::\d{2})?(?:-\d{2}:\d{2})?|\d{13})$/,
  number: /^\d{1,10}$/,
};

/** Longest word that is kept; names of states are short. */
const MAX_WORD_LENGTH = 32;

// Makes an answer fit to be shown to others: what is not known to be harmless is replaced.

/** Deeper bodies are cut; documented ones have five levels. */
const MAX_DEPTH = 12;

/** Longest list that is kept; the task list has pages of 100. */
const MAX_ITEMS = 500;

/** What stands for something that is too deep to be looked at. */
const CUT = 'cut';

/**
 * A JSON value with everything replaced but the structure, the documented field names, words of
 * enumerations, codes, times and counts. Ids and addresses get stand-ins that stay the same.
 */
export function redactBody(value: unknown, pseudonyms: Pseudonyms): unknown {
  return redact(value, 'hidden', pseudonyms, MAX_DEPTH);
}

function redact(value: unknown, kind: FieldKind, pseudonyms: Pseudonyms, depth: number): unknown {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number') return kind === 'number' || kind === 'time' ? value : 0;
  if (typeof value === 'string') return redactText(value, kind, pseudonyms);
  if (depth === 0 || typeof value !== 'object') return CUT;
  if (Array.isArray(value))
    return value.slice(0, MAX_ITEMS).map((item) => redact(item, kind, pseudonyms, depth - 1));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, MAX_ITEMS)
      .map(([name, field]) => redactField(name, field, pseudonyms, depth - 1)),
  );
}

function redactField(
  name: string,
  value: unknown,
  pseudonyms: Pseudonyms,
  depth: number,
): readonly [string, unknown] {
  const kind = FIELDS.get(name);
  return [
    kind === undefined ? pseudonyms.ofKey(name) : name,
    redact(value, kind ?? 'hidden', pseudonyms, depth),
  ];
}

function redactText(text: string, kind: FieldKind, pseudonyms: Pseudonyms): string {
  if (kind !== 'hidden' && text.length <= MAX_WORD_LENGTH && SHAPES[kind].test(text)) return text;
  // Clusters show their addresses as one list.
  return text.split(',').map(pseudonyms.of).join(',');
}

/** Stand-ins of one recording: the same for the same secret, so that it still shows what belongs together. */
interface Pseudonyms {
  /** Stand-in of any text, of the same shape where the shape means something (ids, addresses). */
  readonly of: (text: string) => string;
  /** Stand-in of an unknown field's name. */
  readonly ofKey: (name: string) => string;
}

/** Ranges that no machine has (RFC 5737). */
const DOCUMENTATION_RANGES = ['192.0.2', '198.51.100', '203.0.113'];

/** Addresses per range; 0 and 255 are no hosts. */
const HOSTS_PER_RANGE = 254;

type Shape = readonly [matches: (text: string) => boolean, make: (count: number) => string];

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const HEX_ID = /^[0-9a-f]{32}$/i;

const padded = (count: number, length: number): string => String(count).padStart(length, '0');

/** First match wins; the last takes everything. */
const PSEUDONYM_SHAPES: readonly Shape[] = [
  [(text) => UUID.test(text), (count) => `00000000-0000-4000-8000-${padded(count, 12)}`],
  [(text) => HEX_ID.test(text), (count) => padded(count, 32)],
  [(text) => isIP(text) === 4, documentationAddress],
  [(text) => isIP(text) === 6, (count) => `2001:db8::${count.toString(16)}`],
  [() => true, (count) => `text-${count}`],
];

/** An empty set of stand-ins. Keeps what it replaced in memory, never on disk. */
export function createPseudonyms(): Pseudonyms {
  const known = new Map<string, string>();
  const counts = new Map<unknown, number>();
  const standIn = (slot: unknown, text: string, make: (count: number) => string): string => {
    const key = `${String(PSEUDONYM_SHAPES.indexOf(slot as Shape))} ${text.toLowerCase()}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const count = (counts.get(slot) ?? 0) + 1;
    counts.set(slot, count);
    const made = make(count);
    known.set(key, made);
    return made;
  };
  return {
    of: (text) => {
      if (text === '') return '';
      const shape = PSEUDONYM_SHAPES.find(([matches]) => matches(text));
      return shape === undefined ? 'text' : standIn(shape, text, shape[1]);
    },
    ofKey: (name) => standIn('key', name, (count) => `unknown_field_${count}`),
  };
}

function documentationAddress(count: number): string {
  const range = DOCUMENTATION_RANGES[Math.floor((count - 1) / HOSTS_PER_RANGE)];
  // More nodes than three ranges have hosts: then at least none of them is real.
  return `${range ?? '192.0.2'}.${((count - 1) % HOSTS_PER_RANGE) + 1}`;
}

/** Exchanges that are kept; a doctor's run makes a handful per project. */
const MAX_EXCHANGES = 200;

/** `Sun, 06 Nov 1994 08:49:37 GMT` */
const HTTP_DATE = '[A-Z][a-z]{2}, \\d{2} [A-Z][a-z]{2} \\d{4} \\d{2}:\\d{2}:\\d{2} GMT';

/** Headers that are kept, if they look as they should; all others are left out. */
const KEPT_HEADERS: Readonly<Record<string, RegExp>> = {
  'content-type': /^(?:application\/json|text\/html|text\/plain)(?:; ?charset=utf-?8)?$/i,
  date: new RegExp(`^${HTTP_DATE}$`),
  'retry-after': new RegExp(`^(?:\\d{1,6}|${HTTP_DATE})$`),
};

/** Thrown when the folder is not one to write into; nothing was called and nothing was written. */
export class RecordFolderError extends Error {
  override readonly name = 'RecordFolderError';
}

/** Takes in exchanges and writes them. */
export interface Recorder {
  readonly onExchange: (exchange: Exchange) => void;
  /** Writes one file per exchange and returns their paths, in order. */
  readonly write: () => Promise<readonly string[]>;
}

/**
 * A recorder into `folder`, which must be empty or not there: nothing is ever overwritten.
 *
 * @throws RecordFolderError
 */
export async function createRecorder(folder: string): Promise<Recorder> {
  await claimFolder(folder, '--record');
  const exchanges: Exchange[] = [];
  return {
    onExchange: (exchange) => {
      if (exchanges.length < MAX_EXCHANGES) exchanges.push(exchange);
    },
    write: async () => {
      const pseudonyms = createPseudonyms();
      const written: string[] = [];
      for (const [index, exchange] of exchanges.entries()) {
        const file = path.join(folder, `${padded(index + 1, 2)}-${exchange.operation}.json`);
        const text = JSON.stringify(sanitiseExchange(exchange, pseudonyms), null, 2);
        await writeFile(file, `${visible(text)}\n`, { flag: 'wx', mode: 0o600 });
        written.push(file);
      }
      return written;
    },
  };
}

/** Makes a folder for its owner alone, new or empty. @throws RecordFolderError that names the option */
export async function claimFolder(folder: string, option: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const entries = await readdir(folder);
    if (entries.length === 0) return;
  } catch (error) {
    const code = String((error as NodeJS.ErrnoException).code);
    throw new RecordFolderError(
      `${option} ${folder} cannot be used (${code}). Name another folder.`,
    );
  }
  throw new RecordFolderError(
    `${option} ${folder} is not empty, and nothing is overwritten. Name a new folder.`,
  );
}

/** An exchange fit to be shown to others. */
function sanitiseExchange(exchange: Exchange, pseudonyms: Pseudonyms): object {
  const { operation, method, route, status, durationMs, headers, requestId } = exchange;
  return {
    operation,
    method,
    route,
    status,
    durationMs: Math.round(durationMs),
    requestId: requestId === null ? null : pseudonyms.of(requestId),
    headers: keepHeaders(headers),
    ...bodyOf(exchange, pseudonyms),
  };
}

function keepHeaders(headers: Exchange['headers']): Record<string, string> {
  const kept = Object.entries(KEPT_HEADERS)
    .map(([name, shape]) => [name, headers[name] ?? '', shape] as const)
    .filter(([, value, shape]) => shape.test(value));
  return Object.fromEntries(kept.map(([name, value]) => [name, value]));
}

/** A body that is no JSON may be anyone's page: only its size is reported. */
function bodyOf({ body }: Exchange, pseudonyms: Pseudonyms): object {
  if (body === null) return { body: null };
  try {
    return { body: redactBody(JSON.parse(body), pseudonyms) };
  } catch {
    return { body: null, unreadableBodyBytes: Buffer.byteLength(body) };
  }
}
