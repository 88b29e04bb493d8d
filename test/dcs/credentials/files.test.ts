/** Keys in files: read at each use, named by path when they cannot be. */
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { DcsCredentialsError, createCredentialSource } from '../../../src/dcs/index.js';
import type { CredentialSettings, CredentialSource } from '../../../src/dcs/index.js';
import { rejectionOf } from '../support.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credentials-'));
});
afterEach(() => rm(folder, { recursive: true }));

const at = (name: string): string => join(folder, name);

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) await writeFile(at(name), text);
}

function files(securityTokenFile: string | null = null): CredentialSource {
  const settings: CredentialSettings = {
    source: 'files',
    accessKeyFile: at('ak'),
    secretKeyFile: at('sk'),
    securityTokenFile,
  };
  return createCredentialSource(settings, { env: {} });
}

const profile = (section = 'basic', file = at('credentials')): CredentialSource =>
  createCredentialSource({ source: 'profile', file, section }, { env: {} });

const PAIR = { kind: 'access-key', accessKey: 'ak-1', secretKey: 'sk-1' };

async function complaintOf(source: CredentialSource): Promise<string> {
  const error = await rejectionOf(source.get());
  expect(error).toBeInstanceOf(DcsCredentialsError);
  return (error as Error).message;
}

describe('keys in files', () => {
  it('lose the line break that they end with', async () => {
    await write({ ak: 'ak-1\n', sk: 'sk-1\r\n', token: ' token-1 \n' });
    expect(await files().get()).toStrictEqual({ ...PAIR, securityToken: null });
    expect(await files(at('token')).get()).toStrictEqual({ ...PAIR, securityToken: 'token-1' });
  });

  it('are seen again after a rotation, without a restart', async () => {
    await write({ ak: 'ak-1', sk: 'sk-1' });
    const source = files();
    await source.get();
    await write({ ak: 'ak-2', sk: 'sk-2' });
    expect(await source.get()).toMatchObject({ accessKey: 'ak-2', secretKey: 'sk-2' });
  });

  it('are not reported half old and half new when a mounted secret is exchanged meanwhile', async () => {
    for (const version of ['1', '2']) {
      await mkdir(at(version));
      await write({ [`${version}/ak`]: `ak-${version}`, [`${version}/sk`]: `sk-${version}` });
    }
    // As a mounted secret is exchanged: by renaming a link.
    const exchange = async (version: string): Promise<void> => {
      await symlink(at(version), at('next'));
      await rename(at('next'), at('data'));
    };
    await exchange('1');
    await symlink(join('data', 'ak'), at('ak'));
    await symlink(join('data', 'sk'), at('sk'));
    const source = files();
    const pairs = new Set<string>();
    for (let rotation = 0; rotation < 200; rotation += 1) {
      const rotating = exchange(rotation % 2 === 0 ? '2' : '1');
      const keys = await source.get();
      await rotating;
      if (keys.kind === 'access-key') pairs.add(`${keys.accessKey} ${keys.secretKey}`);
    }
    expect([...pairs].sort()).toStrictEqual(['ak-1 sk-1', 'ak-2 sk-2']);
  });

  it('are described by their paths', async () => {
    await write({ ak: 'ak-1', sk: 'sk-1' });
    expect(files(at('token')).description).toBe(
      `files ${at('ak')}, ${at('sk')} and ${at('token')}`,
    );
  });
});

describe('a file that is no key is named by its path:', () => {
  it('missing', async () => {
    await write({ ak: 'ak-1' });
    expect(await complaintOf(files())).toBe(
      `Credential file ${at('sk')} does not exist: create it, or correct the path.`,
    );
  });

  it('a folder', async () => {
    await mkdir(at('ak'));
    expect(await complaintOf(files())).toContain(`${at('ak')} is not a regular file`);
  });

  it('a pipe, at once', async () => {
    execFileSync('mkfifo', [at('ak')]);
    expect(await complaintOf(files())).toContain(`${at('ak')} is not a regular file`);
  });

  it('empty', async () => {
    await write({ ak: '\n', sk: 'sk-1' });
    expect(await complaintOf(files())).toContain(`${at('ak')} is empty`);
  });

  it('too large', async () => {
    await write({ ak: 'x'.repeat(2_000_000), sk: 'sk-1' });
    expect(await complaintOf(files())).toContain(`${at('ak')} is larger`);
  });

  it.each(['two\nlines', 'a blank', 'byte \u0007', 'ümlaut'])('holding %j', async (text) => {
    await write({ ak: 'ak-1', sk: text });
    const complaint = await complaintOf(files());
    expect(complaint).toContain(`${at('sk')} holds blanks`);
    expect(complaint).not.toContain(text);
  });

  it('not readable', async () => {
    await write({ ak: 'ak-1', sk: 'sk-1' });
    await chmod(at('ak'), 0o000);
    // Root reads everything.
    const isRoot = process.getuid?.() === 0;
    const result = await files()
      .get()
      .catch((error: unknown) => (error as Error).message);
    const complaint = `Credential file ${at('ak')} may not be read: give this user read permission.`;
    expect(result).toStrictEqual(isRoot ? { ...PAIR, securityToken: null } : complaint);
  });
});

describe('a profile', () => {
  it('is read like the vendor’s SDKs read it', async () => {
    const text = '; comment\n[basic]\nak = ak-1\nsk=sk-1\nproject_id = x\n\n[other]\nak = ak-2\n';
    await write({ credentials: text });
    expect(await profile().get()).toStrictEqual({ ...PAIR, securityToken: null });
    expect(profile().description).toBe(`profile [basic] of ${at('credentials')}`);
    await write({ credentials: '\uFEFF[basic]\nak=ak-1\nsk=sk-1' });
    expect(await profile().get()).toMatchObject(PAIR);
  });

  it('may hold a temporary key, and is observed again', async () => {
    const source = profile();
    for (const version of ['1', '2']) {
      const text = `[basic]\nak = ak-1\nsk = sk-1\nsecurity_token = "token-${version}=="\n`;
      await write({ credentials: text });
      expect(await source.get()).toStrictEqual({ ...PAIR, securityToken: `token-${version}==` });
    }
  });

  it('may lie in the home directory', async () => {
    const complaint = await complaintOf(profile('basic', '~/no-such-folder-4711/credentials'));
    expect(complaint).toContain('~/no-such-folder-4711/credentials does not exist');
    const below = `~/${'../'.repeat(homedir().split('/').length - 1)}${at('credentials').slice(1)}`;
    await write({ credentials: '[basic]\nak = ak-1\nsk = sk-1' });
    expect(await profile('basic', below).get()).toMatchObject(PAIR);
  });

  it.each([
    ['has no such section', '[global]\nak=ak-1\nsk=sk-1', 'has no section [basic]'],
    ['has the keys outside of it', 'ak=ak-1\nsk=sk-1', 'has no section [basic]'],
    ['has no secret key', '[basic]\nak=ak-1', 'sk in section [basic]'],
    ['has no access key', '[basic]\nsk=sk-1', 'ak in section [basic]'],
    ['has a key that is none', '[basic]\nak=ak-1\nsk=sk-1 x', 'sk in section [basic]'],
    ['is empty', '', 'has no section [basic]'],
  ])('that %s is named', async (_, text, words) => {
    await write({ credentials: text });
    const complaint = await complaintOf(profile());
    expect(complaint).toContain(words);
    expect(complaint).toContain(at('credentials'));
    expect(complaint).not.toMatch(/[as]k-1/);
  });

  it('has no section by the name of what every object has', async () => {
    await write({ credentials: '[basic]\nak=ak-1\nsk=sk-1' });
    expect(await complaintOf(profile('constructor'))).toContain('has no section [constructor]');
    expect(await complaintOf(profile('__proto__'))).toContain('has no section [__proto__]');
  });
});
