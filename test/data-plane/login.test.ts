/**
 * Logging in over real sockets: a wrong password leaves three times at the most, however late it is answered, and a good
 * one is not given up because a node was slow, or went away.
 */
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, describe, expect, it } from '@jest/globals';

import type { LoginEnd, LoginLimit } from '../../src/data-plane/access.js';
import { openConnection } from '../../src/data-plane/connection.js';
import { startProbe, takeLook } from '../../src/data-plane/index.js';
import { createLoginLimits } from '../../src/data-plane/login.js';

import { accessTo, commandName, startRedis, startServer, stopAll } from './support.js';

afterEach(stopAll);

const PASSWORD = 'Huge$ecret4711';
const QUICK = { connectMs: 5_000, answerMs: 150 };

const limitOf = (): LoginLimit => createLoginLimits().of(accessTo(1, { password: PASSWORD }));

const end = (limit: LoginLimit, ...how: LoginEnd[]): void => {
  for (const each of how) limit.begin()(each);
};

/** Access with a limit of its own, to a server that answers each command as it is asked to, and what it was sent. */
async function openServer(answer: (name: string, socket: Socket, nth: number) => void) {
  const sent: string[] = [];
  const port = await startServer((socket) => {
    socket.on('data', (bytes: Buffer) => {
      const name = commandName(bytes);
      sent.push(name);
      answer(name, socket, sent.filter((each) => each === name).length);
    });
  });
  const access = accessTo(port, { password: PASSWORD });
  const logins = createLoginLimits().of(access);
  const login = () => openConnection({ ...access, logins }, QUICK);
  const count = (name: string): number => sent.filter((each) => each === name).length;
  return { logins, login, count };
}

const later = (ms: number, socket: Socket, text: string): void => {
  setTimeout(() => socket.write(`${text}\r\n`), ms);
};

describe('what may be tried', () => {
  it('ends with three refusals in a row', () => {
    const limit = limitOf();
    end(limit, 'refused', 'refused', 'accepted', 'refused', 'refused');
    expect({ may: limit.mayTry(), isRefused: limit.isRefused() }).toEqual({
      ...{ may: 'yes', isRefused: true },
    });
    end(limit, 'refused');
    expect(limit.mayTry()).toBe('no');
  });

  it('counts one without an answer beside those that were refused', () => {
    const limit = limitOf();
    end(limit, 'unanswered', 'refused', 'unanswered');
    expect(limit.mayTry()).toBe('no');
  });

  it('waits, and does not end, where none was refused', () => {
    const limit = limitOf();
    end(limit, 'unanswered', 'unanswered');
    expect(limit.mayTry()).toBe('yes');
    end(limit, 'unanswered');
    expect({ may: limit.mayTry(), isRefused: limit.isRefused() }).toEqual({
      ...{ may: 'wait', isRefused: false },
    });
  });

  it('does not count what Redis has not judged', () => {
    const limit = limitOf();
    end(limit, ...Array.from({ length: 9 }, () => 'unjudged' as const));
    expect(limit.mayTry()).toBe('yes');
  });

  it('is never more at once than may still be refused', () => {
    const limit = limitOf();
    const ends = Array.from({ length: 3 }, () => limit.begin());
    expect(limit.mayTry()).toBe('wait');
    ends[0]?.('refused');
    expect(limit.mayTry()).toBe('wait');
    ends[1]?.('accepted');
    expect(limit.mayTry()).toBe('yes');
  });

  it('is not widened by an acceptance that comes later than what was refused since', () => {
    const limit = limitOf();
    const slow = limit.begin();
    end(limit, 'refused', 'refused');
    slow('accepted');
    expect(limit.mayTry()).toBe('yes');
    end(limit, 'refused');
    expect(limit.mayTry()).toBe('no');
  });
});

describe('a wrong password', () => {
  it('leaves three times for five connections at once, however late it is answered', async () => {
    const { login, count, logins } = await openServer((name, socket) => {
      later(name === 'AUTH' ? 400 : 0, socket, name === 'AUTH' ? '-WRONGPASS no' : '-NOAUTH no');
    });
    const ends = await Promise.allSettled(Array.from({ length: 5 }, login));
    for (const each of ends)
      expect(String((each as PromiseRejectedResult).reason)).toMatch(/no answer (?:in time|yet)/);
    while (logins.mayTry() === 'wait') await sleep(20);
    expect(logins.mayTry()).toBe('no');
    await expect(login()).rejects.toThrow('AUTH: not tried again');
    expect(count('AUTH')).toBe(3);
  });

  it('does not leave where nothing answers, or something that is no Redis', async () => {
    for (const answer of [
      '',
      '+OK POP3',
      ':1',
      '$-1',
      '-DENIED no',
      '-ERR max number of clients',
    ]) {
      const { login, count, logins } = await openServer((_, socket) => {
        if (answer !== '') later(0, socket, answer);
      });
      for (let time = 1; time <= 4; time += 1) await expect(login()).rejects.toThrow('PING: ');
      expect(count('AUTH')).toBe(0);
      expect(logins.mayTry()).toBe('yes');
    }
  });
});

describe('a good password', () => {
  it.each([
    '+PONG',
    '-ERR Authentication required',
    '-MASTERDOWN no',
    "-ERR unknown command 'PING'",
  ])('is accepted where PING was answered with "%s"', async (answer) => {
    const { login } = await openServer((name, socket) => {
      later(0, socket, name === 'AUTH' ? '+OK' : answer);
    });
    expect(await login()).toHaveProperty('ask');
  });

  it('is tried again where nodes went away instead of answering, at last one at a time', async () => {
    const { login, logins } = await openServer((name, socket, nth) => {
      if (name === 'PING') later(0, socket, '-NOAUTH no');
      else if (nth <= 3) socket.destroy();
      else later(0, socket, '+OK');
    });
    for (let time = 1; time <= 3; time += 1) await expect(login()).rejects.toThrow('closed');
    await expect(login()).rejects.toMatchObject({ kind: 'timeout' });
    while (logins.mayTry() === 'wait') await sleep(20);
    (await login()).close();
    expect(logins.mayTry()).toBe('yes');
  });

  it('counts where its answer came after the time of who waited for it', async () => {
    const { login, logins, count } = await openServer((name, socket) => {
      later(name === 'AUTH' ? 400 : 0, socket, name === 'AUTH' ? '+OK' : '-NOAUTH no');
    });
    await expect(login()).rejects.toMatchObject({ kind: 'timeout' });
    expect(logins.mayTry()).toBe('yes');
    await expect(login()).rejects.toMatchObject({ kind: 'timeout' });
    await expect(login()).rejects.toMatchObject({ kind: 'timeout' });
    while (logins.mayTry() === 'wait') await sleep(20);
    expect({ may: logins.mayTry(), sent: count('AUTH') }).toEqual({ may: 'yes', sent: 3 });
  });

  it('costs neither figures nor looks where Redis itself stands still for a while', async () => {
    const redis = await startRedis();
    await redis.command('CONFIG', 'SET', 'requirepass', PASSWORD);
    const access = accessTo(redis.port, { password: PASSWORD });
    const logins = createLoginLimits().of(access);
    const options = { runId: 'r', periodMs: 20, write: true, ttlMs: 3_600_000 };
    const probe = startProbe({ ...access, logins }, options);
    while (probe.armedAtMs() === null) await sleep(20);
    const pausing = await openConnection(
      { ...access, logins },
      { connectMs: 5_000, answerMs: 5_000 },
    );
    await pausing.ask('CLIENT', 'PAUSE', '2500', 'ALL');
    await sleep(3_500);
    while (!probe.strip().endsWith('o')) await sleep(50);
    const figures = await probe.stop();
    expect(figures).toMatchObject({ notMeasured: [], lostWrites: { count: 0 } });
    expect(await takeLook({ ...access, logins })).toHaveProperty('look');
    pausing.close();
  }, 60_000);
});
