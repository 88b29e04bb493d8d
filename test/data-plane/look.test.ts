import type { Socket } from 'node:net';

import { afterEach, describe, expect, it } from '@jest/globals';

import type { LoginEnd } from '../../src/data-plane/access.js';
import { PROBE_KEYS, probeKey, takeLook, tryCommands } from '../../src/data-plane/index.js';
import type { LookResult } from '../../src/data-plane/index.js';
import type { TriedCommand } from '../../src/domain/checks/data-plane.js';

import { accessTo, LOOPBACK, startRedis, startServer, startTls, stopAll } from './support.js';

const PASSWORD = 'Huge$ecret4711';
const KEY = probeKey('doctor');

afterEach(stopAll);

describe('a look', () => {
  it('shows the process that answers and the history of its data', async () => {
    const redis = await startRedis();
    const result = await takeLook(accessTo(redis.port));
    expect(result).toEqual({
      look: {
        at: expect.stringMatching(/^\d{4}-.*Z$/),
        role: 'master',
        runId: expect.stringMatching(/^[0-9a-f]{40}$/),
        uptimeSeconds: expect.any(Number),
        replid: expect.stringMatching(/^[0-9a-f]{40}$/),
        replid2: null,
        offset: 0,
        secondOffset: null,
      },
    });
  });

  it('shows a replica, and after its promotion the history that it comes from', async () => {
    const [master, replica] = [await startRedis(), await startRedis()];
    await replica.command('REPLICAOF', '127.0.0.1', String(master.port));
    expect(await takeLook(accessTo(replica.port))).toMatchObject({ look: { role: 'replica' } });
    await replica.command('REPLICAOF', 'NO', 'ONE');
    const result = await takeLook(accessTo(replica.port));
    expect(result).toMatchObject({ look: { role: 'master' } });
    expect(result).toHaveProperty('look.replid2', expect.stringMatching(/^[0-9a-f]{40}$/));
    expect(result).toHaveProperty('look.secondOffset', expect.any(Number));
  });

  it('logs in by password, as an ACL user, and by one argument of user and password', async () => {
    const redis = await startRedis();
    await redis.command('ACL', 'SETUSER', 'probe', 'on', `>${PASSWORD}`, 'resetkeys', '+info');
    await redis.command('CONFIG', 'SET', 'requirepass', `dcs:${PASSWORD}`);
    const users = [
      { password: `dcs:${PASSWORD}` },
      { username: 'default', password: `dcs:${PASSWORD}` },
      { username: 'probe', password: PASSWORD },
      { username: 'dcs', password: PASSWORD, login: 'password-argument' },
    ] as const;
    for (const user of users)
      expect(await takeLook(accessTo(redis.port, user))).toHaveProperty('look.role', 'master');
  });

  it('says without the password why a login failed', async () => {
    const redis = await startRedis();
    const open = await startRedis();
    await redis.command('CONFIG', 'SET', 'requirepass', 'other');
    const look = async (port: number, more: object): Promise<LookResult> =>
      takeLook(accessTo(port, more));
    const refused = { why: 'AUTH: Redis refused user or password', error: 'auth' };
    expect(await look(redis.port, { password: PASSWORD })).toEqual(refused);
    expect(await look(redis.port, { username: 'no', password: PASSWORD })).toEqual(refused);
    expect(await look(redis.port, {})).toEqual({
      why: 'INFO: Redis asks for a password (NOAUTH)',
      error: 'auth',
    });
    // By its name alone the default user of such a server takes any password.
    for (const username of [null, 'default'])
      expect(await look(open.port, { username, password: PASSWORD })).toEqual({
        why: 'AUTH: Redis has no password, and one was given',
        error: 'auth',
      });
  });

  it('repeats nothing of a server that repeats the password', async () => {
    for (const words of [
      `ERR unknown command 'AUTH', with args beginning with: '${PASSWORD}'`,
      `${PASSWORD} is wrong`,
      `LOADING ${PASSWORD}`,
    ]) {
      const port = await startServer((socket) => {
        socket.on('data', () => socket.write(`-${words}\r\n`));
      });
      const result = await takeLook(accessTo(port, { password: PASSWORD }));
      expect(result).toHaveProperty('why');
      expect(JSON.stringify(result)).not.toContain(PASSWORD);
    }
  });

  it.each([
    ['DENIED Redis is running in protected mode', 'lets in no one from elsewhere: it is in'],
    ['ERR max number of clients reached', 'has as many clients as it may have'],
    ["ERR unknown command 'AUTH'", 'does not know the command'],
    ['BUSY Redis is busy running a script', 'is busy with a script'],
    ['LOADING Redis is loading the dataset', 'is loading its data'],
  ])('takes no "%s" for a refused login', async (words, says) => {
    const port = await startServer((socket) => {
      socket.on('data', (sent) => {
        socket.write(`-${String(sent).includes('PING') ? 'NOAUTH no' : words}\r\n`);
      });
    });
    const asked: string[] = [];
    const logins = {
      ...{ mayTry: () => 'yes' as const, isRefused: () => false },
      begin: () => (how: LoginEnd) => asked.push(how),
    };
    const result = await takeLook(accessTo(port, { password: PASSWORD, logins }));
    expect(result).toHaveProperty('why', expect.stringContaining(`AUTH: Redis ${says}`));
    expect(asked).toEqual(['unjudged']);
  });

  it('asks before each login whether it may be tried, and says how it went', async () => {
    const redis = await startRedis();
    await redis.command('CONFIG', 'SET', 'requirepass', PASSWORD);
    const asked: string[] = [];
    const logins = {
      mayTry: () => (asked.length < 2 ? ('yes' as const) : ('no' as const)),
      isRefused: () => asked.at(-1) === 'refused',
      begin: () => (how: LoginEnd) => asked.push(how),
    };
    await takeLook(accessTo(redis.port, { password: PASSWORD, logins }));
    await takeLook(accessTo(redis.port, { password: 'wrong', logins }));
    expect(asked).toEqual(['accepted', 'refused']);
    expect(await takeLook(accessTo(redis.port, { password: 'wrong', logins }))).toEqual({
      why: 'AUTH: not tried again, Redis has refused this login too often',
      error: 'auth',
    });
    expect(asked).toHaveLength(2);
  });

  it('says that a user may not run INFO', async () => {
    const redis = await startRedis();
    await redis.command('ACL', 'SETUSER', 'reader', 'on', `>${PASSWORD}`, '~*', '+@read');
    const access = accessTo(redis.port, { username: 'reader', password: PASSWORD });
    expect(await takeLook(access)).toEqual({
      why: 'INFO: Redis does not allow the user this command, or this key (NOPERM)',
      error: 'auth',
    });
  });

  it('trusts only the given authority, for the name that the certificate has', async () => {
    const redis = await startRedis();
    const byIp = await startTls(redis.port, LOOPBACK);
    const byName = await startTls(redis.port, 'redis.example');
    const look = async (port: number, ca: string, serverName: string | null) =>
      takeLook(accessTo(port, { tls: { ca, serverName } }));
    expect(await look(byIp.port, byIp.ca, null)).toHaveProperty('look.role', 'master');
    expect(await look(byName.port, byName.ca, 'redis.example')).toHaveProperty('look');
    expect(await look(byName.port, byName.ca, null)).toEqual({
      why: 'No TLS: ERR_TLS_CERT_ALTNAME_INVALID',
      error: 'protocol',
    });
    expect(await look(byIp.port, byName.ca, null)).toEqual({
      why: 'No TLS: DEPTH_ZERO_SELF_SIGNED_CERT',
      error: 'protocol',
    });
    expect(await look(byIp.port, 'no certificate', null)).toHaveProperty('error', 'protocol');
    expect(await look(redis.port, byIp.ca, null)).toHaveProperty('why');
    expect(await takeLook(accessTo(byIp.port))).toHaveProperty('why');
  });

  it('names what is wrong with a server that does not answer as Redis does', async () => {
    const cases: [(socket: Socket) => void, string][] = [
      [(socket) => void socket.resetAndDestroy(), 'reset'],
      [(socket) => void socket.end(), 'reset'],
      [(socket) => void socket.end('$10\r\nhalf'), 'reset'],
      [(socket) => void socket.write('$10\r\nhalf'), 'timeout'],
      [() => undefined, 'timeout'],
      [(socket) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'), 'protocol'],
      [(socket) => void socket.write(`+${'x'.repeat(5_000)}`), 'protocol'],
      [(socket) => void socket.write('$99999999999\r\n'), 'protocol'],
      [(socket) => void socket.write('$-7\r\n'), 'protocol'],
      [(socket) => void socket.write('$2\r\nabc\r\n'), 'protocol'],
      [(socket) => void socket.write('+OK\r\n+OK\r\n'), 'protocol'],
      [(socket) => void socket.write('+OK\r\n'), 'protocol'],
      [(socket) => void socket.on('data', () => socket.write('$0\r\n\r\n')), 'protocol'],
    ];
    const results = await Promise.all(
      cases.map(async ([onConnection]) => takeLook(accessTo(await startServer(onConnection)))),
    );
    expect(results.map((each) => ('error' in each ? each.error : 'none'))).toEqual(
      cases.map(([, kind]) => kind),
    );
    const port = await startServer(() => undefined);
    await stopAll();
    expect(await takeLook(accessTo(port))).toEqual({
      why: 'No connection: ECONNREFUSED',
      error: 'refused',
    });
  });

  it('shows a replica where writes are refused with READONLY, and a master where they are not', async () => {
    const redis = await startRedis();
    const seen = async () => {
      const taken = await takeLook(accessTo(redis.port));
      const tried = await tryCommands(accessTo(redis.port), KEY, { write: true });
      const isReadOnly = tried.some(({ error }) => error === 'readonly');
      return { role: 'look' in taken ? taken.look.role : null, isReadOnly };
    };
    expect(await seen()).toEqual({ role: 'master', isReadOnly: false });
    await redis.command('REPLICAOF', LOOPBACK, '1');
    expect(await seen()).toEqual({ role: 'replica', isReadOnly: true });
    await redis.command('REPLICAOF', 'NO', 'ONE');
    expect(await seen()).toEqual({ role: 'master', isReadOnly: false });
  });

  it('lets no foreign text into a look', async () => {
    const port = await startServer((socket) => {
      socket.on('data', () => {
        const info = 'role:master\r\nrun_id:<b>evil</b>\r\n';
        socket.write(`$${info.length}\r\n${info}\r\n`);
      });
    });
    expect(await takeLook(accessTo(port))).toEqual({
      why: 'INFO: Redis shows no usable run_id',
      error: 'protocol',
    });
  });

  it('is given up at once when it is aborted, also while it waits', async () => {
    const port = await startServer(() => undefined);
    const givenUp = { why: 'The look was given up', error: 'timeout' };
    expect(await takeLook(accessTo(port), AbortSignal.abort())).toEqual(givenUp);
    const abort = new AbortController();
    const look = takeLook(accessTo(port), abort.signal);
    setTimeout(() => {
      abort.abort();
    }, 20);
    expect(await look).toEqual(givenUp);
  });
});

describe('the commands of a measurement', () => {
  const names = ['connect', 'INFO', 'PEXPIRE', 'DEL', 'SETBIT', 'GET'];

  it('are tried one by one, and nothing of them stays', async () => {
    const redis = await startRedis();
    const tried = await tryCommands(accessTo(redis.port), KEY, { write: true });
    expect(tried).toEqual(
      names.map((command): TriedCommand => ({ command, problem: null, error: null })),
    );
    expect(await redis.command('EXISTS', KEY)).toBe(0);
  });

  it('write nothing where no test writes are wanted', async () => {
    const redis = await startRedis();
    const tried = await tryCommands(accessTo(redis.port), KEY, { write: false });
    expect(tried.map(({ command }) => command)).toEqual(['connect', 'INFO', 'GET']);
  });

  it('name each right that is missing', async () => {
    const redis = await startRedis();
    const rules = ['on', '>pw', PROBE_KEYS, '+get', '+del'];
    await redis.command('ACL', 'SETUSER', 'probe', ...rules);
    const access = accessTo(redis.port, { username: 'probe', password: 'pw' });
    const tried = await tryCommands(access, KEY, { write: true });
    expect(tried.filter(({ error }) => error !== null).map(({ command }) => command)).toEqual([
      'INFO',
      'PEXPIRE',
      'SETBIT',
    ]);
    expect(await redis.command('EXISTS', KEY)).toBe(0);
    const elsewhere = await tryCommands(access, 'other', { write: false });
    expect(elsewhere[2]).toMatchObject({ command: 'GET', error: 'auth' });
  });

  it('make no key that would stay for ever', async () => {
    const redis = await startRedis();
    await redis.command('ACL', 'SETUSER', 'probe', 'on', '>pw', '~*', '+get', '+setbit');
    const access = accessTo(redis.port, { username: 'probe', password: 'pw' });
    const tried = await tryCommands(access, KEY, { write: true });
    expect(tried.find(({ command }) => command === 'SETBIT')?.problem).toMatch(/not tried/);
    expect(await redis.command('EXISTS', KEY)).toBe(0);
  });

  it('end with the first that no one answers', async () => {
    const port = await startServer((socket) => {
      socket.once('data', () => {
        socket.write('$2\r\nok\r\n');
        socket.once('data', () => socket.destroy());
      });
    });
    const tried = await tryCommands(accessTo(port), KEY, { write: true });
    expect(tried.map(({ command, error }) => [command, error])).toEqual([
      ['connect', null],
      ['INFO', null],
      ['PEXPIRE', 'reset'],
    ]);
    await stopAll();
    expect(await tryCommands(accessTo(port), KEY, { write: true })).toMatchObject([
      { command: 'connect', error: 'refused' },
    ]);
  });
});
