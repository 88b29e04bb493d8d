import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { startChildServer } from '../../src/dev/temporal-server.js';
import { isGoneSoon } from './processes.js';

/** As it is shipped: a process of its own loads no TypeScript. */
const BUILT = path.resolve(__dirname, '../../dist/dev/temporal-server.js');

const env = { PATH: '/usr/bin:/bin' };
const sh = (script: string): ReturnType<typeof startChildServer> =>
  startChildServer('/bin/sh', ['-c', script], env);

describe('startChildServer', () => {
  it('shows when the server first spoke', async () => {
    const startedAt = Date.now();
    const server = sh('echo ready; sleep 60');
    await server.spoke;
    expect(Date.now() - startedAt).toBeLessThan(10_000);
    await server.stop();
  });

  it('gives the last words of a server that ended instead', async () => {
    await expect(sh('echo "no port for me" >&2; exit 3').spoke).rejects.toThrow(
      '/bin/sh ended with 3: no port for me',
    );
  });

  it('keeps the first words of a server that panics with pages of stack', async () => {
    const panic = 'echo "panic: bind: address already in use" >&2; yes frame | head -5000 >&2';
    const server = sh(`${panic}; echo "exit status 2" >&2; exit 2`);
    await expect(server.spoke).rejects.toThrow(/ended with 2: panic: .*already in use/);
    await expect(server.spoke).rejects.toThrow(/exit status 2$/);
  });

  it('says when there is nothing to start', async () => {
    const server = startChildServer('/nowhere/server', [], env);
    await expect(server.spoke).rejects.toThrow(/ENOENT/);
    await server.stop();
  });

  it('is stopped at once, and may be stopped twice', async () => {
    const server = sh('trap "" TERM INT; echo up; while :; do sleep 0.05; done');
    await server.spoke;
    const startedAt = Date.now();
    await server.stop();
    await server.stop();
    expect(Date.now() - startedAt).toBeLessThan(30_000);
  });
});

describe('a server behind a shell script', () => {
  it('ends with the script', async () => {
    const dir = await mkdtemp(path.join(tmpdir(), 'wrapper-'));
    const pidFile = path.join(dir, 'pid');
    const server = sh(`sleep 60 & echo $! > ${pidFile}; echo up; wait`);
    await server.spoke;
    const pid = Number(await readFile(pidFile, 'utf8'));
    await server.stop();

    expect(pid).toBeGreaterThan(1);
    expect(await isGoneSoon(pid)).toBe(true);
    await rm(dir, { recursive: true });
  });
});

describe('a server of ours', () => {
  let dir: string;

  /** A process that starts a server, prints its id, and then waits to die. */
  const startParent = async (): Promise<{
    kill: (signal: NodeJS.Signals) => boolean;
    serverPid: number;
  }> => {
    const script = `
      const { startChildServer } = require(${JSON.stringify(BUILT)});
      const server = startChildServer('/bin/sh', ['-c', 'echo $$ > pid; echo up; exec sleep 60'],
        process.env);
      server.spoke.then(() => process.stdout.write(require('fs').readFileSync('pid')));`;
    const parent = spawn(process.execPath, ['-e', script], {
      cwd: dir,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [pid] = (await once(parent.stdout, 'data')) as [Buffer];
    return { kill: (signal) => parent.kill(signal), serverPid: Number(pid.toString()) };
  };

  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'guard-'));
  });

  afterAll(() => rm(dir, { recursive: true, force: true }));

  it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)('does not outlive our %s', async (signal) => {
    const { kill, serverPid } = await startParent();
    expect(serverPid).toBeGreaterThan(1);
    kill(signal);
    expect(await isGoneSoon(serverPid)).toBe(true);
  });
});
