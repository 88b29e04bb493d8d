import { waitUntil } from '../wait.js';
import { LOOPBACK, redisCommand } from './command.js';

/** Time for a replica to load the master's data and keep up. */
const LINK_TIMEOUT_MS = 10_000;
/** How long the master waits, writes paused, for the replica to catch up before it gives up. */
const FAILOVER_TIMEOUT_MS = 5000;
/** Past the master's own limit, so that its word comes first. */
const FAILOVER_CONFIRM_TIMEOUT_MS = FAILOVER_TIMEOUT_MS + 2000;

/** First element of the answer to `ROLE`: `master` or `slave`. */
export async function roleOf(port: number): Promise<string> {
  return String((await readRole(port))[0]);
}

/** Makes the servers at `replicas` copies of the one at `master`; returns when their links are up. */
export async function replicate(master: number, replicas: readonly number[]): Promise<void> {
  await Promise.all(
    replicas.map((port) => redisCommand(port, 'REPLICAOF', LOOPBACK, String(master))),
  );
  await Promise.all(replicas.map((port) => waitForLink(master, port)));
}

/**
 * Hands the master's role to a replica without losing a write: the coordinated FAILOVER of Redis
 * 6.2. Returns when both say so.
 *
 * @throws Error when the master refuses or the replica does not take over in time
 */
export async function failOver(from: number, to: number): Promise<void> {
  const timeout = ['TIMEOUT', String(FAILOVER_TIMEOUT_MS)];
  await redisCommand(from, 'FAILOVER', 'TO', LOOPBACK, String(to), ...timeout);
  await waitUntil(
    `Failover from port ${from} to ${to}`,
    FAILOVER_CONFIRM_TIMEOUT_MS,
    async () => (await roleOf(to)) === 'master' && (await roleOf(from)) === 'slave',
  );
}

/** Both ends have to agree: a replica that its master does not list yet cannot be failed over to. */
async function waitForLink(master: number, replica: number): Promise<void> {
  await waitUntil(`Replication from port ${master} to ${replica}`, LINK_TIMEOUT_MS, async () => {
    const [, , masterPort, link] = await readRole(replica);
    const [, , listed] = await readRole(master);
    const ports = Array.isArray(listed) ? listed.map((entry: unknown[]) => String(entry[1])) : [];
    const isLinked = Number(masterPort) === master && link === 'connected';
    return isLinked && ports.includes(String(replica));
  });
}

async function readRole(port: number): Promise<unknown[]> {
  const role = await redisCommand(port, 'ROLE');
  return Array.isArray(role) ? (role as unknown[]) : [];
}
