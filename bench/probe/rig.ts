/**
 * Two real Redis servers behind an address, in a process of their own: it does what goes wrong, and says by its own clock
 * from when to when. Whoever measures knows nothing of that.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { resolveRedisServer } from '../../src/dev/index.js';
import { resolveAccess } from '../../src/simulator/redis/access.js';
import { LOOPBACK, redisCommand } from '../../src/simulator/redis/command.js';
import { startRedisServer } from '../../src/simulator/redis/server-process.js';

import { openAddress } from './address.js';
import type { Address } from './address.js';
import type { Fault, Order, RigAnswer, Truth } from './orders.js';

interface Rig {
  readonly address: Address;
  master: number;
  replica: number;
}

/** Serves one order after the other. */
export async function serve(): Promise<void> {
  const [master, replica] = await Promise.all([startRedis(), startRedis()]);
  const rig: Rig = { address: await openAddress(master), master, replica };
  await follow(replica, master);
  process.on('message', (order: Order) => {
    void obey(rig, order).then((answer) => process.send?.(answer));
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.({ port: rig.address.port });
}

async function obey(rig: Rig, order: Order): Promise<RigAnswer> {
  switch (order.do) {
    case 'fault':
      return fail(rig, order.fault, order.ms);
    case 'lose':
      return lose(rig, order);
    case 'commandMs':
      return { commandMs: await commandMs(rig.master) };
  }
}

/** A fault: how it begins, when it is over, how it ends. */
interface Course {
  readonly begin: () => unknown;
  readonly last?: () => Promise<unknown>;
  readonly end: () => unknown;
}

async function fail(rig: Rig, fault: Fault, ms: number): Promise<Truth> {
  const { begin, last, end } = courseOf(rig, fault);
  const startMs = nowMs();
  await begin();
  const begunMs = nowMs();
  await (last === undefined ? sleep(ms) : last());
  const endMs = nowMs();
  await end();
  return { fromMs: [startMs, begunMs], toMs: [endMs, nowMs()] };
}

function courseOf(rig: Rig, fault: Fault): Course {
  const { address, master, replica } = rig;
  const setMode = (mode: Address['mode']) => () => {
    address.mode = mode;
    if (mode === 'reset') address.drop();
  };
  const leadTo = (port: number) => () => {
    address.leadTo(port);
  };
  switch (fault) {
    case 'black hole':
      return { begin: setMode('hole'), end: setMode('open') };
    case 'reset':
      return { begin: setMode('reset'), end: setMode('open') };
    case 'refused':
      return { begin: address.close, end: address.open };
    case 'read-only':
      return { begin: leadTo(replica), end: leadTo(master) };
    case 'NOREPLICAS':
      return { begin: () => setNeededReplicas(master, 3), end: () => setNeededReplicas(master, 0) };
    case 'FAILOVER':
      return {
        begin: () => redisCommand(master, 'FAILOVER', 'TO', LOOPBACK, String(replica)),
        last: () => untilMaster(replica),
        end: () => {
          [rig.master, rig.replica] = [replica, master];
          address.leadTo(replica);
        },
      };
  }
}

/** Promotes the replica, and leads the address there only after a while: what was written meanwhile is lost. */
async function lose(
  rig: Rig,
  { key, ms, answersLostMs }: Extract<Order, { readonly do: 'lose' }>,
): Promise<RigAnswer> {
  const { address, master, replica } = rig;
  const writesOf = async (port: number) => Number(await redisCommand(port, 'BITCOUNT', key));
  // A replica that has just come gets nothing for up to a second.
  while ((await redisCommand(replica, 'EXISTS', key)) !== 1) await sleep(5);
  await redisCommand(replica, 'REPLICAOF', 'NO', 'ONE');
  const kept = await writesOf(replica);
  await sleep(ms);
  if (answersLostMs > 0) address.mode = 'deaf';
  address.leadTo(replica);
  const lost = (await writesOf(master)) - kept;
  await sleep(answersLostMs);
  address.mode = 'open';
  address.drop();
  [rig.master, rig.replica] = [replica, master];
  await follow(master, replica);
  return { lost };
}

async function startRedis(): Promise<number> {
  const part = await resolveRedisServer();
  if (part === null) throw new Error('No redis-server can be had.');
  const server = await startRedisServer({
    path: part.path,
    directory: join(mkdtempSync(join(tmpdir(), 'probe-bench-')), 'redis'),
    access: resolveAccess({}, '7.0'),
    // Ends with this process.
    signal: new AbortController().signal,
  });
  return server.port;
}

async function follow(replica: number, master: number): Promise<void> {
  await redisCommand(replica, 'REPLICAOF', LOOPBACK, String(master));
  while (!(await replicationOf(replica)).includes('master_link_status:up')) await sleep(5);
}

async function untilMaster(port: number): Promise<void> {
  while (!(await replicationOf(port)).includes('role:master')) await sleep(1);
}

async function replicationOf(port: number): Promise<string> {
  return String(await redisCommand(port, 'INFO', 'replication'));
}

function setNeededReplicas(port: number, count: number): Promise<unknown> {
  return redisCommand(port, 'CONFIG', 'SET', 'min-replicas-to-write', String(count));
}

/** What the commands of probes have cost so far. */
const PROBE_COMMANDS = /^cmdstat_(?:setbit|get|pexpire|auth):calls=\d+,usec=(\d+)/gm;

async function commandMs(port: number): Promise<number> {
  const stats = String(await redisCommand(port, 'INFO', 'commandstats'));
  return [...stats.matchAll(PROBE_COMMANDS)].reduce((sum, [, us]) => sum + Number(us) / 1000, 0);
}

function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

void serve();
