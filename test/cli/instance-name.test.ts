/** Commands take an instance by its id or by its exact name, within their project. */
import { describe, expect, test } from '@jest/globals';

import { formatInstances } from '../../src/cli/format/instances.js';
import { runCli } from '../../src/cli/program.js';

import { createFakeClient } from './support/fake-client.js';
import type { FakeBehaviour } from './support/fake-client.js';
import { createFakeIo } from './support/fake-io.js';
import { plain } from './support/plain.js';

const PROJECT = '11111111111111111111111111111111';
const INSTANCE = '22222222-2222-4222-8222-222222222222';
const OTHER = '44444444-2222-4222-8222-222222222222';

async function run(args: readonly string[], behaviour: FakeBehaviour = {}) {
  const io = createFakeIo({ env: { HUAWEICLOUD_SDK_PROJECT_ID: PROJECT } });
  const client = createFakeClient({ named: { orders: [INSTANCE] }, ...behaviour });
  return { exitCode: await runCli(args, io, client), io, client };
}

describe('an instance that is given by its name', () => {
  test.each(['status', 'history', 'plan'])('is found by its runs: %s', async (verb) => {
    const { exitCode, io, client } = await run([verb, 'orders']);
    expect({ exitCode, stderr: io.stderr() }).toMatchObject({ exitCode: 0 });
    const asked = [...client.started, ...client.histories.map(({ ref }) => ref)];
    expect(io.stdout() + JSON.stringify(asked)).toContain(INSTANCE);
  });

  test('is named with its id before it is switched', async () => {
    const { client, io } = await run(['switch', 'orders', '--to-az', 'az2']);
    expect(client.started).toMatchObject([{ instanceId: INSTANCE, projectId: PROJECT }]);
    expect(io.stderr()).toContain(`orders is ${INSTANCE}.`);
  });

  test.each([
    { line: ['switch', 'orders', '--to-az', 'az2'], names: ['orders'] },
    { line: ['plan', 'orders', '--to-az', 'az2'], names: ['orders'] },
    { line: ['switch', INSTANCE, '--to-az', 'az2'], names: [undefined] },
  ])('has it in the lists of the Temporal UI from the start: $line', async ({ line, names }) => {
    expect((await run(line)).client.startedAs).toEqual(names);
  });

  test('is found for a maintenance that is to leave it out', async () => {
    const line = ['maintenance', 'skip', 'drain', 'orders', '--reason', 'not ready'];
    const { exitCode, io } = await run(line);
    expect({ exitCode, stderr: io.stderr() }).toEqual({ exitCode: 0, stderr: '' });
  });

  test('of several nothing is done: the error lists them', async () => {
    const { exitCode, io, client } = await run(['switch', 'twin', '--to-az', 'az2'], {
      named: { twin: [INSTANCE, OTHER] },
    });
    expect(exitCode).toBe(2);
    expect(io.stderr()).toMatch(new RegExp(`Several .* named twin[^]*${INSTANCE}\\n +${OTHER}`));
    expect(client.started).toEqual([]);
  });

  test('of none nothing is done: the error says where it was looked for, and how to find it', async () => {
    const { exitCode, io, client } = await run(['switch', 'Orders', '--to-az', 'az2']);
    expect(exitCode).toBe(2);
    expect(io.stderr()).toContain('is named Orders. Searched: the runs that Temporal knows');
    expect(io.stderr()).toContain(`  dcs-switchover instances --project ${PROJECT}`);
    expect(client.started).toEqual([]);
  });

  test.each([INSTANCE.slice(1), INSTANCE.replace('2', 'A'), '../x', 'a b'])(
    'is not looked for where %j has not the form of a name',
    async (text) => {
      const { exitCode, io } = await run(['switch', text, '--to-az', 'az2']);
      expect(exitCode).toBe(2);
      expect(io.stderr()).not.toContain('is named');
    },
  );
});

describe('the table of instances', () => {
  const LISTED = {
    ...{ instanceId: INSTANCE, name: 'orders', cacheMode: 'ha', status: 'RUNNING' },
    ...{ busyWith: null, allowed: true, refusedNow: [] },
    ...{ run: null, lastOutcome: null, lastAt: null },
    master: { nodeId: 'n1', availabilityZone: 'az1' },
  };

  test('has name, id, mode, zone of the master, and what is not known as a dash', () => {
    expect(plain(formatInstances([LISTED])).split('\n')[1]).toMatch(
      new RegExp(`^orders +${INSTANCE} +ha +az1 +RUNNING +- +- +yes$`),
    );
    expect(plain(formatInstances([]))).toContain('no instance');
  });

  test('says yes only where nothing that it shows would refuse, and the mode is shown', () => {
    const last = (changes: object) =>
      plain(formatInstances([{ ...LISTED, ...changes }]))
        .split('\n')[1]
        ?.split(/ {2,}/)
        .at(-1);
    const refusedNow = [{ id: 'one-master', observed: '2 shards' }];
    expect(last({ refusedNow })).toBe('no: one-master');
    expect(last({ refusedNow, allowed: null })).toBe('no: one-master');
    expect(last({ refusedNow, allowed: false })).toBe('no');
    expect(last({ cacheMode: null })).toBe('rules only');
    expect(last({ cacheMode: null, allowed: null })).toBe('by tags');
    expect(plain(formatInstances([{ ...LISTED, cacheMode: null }]))).not.toContain('MODE');
  });

  test('says what an instance is busy with, and how its last switchover ended', () => {
    const busy = { ...LISTED, busyWith: 'task X', allowed: null };
    const line = (changes: object) =>
      plain(formatInstances([{ ...busy, ...changes }])).split('\n')[1];
    expect(line({})).toMatch(/ task X +- +by tags$/);
    expect(line({ run: { phase: 'SWAPPING', maintenanceId: null } })).toContain('SWAPPING');
    const run = { phase: 'HOLDING', maintenanceId: 'm1' } as const;
    const last = { lastOutcome: 'NOOP', lastAt: '2026-11-24T02:00:00Z', allowed: false } as const;
    expect(line({ run, ...last })).toMatch(/ HOLDING, maintenance m1 +NOOP 2026-11-24 +no$/);
  });
});
