/** Everything that can become of a master, played on real servers of several ages: the witness has the right word. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { Look, WitnessWord } from '../../src/contract/index.js';
import { takeLook } from '../../src/data-plane/index.js';
import { compareLooks } from '../../src/domain/witness.js';
import { pickFreePorts } from '../../src/free-ports.js';
import { waitUntil } from '../../src/simulator/basics.js';
import { startSimulator } from '../../src/simulator/index.js';
import type { SimulatedInstance, Simulator } from '../../src/simulator/index.js';
import { redisCommand } from '../../src/simulator/redis/command.js';

import { accessTo } from './support.js';

/** A server that can be tried here. */
interface Server {
  /** Such as `Redis 7.0.15`. */
  readonly name: string;
  readonly path: string;
}

// eslint-disable-next-line @typescript-eslint/no-require-imports -- a script, not a module
const { prepareRedisServers } = require('../../scripts/prepare-redis-servers.cjs') as {
  prepareRedisServers: () => readonly Server[];
};

/** Older than this at the first look, a process is seen to be older than the look, however long the event takes. */
const OLD_SECONDS = 5;
const WAIT_MS = 60_000;
const BACK_TO_MASTER = { promotion: 'none', addressStays: true } as const;

async function lookAt(port: number): Promise<Look> {
  const result = await takeLook(accessTo(port));
  if ('look' in result) return result.look;
  throw new Error(result.why);
}

const portOf = ({ address }: SimulatedInstance): number => Number(address?.split(':')[1]);
const lookThrough = (instance: SimulatedInstance): Promise<Look> => lookAt(portOf(instance));

const lookUntil = (
  instance: SimulatedInstance,
  what: string,
  isSo: (look: Look) => boolean,
): Promise<void> => waitUntil(what, WAIT_MS, async () => isSo(await lookThrough(instance)));

async function replicaPort(instance: SimulatedInstance): Promise<number> {
  const role = await redisCommand(portOf(instance), 'ROLE');
  const [, , [replica]] = role as [string, number, [string, string][]];
  return Number(replica?.[1]);
}

/** Restarts the replica without data; the address is at the master before and after. */
async function renewReplica({ redis }: SimulatedInstance): Promise<void> {
  await redis.disturb({ promotion: 'none', restartMaster: 'empty' });
  await redis.disturb(BACK_TO_MASTER);
}

interface Event {
  readonly word: WitnessWord;
  readonly play: (instance: SimulatedInstance) => Promise<unknown>;
  /** Before the first look. */
  readonly prepare?: (instance: SimulatedInstance) => Promise<unknown>;
  /** After the last. */
  readonly restore?: (instance: SimulatedInstance) => Promise<unknown>;
  /** What it lost at least: exactly so much, or, where only that is certain, more than nothing. */
  readonly lostBytes?: 0 | 'some';
  readonly warns?: true;
}

/** The replica is promoted; the old master goes on alone, and takes what will be lost, before the first look. */
async function promoteAndWrite(instance: SimulatedInstance): Promise<void> {
  await redisCommand(await replicaPort(instance), 'REPLICAOF', 'NO', 'ONE');
  await redisCommand(portOf(instance), 'SET', 'lost', 'x'.repeat(700));
}

/** Without a replica for long enough a master begins a new history by itself. */
async function waitAlone(instance: SimulatedInstance): Promise<void> {
  const replica = await replicaPort(instance);
  await redisCommand(portOf(instance), 'CONFIG', 'SET', 'repl-backlog-ttl', '1');
  const { replid } = await lookThrough(instance);
  await redisCommand(replica, 'REPLICAOF', 'NO', 'ONE');
  await lookUntil(instance, 'A new history', (look) => look.replid !== replid);
}

const YOUNG = { word: 'RESTARTED_OR_REPLACED', warns: true } as const;

/** In this order on one instance: nothing is younger than a first look before the first restart. */
const EVENTS: Readonly<Record<string, Event>> = {
  'nothing happens': { word: 'SAME', play: () => Promise.resolve() },
  'a coordinated failover': { word: 'MOVED', play: ({ redis }) => redis.disturb({}), lostBytes: 0 },
  'an abrupt promotion': {
    word: 'MOVED',
    play: ({ redis }) => redis.disturb({ promotion: 'abrupt' }),
    lostBytes: 0,
  },
  'an abrupt promotion of a replica that lacks what was written last': {
    word: 'MOVED',
    prepare: promoteAndWrite,
    play: ({ redis }) => redis.disturb({ promotion: 'abrupt' }),
    lostBytes: 'some',
  },
  'the address stays at a master that is one no more': {
    word: 'DEMOTED_IN_PLACE',
    play: ({ redis }) => redis.disturb({ addressStays: true }),
    restore: ({ redis }) => redis.disturb(BACK_TO_MASTER),
  },
  'there and back': {
    word: 'MOVED_AND_BACK',
    play: async ({ redis }) => {
      for (const promotion of ['failover', 'abrupt'] as const) await redis.disturb({ promotion });
    },
  },
  'there, back and there': {
    word: 'MOVED_MORE_THAN_ONCE',
    play: async ({ redis }) => {
      for (let times = 0; times < 3; times += 1) await redis.disturb({});
    },
  },
  'the address leads to a replica that is not promoted': {
    word: 'NOT_A_MASTER',
    play: ({ redis }) => redis.disturb({ promotion: 'none' }),
    restore: ({ redis }) => redis.disturb(BACK_TO_MASTER),
  },
  'the replica is restarted without data': { word: 'SAME', play: renewReplica },
  'the master has no replica for a long time': {
    word: 'SAME',
    warns: true,
    play: waitAlone,
    restore: ({ redis }) => redis.disturb(BACK_TO_MASTER),
  },
  'a fresh node is synchronised and promoted': {
    ...YOUNG,
    play: async (instance) => {
      await renewReplica(instance);
      await instance.redis.disturb({});
    },
  },
  'the promoted node is restarted with its data': {
    ...YOUNG,
    play: ({ redis }) => redis.disturb({ restartMaster: 'with-data' }),
  },
  'the master is killed and comes back without data': {
    ...YOUNG,
    play: ({ redis }) => redis.disturb({ ...BACK_TO_MASTER, restartMaster: 'empty' }),
  },
  'the master is killed and comes back with its data': {
    ...YOUNG,
    play: ({ redis }) => redis.disturb({ ...BACK_TO_MASTER, restartMaster: 'with-data' }),
  },
};

const HOW_IT_ENDS = {
  'is shut down, which saves, and started again': {
    options: ['--save', '3600', '1', '--appendonly', 'no'],
    end: 'SIGTERM',
  },
  'is killed and comes back by its log of commands': {
    options: ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always'],
    end: 'SIGKILL',
  },
} as const;

/** Such as the simulator has not: one that writes to disk by itself. */
async function runAlone(server: string, options: readonly string[], at?: number) {
  const port = at ?? (await pickFreePorts(1))[0] ?? 0;
  const args = ['--port', String(port), '--bind', '127.0.0.1', ...options];
  const child = spawn(server, args, { stdio: 'ignore' });
  const gone = once(child, 'exit');
  await waitUntil(`Start of ${server}`, WAIT_MS, async () => {
    return (await redisCommand(port, 'PING')) === 'PONG';
  });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await gone;
  };
  return { port, end };
}

describe.each(prepareRedisServers())('$name: the word of the witness when', ({ path: server }) => {
  let simulator: Simulator;
  let instance: SimulatedInstance;

  beforeAll(async () => {
    simulator = await startSimulator({ redisServerPath: server });
    [instance] = simulator.instances as [SimulatedInstance];
    await lookUntil(instance, 'Its age', ({ uptimeSeconds }) => uptimeSeconds >= OLD_SECONDS);
  });
  afterAll(() => simulator.close());

  it.each(Object.entries(EVENTS))('%s', async (_, event) => {
    await event.prepare?.(instance);
    const startedAtMs = performance.now();
    const before = await lookThrough(instance);
    await event.play(instance);
    const after = await lookThrough(instance);
    const { word, lostBytesAtLeast, warning } = compareLooks(
      before,
      after,
      (performance.now() - startedAtMs) / 1000,
    );
    await event.restore?.(instance);
    expect({ word, warns: warning !== null }).toEqual({
      word: event.word,
      warns: event.warns ?? false,
    });
    const isSome = lostBytesAtLeast !== null && lostBytesAtLeast > 700;
    expect(isSome ? 'some' : lostBytesAtLeast).toBe(event.lostBytes ?? null);
  });

  it.each(Object.entries(HOW_IT_ENDS))('a single server %s', async (_, { options, end }) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'events-'));
    const run = await runAlone(server, ['--dir', folder, ...options]);
    const startedAtMs = performance.now();
    try {
      const before = await lookAt(run.port);
      await redisCommand(run.port, 'SET', 'k', 'v');
      await run.end(end);
      const again = await runAlone(server, ['--dir', folder, ...options], run.port);
      const after = await lookAt(run.port);
      const isThere = await redisCommand(run.port, 'GET', 'k');
      await again.end('SIGKILL');
      const elapsedSeconds = (performance.now() - startedAtMs) / 1000;
      expect(isThere).toBe('v');
      expect(compareLooks(before, after, elapsedSeconds).word).toBe('RESTARTED_OR_REPLACED');
    } finally {
      await run.end('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('another server answers, with other data', async () => {
    const other = await startSimulator({ redisServerPath: server });
    try {
      const [stranger] = other.instances as [SimulatedInstance];
      await lookUntil(stranger, 'Its age', ({ uptimeSeconds }) => uptimeSeconds >= OLD_SECONDS);
      const [before, after] = [await lookThrough(instance), await lookThrough(stranger)];
      expect(compareLooks(before, after, 1).word).toBe('OTHER_DATA');
    } finally {
      await other.close();
    }
  });
});
