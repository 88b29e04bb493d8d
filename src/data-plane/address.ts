/** Where a password may be sent: an address that was judged, and connected to by itself. */
import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

import type { InstanceAddress } from '../domain/facts.js';

import type { DataPlaneSettings } from './access.js';

/** All addresses of a name. @throws Error where it has none */
export type Resolve = (name: string) => Promise<readonly string[]>;

/** A judged address. */
interface Found {
  readonly host: string;
  readonly port: number;
  /** The name that led to it; `null`: an address was given. */
  readonly name: string | null;
  /** The name leads to others of its family, too: which server clients meet there is chance. */
  readonly isOneOfSeveral: boolean;
}

/** Private networks and loopback, of both families (RFC 1918, RFC 4193). */
const PRIVATE = [
  ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '127.0.0.0/8', '::1/128', 'fc00::/7'],
];

/** A resolver that does not answer must not hold a check up. */
const RESOLVE_MS = 2_000;

/**
 * The address of an instance's Redis: the entry's own, else ip and port of its page, else the name there. A name counts
 * only if all its addresses may be used. Never throws.
 */
export async function findAddress(
  { address, allowedNetworks }: DataPlaneSettings,
  shown: InstanceAddress,
  resolve: Resolve = resolveName,
): Promise<Found | { readonly why: string }> {
  const { host, port } = address ?? { host: shownHost(shown), port: shown.port };
  if (host === null || port === null)
    return { why: 'the API shows no ip and port of the instance: give address in the entry' };
  const isName = isIP(host) === 0;
  const hosts = isName ? inOrder(await resolveOrNone(host, resolve)) : [host];
  const [first] = hosts;
  if (first === undefined) return { why: `${host} has no address: the name is not resolved` };
  const networks = allowedNetworks ?? (address === null ? PRIVATE : null);
  const outside = networks === null ? undefined : hosts.find((each) => !isWithin(each, networks));
  if (outside !== undefined)
    return { why: `${outside} is outside of allowedNetworks: no password is sent there` };
  const alike = hosts.filter((each) => familyOf(each) === familyOf(first));
  return { host: first, port, name: isName ? host : null, isOneOfSeveral: alike.length > 1 };
}

/** Each once, IPv4 first: a resolver gives them in turn, and two looks at two servers would look like a failover. */
function inOrder(hosts: readonly string[]): readonly string[] {
  const keyOf = (host: string): string => `${familyOf(host)} ${host}`;
  return [...new Set(hosts)].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** An ip that is none, such as the list of several that some pages show, is no reason to ask a resolver. */
function shownHost({ ip, domainName }: InstanceAddress): string | null {
  if (ip === null) return domainName;
  return isIP(ip) === 0 ? null : ip;
}

async function resolveOrNone(name: string, resolve: Resolve): Promise<readonly string[]> {
  return resolve(name).catch(() => []);
}

async function resolveName(name: string): Promise<readonly string[]> {
  const answers = lookup(name, { all: true });
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => {
      reject(new Error('no answer in time'));
    }, RESOLVE_MS).unref();
  });
  return (await Promise.race([answers, late])).map(({ address }) => address);
}

function isWithin(address: string, networks: readonly string[]): boolean {
  const list = new BlockList();
  for (const { network, prefix } of networks.map(parseNetwork).filter((each) => each !== null))
    list.addSubnet(network, prefix, familyOf(network));
  return list.check(address, familyOf(address));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

/** `10.0.0.0/8` in its parts; `null` where it is no CIDR block. */
export function parseNetwork(
  text: string,
): { readonly network: string; readonly prefix: number } | null {
  const [, network = '', digits = ''] = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(text) ?? [];
  const longest = { 0: -1, 4: 32, 6: 128 }[isIP(network)] ?? -1;
  return Number(digits) <= longest ? { network, prefix: Number(digits) } : null;
}
