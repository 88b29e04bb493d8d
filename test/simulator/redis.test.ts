/* eslint jest/no-standalone-expect: ["error", { "additionalTestBlockFunctions": ["itWithRedis"] }] */
import { access } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { dirname } from 'node:path';

import { afterEach, describe, expect, it } from '@jest/globals';
import { createClient } from '@redis/client';

import { startSimulator } from '../../src/simulator/index.js';
import type { SimulatedInstance, Simulator } from '../../src/simulator/index.js';
import { redisCommand } from '../../src/simulator/redis/command.js';
import { startLink } from '../support/link.js';
import type { Ailment, Link } from '../support/link.js';

import { startInOwnProcess } from './own-process.js';
import { QUICK, eventually, first, get, pathsOf, put, start, stopAll } from './support.js';
import { itWithRedis } from './with-redis.js';

const exitListenersBefore = process.listenerCount('exit');

afterEach(stopAll);

const startReal = (redisServerPath: string, zones = ['a', 'b']): Promise<Simulator> =>
  start({
    redisServerPath,
    instances: [{ nodes: zones.map((availabilityZone) => ({ availabilityZone })) }],
  });

const portOf = ({ address }: SimulatedInstance): number => Number(address?.split(':')[1]);

/** A command to whichever node the instance's address leads to. */
const send = async (instance: SimulatedInstance, ...command: string[]): Promise<string> =>
  String(await redisCommand(portOf(instance), ...command));

const swap = async (simulator: Simulator): Promise<void> => {
  const { status, json } = await put(simulator, pathsOf(simulator).swap);
  expect(status).toBe(200);
  await eventually(async () => {
    const job = (await get(simulator, pathsOf(simulator).job(json.job_id))).json;
    expect(job.status).not.toBe('FAIL');
    return job.status === 'SUCCESS';
  });
};

/** Process ids of master and replicas, by their own word. */
const pidsOf = async (instance: SimulatedInstance): Promise<number[]> =>
  Promise.all((await portsBehind(portOf(instance))).map(pidAt));

/** Ports of the master behind a fixed address, and of its replicas. */
async function portsBehind(address: number): Promise<number[]> {
  const [, , replicas] = (await redisCommand(address, 'ROLE')) as [
    string,
    number,
    [string, string][],
  ];
  return [address, ...replicas.map(([, port]) => Number(port))];
}

async function pidAt(port: number): Promise<number> {
  const info = String(await redisCommand(port, 'INFO', 'server'));
  return Number(/process_id:(\d+)/.exec(info)?.[1]);
}

async function folderAt(port: number): Promise<string> {
  return String(await redisCommand(port, 'CONFIG', 'GET', 'dir')).split(',')[1] ?? '';
}

const exists = (folder: string): Promise<boolean> =>
  access(folder).then(
    () => true,
    () => false,
  );

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('with real Redis', () => {
  itWithRedis('a swap really exchanges the roles, and back', async (path) => {
    const simulator = await startReal(path);
    const instance = first(simulator);
    const [a, b] = instance.roles().map(({ nodeId }) => nodeId);
    const rolesOf = async (): Promise<unknown> => ({
      master: instance.masterNodeId(),
      redis: await instance.redisRoles(),
    });
    const asA = [
      { nodeId: a, role: 'master' },
      { nodeId: b, role: 'slave' },
    ];
    const asB = [
      { nodeId: a, role: 'slave' },
      { nodeId: b, role: 'master' },
    ];
    expect(await rolesOf()).toEqual({ master: a, redis: asA });
    await swap(simulator);
    expect(await rolesOf()).toEqual({ master: b, redis: asB });
    await swap(simulator);
    expect(await rolesOf()).toEqual({ master: a, redis: asA });
  });

  itWithRedis(
    'what was written before a swap is there after it, and can be written on',
    async (path) => {
      const simulator = await startReal(path);
      const instance = first(simulator);
      for (let key = 0; key < 50; key += 1) await send(instance, 'SET', `key-${key}`, String(key));
      const before = (await pidsOf(instance))[0];
      await swap(simulator);
      expect(await send(instance, 'DBSIZE')).toBe('50');
      expect(await send(instance, 'INCR', 'key-41')).toBe('42');
      expect((await pidsOf(instance))[0]).not.toBe(before);
    },
  );

  itWithRedis(
    'the address leads to the master, and drops its connections when roles change',
    async (path) => {
      const simulator = await startReal(path);
      const instance = first(simulator);
      const { ip, port } = (await get(simulator, pathsOf(simulator).instance)).json;
      expect(`${ip}:${port}`).toBe(instance.address);
      const socket = await open(portOf(instance));
      const client = createClient({ url: `redis://${instance.address ?? ''}` });
      client.on('error', () => undefined);
      await client.connect();
      await client.set('by', 'client');
      expect(socket.destroyed).toBe(false);
      await swap(simulator);
      await eventually(() => socket.destroyed);
      expect(await client.get('by')).toBe('client');
      const role = await client.sendCommand<[string]>(['ROLE']);
      client.destroy();
      expect(role[0]).toBe('master');
    },
  );

  itWithRedis('three nodes all follow the new master', async (path) => {
    const simulator = await startReal(path, ['a', 'b', 'c']);
    const instance = first(simulator);
    await swap(simulator);
    const roles = (await instance.redisRoles()).map(({ role }) => role);
    expect(roles).toEqual(['slave', 'master', 'slave']);
    await send(instance, 'SET', 'key', 'value');
    expect(await send(instance, 'WAIT', '2', '2000')).toBe('2');
  });

  itWithRedis(
    'a swap that changes no roles leaves Redis and its connections alone',
    async (path) => {
      const simulator = await startReal(path);
      const instance = first(simulator);
      const before = await instance.redisRoles();
      const socket = await open(portOf(instance));
      simulator.faults.add({ route: 'asyncSwap', job: { changesRoles: false } });
      await swap(simulator);
      expect(await instance.redisRoles()).toEqual(before);
      expect(socket.destroyed).toBe(false);
      socket.destroy();
    },
  );

  itWithRedis('a job fails truthfully when Redis cannot fail over', async (path) => {
    const simulator = await startReal(path);
    const instance = first(simulator);
    const [, replica] = await pidsOf(instance);
    const before = instance.masterNodeId();
    process.kill(replica ?? 0, 'SIGKILL');
    await eventually(() => !isAlive(replica ?? 0));
    const { job_id } = (await put(simulator, pathsOf(simulator).swap)).json;
    await eventually(async () => {
      const { json } = await get(simulator, pathsOf(simulator).job(job_id));
      return json.status === 'FAIL' && /failover/i.test(json.fail_reason);
    });
    expect(instance.masterNodeId()).toBe(before);
    expect(simulator.ledger.swaps).toMatchObject([{ rolesChangedAt: null }]);
  });

  const CUT_SHORT: readonly [string, Ailment, string, number][] = [
    ['the answer to its failover', 'half-close', 'FAILOVER', 1],
    ['its failover', 'reset', 'FAILOVER', 1],
    ['its confirmation, for a while', 'reset', 'ROLE', 260],
    ['what tells the replica whom to follow', 'reset', 'REPLICAOF', 1],
  ];
  for (const [what, ailment, word, times] of CUT_SHORT)
    itWithRedis(`a swap goes well although ${what} is cut`, async (path) => {
      const links: Link[] = [];
      let left = 0;
      let cut = 0;
      const redisWay = async (port: number): Promise<number> => {
        const link = await startLink(`127.0.0.1:${port}`, ({ bytes }) => {
          const isStruck = left > 0 && bytes.toString().includes(word);
          if (isStruck) [left, cut] = [left - 1, cut + 1];
          link.suffer(isStruck ? ailment : null);
        });
        links.push(link);
        return Number(link.address.split(':')[1]);
      };
      try {
        const simulator = await start({ redisServerPath: path, redisWay });
        const instance = first(simulator);
        const before = instance.masterNodeId();
        left = times;
        await swap(simulator);
        expect(cut).toBe(times);
        const roles = await instance.redisRoles();
        const truly = roles.find(({ role }) => role === 'master')?.nodeId;
        expect(instance.masterNodeId()).toBe(truly);
        expect(truly).not.toBe(before);
        expect(simulator.ledger.swaps).toMatchObject([{ rolesChangedAt: expect.any(Number) }]);
      } finally {
        await Promise.all(links.map((link) => link.close()));
      }
    });

  itWithRedis('closing leaves no process, no folder and no listener', async (path) => {
    const simulator = await startReal(path);
    const instance = first(simulator);
    const pids = await pidsOf(instance);
    const folder = await folderAt(portOf(instance));
    await access(folder);
    expect(pids.map(isAlive)).toEqual([true, true]);
    await simulator.close();
    expect(pids.map(isAlive)).toEqual([false, false]);
    await expect(access(folder)).rejects.toThrow(/ENOENT/);
    await expect(open(portOf(instance))).rejects.toThrow(/ECONNREFUSED/);
    expect(process.listenerCount('exit')).toBe(exitListenersBefore);
  });

  itWithRedis('the end of our own process ends them all, without waiting', async (path) => {
    const simulator = await startReal(path);
    const pids = await pidsOf(first(simulator));
    process.listeners('exit').at(-1)?.(0);
    await eventually(() => !pids.some(isAlive));
  });

  itWithRedis('a SIGKILL of our own process ends them all, and leaves no folder', async (path) => {
    const { address, kill, cleanUp } = await startInOwnProcess(path);
    try {
      const ports = await portsBehind(Number(address.split(':')[1]));
      expect(ports).toHaveLength(2);
      const pids = await Promise.all(ports.map(pidAt));
      const folders = await Promise.all(ports.map(folderAt));
      kill('SIGKILL');
      await eventually(() => !pids.some(isAlive));
      const areGone = async (): Promise<boolean> =>
        (await Promise.all(folders.map(exists))).every((isThere) => !isThere) &&
        !(await exists(dirname(folders[0] ?? '')));
      await eventually(areGone);
    } finally {
      await cleanUp();
    }
  });
});

describe('a Redis that does not start', () => {
  it.each([
    ['is not there', '/nowhere/redis-server', /Cannot start \/nowhere\/redis-server: .*ENOENT/],
    ['ends at once', '/bin/false', /\/bin\/false ended \(1\)/],
  ])('is named, with what it said, when it %s', async (_, path, message) => {
    const starting = startSimulator({ redisServerPath: path, timing: QUICK });
    await expect(starting).rejects.toThrow(message);
    expect(process.listenerCount('exit')).toBe(exitListenersBefore);
  });
});

/** A plain connection, once it is open. */
function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      resolve(socket);
    });
    socket.on('error', reject);
    socket.resume();
  });
}
