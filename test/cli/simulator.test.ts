import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { runCli } from '../../src/cli/program.js';
import { NAMED_FAULTS } from '../../src/simulator/faults/named.js';

import { createFakeIo } from './support/fake-io.js';

let directory = '';

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'simulator-cli-'));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

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
    const { io, exitCode } = await runUntilDescribed('-o', 'json', '--instances', '2');
    expect(exitCode).toBe(0);
    const description = JSON.parse(io.stdout()) as Record<string, unknown>;
    expect(Object.keys(description)).toEqual([
      ...['endpoint', 'projectId', 'region', 'accessKey', 'secretKey', 'instances'],
      'account',
    ]);
    expect(description['endpoint']).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const name = expect.stringMatching(/^dcs-/);
    const redis = { login: 'acl', passwords: {}, tls: false, ca: null };
    const instance = {
      ...{ instanceId: expect.any(String), name, cacheMode: 'ha', address: null, redis },
    };
    expect(description['instances']).toEqual([instance, instance]);
    await expect(fetch(String(description['endpoint']))).rejects.toThrow('fetch failed');
  });

  test('serves instances and faults that the caller describes', async () => {
    const io = createFakeIo();
    const zones = [{ availabilityZone: 'x-1a' }, { availabilityZone: 'x-1b', priority: 0 }];
    const file = path.join(directory, 'instances.json');
    await writeFile(file, JSON.stringify({ instances: [{ name: 'orders', nodes: zones }] }));
    const faults = path.join(directory, 'faults.json');
    const down = { route: 'createToken', respond: { status: 503, body: 'down' } };
    await writeFile(faults, JSON.stringify({ faults: [down] }));
    const running = runCli(
      [
        ...[
          'simulator',
          '--no-redis',
          '-o',
          'json',
          '--instances-file',
          file,
          '--faults-file',
          faults,
        ],
        ...['--instance', '{"name":"sessions","cacheMode":"single"}'],
        ...['--fault', '{"route":"showSecurityKey","respond":{"status":404,"body":"none"}}'],
      ],
      io,
    );
    while (io.stdout() === '') await pause(20);
    const { endpoint, instances } = JSON.parse(io.stdout()) as {
      endpoint: string;
      instances: unknown[];
    };
    expect(instances).toMatchObject([
      { name: 'orders', cacheMode: 'ha' },
      { name: 'sessions', cacheMode: 'single' },
    ]);
    const login = await fetch(`${endpoint}/v3/auth/tokens`, { method: 'POST' });
    expect([login.status, await login.text()]).toEqual([503, 'down']);
    const key = await fetch(`${endpoint}/openstack/latest/securitykey`);
    expect([key.status, await key.text()]).toEqual([404, 'none']);
    io.interrupt();
    expect(await running).toBe(0);
  });

  test.each([
    [['--fault', '{"route":"asyncSwap","job":{"outcome":"MAYBE"}}'], 'faults[0].job.outcome must'],
    [['--fault', '{'], '--fault (no. 1): '],
    [['--instance', '{"nodes":[{}]}'], 'instances[0].nodes[0].availabilityZone is required'],
    [['--faults-file', '/nowhere.json'], 'ENOENT'],
    [['--faults', 'lost-answers,nothing'], 'Give some of lost-answers, lost-requests, '],
    [['--habit', 'addresses'], 'write it as name=value'],
    [['--habit', 'addresses=x'], '--habit: habits.addresses must be one of follow-role, fixed'],
    [['--instance', '{}', '--instances', '2'], 'not both'],
    [['--project', 'x'], 'Give 32 hex digits in lower case.'],
  ])('refuses %j before anything starts', async (args, message) => {
    const io = createFakeIo();
    expect(await runCli(['simulator', '--no-redis', ...args], io)).toBe(2);
    expect(io.stderr()).toContain(message);
    expect(io.stdout()).toBe('');
  });

  test('says in one line that there is no Redis', async () => {
    const { io } = await runUntilDescribed();
    expect(io.stderr()).toBe('No Redis: the roles are kept in memory.\n');
    expect(io.stdout()).toContain('DCS_ENDPOINT=http://127.0.0.1:');
  });

  test('serves faults by their names, of which its help has all', async () => {
    const { io } = await runUntilDescribed('-o', 'json', '--faults', 'busy,throttling');
    expect(io.stderr()).toBe('No Redis: the roles are kept in memory.\n');
    const help = createFakeIo();
    expect(await runCli(['simulator', '--help'], help)).toBe(0);
    for (const [name, { about, outcome }] of Object.entries(NAMED_FAULTS))
      expect(help.stdout()).toMatch(new RegExp(`^  ${name} +${about}: ${outcome}$`, 'm'));
  });

  test.each(['--port=70000', '--instances=0', '--job-seconds=x'])('refuses %s', async (option) => {
    const io = createFakeIo();
    expect(await runCli(['simulator', option], io)).toBe(2);
    expect(io.stderr()).toContain('Give a whole number from');
  });
});
