/** Whether Redis itself can be asked of an instance, and measured: by trying, step by step. */
import { randomUUID } from 'node:crypto';

import type { Look, ProbeError } from '../contract/index.js';
import {
  addressOf,
  PROBE_KEYS,
  probeKey,
  readMemory,
  takeLook,
  tryCommands,
} from '../data-plane/index.js';
import type { DataPlaneOffer, DataPlaneSource, Memory } from '../data-plane/index.js';
import type { InstanceDetails } from '../dcs/index.js';
import type { TriedCommand } from '../domain/checks/data-plane.js';
import { whyNoJudge } from '../domain/witness.js';

import { ok, skip, warn } from './check.js';
import type { CheckFinding } from './check.js';

const IDS = ['redis', 'redis-role', 'redis-commands', 'redis-memory'] as const;
const [CONNECTED, ROLE, COMMANDS, MEMORY] = IDS;

const SETTINGS = 'projects[].dataPlane (docs/configuration.md#redis-itself)';

/** What is known of the instance. */
export interface DataPlaneInstance extends Pick<
  InstanceDetails,
  'name' | 'tags' | 'cacheMode' | 'address'
> {
  readonly instanceId: string;
}

/**
 * Asks Redis what a run would ask. Nothing here makes more than a warning: a run that does not require a measurement
 * switches without. A refused login is not repeated.
 */
export async function checkDataPlane(
  source: DataPlaneSource,
  instance: DataPlaneInstance,
): Promise<CheckFinding[]> {
  const offer = await source.offerFor(instance);
  if (offer === null) return skipRest(IDS, `no entry of ${SETTINGS} names this instance`);
  if ('why' in offer) {
    const first = warn(CONNECTED, offer.why, `Correct what is named in ${SETTINGS}.`);
    return [first, ...skipRest(IDS.slice(1), 'Redis is not reached')];
  }
  const key = probeKey(`doctor-${randomUUID()}`);
  const [connected, ...tried] = await tryCommands(offer.access, key, offer.measure);
  if (connected !== undefined && connected.problem !== null)
    return [
      warn(
        CONNECTED,
        `${describe(offer)}: ${connected.problem}`,
        fixOf(connected, offer, instance.address.isTls),
      ),
      ...skipRest(IDS.slice(1), 'Redis is not reached'),
    ];
  return [
    ok(
      CONNECTED,
      `${describe(offer)}: connected${offer.access.password === null ? '' : ', login accepted'}`,
    ),
    await checkRole(offer, instance.cacheMode),
    judgeCommands(tried),
    judgeMemory(await readMemory(offer.access)),
  ];
}

function skipRest(ids: readonly string[], why: string): CheckFinding[] {
  return ids.map((id) => skip(id, why));
}

/** Such as `10.0.0.7:6379, TLS, a named user`. */
function describe({ access }: DataPlaneOffer): string {
  const { tls, username, password } = access;
  const user = username === null ? 'the default user' : 'a named user';
  const login = password === null ? 'no login' : user;
  return [addressOf(access), tls === null ? 'plain text' : 'TLS', login].join(', ');
}

const WAY =
  'Open the way from here: the whitelist of the instance, its security group, and the network policy of the worker (TCP, this port).';

/** What to do about a connection that did not come about. */
const CONNECTION_FIXES: Readonly<Partial<Record<ProbeError, string>>> = {
  refused: WAY,
  'connect-timeout': WAY,
  unreachable: WAY,
  reset: WAY,
  loading: 'Wait until Redis has loaded its data.',
};

function fixOf({ error }: TriedCommand, { access }: DataPlaneOffer, isTls: boolean | null): string {
  if (error === 'auth') return fixOfLogin(access);
  if (access.tls !== null && (error === 'protocol' || error === 'reset' || error === 'timeout'))
    return isTls === false
      ? `The page of the instance shows enable_ssl: false. Switch TLS on there, or remove tls in ${SETTINGS}.`
      : `Correct tls.caFile, or name in tls.serverName what the certificate names, in ${SETTINGS}.`;
  return CONNECTION_FIXES[error ?? 'protocol'] ?? `Correct the address, or tls, in ${SETTINGS}.`;
}

/** The other style is named and not tried: a few wrong logins may lock a user. */
function fixOfLogin({ username, password, login }: DataPlaneOffer['access']): string {
  if (password === null)
    return `Redis wants a password: name a file in passwordFile of ${SETTINGS}.`;
  const files = 'Correct what the files hold; nothing was tried twice.';
  if (username === null)
    return `${files} This was the default user: a named one needs usernameFile.`;
  const other = login === 'acl' ? 'password-argument' : 'acl';
  return `${files} Login was by "${login}": if user and password are right, set login: ${other} in ${SETTINGS}.`;
}

/** What Redis says of itself, and what a run may conclude from it. */
async function checkRole(
  { access, binding }: DataPlaneOffer,
  cacheMode: string | null,
): Promise<CheckFinding> {
  const seen = await takeLook(access);
  if ('why' in seen)
    return warn(
      ROLE,
      seen.why,
      'Allow the user INFO (ACL: +info): without it no one can say whether the address has moved.',
    );
  const why = whyNoJudge(cacheMode, binding);
  const use =
    why === null
      ? 'a run holds its word against the API'
      : `a run records what it says and judges nothing by it: ${why}`;
  const found = `${seen.look.role}, up ${describeUptime(seen.look)}; ${use}`;
  return seen.look.role === 'master'
    ? ok(ROLE, found)
    : warn(ROLE, found, 'Find out why the address leads to a replica before you switch anything.');
}

function describeUptime({ uptimeSeconds }: Look): string {
  if (uptimeSeconds < 7_200) return `${Math.floor(uptimeSeconds / 60)} min`;
  const hours = Math.floor(uptimeSeconds / 3_600);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`;
}

function judgeCommands(tried: readonly TriedCommand[]): CheckFinding {
  const problems = tried.flatMap(({ problem }) => problem ?? []);
  const names = tried.map(({ command }) => command).join(', ');
  if (problems.length === 0) return ok(COMMANDS, `${names} work, on a key that was removed again`);
  const refused = tried.filter(({ problem }) => problem !== null).map(({ command }) => command);
  const rights = refused.map((each) => `+${each.toLowerCase()}`).join(' ');
  return warn(
    COMMANDS,
    problems.join('; '),
    `A measurement needs them. Allow the user ${PROBE_KEYS} ${rights}, or, where it may only read, set measure.write: false in ${SETTINGS}.`,
  );
}

/** From here on a test write may meet OOM, or its key be evicted. */
const NEARLY_FULL = 0.95;

function judgeMemory(memory: Memory | { readonly why: string }): CheckFinding {
  if ('why' in memory) return skip(MEMORY, memory.why);
  const { usedBytes, maxBytes, policy } = memory;
  const words = `maxmemory-policy ${policy ?? 'not shown'}`;
  if (maxBytes === null) return ok(MEMORY, `${words}; no limit`);
  const share = usedBytes / maxBytes;
  const found = `${words}; ${Math.round(share * 100)} % used of ${Math.round(maxBytes / 1_048_576)} MiB`;
  if (share < NEARLY_FULL) return ok(MEMORY, found);
  const what =
    policy === 'noeviction' ? 'test writes may be refused' : 'the test key may be evicted';
  return warn(
    MEMORY,
    `${found}: ${what}`,
    'Free memory, or expect a run without lost writes counted.',
  );
}
