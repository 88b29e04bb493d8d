import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { waitUntil } from '../basics.js';
import type { DataPlane } from '../service/managed-instance.js';

import { LOOPBACK, redisCommand, RedisRefusal, startRedisServer } from './server-process.js';
import type { RedisServer } from './server-process.js';

/** A TCP address that outlives role changes, like the address of a DCS instance. */
interface FixedAddress {
  /** `host:port`. */
  readonly address: string;
  /** Leads new connections to another port and drops the existing ones, as the service does. */
  leadTo(port: number): void;
  close(): Promise<void>;
}

/** Opens an address that leads to `port`. */
async function openFixedAddress(port: number): Promise<FixedAddress> {
  let target = port;
  const sockets = new Set<Socket>();
  const dropAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer((caller) => {
    joinReplicas(caller, connect(target, LOOPBACK), sockets);
  });
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  return {
    address: `${LOOPBACK}:${(server.address() as AddressInfo).port}`,
    leadTo: (next) => {
      target = next;
      dropAll();
    },
    close: async () => {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      dropAll();
      await closed;
    },
  };
}

/** Joins two connections; the end of one is the end of the other. */
function joinReplicas(caller: Socket, redis: Socket, sockets: Set<Socket>): void {
  for (const [socket, other] of [
    [caller, redis],
    [redis, caller],
  ] as const) {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.pipe(other);
    // `close` follows every `error`, and says all there is to say.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      other.destroy();
    });
  }
}

/** Time for a replica to load the master's data and keep up. */
const LINK_TIMEOUT_MS = 10_000;
/** How long the master waits, writes paused, for the replica to catch up before it gives up. */
const FAILOVER_TIMEOUT_MS = 5000;
/** For how long Redis is asked how it went while no answer comes; it may have moved, which no failure must hide. */
const FAILOVER_CONFIRM_TIMEOUT_MS = 60_000;

/** Sends a command to the server that listens on a port. */
type Command = (port: number, ...command: string[]) => Promise<unknown>;

/** First element of the answer to `ROLE`: `master` or `slave`. */
async function roleOf(command: Command, port: number): Promise<string> {
  return String((await readRole(command, port))[0]);
}

/** Makes the servers at `replicas` copies of the one at `master`; returns when their links are up. */
async function replicate(
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
async function failOver(command: Command, from: number, to: number): Promise<void> {
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

/** The real Redis servers of one instance, and what has to be cleaned up with them. */
interface Fleet {
  readonly directory: string;
  readonly servers: Map<string, RedisServer>;
  readonly command: Command;
  /** Aborted to end them all. */
  readonly signal: AbortSignal;
}

/**
 * Puts real Redis behind an instance: one server a node, the first one master of the others, and a
 * fixed address that leads to the master.
 *
 * @param serverPath a `redis-server` or `valkey-server`, 6.2 or later
 * @param wayTo the port by which commands reach a server; `null`: its own
 * @throws Error with the server's own words when one does not start; nothing is left running
 */
export async function startRedisPlane(
  serverPath: string,
  nodeIds: readonly string[],
  wayTo: ((port: number) => Promise<number>) | null = null,
): Promise<DataPlane> {
  const directory = await mkdtemp(join(tmpdir(), 'dcs-simulator-'));
  const end = new AbortController();
  const ways = new Map<number, number>();
  const command: Command = (port, ...words) => redisCommand(ways.get(port) ?? port, ...words);
  const fleet: Fleet = { directory, servers: new Map(), command, signal: end.signal };
  // Our own end, however it comes about, must not leave servers behind.
  const onExit = (): void => {
    end.abort();
    rmSync(directory, { recursive: true, force: true });
  };
  process.on('exit', onExit);
  const cleanUp = async (): Promise<void> => {
    end.abort();
    await Promise.all([...fleet.servers.values()].map(({ gone }) => gone));
    await rm(directory, { recursive: true, force: true });
    process.off('exit', onExit);
  };
  try {
    await startServers(serverPath, nodeIds, fleet);
    const [master = 0, ...replicas] = [...fleet.servers.values()].map(({ port }) => port);
    if (wayTo !== null) for (const port of [master, ...replicas]) ways.set(port, await wayTo(port));
    await replicate(command, master, replicas);
    return createPlane(fleet, nodeIds[0] ?? '', await openFixedAddress(master), cleanUp);
  } catch (error) {
    await cleanUp();
    throw error;
  }
}

/** Waits for all of them even when one fails, so that none starts after the clean-up. */
async function startServers(path: string, nodeIds: readonly string[], fleet: Fleet): Promise<void> {
  const started = await Promise.allSettled(
    nodeIds.map((nodeId) => startRedisServer(path, join(fleet.directory, nodeId), fleet.signal)),
  );
  // Inserted in the order of the nodes: the first is the master.
  started.forEach((result, index) => {
    if (result.status === 'fulfilled') fleet.servers.set(nodeIds[index] ?? '', result.value);
  });
  const failure = started.find((result) => result.status === 'rejected');
  if (failure) throw failure.reason;
}

function createPlane(
  { servers, command }: Fleet,
  firstMaster: string,
  fixed: FixedAddress,
  cleanUp: () => Promise<void>,
): DataPlane {
  let master = firstMaster;
  const portOf = (nodeId: string): number => servers.get(nodeId)?.port ?? 0;
  return {
    address: fixed.address,
    promote: async (nodeId) => {
      await failOver(command, portOf(master), portOf(nodeId));
      master = nodeId;
      fixed.leadTo(portOf(nodeId));
      const replicas = [...servers.keys()].filter((other) => other !== nodeId).map(portOf);
      // The master has moved, whatever becomes of those that follow it: the next failover asks for what it needs.
      await replicate(command, portOf(nodeId), replicas).catch(() => undefined);
    },
    roles: () =>
      Promise.all(
        [...servers].map(async ([nodeId, { port }]) => {
          return { nodeId, role: await roleOf(command, port) };
        }),
      ),
    close: async () => {
      await fixed.close();
      await cleanUp();
    },
  };
}
