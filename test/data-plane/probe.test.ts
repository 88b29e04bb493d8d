import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, describe, expect, it } from '@jest/globals';

import { hasRecovered } from '../../bench/probe/address.js';
import type { LaneReport } from '../../src/contract/index.js';
import type { LoginEnd } from '../../src/data-plane/access.js';
import { probeKey, startProbe } from '../../src/data-plane/index.js';
import type { ProbeFigures, ProbeOptions, RunningProbe } from '../../src/data-plane/index.js';

import {
  LOOPBACK,
  accessTo,
  commandName,
  startAddress,
  startRedis,
  startServer,
  startTls,
  stopAll,
} from './support.js';
import type { TestRedis } from './support.js';

afterEach(stopAll);

/** The tests assert what was seen, never how long it took. */
const options = (more: Partial<ProbeOptions> = {}): ProbeOptions => ({
  ...{ runId: randomUUID(), periodMs: 20, write: true, ttlMs: 3_600_000 },
  ...more,
});

async function until(predicate: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await predicate())) await sleep(5);
}

const isArmed = (probe: RunningProbe): Promise<void> => until(() => probe.armedAtMs() !== null);

/** As long as it takes for so many test writes to be counted. */
async function writesOf(redis: TestRedis, runId: string): Promise<number> {
  return Number(await redis.command('BITCOUNT', probeKey(runId)));
}

/** Until a probe has its three connections; this one is the fourth. */
const isComplete = (redis: TestRedis): Promise<void> =>
  until(async () => (await clientsOf(redis)) >= 4);

const clientsOf = async (redis: TestRedis): Promise<number> =>
  String(await redis.command('CLIENT', 'LIST'))
    .trim()
    .split('\n').length;

const kindsOf = (lane: LaneReport | null): string[] =>
  (lane?.interruptions ?? []).flatMap(({ kinds }) => kinds);

async function interruptedBy(
  fault: (redis: TestRedis) => Promise<unknown>,
  heal: (redis: TestRedis) => Promise<unknown>,
): Promise<ProbeFigures> {
  const redis = await startRedis();
  const probe = startProbe(accessTo(redis.port), options());
  await isArmed(probe);
  await fault(redis);
  await until(() => /[re]$/.test(probe.strip()));
  await heal(redis);
  await until(() => hasRecovered(probe));
  return probe.stop();
}

describe('a probe', () => {
  it('reports an undisturbed time as such, and leaves no key', async () => {
    const redis = await startRedis();
    const given = options();
    const probe = startProbe(accessTo(redis.port), given);
    await isArmed(probe);
    await isComplete(redis);
    await until(async () => (await writesOf(redis, given.runId)) > 20);
    expect(await redis.command('PTTL', probeKey(given.runId))).toBeGreaterThan(3_000_000);
    const figures = await probe.stop();
    expect(figures).toMatchObject({
      idleConnection: { state: 'still-works', atMs: null },
      lostWrites: { count: 0, perSecond: 50, why: null },
      coverage: 'whole',
      notMeasured: [],
      quality: { periodMs: 20, armedAt: expect.any(String) },
    });
    expect(figures.lostWrites?.of).toBeGreaterThanOrEqual(20);
    expect(figures.read?.ok).toBeGreaterThan(0);
    // A machine that is busy may hold an answer back, but refuses nothing.
    expect(kindsOf(figures.write)).not.toContainEqual(expect.not.stringMatching('timeout'));
    expect(figures.write?.strip).toMatch(/^(?:\d+[out])+$/);
    expect(await redis.command('EXISTS', probeKey(given.runId))).toBe(0);
  });

  it('tells a time in which Redis takes no writes from one in which it does not answer', async () => {
    const readonly = await interruptedBy(
      ({ command }) => command('REPLICAOF', LOOPBACK, '1'),
      ({ command }) => command('REPLICAOF', 'NO', 'ONE'),
    );
    expect(kindsOf(readonly.write)).toContain('readonly');
    expect(readonly.write?.errors).toHaveProperty('readonly');
    expect(kindsOf(readonly.read)).not.toContain('readonly');
    expect(readonly.coverage).toBe('whole');
    expect(readonly.lostWrites).toMatchObject({ count: 0, why: null });
    const noReplicas = await interruptedBy(
      ({ command }) => command('CONFIG', 'SET', 'min-replicas-to-write', '1'),
      ({ command }) => command('CONFIG', 'SET', 'min-replicas-to-write', '0'),
    );
    expect(kindsOf(noReplicas.write)).toContain('noreplicas');
  });

  it('sees silence, resets and refusals, and what became of an idle connection', async () => {
    const redis = await startRedis();
    const address = await startAddress(redis.port);
    const probe = startProbe(accessTo(address.port), options());
    await isArmed(probe);
    await until(() => probe.strip().length > 0);
    address.mode = 'hole';
    await until(() => probe.strip().endsWith('t'));
    address.mode = 'open';
    await until(() => hasRecovered(probe));
    const holes = probe.strip();
    address.leadTo(1);
    await until(() => probe.strip().endsWith('x'));
    address.leadTo(redis.port);
    await until(() => probe.strip().endsWith('o') && probe.strip() !== holes);
    const figures = await probe.stop();
    expect(figures.write?.errors).toMatchObject({ timeout: expect.any(Number) });
    expect(figures.write?.errors).toMatchObject({ reset: expect.any(Number) });
    expect(figures.write?.interruptions.length).toBeGreaterThanOrEqual(2);
    expect(figures.idleConnection).toMatchObject({
      state: 'closed-by-peer',
      atMs: expect.any(Number),
    });
    for (const { minMs, maxMs } of figures.write?.interruptions ?? [])
      expect(minMs).toBeLessThan(maxMs);
  });

  it('counts the writes that a promoted replica never got', async () => {
    const [master, replica] = [await startRedis(), await startRedis()];
    const address = await startAddress(master.port);
    const given = options();
    await replica.command('REPLICAOF', LOOPBACK, String(master.port));
    const probe = startProbe(accessTo(address.port), given);
    await isArmed(probe);
    await until(async () => (await writesOf(replica, given.runId)) > 5);
    await replica.command('REPLICAOF', 'NO', 'ONE');
    const kept = await writesOf(replica, given.runId);
    await until(async () => (await writesOf(master, given.runId)) >= kept + 7);
    address.leadTo(replica.port);
    const had = await writesOf(master, given.runId);
    await until(() => hasRecovered(probe));
    const { lostWrites } = await probe.stop();
    expect(lostWrites).toMatchObject({ why: null });
    // One that had no answer any more was not acknowledged, so it is not lost.
    expect([had - kept, had - kept - 1]).toContain(lostWrites?.count);
  });

  it('counts nothing where its key was removed, or is gone in the end', async () => {
    const redis = await startRedis();
    const [early, late] = [options(), options()];
    const [removed, gone] = [early, late].map((each) => startProbe(accessTo(redis.port), each));
    if (removed === undefined || gone === undefined) throw new Error('two probes');
    await Promise.all([removed, gone].map(isArmed));
    await redis.command('DEL', probeKey(early.runId));
    await until(async () => (await writesOf(redis, early.runId)) > 3);
    const { lostWrites } = await removed.stop();
    const keys = /was removed.*; 0 keys and 0 evictions before, [12] keys and 0 evictions now$/;
    expect(lostWrites).toMatchObject({ count: null, why: expect.stringMatching(keys) });
    // Takes no writes from now on, so that none makes the key again; it may still remove it.
    await redis.command('CONFIG', 'SET', 'min-replicas-to-write', '1');
    await until(() => gone.strip().endsWith('e'));
    await redis.command('CONFIG', 'SET', 'min-replicas-to-write', '0');
    await redis.command('FLUSHALL');
    await redis.command('CONFIG', 'SET', 'min-replicas-to-write', '1');
    await redis.command('DEL', probeKey(late.runId)).catch(() => undefined);
    const figures = await gone.stop();
    expect(figures.lostWrites).toHaveProperty('count', null);
  });

  it('needs no right but those of docs/data-plane.md, and works over TLS', async () => {
    const page = readFileSync(path.join(__dirname, '../../docs/data-plane.md'), 'utf8');
    const [, rules = ''] = /\| everything +\| `(.+?)` +\|/.exec(page) ?? [];
    const redis = await startRedis();
    const words = rules.replace('PASSWORD', 'pw').split(' ');
    expect(words).toContain('+setbit');
    await redis.command('ACL', 'SETUSER', 'probe', ...words);
    const { port, ca } = await startTls(redis.port, LOOPBACK);
    const login = { username: 'probe', password: 'pw', tls: { ca, serverName: null } };
    const given = options();
    const probe = startProbe(accessTo(port, login), given);
    await isArmed(probe);
    await isComplete(redis);
    expect(await redis.command('PTTL', probeKey(given.runId))).toBeGreaterThan(0);
    expect(await probe.stop()).toMatchObject({
      notMeasured: [],
      idleConnection: { state: 'still-works' },
      lostWrites: { count: 0 },
    });
    expect(await redis.command('EXISTS', probeKey(given.runId))).toBe(0);
  });

  it('measures nothing with a login that is refused, and tries it once a lane', async () => {
    const redis = await startRedis();
    await redis.command('CONFIG', 'SET', 'requirepass', 'right');
    const refusals: string[] = [];
    const logins = {
      mayTry: () => 'yes' as const,
      isRefused: () => refusals.length > 0,
      begin: () => (how: LoginEnd) => void refusals.push(how),
    };
    const probe = startProbe(accessTo(redis.port, { password: 'wrong', logins }), options());
    await until(() => refusals.length === 2);
    await sleep(200);
    const figures = await probe.stop();
    expect(figures).toMatchObject({
      ...{ write: null, read: null, idleConnection: null, lostWrites: null },
      notMeasured: [
        'Writes: AUTH: Redis refused user or password',
        'Reads: AUTH: Redis refused user or password',
      ],
      quality: { armedAt: null },
    });
  });

  it('goes on with reads where the user may not write, or the memory is full', async () => {
    const redis = await startRedis();
    await redis.command('ACL', 'SETUSER', 'reader', 'on', '>pw', '~*', '+get');
    const probe = startProbe(
      accessTo(redis.port, { username: 'reader', password: 'pw' }),
      options(),
    );
    await isArmed(probe);
    const figures = await probe.stop();
    expect(figures).toMatchObject({ write: null, lostWrites: null, read: { errors: {} } });
    expect(figures.notMeasured).toEqual([
      'Writes: PEXPIRE: Redis does not allow the user this command, or this key (NOPERM)',
    ]);
    const full = startProbe(accessTo(redis.port), options());
    await isArmed(full);
    await redis.command('CONFIG', 'SET', 'maxmemory', '1');
    await until(async () => (await redis.command('CONFIG', 'GET', 'maxmemory')) !== null);
    await sleep(200);
    expect((await full.stop()).notMeasured).toEqual([
      'Writes: SETBIT: Redis takes no writes: its memory is full (OOM)',
    ]);
  });

  it('says that it did not work before where it never did, and where the end is broken', async () => {
    const port = await startServer((socket) => void socket.destroy());
    const never = startProbe(accessTo(port), options());
    await sleep(200);
    const [writes, reads] = (await never.stop()).notMeasured;
    // Whether a connection is ended or reset by the other side is a matter of moments.
    expect(writes).toMatch(/^Writes: never worked five times in a row \(.*(?:closed|ECONNRESET)/);
    expect(reads).toMatch(/^Reads: never worked/);
    const redis = await startRedis();
    const probe = startProbe(accessTo(redis.port), options());
    await isArmed(probe);
    await redis.command('REPLICAOF', LOOPBACK, '1');
    await until(() => probe.strip().endsWith('r'));
    expect(hasRecovered(probe)).toBe(false);
    expect(await probe.stop()).toMatchObject({
      coverage: 'ends-broken',
      write: { interruptions: [] },
    });
  });

  it('asks nothing more once the last questions have taken their 6 s', async () => {
    let isSlow = false;
    const asked: string[] = [];
    const reply = new Map([
      ['PING', '-NOAUTH no'],
      ['AUTH', '+OK'],
      ['GET', '$-1'],
    ]);
    const port = await startServer((socket) => {
      socket.on('data', (sent: Buffer) => {
        const name = commandName(sent);
        if (isSlow) asked.push(name);
        const answer = () => socket.write(`${reply.get(name) ?? ':1'}\r\n`);
        setTimeout(answer, isSlow ? 1_600 : 0);
      });
    });
    const probe = startProbe(accessTo(port, { password: 'right' }), options());
    await isArmed(probe);
    isSlow = true;
    const { lostWrites } = await probe.stop();
    expect(lostWrites).toMatchObject({ count: null });
    // Each takes 1.6 s: the fourth is given up.
    expect(asked.slice(asked.lastIndexOf('PING'))).toEqual(['PING', 'AUTH', 'GET', 'INFO']);
  }, 60_000);

  it('leaves no key when it is abandoned, and nothing that keeps the process alive', async () => {
    const redis = await startRedis();
    const given = options();
    const probe = startProbe(accessTo(redis.port), given);
    await isArmed(probe);
    await probe.abandon();
    expect(await redis.command('EXISTS', probeKey(given.runId))).toBe(0);
    await until(async () => (await clientsOf(redis)) === 1);
  });

  it('does not blame Redis for a stall of its own process', async () => {
    const redis = await startRedis();
    const probe = startProbe(accessTo(redis.port), options());
    await isArmed(probe);
    for (let stall = 0; stall < 5; stall += 1) {
      const endMs = performance.now() + 400;
      while (performance.now() < endMs);
      await sleep(60);
    }
    const figures = await probe.stop();
    // That Redis has failed at the same moments five times would be a coincidence.
    expect(figures.write?.interruptions.length).toBeLessThan(5);
    expect(figures.quality.ownStallMs).toBeGreaterThan(1_900);
    expect(figures.quality.unseenMs).toBeGreaterThan(0);
    expect(figures.write?.strip).toMatch(/u/);
  });
});
