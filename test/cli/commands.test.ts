import { spawnSync } from 'node:child_process';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { parse as parseYaml } from 'yaml';

import { runCli } from '../../src/cli/program.js';
import { result } from '../client/support/facts.js';

import { RUN_ID, createFakeClient } from './support/fake-client.js';
import type { FakeBehaviour } from './support/fake-client.js';
import { createFakeIo } from './support/fake-io.js';

const PROJECT = '11111111111111111111111111111111';
const INSTANCE = '22222222-2222-4222-8222-222222222222';
const REF = { projectId: PROJECT, instanceId: INSTANCE };

async function run(args: readonly string[], behaviour: FakeBehaviour = {}) {
  const io = createFakeIo();
  const client = createFakeClient(behaviour);
  const exitCode = await runCli(args, io, client);
  return { exitCode, io, client };
}

describe('help', () => {
  test('lists the commands and the exit codes, and is no mistake', async () => {
    const { exitCode, io, client } = await run(['--help']);
    expect(exitCode).toBe(0);
    for (const name of ['plan', 'switch', 'wait', 'status', 'cancel', 'resolve', 'worker'])
      expect(io.stdout()).toContain(`\n  ${name} `);
    expect(io.stdout()).toContain('9 stopped waiting, the run continues');
    expect(client.connections).toEqual([]);
  });

  test.each([
    'plan',
    'switch',
    'wait',
    'status',
    'cancel',
    'resolve',
    'doctor',
    'inspect',
    'setup',
    'simulator',
    'worker',
    'dev',
  ])('%s has its own', async (name) => {
    const { exitCode, io } = await run([name, '--help']);
    expect(exitCode).toBe(0);
    expect(io.stdout()).toContain(`Usage: dcs-switchover ${name}`);
  });

  test.each([
    ['verify', ['--examined-run']],
    ['adopt', ['--job']],
    ['resolve', ['--outcome', '--statement', '--by']],
  ])('%s marks the options that it needs', async (name, needed) => {
    const { io } = await run([name, '--help']);
    const text = io.stdout().replaceAll(/\s+/g, ' ');
    for (const option of needed)
      expect(text).toMatch(new RegExp(`${option} <[a-z]+> [^-]*required`));
  });

  test.each([[[]], [['statu']], [['status']], [['status', INSTANCE, '--wat']]])(
    '%j is a mistake',
    async (args) => {
      const { exitCode, io } = await run(args);
      expect(exitCode).toBe(2);
      expect(io.stdout()).toBe('');
      expect(io.stderr()).not.toBe('');
    },
  );

  test('reports its version', async () => {
    const { exitCode, io } = await run(['--version']);
    expect(exitCode).toBe(0);
    expect(io.stdout()).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('plan', () => {
  test('asks for a toggle where no goal is given', async () => {
    const { exitCode, client } = await run(['plan', INSTANCE], {
      result: () => Promise.resolve(result({ outcome: 'PLANNED' })),
    });
    expect(exitCode).toBe(0);
    expect(client.started).toEqual([{ ...REF, mode: 'plan', toggle: true, requestedBy: 'alice' }]);
  });

  test('keeps the goal that is given', async () => {
    const { client } = await run(['plan', INSTANCE, '--to-az', 'az2']);
    expect(client.started).toEqual([
      { ...REF, mode: 'plan', target: { availabilityZone: 'az2' }, requestedBy: 'alice' },
    ]);
  });
});

describe('status', () => {
  test('shows where a run stands', async () => {
    const { exitCode, io } = await run(['status', INSTANCE]);
    expect(exitCode).toBe(0);
    expect(io.stdout()).toMatch(/^RUNNING \(AWAITING_JOB for /);
    expect(io.stdout()).toContain('PUT accepted, job job-1');
    expect(io.stdout()).toContain('by alice, because: drain az1, request r-1');
  });

  test('is one line of JSON where asked', async () => {
    const { io } = await run(['status', INSTANCE, '-o', 'json']);
    expect(JSON.parse(io.stdout())).toMatchObject({ source: 'worker', put: 'accepted' });
  });

  test('refuses a run id that is none', async () => {
    const { exitCode, io, client } = await run(['status', INSTANCE, '--run', 'latest']);
    expect(exitCode).toBe(2);
    expect(io.stderr()).toContain('--run is not a run id');
    expect(client.connections).toEqual([]);
  });

  test('lets no control character of others reach the terminal', async () => {
    const { io } = await run(['status', INSTANCE], { status: { next: 'a\u001B[2Jb\rc' } });
    expect(io.stdout()).toContain('a\\u001b[2Jb\\u000dc');
  });

  test('shows direction marks and C1 characters of others as codes, and as data with the same value', async () => {
    const next = 'a\u202eb\u009b2Jc\u200f\u2066\u061c\u007f';
    const shown = 'a\\u202eb\\u009b2Jc\\u200f\\u2066\\u061c\\u007f';
    const text = await run(['status', INSTANCE], { status: { next } });
    expect(text.io.stdout()).toContain(shown);
    for (const format of ['json', 'yaml']) {
      const { io } = await run(['status', INSTANCE, '-o', format], { status: { next } });
      expect(io.stdout()).toContain(shown);
      expect(parseYaml(io.stdout())).toMatchObject({ next });
    }
  });

  test.each([[['-o', 'json']], [['-o', 'yaml']], [[]]])(
    'shows what was typed as codes in the error about it, with %j',
    async (more) => {
      for (const args of [['status', 'a\u202eb'], ['stat\u202eus'], ['status', '--r\u009bun']]) {
        const { exitCode, io } = await run([...args, ...more]);
        expect(exitCode).toBe(2);
        expect(io.stdout() + io.stderr()).toMatch(/^[\n\x20-\x7e]+$/);
      }
    },
  );
});

describe('wait', () => {
  test('waits for the run that is named', async () => {
    const { exitCode, client } = await run(
      ['wait', INSTANCE, '--run', RUN_ID, '--plan', '--wait-timeout', '5'],
      { result: () => Promise.resolve(result({ outcome: 'UNKNOWN' })) },
    );
    expect(exitCode).toBe(6);
    expect(client.waited).toMatchObject([
      { ref: { ...REF, mode: 'plan', runId: RUN_ID }, options: { timeoutMs: 5_000 } },
    ]);
  });
});

describe('cancel', () => {
  test('passes the reason and shows what it means', async () => {
    const { exitCode, io, client } = await run(['cancel', INSTANCE, '--reason', 'window moved']);
    expect(exitCode).toBe(0);
    expect(client.cancelled).toMatchObject([{ ref: REF, reason: 'window moved' }]);
    expect(io.stdout()).toBe(`Cancellation of run ${RUN_ID} requested. It finishes.\n`);
  });
});

describe('verify and adopt', () => {
  const JOB = 'a'.repeat(32);

  test('verify asks about the run that is named', async () => {
    const { exitCode, client, io } = await run(
      ['verify', INSTANCE, '--examined-run', RUN_ID, '--timing', 'settleSeconds=5'],
      { result: () => Promise.resolve(result({ mode: 'verify', examinedRunId: RUN_ID })) },
    );
    expect(exitCode).toBe(0);
    expect(client.started).toMatchObject([
      { ...REF, mode: 'verify', examinedRunId: RUN_ID, timing: { settleSeconds: 5 } },
    ]);
    expect(io.stdout()).toMatch(/mode +verify\n.*about run +33333333/);
  });

  test('adopt finds the unresolved run by itself', async () => {
    const { exitCode, client } = await run(['adopt', INSTANCE, '--job', JOB], {
      result: () => Promise.resolve(result({ mode: 'adopt', outcome: 'UNKNOWN' })),
    });
    expect(exitCode).toBe(6);
    expect(client.started).toMatchObject([{ ...REF, mode: 'adopt', jobId: JOB }]);
  });

  test.each([
    [['verify', INSTANCE], '--examined-run'],
    [['adopt', INSTANCE], '--job'],
    [['verify', INSTANCE, '--examined-run', 'latest'], '--examined-run is not a run id'],
    [['adopt', INSTANCE, '--job', '../x'], '--job is not a job id'],
  ])('%j is refused before anything is opened', async (args, words) => {
    const { exitCode, client, io } = await run(args);
    expect(exitCode).toBe(2);
    expect(io.stderr()).toContain(words);
    expect(client.connections).toEqual([]);
  });
});

test.each([
  [['inspect', 'abc'], 'the instance id is not an instance id'],
  [['inspect', INSTANCE, '--job', 'x'], '--job is not a job id'],
  [['doctor', '--instance', 'abc'], 'the instance id is not an instance id'],
  [['doctor', '--project', 'x'], '--project is not a project id'],
])('%j is reported at once, without a configuration', async (args, words) => {
  const { exitCode, io } = await run(args);
  expect(exitCode).toBe(2);
  expect(io.stderr()).toContain(words);
});

describe('history', () => {
  const entry = {
    runId: RUN_ID,
    startedAt: '2026-11-24T02:00:00.123Z',
    closedAt: '2026-11-24T02:00:09.000Z',
    mode: 'switch',
    requestedBy: 'alice\nroot',
    changeId: null,
    outcome: 'UNKNOWN',
    cause: 'NO_TRACE',
    swapsSent: 1,
    swapsAccepted: 0,
    examinedRunId: null,
    ...{ instanceName: null, phase: null, from: null, to: null, maintenanceId: null },
  } as const;
  const verified = { ...entry, mode: 'verify', outcome: 'SUCCEEDED', cause: null } as const;
  const open = { ...entry, outcome: null, cause: null, closedAt: null, swapsSent: 0 } as const;

  test('is a table, latest first as reported, one line a run', async () => {
    const found = { ...verified, swapsSent: 0, examinedRunId: RUN_ID };
    const { exitCode, io, client } = await run(['history', INSTANCE, '--limit', '3'], {
      history: [open, found, entry],
    });
    expect(exitCode).toBe(0);
    expect(client.histories).toEqual([{ ref: REF, limit: 3 }]);
    const lines = io.stdout().trimEnd().split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[1]).toMatch(/switch +open +0 +alice root/);
    expect(lines[2]).toMatch(/verify +SUCCEEDED +0 .*33333333.*33333333/);
    expect(lines[3]).toMatch(/^2026-11-24T02:00:00Z +.* ago +switch +UNKNOWN +NO_TRACE +1\/0 /);
  });

  test('has no column for judged runs where no run has judged any', async () => {
    const { io } = await run(['history', INSTANCE], { history: [entry] });
    expect(io.stdout()).not.toContain('ABOUT');
  });

  test.each(['0', '201', 'all'])('--limit %s is a mistake', async (limit) => {
    const { exitCode, io } = await run(['history', INSTANCE, '--limit', limit]);
    expect(exitCode).toBe(2);
    expect(io.stderr()).toContain('from 1 to 200');
  });

  test('is data where asked, and says so where there is nothing', async () => {
    const { io } = await run(['history', INSTANCE, '-o', 'json'], { history: [entry] });
    expect(JSON.parse(io.stdout())).toEqual([entry]);
    expect((await run(['history', INSTANCE])).io.stdout()).toContain('No run of this instance');
  });
});

describe('a run that retries', () => {
  test('reports attempt, failure, request id and when it gives up', async () => {
    const pending = {
      type: 'preflight',
      attempt: 3,
      maximumAttempts: 5,
      isWaiting: true,
      lastFailure: 'Nothing was sent. GET …: 503 (request id r-9).',
      nextAttemptAt: '2026-11-24T02:00:10.000Z',
      next: null,
      givesUpAt: null,
      lastRequestId: null,
    };
    const { io } = await run(['status', INSTANCE], { status: { pending } });
    expect(io.stdout()).toMatch(
      /at work +preflight, attempt 3 of 5; the attempt before failed: Nothing was sent.*r-9.*next attempt at 2026/,
    );
  });

  test('shows what a running poll says of itself', async () => {
    const pending = {
      type: 'awaitJob',
      attempt: 1,
      maximumAttempts: 10,
      isWaiting: false,
      lastFailure: null,
      nextAttemptAt: null,
      next: 'poll job job-1 until it ends',
      givesUpAt: '2026-11-24T02:10:00.000Z',
      lastRequestId: 'r-10',
    };
    const { io } = await run(['status', INSTANCE], { status: { pending } });
    expect(io.stdout()).toMatch(
      /awaitJob, attempt 1 of 10; poll job job-1 .*gives up at 2026.*; last request id r-10/,
    );
  });
});

describe('resolve', () => {
  const word = [
    '--outcome',
    'SUCCEEDED',
    '--statement',
    'roles seen in the console',
    '--by',
    'bob',
  ];

  test('records a word', async () => {
    const { exitCode, client } = await run(['resolve', INSTANCE, ...word], {
      result: () => Promise.resolve(result({ outcome: 'RESOLVED' })),
    });
    expect(exitCode).toBe(0);
    expect(client.started).toEqual([
      {
        ...REF,
        mode: 'resolve',
        requestedBy: 'bob',
        resolution: {
          outcome: 'SUCCEEDED',
          statement: 'roles seen in the console',
          resolvedBy: 'bob',
        },
      },
    ]);
  });

  test.each([
    [word.slice(2), /--outcome/],
    [word.slice(0, 4), /--by/],
    [['--outcome', 'UNKNOWN', ...word.slice(2)], /--outcome is not one of SUCCEEDED/],
    [[...word.slice(0, 3), ' ', ...word.slice(4)], /--statement is empty/],
  ])('refuses %j', async (args, message) => {
    const { exitCode, io, client } = await run(['resolve', INSTANCE, ...args]);
    expect(exitCode).toBe(2);
    expect(io.stderr()).toMatch(message);
    expect(client.started).toEqual([]);
  });
});

describe('worker', () => {
  // A process of its own, as in use: the native module does not like to be loaded twice in one.
  test('names every setting that is missing', () => {
    const command = path.join(__dirname, '../../dist/cli.js');
    const { PATH } = process.env;
    const { status, stderr } = spawnSync(process.execPath, [command, 'worker'], {
      env: { PATH },
      encoding: 'utf8',
    });
    expect(status).toBe(2);
    expect(stderr).toContain('HUAWEICLOUD_SDK_PROJECT_ID is missing');
    expect(stderr).toContain('DCS_REGION is missing');
    expect(stderr).not.toContain('    at ');
  });
});
