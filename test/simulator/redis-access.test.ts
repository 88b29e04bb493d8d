/* eslint jest/no-standalone-expect: ["error", { "additionalTestBlockFunctions": ["itWithRedis"] }] */
/** Passwords, ACL users and TLS of an instance's Redis, by the bytes that a caller sends. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

import { afterEach, describe, expect, it } from '@jest/globals';

import type { RedisSpec, SimulatedInstance, Simulator } from '../../src/simulator/index.js';

import { eventually, first, get, pathsOf, put, start, stopAll } from './support.js';
import { itWithRedis } from './with-redis.js';

afterEach(stopAll);

const PASSWORD = 'Sim-1{a}:b"c\\d';
const READER = { name: 'reader', password: 'Sim-2x', rules: '~* +@read +auth' };

const startWith = async (redisServerPath: string, redis: RedisSpec, engineVersion = '6.0') =>
  start({ redisServerPath, instances: [{ redis, engineVersion }] });

/** What the address answers to commands as `redis-cli` would send them, a line each. */
async function ask(instance: SimulatedInstance, ...commands: string[][]): Promise<string[]> {
  const port = Number(instance.address?.split(':')[1]);
  const { ca } = instance.redis.access;
  const socket = ca === null ? connect(port, '127.0.0.1') : connectTls({ port, ca });
  return talk(socket, commands);
}

function talk(socket: Socket, commands: string[][]): Promise<string[]> {
  return new Promise((resolve, reject) => {
    let received = '';
    socket.on('error', reject);
    socket.on('close', () => {
      reject(new Error('closed'));
    });
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString();
      const lines = received.split('\r\n').filter((line) => /^[+-]/.test(line));
      if (lines.length < commands.length) return;
      socket.destroy();
      resolve(lines);
    });
    for (const words of commands) {
      const texts = words.map((word) => `$${String(Buffer.byteLength(word))}\r\n${word}\r\n`);
      socket.write(`*${String(words.length)}\r\n${texts.join('')}`);
    }
  });
}

async function swapToEnd(simulator: Simulator): Promise<void> {
  const { job_id } = (await put(simulator, pathsOf(simulator).swap)).json;
  await eventually(async () => {
    return (await get(simulator, pathsOf(simulator).job(job_id))).json.status === 'SUCCESS';
  });
}

const shownBy = async (simulator: Simulator): Promise<unknown> =>
  (await get(simulator, pathsOf(simulator).instance)).json;

describe('an instance with a password', () => {
  itWithRedis(
    'lets in who knows it, before and after a swap, and the API says so',
    async (path) => {
      const simulator = await startWith(path, { password: PASSWORD });
      const instance = first(simulator);
      expect(await shownBy(simulator)).toMatchObject({
        no_password_access: 'false',
        enable_ssl: false,
      });
      for (const before of [true, false]) {
        expect(await ask(instance, ['PING'])).toEqual(['-NOAUTH Authentication required.']);
        expect(await ask(instance, ['AUTH', PASSWORD], ['SET', 'k', 'v'])).toEqual(['+OK', '+OK']);
        if (before) await swapToEnd(simulator);
      }
      expect((await instance.redisRoles()).map(({ role }) => role)).toEqual(['slave', 'master']);
    },
  );

  itWithRedis('takes the new one alone once it is changed', async (path) => {
    const instance = first(await startWith(path, { password: PASSWORD }));
    await instance.redis.setPassword('Sim-3new');
    expect(await ask(instance, ['AUTH', PASSWORD])).toEqual([expect.stringMatching(/^-WRONGPASS/)]);
    expect(await ask(instance, ['AUTH', 'Sim-3new'])).toEqual(['+OK']);
    await expect(instance.redis.setPassword('x', 'else')).rejects.toThrow(/no password of else/);
  });
});

describe('a user of an instance', () => {
  const asReader = [['SET', 'k', 'v']];
  const refused = expect.stringMatching(/^-NOPERM/);

  itWithRedis('logs in by two arguments where the version is 6 or newer', async (path) => {
    const instance = first(await startWith(path, { password: PASSWORD, users: [READER] }));
    const login = ['AUTH', READER.name, READER.password];
    expect(await ask(instance, login, ...asReader)).toEqual(['+OK', refused]);
    const single = await ask(instance, ['AUTH', `${READER.name}:${READER.password}`]);
    expect(single).toEqual([expect.stringMatching(/^-WRONGPASS/)]);
  });

  itWithRedis('logs in by one argument where it is 4 or 5', async (path) => {
    const redis = { password: PASSWORD, users: [READER] };
    const instance = first(await startWith(path, redis, '5.0'));
    const login = ['auth', `${READER.name}:${READER.password}`];
    expect(await ask(instance, ['AUTH', 'wrong'], login, ...asReader)).toEqual([
      expect.stringMatching(/^-WRONGPASS/),
      '+OK',
      refused,
    ]);
    expect(await ask(instance, ['AUTH', PASSWORD], ['SET', 'k', 'v'])).toEqual(['+OK', '+OK']);
    const double = await ask(instance, ['AUTH', READER.name, READER.password]);
    expect(double).toEqual(["-ERR wrong number of arguments for 'auth' command"]);
  });

  itWithRedis('logs in by one argument that comes in pieces', async (path) => {
    const redis = { users: [READER], login: 'password-argument' } as const;
    const instance = first(await startWith(path, redis));
    const socket = connect(Number(instance.address?.split(':')[1]), '127.0.0.1');
    socket.setNoDelay(true);
    let received = '';
    socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
    const login = `*2\r\n$4\r\nAUTH\r\n$13\r\nreader:Sim-2x\r\n`;
    for (const letter of `${login}*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n`) {
      socket.write(letter);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await eventually(() => received.split('\r\n').length > 2);
    socket.destroy();
    expect(received).toMatch(/^\+OK\r\n-NOPERM/);
  });
});

describe('an instance with TLS', () => {
  itWithRedis('answers those who trust its certificate, and no one in the clear', async (path) => {
    const simulator = await startWith(path, { password: PASSWORD, tls: true });
    const instance = first(simulator);
    expect(await shownBy(simulator)).toMatchObject({ enable_ssl: true });
    expect(await ask(instance, ['AUTH', PASSWORD], ['PING'])).toEqual(['+OK', '+PONG']);
    const port = Number(instance.address?.split(':')[1]);
    await expect(talk(connectTls({ port }), [['PING']])).rejects.toThrow(/self-signed certificate/);
    await expect(talk(connect(port, '127.0.0.1'), [['PING']])).rejects.toThrow(/closed|ECONNRESET/);
  });

  itWithRedis('says so where its key is none, and leaves nothing running', async (path) => {
    const starting = startWith(path, { tls: { key: 'x', cert: 'y' } });
    await expect(starting).rejects.toThrow();
  });
});

describe('what is wrong of it', () => {
  it.each([
    [{ password: 'a b' }, 'instance.redis.password must be a word'],
    [
      { users: [{ name: 'default', password: 'x' }] },
      'instance.redis.users[0].name must be a word',
    ],
    [{ users: [{ name: 'a' }] }, 'instance.redis.users[0].password is required'],
    [{ tls: {} }, 'instance.redis.tls.key is required'],
    [{ login: 'x' }, 'instance.redis.login must be one of acl, password-argument'],
  ])('is named by its field: %j', async (redis, message) => {
    await expect(start({ instances: [{ redis: redis as RedisSpec }] })).rejects.toThrow(message);
  });
});
