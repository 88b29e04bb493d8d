/** Lists of runs and of maintenance runs, as they stand in the terminal. */
import { describe, expect, test } from '@jest/globals';

import { formatMaintenanceList, formatRunList } from '../../src/cli/format/lists.js';
import { runCli } from '../../src/cli/program.js';
import type { MaintenanceEntry, RunEntry } from '../../src/client.js';

import { createFakeClient } from './support/fake-client.js';
import { createFakeIo } from './support/fake-io.js';
import { plain } from './support/plain.js';

const INSTANCE = '22222222-2222-4222-8222-222222222222';
const UNNAMED = '44444444-2222-4222-8222-222222222222';

const RUN: RunEntry = {
  ...{ runId: '33333333-3333-4333-8333-333333333333', workflowId: 'w', taskQueue: 'q' },
  ...{ projectId: '1'.repeat(32), instanceId: INSTANCE, instanceName: 'orders' },
  ...{ startedAt: '2026-11-24T02:00:00.123Z', closedAt: '2026-11-24T02:00:09.000Z' },
  ...{ mode: 'switch', requestedBy: 'alice\nroot', changeId: null, problem: null },
  ...{ outcome: 'SUCCEEDED', cause: 'ROLES_CHANGED', phase: null, maintenanceId: null },
  from: { nodeId: 'n1', availabilityZone: 'az1' },
  to: { nodeId: 'n2', availabilityZone: 'az2' },
  ...{ swapsSent: 1, swapsAccepted: 1, examinedRunId: null },
};

const listed = (...changes: Partial<RunEntry>[]): string[] =>
  plain(
    formatRunList({ runs: changes.map((change) => ({ ...RUN, ...change })), more: false }),
  ).split('\n');

describe('a list of runs', () => {
  test('names instance, outcome, move, person and duration, a line a run', () => {
    const [heading, line, ...others] = listed({});
    expect(heading).not.toContain('MAINTENANCE');
    expect(line).toMatch(
      /^2026-11-24T02:00:00Z +.* ago +orders \(22222222…\) +SUCCEEDED +az1 > az2 +alice root +9 s$/,
    );
    expect(others).toEqual([]);
  });

  test('has the id where no one has read the name, and the maintenance where there is one', () => {
    const [heading, line] = listed({
      instanceId: UNNAMED,
      instanceName: null,
      maintenanceId: 'm1',
    });
    expect(heading).toMatch(/MAINTENANCE$/);
    expect(line).toMatch(/ 44444444… .* m1$/);
  });

  test('shows the phase of an open run, and the mode of one that is no switchover', () => {
    const open = { outcome: null, phase: 'SWAPPING', closedAt: null, to: null } as const;
    const [, first, second] = listed(open, { mode: 'plan', outcome: 'REFUSED' });
    expect(first).toMatch(/ SWAPPING +az1 +alice root +-$/);
    expect(second).toContain(' REFUSED (plan) ');
  });

  test('shows nodes where both are in one zone', () => {
    const to = { nodeId: 'n2-0123456789', availabilityZone: 'az1' };
    expect(listed({ to })[1]).toContain(' n1 > n2-01234… ');
  });

  test('says once why runs could not be read, and that they were not', () => {
    const lines = listed(
      { outcome: null, problem: 'no codec' },
      { outcome: null, problem: 'no codec' },
    );
    expect(lines[1]).toContain(' not read ');
    expect(lines.filter((line) => line === 'Not read: no codec')).toHaveLength(1);
  });

  test('leads from an UNKNOWN run to what is unresolved', () => {
    expect(listed({ outcome: 'UNKNOWN' }).at(-1)).toBe('  dcs-switchover list --unresolved');
    expect(listed({}).join()).not.toContain('--unresolved');
  });

  test('says that there may be more, and that there is none', () => {
    expect(plain(formatRunList({ runs: [RUN], more: true }))).toContain('There may be more');
    expect(plain(formatRunList({ runs: [], more: false }))).toBe('No such run.');
  });
});

const MAINTENANCE: MaintenanceEntry = {
  ...{ name: 'drain', workflowId: 'w', runId: 'r', mode: 'run', outcome: 'PARTIAL', phase: null },
  ...{ isPaused: false, requestedBy: 'ann', changeId: null, problem: null },
  window: {
    opensAt: '2026-12-05T23:00:00.000Z',
    closesAt: '2026-12-06T02:00:00.000Z',
    latestStartAt: '2026-12-06T01:56:00.000Z',
  },
  counts: { pending: 0, running: 0, done: 2, failed: 1, skipped: 0, notStarted: 0 },
  startedAt: '2026-12-05T22:00:00.000Z',
  closedAt: '2026-12-05T23:10:00.000Z',
};

describe('a list of maintenance runs', () => {
  const linesOf = (...changes: Partial<MaintenanceEntry>[]): string[] =>
    plain(
      formatMaintenanceList({
        maintenances: changes.map((change) => ({ ...MAINTENANCE, ...change })),
        more: false,
      }),
    ).split('\n');

  test('has state, how many are done, window, person and duration', () => {
    expect(linesOf({})[1]).toMatch(
      /^2026-12-05T22:00:00Z +in .* +drain +PARTIAL +2\/3 +2026-12-05 23:00–2026-12-06 02:00 +ann +1 h 10 min$/,
    );
  });

  test('says what is not known of an open one that no worker serves', () => {
    const open = { outcome: null, counts: null, window: null, closedAt: null } as const;
    const lines = linesOf({ ...open, problem: 'no worker answered' });
    expect(lines[1]).toMatch(/ open +- +- +ann +-$/);
    expect(lines.at(-1)).toBe('Not read: no worker answered');
    const paused = { ...open, phase: 'SWITCHING', isPaused: true, mode: 'plan' } as const;
    expect(linesOf(paused)[1]).toContain(' SWITCHING, paused (plan) ');
  });

  test('says that there is none', () => {
    expect(plain(formatMaintenanceList({ maintenances: [], more: false }))).toBe(
      'No such maintenance.',
    );
  });
});

describe('the command list', () => {
  const run = async (...args: string[]) => {
    const io = createFakeIo();
    const client = createFakeClient({ list: { runs: [RUN], more: false } });
    return { exitCode: await runCli(args, io, client), io, client };
  };

  test('asks for what its options say', async () => {
    const since = '2026-11-24T00:00:00Z';
    const options = ['--outcome', 'unknown', '--since', since, '--limit', '3', '--project', 'p'];
    const { exitCode, io, client } = await run('list', ...options);
    expect({ exitCode, text: io.stdout() }).toMatchObject({ exitCode: 0 });
    expect(client.lists).toEqual([{ projectId: 'p', outcome: 'UNKNOWN', since, limit: 3 }]);
  });

  test('takes a span for an instant, and gives data where asked', async () => {
    const { client, io } = await run('list', '--since', '2h', '-o', 'json');
    const ageMs = Date.now() - Date.parse(client.lists[0]?.since ?? '');
    expect(Math.abs(ageMs - 7_200_000)).toBeLessThan(600_000);
    expect(JSON.parse(io.stdout())).toEqual({ runs: [RUN], more: false });
  });

  test.each([
    [['--outcome', 'FINE'], 'Give one of SUCCEEDED'],
    [['--since', 'yesterday'], 'Write it like 90m'],
    [['--limit', '201'], 'from 1 to 200'],
    [['--unresolved', '--limit', '3'], 'leave out --outcome, --since and --limit'],
  ])('refuses %j before anything is opened', async (options, words) => {
    const { exitCode, io, client } = await run('list', ...options);
    expect(exitCode).toBe(2);
    expect(io.stderr()).toContain(words);
    expect(client.connections).toEqual([]);
  });
});
