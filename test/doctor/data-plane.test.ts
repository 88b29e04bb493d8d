/** What the doctor says of the Redis behind an instance: against a real one, and against what is none. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';

import { createDataPlaneSource, PROBE_KEYS } from '../../src/data-plane/index.js';
import type { DataPlaneSettings } from '../../src/data-plane/index.js';
import { readSecretFile, readSmallFile } from '../../src/dcs/index.js';
import { checkDataPlane } from '../../src/doctor/data-plane.js';
import type { DataPlaneInstance } from '../../src/doctor/data-plane.js';
import { pickFreePorts } from '../../src/free-ports.js';
import { startRedis, startTls, stopAll } from '../data-plane/support.js';
import type { TestRedis } from '../data-plane/support.js';

const folder = mkdtempSync(path.join(tmpdir(), 'dcs-switchover-doctor-'));
const write = (name: string, text: string): string => {
  writeFileSync(path.join(folder, name), text);
  return path.join(folder, name);
};

let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
  await redis.command('ACL', 'SETUSER', 'probe', 'on', '>canary', PROBE_KEYS);
  await redis.command('ACL', 'SETUSER', 'probe', '+info', '+get', '+setbit', '+pexpire', '+del');
  await redis.command('ACL', 'SETUSER', 'reader', 'on', '>canary', '~*', '+@read');
  await redis.command('ACL', 'SETUSER', 'app:canary', 'on', '>canary', '~*', '+@all');
});
afterAll(async () => {
  await stopAll();
  rmSync(folder, { recursive: true });
});
afterEach(async () => {
  if (String(await redis.command('KEYS', '*')) !== '') throw new Error('a key is left');
});

const CANARY = write('canary', 'canary');
const userOf = (user: string) => ({ usernameFile: write(user, user), passwordFile: CANARY });

async function look(
  entry: Partial<DataPlaneSettings> = {},
  address: Partial<DataPlaneInstance['address']> = {},
  instance: Partial<DataPlaneInstance> = {},
) {
  const settings: DataPlaneSettings = {
    ...{ match: { name: '*' }, usernameFile: null, passwordFile: null, login: 'acl', tls: null },
    ...{ address: null, allowedNetworks: null, measure: { periodMs: 50, write: true } },
    ...entry,
  };
  const source = createDataPlaneSource([settings], {
    readSecret: readSecretFile,
    readText: (file) => readSmallFile('CA file', file),
  });
  const findings = await checkDataPlane(source, {
    ...{ instanceId: 'i1', name: 'orders', tags: [], cacheMode: 'ha' },
    address: {
      ...{ ip: '127.0.0.1', port: redis.port, domainName: null, isTls: false },
      ...{ needsNoPassword: null, ...address },
    },
    ...instance,
  });
  // The name of the file may stand there, and nothing of what is in it.
  if (JSON.stringify(findings).replaceAll(CANARY, '').includes('canary'))
    throw new Error('the password is shown');
  return Object.fromEntries(findings.map(({ id, ...finding }) => [id, finding]));
}

const loginsTried = async (): Promise<number> => {
  const stats = String(await redis.command('INFO', 'commandstats'));
  return Number(/^cmdstat_auth:calls=(\d+)/m.exec(stats)?.[1] ?? 0);
};

test('a user with the least rights is all that a run needs', async () => {
  const found = await look(userOf('probe'));
  expect(found['redis']).toMatchObject({
    status: 'ok',
    found: `127.0.0.1:${redis.port}, plain text, a named user: connected, login accepted`,
  });
  expect(found['redis-role']).toMatchObject({
    status: 'ok',
    found: expect.stringMatching(/^master, up \d+ min; a run holds its word against the API$/),
  });
  expect(found['redis-commands']).toMatchObject({
    status: 'ok',
    found: 'INFO, PEXPIRE, DEL, SETBIT, GET work, on a key that was removed again',
  });
  expect(found['redis-memory']).toMatchObject({
    status: 'ok',
    found: expect.stringMatching(/^maxmemory-policy noeviction; \d+ % used of 64 MiB$/),
  });
});

test('what judges nothing says why', async () => {
  expect((await look())['redis-role']?.found).toMatch(
    /judges nothing by it: no password at a single address binds/,
  );
  const split = await look(userOf('probe'), {}, { cacheMode: 'ha_rw_split' });
  expect(split['redis-role']?.found).toMatch(/judges nothing by it: mode ha_rw_split/);
});

test('a user who may only read lacks INFO and the writes, each by name, with the rights to give', async () => {
  const found = await look(userOf('reader'));
  expect(found['redis']?.status).toBe('ok');
  expect(found['redis-role']).toMatchObject({
    status: 'warn',
    found: expect.stringContaining('NOPERM'),
    fix: expect.stringContaining('+info'),
  });
  expect(found['redis-commands']).toMatchObject({
    status: 'warn',
    fix: expect.stringContaining('~dcs-switchover:probe:* +info +pexpire +del +setbit,'),
  });
  const readOnly = await look({ ...userOf('probe'), measure: { periodMs: 50, write: false } });
  expect(readOnly['redis-commands']).toMatchObject({
    found: expect.stringMatching(/^INFO, GET work/),
  });
});

test('a refused login names the other style and does not try it', async () => {
  const before = await loginsTried();
  const found = await look({ ...userOf('probe'), login: 'password-argument' });
  expect(found['redis']).toMatchObject({
    status: 'warn',
    fix: expect.stringMatching(/if user and password are right, set login: acl/),
  });
  expect(found['redis-role']).toMatchObject({ status: 'skip' });
  expect((await loginsTried()) - before).toBe(1);
});

test('TLS that the certificate, or the instance, does not have is said as what it is', async () => {
  const secured = await startTls(redis.port, 'redis.example');
  const caFile = write('ca.crt', secured.ca);
  const entry = { ...userOf('probe'), tls: { caFile, serverName: null } };
  const { port } = secured;
  expect((await look(entry, { port, isTls: true }))['redis']).toMatchObject({
    status: 'warn',
    found: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID'),
    fix: expect.stringContaining('tls.serverName'),
  });
  const named = { ...entry, tls: { caFile, serverName: 'redis.example' } };
  expect((await look(named, { port, isTls: true }))['redis']?.status).toBe('ok');
  expect((await look(named))['redis']?.fix).toMatch(/enable_ssl: false/);
  expect((await look(userOf('probe'), { port, isTls: true }))['redis']).toMatchObject({
    found: expect.stringContaining('has no tls'),
  });
});

test('what is not reached names the whitelist, what is not allowed the networks', async () => {
  const [port = 0] = await pickFreePorts(1);
  expect((await look({}, { port }))['redis']).toMatchObject({
    status: 'warn',
    found: expect.stringContaining('ECONNREFUSED'),
    fix: expect.stringContaining('whitelist'),
  });
  expect((await look({}, { ip: '203.0.113.1' }))['redis']?.found).toContain('allowedNetworks');
  const other = { match: { name: 'sessions' } };
  expect((await look(other))['redis']?.found).toContain('names this instance');
});

test('memory that is nearly full is a warning', async () => {
  await redis.command('SET', 'filler', 'x'.repeat(500_000));
  await redis.command('CONFIG', 'SET', 'maxmemory', '1mb');
  const found = await look(userOf('probe'));
  await redis.command('CONFIG', 'SET', 'maxmemory', '64mb');
  await redis.command('DEL', 'filler');
  expect(found['redis-memory']).toMatchObject({
    status: 'warn',
    found: expect.stringMatching(/noeviction; \d+ % used of 1 MiB: test writes may be refused/),
  });
});
