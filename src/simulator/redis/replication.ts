import { waitUntil } from '../basics.js';

import { LOOPBACK, RedisRefusal } from './command.js';

/** Time for a replica to load the master's data and keep up. */
const LINK_TIMEOUT_MS = 10_000;
/** How long the master waits, writes paused, for the replica to catch up before it gives up. */
const FAILOVER_TIMEOUT_MS = 5000;
/** For how long Redis is asked how it went while no answer comes; it may have moved, which no failure must hide. */
const FAILOVER_CONFIRM_TIMEOUT_MS = 60_000;

/** Sends a command to the server that listens on a port. */
export type Command = (port: number, ...command: string[]) => Promise<unknown>;

/** First element of the answer to `ROLE`: `master` or `slave`. */
export async function roleOf(command: Command, port: number): Promise<string> {
  return String((await readRole(command, port))[0]);
}

/** Makes the servers at `replicas` copies of the one at `master`; returns when their links are up. */
export async function replicate(
  command: Command,
  master: number,
  replicas: readonly number[],
): Promise<void> {
  await Promise.all(replicas.map((port) => follow(command, master, port)));
}

/**
 * Hands the master's role to a replica without losing a write: the coordinated FAILOVER of Redis 6.2. Returns when the
 * replica says that it is the master. Without an answer the command is repeated: it names who takes over, so that a
 * second one changes nothing.
 *
 * @throws Error when the master refuses, gives up, or no one can be asked for too long
 */
export async function failOver(command: Command, from: number, to: number): Promise<void> {
  const what = `Failover from port ${from} to ${to}`;
  const timeout = ['TIMEOUT', String(FAILOVER_TIMEOUT_MS)];
  const seen = { isOver: false, answer: null as RedisRefusal | 'OK' | null };
  await waitUntil(what, FAILOVER_CONFIRM_TIMEOUT_MS, async () => {
    seen.isOver = await isMaster(command, to);
    if (seen.isOver) return true;
    seen.answer ??= await command(from, 'FAILOVER', 'TO', LOOPBACK, String(to), ...timeout).then(
      () => 'OK' as const,
      refusalOf,
    );
    return hasNoFailover(command, from);
  });
  if (seen.isOver) return;
  throw seen.answer instanceof RedisRefusal ? seen.answer : new Error(`${what} was given up`);
}

function refusalOf(error: unknown): RedisRefusal {
  if (error instanceof RedisRefusal) return error;
  throw error;
}

/** One that gives no answer may be; who hands over knows. */
async function isMaster(command: Command, port: number): Promise<boolean> {
  return (await roleOf(command, port).catch(() => null)) === 'master';
}

/** Whether it is the master, and hands its role to no one. */
async function hasNoFailover(command: Command, port: number): Promise<boolean> {
  const info = String(await command(port, 'INFO', 'replication'));
  return info.includes('role:master') && info.includes('master_failover_state:no-failover');
}

/**
 * Makes a server a copy of another, asked as often as it takes. Both ends have to agree: a replica that its master does
 * not list yet cannot be failed over to.
 */
async function follow(command: Command, master: number, replica: number): Promise<void> {
  await waitUntil(`Replication from port ${master} to ${replica}`, LINK_TIMEOUT_MS, async () => {
    await command(replica, 'REPLICAOF', LOOPBACK, String(master));
    const [, , masterPort, link] = await readRole(command, replica);
    const [, , listed] = await readRole(command, master);
    const ports = Array.isArray(listed) ? listed.map((entry: unknown[]) => String(entry[1])) : [];
    const isLinked = Number(masterPort) === master && link === 'connected';
    return isLinked && ports.includes(String(replica));
  });
}

async function readRole(command: Command, port: number): Promise<unknown[]> {
  const role = await command(port, 'ROLE');
  return Array.isArray(role) ? (role as unknown[]) : [];
}
