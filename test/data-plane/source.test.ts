/** Which Redis a password may be sent to, and which one: by entries, networks, TLS and files. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, describe, expect, it } from '@jest/globals';

import { addressOf, createDataPlaneSource } from '../../src/data-plane/index.js';
import type { DataPlaneOffer, DataPlaneSettings } from '../../src/data-plane/index.js';
import { readSecretFile, readSmallFile } from '../../src/dcs/index.js';
import type { InstanceAddress } from '../../src/domain/facts.js';

const folder = mkdtempSync(path.join(tmpdir(), 'dcs-switchover-data-plane-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const write = (name: string, text: string): string => {
  writeFileSync(path.join(folder, name), text);
  return path.join(folder, name);
};

const ADDRESS: InstanceAddress = {
  ...{ ip: '10.0.0.7', port: 6379, domainName: 'redis.example', isTls: false },
  needsNoPassword: false,
};
const INSTANCE = {
  ...{ instanceId: '5560df16-cebf-4473-95c4-d1b573c16e79', name: 'orders', tags: null },
  address: ADDRESS,
};

const ENTRY: DataPlaneSettings = {
  ...{ match: { name: 'orders' }, usernameFile: null, passwordFile: write('word', 'hunter2\n') },
  ...{ login: 'acl', tls: null, address: null, allowedNetworks: null },
  measure: { periodMs: 50, write: true },
};

const names: Readonly<Record<string, readonly string[]>> = {
  'redis.example': ['10.0.0.8', 'fd00::8'],
  'public.example': ['10.0.0.8', '203.0.113.1'],
  'both.example': ['fd00::8', '10.0.0.9', '10.0.0.10', '10.0.0.9'],
};

const sourceOf = (...entries: Partial<DataPlaneSettings>[]) =>
  createDataPlaneSource(
    entries.map((entry) => ({ ...ENTRY, ...entry })),
    {
      readSecret: readSecretFile,
      readText: (file) => readSmallFile('CA file', file),
      resolve: (name) => Promise.resolve(names[name] ?? []),
    },
  );

const offerOf = (entry: Partial<DataPlaneSettings> = {}, shown: Partial<InstanceAddress> = {}) =>
  sourceOf(entry).offerFor({ ...INSTANCE, address: { ...ADDRESS, ...shown } });

const accessOf = async (...given: Parameters<typeof offerOf>) => {
  const offer = (await offerOf(...given)) as DataPlaneOffer;
  return offer.access;
};

describe('the entry of an instance', () => {
  it('is the first that names it', async () => {
    const source = sourceOf(
      { match: { name: 'sessions' } },
      { measure: { periodMs: 20, write: false } },
      {},
    );
    expect(await source.offerFor(INSTANCE)).toMatchObject({ measure: { periodMs: 20 } });
    expect(await source.offerFor({ ...INSTANCE, name: 'carts' })).toBeNull();
  });

  it('is not passed over where a tag or a name that decides is not known', async () => {
    const byTag = { match: { tag: { key: 'env', value: 'prod' } } };
    const source = sourceOf(byTag, {});
    const unknown = await source.offerFor(INSTANCE);
    expect(unknown).toEqual({
      why: 'the API did not show what the rule tag env=prod of dataPlane asks for (to read tags, the credential needs dcs:tag:get)',
    });
    expect(source.asksForTags(INSTANCE)).toBe(true);
    expect(await source.offerFor({ ...INSTANCE, tags: [] })).toMatchObject({ binding: 'password' });
    expect(sourceOf({}, byTag).asksForTags(INSTANCE)).toBe(false);
    expect(await sourceOf({}).offerFor({ ...INSTANCE, name: null })).toMatchObject({
      why: expect.stringContaining('name orders'),
    });
  });
});

describe('a name with several addresses', () => {
  const lookedUp = (domainName: string) => offerOf({}, { ip: null, domainName });

  it('is asked at the same one each time, whatever the order in which they come', async () => {
    const all = ['10.0.0.10', '10.0.0.9', 'fd00::8'];
    for (const hosts of [all, [...all].reverse()]) {
      const source = createDataPlaneSource([ENTRY], {
        ...{ readSecret: readSecretFile, readText: readSecretFile },
        resolve: () => Promise.resolve(hosts),
      });
      const offer = await source.offerFor({ ...INSTANCE, address: { ...ADDRESS, ip: null } });
      expect(offer).toMatchObject({ access: { host: '10.0.0.10' } });
    }
  });

  it('binds to no server, but one address of each family does', async () => {
    expect(await lookedUp('both.example')).toMatchObject({ binding: 'none' });
    expect(await lookedUp('redis.example')).toMatchObject({ binding: 'password' });
  });
});

describe('the address', () => {
  it.each<[string, Partial<DataPlaneSettings>, Partial<InstanceAddress>, string]>([
    ['ip and port of the page', {}, {}, '10.0.0.7'],
    ['the name, where there is no ip', {}, { ip: null }, '10.0.0.8'],
    ['that of the entry', { address: { host: '203.0.113.9', port: 1 } }, {}, '203.0.113.9'],
    ['loopback', {}, { ip: '::1' }, '::1'],
    [
      'in a network of the entry',
      { allowedNetworks: ['203.0.113.0/24'] },
      { ip: '203.0.113.1' },
      '203.0.113.1',
    ],
  ])('is %s', async (_, entry, shown, host) => {
    expect(await accessOf(entry, shown)).toMatchObject({ host });
  });

  it.each<[string, Partial<DataPlaneSettings>, Partial<InstanceAddress>, RegExp]>([
    ['a public one', {}, { ip: '203.0.113.1' }, /^203\.0\.113\.1 is outside of allowedNetworks/],
    ['a public one in IPv6', {}, { ip: '2001:db8::1' }, /outside/],
    ['a public one in disguise', {}, { ip: '::ffff:203.0.113.1' }, /outside/],
    ['that of the metadata', {}, { ip: '169.254.169.254' }, /outside/],
    [
      'a name with one public address',
      {},
      { ip: null, domainName: 'public.example' },
      /^203\.0\.113\.1 is outside/,
    ],
    [
      'a name without address',
      {},
      { ip: null, domainName: 'no.example' },
      /^no\.example has no address/,
    ],
    ['none at all', {}, { ip: null, domainName: null }, /shows no ip and port/],
    ['several in one field', {}, { ip: '10.0.0.1,10.0.0.2' }, /shows no ip and port/],
    [
      'a given one outside of given networks',
      { address: { host: '10.0.0.1', port: 1 }, allowedNetworks: ['10.1.0.0/16'] },
      {},
      /outside/,
    ],
    ['any, where no network is allowed', { allowedNetworks: [] }, {}, /outside/],
  ])('is never %s', async (_, entry, shown, why) => {
    expect(await offerOf(entry, shown)).toEqual({ why: expect.stringMatching(why) });
  });

  it('is none where an earlier version read the instance', async () => {
    const { instanceId, name, tags } = INSTANCE;
    const why = expect.stringMatching(/shows no ip and port/);
    expect(await sourceOf({}).offerFor({ instanceId, name, tags })).toEqual({ why });
  });

  it('stands in brackets before its port where it is of IPv6', async () => {
    expect(addressOf(await accessOf())).toBe('10.0.0.7:6379');
    expect(addressOf(await accessOf({}, { ip: 'fd00::7' }))).toBe('[fd00::7]:6379');
  });
});

describe('the login', () => {
  it('is read at each use, so a rotation needs no restart', async () => {
    const source = sourceOf({ passwordFile: write('rotated', 'old') });
    const passwordNow = async () =>
      ((await source.offerFor(INSTANCE)) as DataPlaneOffer).access.password;
    expect(await passwordNow()).toBe('old');
    write('rotated', 'new');
    expect(await passwordNow()).toBe('new');
  });

  it('binds by a password alone, which an instance that needs none is not sent', async () => {
    expect(await offerOf()).toMatchObject({ binding: 'password' });
    expect(await offerOf({ passwordFile: null })).toMatchObject({ binding: 'none' });
    expect(await offerOf({}, { needsNoPassword: true })).toMatchObject({
      binding: 'none',
      access: { password: null },
    });
  });

  it('says which file is wrong, without what is in it', async () => {
    expect(await offerOf({ passwordFile: path.join(folder, 'none') })).toEqual({
      why: expect.stringMatching(/none does not exist: create it/),
    });
    expect(await offerOf({ passwordFile: write('two', 'hunter2 hunter3') })).toEqual({
      why: expect.stringMatching(/^(?!.*hunter).*two holds blanks/),
    });
    expect(await offerOf({ passwordFile: write('empty', '\n') })).toEqual({
      why: expect.stringMatching(/empty is empty or missing/),
    });
  });

  it('is not tried again after three refusals in a row, until the file changes', async () => {
    const passwordFile = write('wrong', 'wrong');
    const source = sourceOf({ passwordFile });
    const offer = () => source.offerFor(INSTANCE);
    const loginsOf = async () => ((await offer()) as DataPlaneOffer).access.logins;
    const refuse = async () => {
      (await loginsOf())?.begin()('refused');
    };
    await refuse();
    await refuse();
    (await loginsOf())?.begin()('accepted');
    for (let time = 1; time <= 3; time += 1) await refuse();
    expect(await offer()).toEqual({
      why: `Redis has refused the login of ${passwordFile}, or not answered it, 3 times in a row: it is not tried again for 15 min, unless the file changes`,
    });
    expect(
      await source.offerFor({ ...INSTANCE, address: { ...ADDRESS, ip: '10.0.0.9' } }),
    ).toHaveProperty('access');
    write('wrong', 'right');
    expect(await offer()).toHaveProperty('access');
  });
});

describe('TLS', () => {
  it('is never left out where the instance has it', async () => {
    expect(await offerOf({}, { isTls: true })).toEqual({
      why: expect.stringContaining('enable_ssl'),
    });
  });

  it('needs an authority that can be read: those of the system are no substitute', async () => {
    const caFile = write('ca.crt', 'nothing');
    expect(await offerOf({ tls: { caFile, serverName: null } })).toEqual({
      why: expect.stringContaining('no PEM certificate'),
    });
    write('ca.crt', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    expect(await offerOf({ tls: { caFile, serverName: null } })).toEqual({
      why: expect.stringContaining('cannot be parsed'),
    });
  });
});
