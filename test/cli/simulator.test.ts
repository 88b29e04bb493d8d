import { setTimeout as pause } from 'node:timers/promises';

import { describe, expect, test } from '@jest/globals';

import { runCli } from '../../src/cli/run-cli.js';

import { createFakeIo } from './support/fake-io.js';

/** Runs the command until it has described itself, then presses Ctrl-C. */
async function runUntilDescribed(...args: string[]) {
  const io = createFakeIo();
  const running = runCli(['simulator', '--no-redis', ...args], io);
  while (io.stdout() === '') await pause(20);
  io.interrupt();
  return { io, exitCode: await running };
}

describe('simulator', () => {
  test('describes itself by its first line, and ends when asked', async () => {
    const { io, exitCode } = await runUntilDescribed('--json', '--instances', '2');
    expect(exitCode).toBe(0);
    const description = JSON.parse(io.stdout()) as Record<string, unknown>;
    expect(Object.keys(description)).toEqual([
      ...['endpoint', 'projectId', 'region', 'accessKey', 'secretKey', 'instances'],
    ]);
    expect(description['endpoint']).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const instance = { instanceId: expect.any(String), cacheMode: 'ha', address: null };
    expect(description['instances']).toEqual([instance, instance]);
    await expect(fetch(String(description['endpoint']))).rejects.toThrow('fetch failed');
  });

  test('says in one line that there is no Redis', async () => {
    const { io } = await runUntilDescribed();
    expect(io.stderr()).toBe('No Redis: the roles are kept in memory.\n');
    expect(io.stdout()).toContain('DCS_ENDPOINT=http://127.0.0.1:');
  });

  test.each(['--port=70000', '--instances=0', '--job-seconds=x'])('refuses %s', async (option) => {
    const io = createFakeIo();
    expect(await runCli(['simulator', option], io)).toBe(2);
    expect(io.stderr()).toContain('Give a whole number from');
  });
});
