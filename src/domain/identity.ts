/**
 * Which node is which, in two readings of an instance. Pure; the only place that knows.
 *
 * What public evidence says: `node_id` stays with the node while roles move (inferred); the promoted
 * node takes the master's address (documented, FAQ), so an address is no identity; what
 * `replication_id` follows is not reported. So one identifier decides, and the ones after it corroborate.
 */
import type { NodeSnapshot, RolesSnapshot, Target } from '../contract/index.js';

/** Mapped IPv4, as a WHATWG URL writes it: `::ffff:c0a8:1` for 192.168.0.1. */
const MAPPED_IPV4 = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;

/**
 * One way of writing an address: without port, brackets and zone, IPv6 in its short lower-case form, a
 * mapped IPv4 as IPv4. What is no address stays as it is. For people who compare two readings; an
 * address never decides which node is which, because a promoted node may take the master's.
 */
export function normaliseAddress(address: string): string {
  const text = address.trim().toLowerCase();
  const bare = /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1] ?? withoutPort(text);
  return bare.includes(':') ? shortIpv6(bare.split('%', 1).join()) : bare;
}

/** Only one colon: what follows it is a port. More of them make an IPv6 address. */
function withoutPort(text: string): string {
  return /^([^:]*):\d+$/.exec(text)?.[1] ?? text;
}

function shortIpv6(address: string): string {
  if (!URL.canParse(`http://[${address}]`)) return address;
  const short = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [, high, low] = MAPPED_IPV4.exec(short) ?? [];
  if (high === undefined || low === undefined) return short;
  const bytes = [high, low].flatMap((part) => {
    const value = Number.parseInt(part, 16);
    return [value >> 8, value & 0xff];
  });
  return bytes.join('.');
}

/** All nodes of a snapshot, whatever their group. */
export function allNodes(roles: RolesSnapshot): readonly NodeSnapshot[] {
  return roles.groups.flatMap((group) => group.nodes);
}

/** The one master of a single-group instance; `null` when there is none or more than one. */
export function onlyMaster(roles: RolesSnapshot): NodeSnapshot | null {
  const masters = allNodes(roles).filter((node) => node.role === 'master');
  return masters.length === 1 ? (masters[0] ?? null) : null;
}

/**
 * The identifiers that may decide, the best one first. A project's setting names where to begin: the
 * ones before it are not to be trusted in that account, the ones after it corroborate and stand in.
 */
export const NODE_IDENTITIES = ['node-id', 'replication-id', 'availability-zone'] as const;

/** The identifier by which a node is known again. */
export type NodeIdentity = (typeof NODE_IDENTITIES)[number];

/** What counts where a project says nothing. */
export const DEFAULT_NODE_IDENTITY: NodeIdentity = 'node-id';

const FIELDS = {
  'node-id': 'nodeId',
  'replication-id': 'replicationId',
  'availability-zone': 'availabilityZone',
} as const satisfies Record<NodeIdentity, keyof NodeSnapshot>;

const NAMES: Record<NodeIdentity, string> = {
  'node-id': 'node id',
  'replication-id': 'replication id',
  'availability-zone': 'availability zone',
};

/**
 * What one identifier says of the master: it is the prior master’s, a prior replica, or no prior
 * node. `silent`: it is not shown, or master and replica share it, as two nodes in one AZ do.
 */
type Voice = 'stayed' | 'moved' | 'new' | 'silent';

/**
 * How the master moved between two readings of a single-group instance.
 *
 * The first identifier that speaks decides. `changed` needs it to have moved; a replication id alone
 * never outvotes that, for it may follow the role, and no habit makes an id move that nothing moved.
 * An AZ does: a node cannot go to another one, so its contradiction counts unless the replication id
 * sides with the node id. `unchanged` needs every identifier: one that moved may be the only one that
 * is not bound to the role, and a swap that is overlooked would be undone by the next one.
 * `disagree` is everything else, and a reading without exactly one master.
 */
export function compareRoles(
  before: RolesSnapshot,
  now: RolesSnapshot,
  identity: NodeIdentity = DEFAULT_NODE_IDENTITY,
): RoleChange {
  if (onlyMaster(before) === null || onlyMaster(now) === null) return 'disagree';
  const [decider, ...others] = trusted(identity)
    .map((by) => ({ by, voice: listen(by, before, now) }))
    .filter(({ voice }) => voice !== 'silent');
  if (decider?.voice === 'stayed')
    return others.every(({ voice }) => voice === 'stayed') ? 'unchanged' : 'disagree';
  if (decider?.voice !== 'moved') return 'disagree';
  const isSupported = others.some(({ voice }) => voice === 'moved');
  const doesZoneObject = others.some(
    ({ by, voice }) => by === 'availability-zone' && voice === 'stayed',
  );
  return doesZoneObject && !isSupported ? 'disagree' : 'changed';
}

/** Whether two readings show the same nodes in the same roles; status and priority may differ. */
export function isSameRoles(
  a: RolesSnapshot,
  b: RolesSnapshot,
  identity: NodeIdentity = DEFAULT_NODE_IDENTITY,
): boolean {
  const [left, right] = [allNodes(a), allNodes(b)];
  const isSame = nodesOf(a, b, identity);
  return (
    left.length === right.length &&
    compareRoles(a, b, identity) === 'unchanged' &&
    left.every((node) => right.some((other) => other.role === node.role && isSame(node, other)))
  );
}

/** Reports whether a node of one reading is a node of the other one, by the identifier that decides. */
export function nodesOf(
  a: RolesSnapshot,
  b: RolesSnapshot,
  identity: NodeIdentity = DEFAULT_NODE_IDENTITY,
): (inA: NodeSnapshot, inB: NodeSnapshot) => boolean {
  const decider = trusted(identity).find((by) => isReported(by, a) && isReported(by, b));
  return (inA, inB) => decider !== undefined && inA[FIELDS[decider]] === inB[FIELDS[decider]];
}

/**
 * Why two readings disagree, as text: which identifiers moved and which did not, and the setting by
 * which an account that always behaves so is read. `null` where they do not disagree.
 */
export function describeDisagreement(
  before: RolesSnapshot,
  now: RolesSnapshot,
  identity: NodeIdentity = DEFAULT_NODE_IDENTITY,
): string | null {
  if (compareRoles(before, now, identity) !== 'disagree') return null;
  if (onlyMaster(before) === null) return 'the prior roles show no single master';
  if (onlyMaster(now) === null) return 'the last reading shows no single master';
  const voices = NODE_IDENTITIES.map((by) => ({ by, voice: listen(by, before, now) }));
  const reported = voices.map(({ by, voice }) => `its ${NAMES[by]} ${IDENTITY_TEXT[voice]}`);
  const others = voices
    .filter(({ by, voice }) => by !== identity && (voice === 'moved' || voice === 'stayed'))
    .map(({ by }) => by);
  const advice =
    others.length === 0
      ? 'no setting helps: look at the nodes in the console'
      : `if every swap of this account looks like this, set nodeIdentity (DCS_NODE_IDENTITY) of the project to ${others.join(' or ')}`;
  return `of the master, ${reported.join(', ')} and ${describeAddress(before, now)}; nodes are known by ${identity}; ${advice}`;
}

const IDENTITY_TEXT: Record<Voice, string> = {
  stayed: 'is the prior master’s',
  moved: 'is a former replica’s',
  new: 'is one that no node had before',
  silent: 'says nothing',
};

/** For people only: an address that stays while the rest moves follows the role. */
function describeAddress(before: RolesSnapshot, now: RolesSnapshot): string {
  const addressOf = (roles: RolesSnapshot): string | null => {
    const ip = onlyMaster(roles)?.ip ?? null;
    return ip === null ? null : normaliseAddress(ip);
  };
  const [was, is] = [addressOf(before), addressOf(now)];
  if (was === null || is === null) return 'its address says nothing';
  return was === is ? 'its address is unchanged' : 'its address has changed';
}

function trusted(identity: NodeIdentity): readonly NodeIdentity[] {
  return NODE_IDENTITIES.slice(NODE_IDENTITIES.indexOf(identity));
}

function listen(by: NodeIdentity, before: RolesSnapshot, now: RolesSnapshot): Voice {
  const field = FIELDS[by];
  const value = onlyMaster(now)?.[field] ?? null;
  if (value === null) return 'silent';
  const nodes = allNodes(before);
  const owners = new Set(nodes.filter((node) => node[field] === value).map(({ role }) => role));
  // Master and replica share it, as two nodes in one AZ do.
  if (owners.size > 1) return 'silent';
  if (owners.size === 1) return owners.has('master') ? 'stayed' : 'moved';
  return nodes.some((node) => node[field] === null) ? 'silent' : 'new';
}

/** Every node shows this identifier, and no two the same. */
function isReported(by: NodeIdentity, roles: RolesSnapshot): boolean {
  const values = allNodes(roles).map((node) => node[FIELDS[by]]);
  return !values.includes(null) && new Set(values).size === values.length;
}

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

/** A target as text, such as `in AZ az2`. */
export function describeTarget(target: Target): string {
  if ('nodeId' in target) return `on node ${target.nodeId}`;
  return 'availabilityZone' in target
    ? `in AZ ${target.availabilityZone}`
    : `outside AZ ${target.avoidAvailabilityZone}`;
}

/** How the master compares with the prior one. `disagree`: the identifiers contradict each other. */
export type RoleChange = 'changed' | 'unchanged' | 'disagree';
