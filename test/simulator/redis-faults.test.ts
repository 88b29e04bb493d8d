/* eslint jest/no-standalone-expect: ["error", { "additionalTestBlockFunctions": ["itWithRedis"] }] */
/** What happens to Redis at a swap, and without one: by what a caller at the address sees. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';

import { afterEach, describe, expect, it } from '@jest/globals';

import type { FaultSpec, RedisScript, SimulatedInstance } from '../../src/simulator/index.js';
import { redisCommand } from '../../src/simulator/redis/command.js';

import { eventually, first, get, pathsOf, put, start, stopAll } from './support.js';
import { itWithRedis } from './with-redis.js';

afterEach(stopAll);

const portOf = ({ address }: SimulatedInstance): number => Number(address?.split(':')[1]);

/** What the address answers, or why it does not. */
const ask = (instance: SimulatedInstance, ...command: string[]): Promise<string> =>
  redisCommand(portOf(instance), ...command).then(String, String);

const runIdAt = async (instance: SimulatedInstance): Promise<string> =>
  /run_id:(\w+)/.exec(await ask(instance, 'INFO', 'server'))?.[1] ?? '';

const rolesOf = async (instance: SimulatedInstance): Promise<readonly string[]> =>
  (await instance.redisRoles()).map(({ role }) => role);

interface Stage {
  readonly instance: SimulatedInstance;
  /** Starts a swap; returns the job's last word when it is over. */
  readonly swap: () => Promise<string>;
}

const open = async (path: string, fault: Partial<FaultSpec> = {}): Promise<Stage> => {
  const simulator = await start({ redisServerPath: path });
  simulator.faults.add({ route: 'asyncSwap', ...fault });
  const swap = async (): Promise<string> => {
    const { job_id } = (await put(simulator, pathsOf(simulator).swap)).json;
    let status = '';
    await eventually(async () => {
      ({ status } = (await get(simulator, pathsOf(simulator).job(job_id))).json);
      return ['SUCCESS', 'FAIL'].includes(status);
    });
    return status;
  };
  return { instance: first(simulator), swap };
};

/** A connection, and what it has received. */
async function hold(instance: SimulatedInstance): Promise<{ socket: Socket; heard: () => string }> {
  const socket = connect(portOf(instance), '127.0.0.1');
  let heard = '';
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => (heard += chunk.toString()));
  socket.write('PING\r\n');
  await eventually(() => heard === '+PONG\r\n');
  return { socket, heard: () => heard };
}

describe('at a swap', () => {
  itWithRedis(
    'API and job say that the roles have changed, and Redis has not moved',
    async (path) => {
      const redis: RedisScript = { promotion: 'none', addressStays: true };
      const { instance, swap } = await open(path, { redis });
      const [before, runId] = [instance.masterNodeId(), await runIdAt(instance)];
      expect(await swap()).toBe('SUCCESS');
      expect(instance.masterNodeId()).not.toBe(before);
      expect(await rolesOf(instance)).toEqual(['master', 'slave']);
      expect(await runIdAt(instance)).toBe(runId);
    },
  );

  itWithRedis('the API says that no role has changed, and Redis has moved', async (path) => {
    const { instance, swap } = await open(path, { job: { showsOldRoles: true } });
    const [before, runId] = [instance.masterNodeId(), await runIdAt(instance)];
    expect(await swap()).toBe('SUCCESS');
    expect(instance.masterNodeId()).toBe(before);
    expect(await rolesOf(instance)).toEqual(['slave', 'master']);
    expect(await runIdAt(instance)).not.toBe(runId);
    expect(await swap()).toBe('SUCCESS');
    expect(await rolesOf(instance)).toEqual(['slave', 'master']);
  });

  itWithRedis('the address stays at the old master, which is a replica now', async (path) => {
    const { instance, swap } = await open(path, { redis: { addressStays: true } });
    const runId = await runIdAt(instance);
    expect(await swap()).toBe('SUCCESS');
    expect(await runIdAt(instance)).toBe(runId);
    expect(await ask(instance, 'SET', 'k', 'v')).toMatch(/READONLY/);
  });

  itWithRedis('the address leads to a replica that nothing has promoted', async (path) => {
    const { instance, swap } = await open(path, { redis: { promotion: 'none' } });
    const runId = await runIdAt(instance);
    expect(await swap()).toBe('SUCCESS');
    expect(await runIdAt(instance)).not.toBe(runId);
    expect(await ask(instance, 'SET', 'k', 'v')).toMatch(/READONLY/);
  });

  itWithRedis('what the old master took after the promotion is lost', async (path) => {
    const redis: RedisScript = { promotion: 'abrupt', loseMs: 10_000 };
    const { instance, swap } = await open(path, { redis });
    const { socket, heard } = await hold(instance);
    // WAIT asks for what its own connection has written.
    socket.write('SET kept v\r\nWAIT 1 0\r\n');
    await eventually(() => heard().endsWith(':1\r\n'));
    expect(await swap()).toBe('SUCCESS');
    expect(await rolesOf(instance)).toEqual(['master', 'master']);
    const runId = await runIdAt(instance);
    expect(await ask(instance, 'SET', 'lost', 'v')).toBe('OK');
    await eventually(async () => !['', runId].includes(await runIdAt(instance)));
    expect([await ask(instance, 'GET', 'kept'), await ask(instance, 'GET', 'lost')]).toEqual([
      ...['v', 'null'],
    ]);
    await eventually(async () => (await rolesOf(instance)).join() === 'slave,master');
  });
});

describe('without a swap', () => {
  const OUTAGE = { promotion: 'none', addressStays: true } as const;

  itWithRedis('the address refuses connections for a while, and has none', async (path) => {
    const { instance } = await open(path);
    const { socket } = await hold(instance);
    const over = instance.redis.disturb({ ...OUTAGE, refuseMs: 1500 });
    await eventually(async () => (await ask(instance, 'PING')).includes('ECONNREFUSED'));
    await eventually(() => socket.destroyed);
    await over;
    expect(await ask(instance, 'PING')).toBe('PONG');
  });

  itWithRedis('the address answers nothing for a while, and resets nothing', async (path) => {
    const { instance } = await open(path);
    const { socket, heard } = await hold(instance);
    const over = instance.redis.disturb({ ...OUTAGE, blackholeMs: 3000 });
    socket.write('ECHO late\r\n');
    const asked = ask(instance, 'PING');
    const soon = new Promise((resolve) => setTimeout(resolve, 200, 'silence'));
    expect(await Promise.race([asked, soon])).toBe('silence');
    await over;
    expect(await asked).toBe('PONG');
    await eventually(() => heard().includes('late'));
    expect(socket.destroyed).toBe(false);
    socket.destroy();
  });

  itWithRedis('the address leads to a replica for a while', async (path) => {
    const { instance } = await open(path);
    const over = instance.redis.disturb({ ...OUTAGE, readOnlyMs: 1500 });
    await eventually(async () => (await ask(instance, 'SET', 'k', 'v')).includes('READONLY'));
    await over;
    expect(await ask(instance, 'SET', 'k', 'v')).toBe('OK');
  });

  itWithRedis('connections are kept at the old node, or hear nothing any more', async (path) => {
    for (const [oldConnections, isAnswered] of [
      ['kept', true],
      ['silent', false],
    ] as const) {
      const { instance } = await open(path);
      const { socket, heard } = await hold(instance);
      await instance.redis.disturb({ oldConnections });
      socket.write('SET k v\r\n');
      expect(await ask(instance, 'SET', 'k', 'v')).toBe('OK');
      if (isAnswered) await eventually(() => heard().includes('READONLY'));
      expect([heard().includes('READONLY'), socket.destroyed]).toEqual([isAnswered, false]);
      socket.destroy();
    }
  });

  itWithRedis('the master comes back with its data, or without', async (path) => {
    for (const [restartMaster, value] of [
      ['with-data', 'v'],
      ['empty', 'null'],
    ] as const) {
      const { instance } = await open(path);
      const runId = await runIdAt(instance);
      await ask(instance, 'SET', 'k', 'v');
      await instance.redis.disturb({ ...OUTAGE, restartMaster });
      expect(await runIdAt(instance)).not.toBe(runId);
      expect(await ask(instance, 'GET', 'k')).toBe(value);
      expect(await rolesOf(instance)).toEqual(['master', 'slave']);
    }
  });

  itWithRedis('a restart with data waits for a copy in the making', async (path) => {
    const { instance } = await open(path);
    const runId = await runIdAt(instance);
    await ask(instance, 'SET', 'k', 'v');
    // In microseconds a key: until it is done Redis refuses to save.
    await ask(instance, 'CONFIG', 'SET', 'rdb-key-save-delay', '500000');
    expect(await ask(instance, 'BGSAVE')).toMatch(/started/);
    await instance.redis.disturb({ ...OUTAGE, restartMaster: 'with-data' });
    expect(await runIdAt(instance)).not.toBe(runId);
    expect(await ask(instance, 'GET', 'k')).toBe('v');
  });

  it('there is nothing to disturb where there is no Redis', async () => {
    const instance = first(await start());
    await expect(instance.redis.disturb({})).rejects.toThrow('There is no Redis.');
  });
});
