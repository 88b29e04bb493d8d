import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { waitUntil } from '../basics.js';
import type { DataPlane } from '../service/data-plane.js';

import { DEFAULT_USER, secretRule } from './access.js';
import type { RedisAccess } from './access.js';
import { redisCommandAs } from './command.js';
import { openFixedAddress } from './fixed-address.js';
import type { FixedAddress } from './fixed-address.js';
import { changeRoles, settlesAtOnce } from './promotion.js';
import type { Aftermath, Stage } from './promotion.js';
import { replicate, roleOf } from './replication.js';
import type { Command } from './replication.js';
import { assertRedisScript } from './script.js';
import type { RedisScript } from './script.js';
import { startRedisServer, startRedisServerAt } from './server-process.js';
import type { RedisServer } from './server-process.js';

/** Time for a copy in the making to be handed over. */
const SAVE_TIMEOUT_MS = 20_000;

/** What the Redis of an instance is made of. */
export interface PlaneSpec {
  /** A `redis-server` or `valkey-server`, 6.2 or later. */
  readonly serverPath: string;
  /** The first is the master. */
  readonly nodeIds: readonly string[];
  readonly access: RedisAccess;
  /** The port by which commands reach a server; `null`: its own. */
  readonly wayTo: ((port: number) => Promise<number>) | null;
}

/** The real Redis servers of one instance, and what has to be cleaned up with them. */
interface Fleet {
  readonly spec: PlaneSpec;
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
 * @throws Error with the server's own words when one does not start; nothing is left running
 */
export async function startRedisPlane(spec: PlaneSpec): Promise<DataPlane> {
  const { access, wayTo } = spec;
  const directory = await mkdtemp(join(tmpdir(), 'dcs-simulator-'));
  const end = new AbortController();
  const ways = new Map<number, number>();
  const command: Command = (port, ...words) =>
    redisCommandAs(access.own, ways.get(port) ?? port, ...words);
  const fleet: Fleet = { spec, directory, servers: new Map(), command, signal: end.signal };
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
    await startServers(fleet);
    const [master = 0, ...replicas] = [...fleet.servers.values()].map(({ port }) => port);
    if (wayTo !== null) for (const port of [master, ...replicas]) ways.set(port, await wayTo(port));
    await replicate(command, master, replicas);
    return createPlane(fleet, await openFixedAddress(master, access), cleanUp);
  } catch (error) {
    await cleanUp();
    throw error;
  }
}

/** Waits for all of them even when one fails, so that none starts after the clean-up. */
async function startServers({ spec, directory, servers, signal }: Fleet): Promise<void> {
  const { serverPath: path, nodeIds, access } = spec;
  const started = await Promise.allSettled(
    nodeIds.map((nodeId) => {
      return startRedisServer({ path, directory: join(directory, nodeId), access, signal });
    }),
  );
  // Inserted in the order of the nodes: the first is the master.
  started.forEach((result, index) => {
    if (result.status === 'fulfilled') servers.set(nodeIds[index] ?? '', result.value);
  });
  const failure = started.find((result) => result.status === 'rejected');
  if (failure) throw failure.reason;
}

function createPlane(fleet: Fleet, fixed: FixedAddress, cleanUp: () => Promise<void>): DataPlane {
  const { spec, servers, command, signal } = fleet;
  const { access } = spec;
  let master = spec.nodeIds[0] ?? '';
  let settled = Promise.resolve();
  const portOf = (nodeId: string): number => servers.get(nodeId)?.port ?? 0;
  const change = async (nodeId: string, given: RedisScript): Promise<Aftermath> => {
    await settled;
    const stage: Stage = {
      ...{ command, fixed, signal, from: portOf(master), to: portOf(nodeId) },
      ports: [...servers.values()].map(({ port }) => port),
      restart: (port, how) => restart(fleet, port, how),
    };
    const script: RedisScript = nodeId === master ? { ...given, promotion: 'none' } : given;
    const aftermath = await changeRoles(stage, script);
    if (script.promotion !== 'none') master = nodeId;
    // The next change begins whatever became of this one, and so does the end of the simulator.
    settled = aftermath.settled.catch(() => undefined);
    if (settlesAtOnce(script)) await settled;
    return aftermath;
  };
  return {
    address: fixed.address,
    access,
    promote: async (nodeId, script = {}) => {
      await change(nodeId, script);
    },
    disturb: async (script) => {
      assertRedisScript(script);
      const other = spec.nodeIds.find((nodeId) => nodeId !== master) ?? master;
      await (
        await change(other, script)
      ).settled;
    },
    roles: () =>
      Promise.all(
        [...servers].map(async ([nodeId, { port }]) => {
          return { nodeId, role: await roleOf(command, port) };
        }),
      ),
    setPassword: async (password, user = DEFAULT_USER) => {
      if (!access.passwords.has(user)) throw new Error(`Redis asks no password of ${user}.`);
      access.passwords.set(user, password);
      const words = ['ACL', 'SETUSER', user, 'resetpass', secretRule(password)];
      await Promise.all([...servers.values()].map(({ port }) => command(port, ...words)));
    },
    close: async () => {
      await fixed.close();
      await cleanUp();
    },
  };
}

/** While a replica is given its copy, Redis refuses to save. */
function save(command: Command, port: number): Promise<void> {
  return waitUntil('The dump', SAVE_TIMEOUT_MS, async () => (await command(port, 'SAVE')) === 'OK');
}

/** Kills a server and starts it where it was; without data not even what a replication has left behind is kept. */
async function restart(
  { spec, directory, servers, command, signal }: Fleet,
  port: number,
  how: 'with-data' | 'empty',
): Promise<void> {
  const [nodeId, server] = [...servers].find(([, one]) => one.port === port) ?? [];
  if (nodeId === undefined || server === undefined) return;
  const folder = join(directory, nodeId);
  if (how === 'with-data') await save(command, port);
  await server.kill();
  if (how === 'empty') await rm(join(folder, 'dump.rdb'), { force: true });
  const { serverPath: path, access } = spec;
  servers.set(nodeId, await startRedisServerAt(port, { path, directory: folder, access, signal }));
}
