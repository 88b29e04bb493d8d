import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { runCli } from '../../src/cli/program.js';
import {
  BackfillRefusedError,
  InvalidInputError,
  RunCancelledError,
  MaintenanceEndedOutsideError,
  AlreadyRunningError,
  WaitTimedOutError,
  MessageRefusedError,
  NoWorkerError,
  NothingLeftError,
} from '../../src/client.js';
import type { ConnectOptions, ResolvedSince } from '../../src/client.js';
import type { MaintenanceResult } from '../../src/contract/index.js';

import { createFakeClient } from './support/fake-client.js';
import { createFakeIo } from './support/fake-io.js';
import { PLAN_RUN_ID, createFakeOperator } from './support/fake-operator.js';
import type { OperatorBehaviour } from './support/fake-operator.js';
import {
  instanceId,
  leg,
  maintenanceResult,
  receipt,
  item,
  unstarted,
} from './support/maintenance-facts.js';

const REF = { maintenanceId: 'drain-az1' };
const ASKED = [
  ...['--instance', instanceId(1), '--to-az', 'az2'],
  ...['--closes-at', '2099-01-01T00:00:00Z'],
];
const START = ['maintenance', 'start', 'drain-az1', ...ASKED];

async function run(
  args: readonly string[],
  behaviour: OperatorBehaviour = {},
  surroundings: Parameters<typeof createFakeIo>[0] = {},
) {
  const io = createFakeIo(surroundings);
  const operator = createFakeOperator(behaviour);
  const exitCode = await runCli(args, io, createFakeClient({}, operator));
  return { exitCode, io, operator };
}

const ending = (result: MaintenanceResult): OperatorBehaviour => ({
  maintenance: { result: () => Promise.resolve(result) },
});

/** One done, one unresolved, one aborted. */
const PARTIAL = maintenanceResult({
  outcome: 'PARTIAL',
  cause: 'ABORTED',
  message: 'Not all done.',
  counts: { pending: 0, running: 0, done: 1, failed: 1, skipped: 0, notStarted: 1 },
  items: [
    item(1),
    item(2, leg({ outcome: 'UNKNOWN', cause: 'NO_TRACE', reason: 'No | trace <b>of</b> it.' })),
    item(3, unstarted('NOT_STARTED', 'aborted by bob')),
  ],
  decisions: [{ what: 'aborted', by: 'bob', why: 'page `17`', at: '2026-12-05T01:01:00.000Z' }],
});

describe('help', () => {
  test.each(['plan', 'start', 'approve', 'reject', 'pause', 'resume', 'skip', 'abort', 'cancel'])(
    'maintenance %s has its own',
    async (name) => {
      const { exitCode, io } = await run(['maintenance', name, '--help']);
      expect(exitCode).toBe(0);
      expect(io.stdout()).toContain(`Usage: dcs-switchover maintenance ${name}`);
    },
  );

  test.each([
    [['maintenance', 'abort', 'drain-az1'], "required option '--reason <text>' not specified"],
    [['maintenance', 'frobnicate'], "unknown command 'frobnicate'"],
    [['freeze', '--for', '8'], "option '--for <time>' argument '8' is invalid."],
  ])('with -o json a wrong use is one line of data as well: %j', async (args, message) => {
    const { exitCode, io } = await run([...args, '-o', 'json']);
    expect(exitCode).toBe(2);
    const { error } = JSON.parse(io.stdout()) as { error: Record<string, unknown> };
    expect(error).toEqual({
      ...error,
      name: 'UsageError',
      message: expect.stringContaining(message) as unknown,
      exitCode: 2,
    });
  });

  test('names PARTIAL among the exit codes', async () => {
    const { io } = await run(['--help']);
    expect(io.stdout()).toContain('10 PARTIAL');
  });
});

describe('start', () => {
  test('follows the run that it started, and ends with its outcome', async () => {
    const { exitCode, operator, io } = await run(START);
    expect(exitCode).toBe(0);
    const [[awaited] = []] = operator.argsOf('maintenance.result');
    expect(awaited).toEqual({ ...REF, runId: PLAN_RUN_ID });
    // A long maintenance continues as new: looks must not stick to its first run.
    expect(operator.argsOf('maintenance.progress')[0]).toEqual([REF]);
    expect(io.stdout()).toMatch(/^COMPLETED \(ALL_DONE\)\nAll 1 instance is done\./);
    expect(operator.isClosed()).toBe(true);
  });

  test('--no-wait shows what to do next, approval first', async () => {
    const { io, operator } = await run([...START, '--no-wait', '--require-approval']);
    expect(operator.argsOf('maintenance.result')).toEqual([]);
    expect(io.stdout().split('\n').slice(1, 7)).toEqual([
      'Approve it:',
      '  dcs-switchover maintenance approve drain-az1',
      'Look:',
      '  dcs-switchover maintenance progress drain-az1',
      'Wait for it:',
      '  dcs-switchover maintenance wait drain-az1',
    ]);
  });

  test('Ctrl-C stops following and says how to go on', async () => {
    const io = createFakeIo();
    const operator = createFakeOperator({
      maintenance: {
        result: (_, options) =>
          new Promise((_resolve, reject) => {
            options?.signal?.addEventListener('abort', () => {
              reject(options.signal?.reason as Error);
            });
            setTimeout(() => {
              io.interrupt();
            }, 20);
          }),
      },
    });
    expect(await runCli(START, io, createFakeClient({}, operator))).toBe(9);
    expect(io.stderr()).toMatch(
      /maintenance drain-az1 continues\.\n[^]*\n {2}dcs-switchover maintenance abort drain-az1 --reason/,
    );
  });

  test('a maintenance that is done already is reported, with its result', async () => {
    const { io, exitCode } = await run(START, {
      maintenance: {
        start: () =>
          Promise.resolve({ ...REF, workflowId: 'w', runId: PLAN_RUN_ID, reused: 'closed' }),
      },
    });
    expect(exitCode).toBe(0);
    expect(io.stderr()).toContain(`Nothing was started: run ${PLAN_RUN_ID} has done this already`);
  });

  test('plan only plans, and prints its message', async () => {
    const planned = maintenanceResult({ outcome: 'PLANNED', cause: 'PLAN_ONLY', mode: 'plan' });
    const { operator, io, exitCode } = await run(
      ['maintenance', 'plan', 'drain-az1', ...ASKED],
      ending(planned),
    );
    expect(exitCode).toBe(0);
    expect(operator.argsOf('maintenance.start')).toMatchObject([[{ mode: 'plan' }]]);
    expect(io.stdout()).toContain('All 1 instance is done.');
  });

  test('plan of which an instance would be refused now ends with 10', async () => {
    const { exitCode } = await run(
      ['maintenance', 'plan', 'drain-az1', ...ASKED],
      ending(
        maintenanceResult({
          ...{ outcome: 'PLANNED', cause: 'PLAN_ONLY', mode: 'plan' },
          counts: { pending: 0, running: 0, done: 0, failed: 0, skipped: 0, notStarted: 1 },
          items: [item(1, unstarted('NOT_STARTED', 'it would be refused now'))],
        }),
      ),
    );
    expect(exitCode).toBe(10);
  });

  const open = { workflowId: 'w', runId: 'r', requestedBy: 'bob', differsIn: ['window'] };
  const errors: [number, Error][] = [
    [1, new AlreadyRunningError(REF, open)],
    [1, new NothingLeftError(REF, 'r')],
    [2, new InvalidInputError([{ field: 'window', problem: 'is over', remedy: 'Give one.' }])],
    [6, new MaintenanceEndedOutsideError(REF, 'r', 'RUN_TERMINATED', 'terminated')],
    [7, new RunCancelledError(REF, 'r')],
    [8, new NoWorkerError(REF, 'q', 'progress', 'no poller')],
    [9, new WaitTimedOutError(REF, 'r', 1_000)],
  ];
  const named = errors.map(([code, error]) => [code, error.name, error] as const);
  test.each(named)('ends with %i after %s', async (code, _, error) => {
    const { exitCode, io } = await run(START, {
      maintenance: { result: () => Promise.reject(error) },
    });
    expect(exitCode).toBe(code);
    // An input's mistakes are reported by the options.
    const words = error instanceof InvalidInputError ? '--closes-at' : error.message;
    expect(io.stderr()).toContain(words);
  });
});

describe('how a maintenance ended', () => {
  test('PARTIAL ends with 10, shows what is not done first, and what to do', async () => {
    const { exitCode, io } = await run(['maintenance', 'wait', 'drain-az1'], ending(PARTIAL));
    expect(exitCode).toBe(10);
    const text = io.stdout();
    expect(text.indexOf('UNKNOWN (NO_TRACE)')).toBeLessThan(text.indexOf('SUCCEEDED'));
    expect(text).toMatch(/az1 > az2/);
    expect(text).toMatch(
      /Next:\n +dcs-switchover verify .*000000000002 .*--examined-run 5{8}.*\n +dcs-switchover maintenance start --rest-of drain-az1\n\n/,
    );
  });

  test('a return leg that failed leaves nothing to start again', async () => {
    const drill = maintenanceResult({
      outcome: 'PARTIAL',
      cause: 'INSTANCES_NOT_DONE',
      items: [{ ...item(1), return: leg({ leg: 'return', outcome: 'REFUSED' }) }],
    });
    const { io } = await run(['maintenance', 'wait', 'drain-az1'], ending(drill));
    expect(io.stdout()).not.toContain('--rest-of');
  });

  test('a maintenance that could not be made is started again from its own input', async () => {
    const unmade = maintenanceResult({
      outcome: 'PARTIAL',
      cause: 'MAINTENANCE_UNREADABLE',
      items: [],
    });
    const { io } = await run(['maintenance', 'wait', 'drain-az1'], ending(unmade));
    expect(io.stdout()).toContain('Next:\n  dcs-switchover maintenance start --rest-of drain-az1');
  });

  test('with -o json it is one line, with the run that it came from', async () => {
    const run_ = { workflowId: 'dcs-maintenance:drain-az1', runId: PLAN_RUN_ID };
    for (const [verb = '', ...more] of [['wait'], ['report'], ['plan', ...ASKED]]) {
      const args = ['maintenance', verb, 'drain-az1', ...more, '-o', 'json'];
      const { io } = await run(args, ending(PARTIAL));
      expect(JSON.parse(io.stdout())).toEqual({ ...PARTIAL, run: run_ });
      expect(io.stdout().trim()).not.toContain('\n');
    }
  });
});

describe('the report', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'dcs-switchover-test-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('is Markdown in which texts of others stay texts', async () => {
    const { exitCode, io } = await run(['maintenance', 'report', 'drain-az1'], ending(PARTIAL));
    expect(exitCode).toBe(0);
    const text = io.stdout();
    expect(text).toMatch(/^# Maintenance drain-az1: PARTIAL\n\nNot all done\.\n/);
    expect(text).toContain('| Change | CHG-4711 |');
    expect(text).toContain(
      `- \`${instanceId(2)}\` cache-2: UNKNOWN (NO\\_TRACE). No \\| trace \\<b\\>of\\</b\\> it.`,
    );
    expect(text).toContain('- 2026-12-05T01:01:00Z aborted by bob: page \\`17\\`');
    expect(text).toContain('dcs-switchover maintenance start --rest-of drain-az1\n```');
    const items = text.split('\n').filter((line) => line.startsWith('| `2222'));
    expect(items).toHaveLength(3);
    for (const line of items) expect(line.match(/(?<!\\)\|/g)).toHaveLength(6);
  });

  test('asks for no more than what is still to be found out, and says how the rest was resolved', async () => {
    const verify = (runId: string): string => `dcs-switchover verify i --examined-run ${runId}`;
    const left = [1, 2].map((index) =>
      item(index, leg({ outcome: 'UNKNOWN', cause: 'NO_TRACE', runId: `run-${index}` })),
    );
    const rest = 'Then do the rest:\n  dcs-switchover maintenance start --rest-of drain-az1';
    const message = `Not all done.\nFind out:\n  ${verify('run-1')}\n  ${verify('run-2')}\n${rest}`;
    const unresolved = maintenanceResult({ outcome: 'PARTIAL', message, items: left });
    const resolved: ResolvedSince = {
      ...{ how: 'stated', outcome: 'SUCCEEDED', runId: 'r', endedAs: 'RESOLVED', at: null },
      ...{ by: 'ann', statement: null },
    };
    const shown = async (verb: string, runIds: readonly string[]) => {
      const io = createFakeIo();
      const { connect, ...client } = createFakeClient({}, createFakeOperator(ending(unresolved)));
      const known = async (options: ConnectOptions) => {
        const connected = await connect(options);
        const status: typeof connected.switchover.status = async (ref) => ({
          ...(await connected.switchover.status(ref)),
          ...(runIds.includes(ref.runId ?? '') ? { resolved } : {}),
        });
        return { ...connected, switchover: { ...connected.switchover, status } };
      };
      await runCli(['maintenance', verb, 'drain-az1'], io, { ...client, connect: known });
      return io.stdout();
    };
    for (const verb of ['report', 'wait']) {
      const one = await shown(verb, ['run-1']);
      expect(one).toContain('Some of that has been resolved since.');
      expect(one).toMatch(/RESOLVED.?_SINCE/);
      expect(one).not.toContain(verify('run-1'));
      expect(one).toContain(verify('run-2'));
      const both = await shown(verb, ['run-1', 'run-2']);
      expect(both).toContain('All of that has been resolved since.');
      expect(both).toContain('Resolved since: SUCCEEDED, as stated by ann');
      expect(both).not.toMatch(/dcs-switchover (?:verify|list)/);
      expect(both).toContain('maintenance start --rest-of drain-az1');
    }
  });

  test('is written in each form, under a name that keeps runs of one id apart', async () => {
    const target = path.join(folder, 'new', 'reports');
    const args = ['maintenance', 'wait', 'drain-az1', '--report', target];
    const { exitCode, io } = await run(args, ending(PARTIAL));
    expect(exitCode).toBe(10);
    const forms = ['html', 'json', 'md'];
    const names = forms.map((form) => `drain-az1.2026-12-05T003000Z.${form}`);
    expect((await readdir(target)).sort()).toEqual(names);
    const [html = '', json = '', markdown = ''] = names;
    expect(JSON.parse(await readFile(path.join(target, json), 'utf8'))).toMatchObject(PARTIAL);
    expect(await readFile(path.join(target, markdown), 'utf8')).toContain('# Maintenance');
    expect(await readFile(path.join(target, html), 'utf8')).toMatch(/^<!DOCTYPE html>/);
    for (const name of names) expect(io.stderr()).toContain(name);
  });

  test('that cannot be written is reported before anything is started', async () => {
    const { exitCode, io, operator } = await run([...START, '--report', '/dev/null/reports']);
    expect(exitCode).toBe(2);
    expect(io.stderr()).toMatch(/^--report: /);
    expect(operator.connections).toEqual([]);
  });
});

describe('decisions', () => {
  const why = 'page 17';
  test.each([
    ['approve', [], { by: 'alice' }],
    ['approve', ['--by', 'bob', '--reason', why], { by: 'bob', why }],
    ['reject', ['--reason', why], { by: 'alice', why }],
    ['pause', [], { by: 'alice' }],
    ['resume', [], { by: 'alice' }],
    ['abort', ['--reason', why, '--yes'], { by: 'alice', why }],
  ])('%s %j', async (name, args, message) => {
    const { exitCode, io, operator } = await run(['maintenance', name, 'drain-az1', ...args]);
    expect(exitCode).toBe(0);
    expect(operator.argsOf(`maintenance.${name}`)).toEqual([[REF, message]]);
    expect(io.stdout()).toContain('(phase SWITCHING)');
  });

  test('skip names the instance', async () => {
    const args = ['maintenance', 'skip', 'drain-az1', instanceId(1), '--reason', why];
    const { operator } = await run(args);
    expect(operator.argsOf('maintenance.skip')).toEqual([
      [REF, { by: 'alice', why, instanceId: instanceId(1) }],
    ]);
  });

  test.each(['reject', 'abort'])('%s needs a reason', async (name) => {
    const { exitCode, operator } = await run(['maintenance', name, 'drain-az1', '--yes']);
    expect(exitCode).toBe(2);
    expect(operator.connections).toEqual([]);
  });

  test('one that changes nothing says so', async () => {
    const reported = { ...receipt('It was already approved by bob.'), changed: false };
    const { exitCode, io } = await run(['maintenance', 'approve', 'drain-az1'], {
      maintenance: { approve: () => Promise.resolve(reported) },
    });
    expect(exitCode).toBe(0);
    expect(io.stdout()).toMatch(/^Nothing changed. It was already approved by bob\./);
  });

  test('one that the maintenance does not take ends with 3', async () => {
    const refused = new MessageRefusedError(REF, 'approve', 'NOT_POSSIBLE_NOW', 'It has ended.');
    const { exitCode, io } = await run(['maintenance', 'approve', 'drain-az1'], {
      maintenance: { approve: () => Promise.reject(refused) },
    });
    expect(exitCode).toBe(3);
    expect(io.stderr()).toContain('It has ended.');
  });

  test('whoever has no name is asked for one', async () => {
    const io = { ...createFakeIo(), userName: () => null };
    const operator = createFakeOperator();
    const deps = createFakeClient({}, operator);
    expect(await runCli(['maintenance', 'approve', 'drain-az1'], io, deps)).toBe(2);
    expect(io.stderr()).toContain('--by');
    expect(operator.connections).toEqual([]);
  });
});

const RANGE = ['--from', '2026-11-20T00:00:00Z', '--until', '2026-11-23T00:00:00Z'];
const FREEZE = ['freeze', '--for', '2h', '--reason', 'incident 17'];
const counted: OperatorBehaviour = {
  schedules: {
    backfill: (id, { from, until, confirm }) =>
      confirm ? Promise.resolve() : Promise.reject(new BackfillRefusedError(id, from, until, 7)),
  },
};

describe('what a slip would cost is asked first', () => {
  const cases: [string, string[], RegExp][] = [
    [
      'maintenance.abort',
      ['maintenance', 'abort', 'd', '--reason', 'x'],
      /1 running, 1 pending.*Abort/,
    ],
    ['maintenance.cancel', ['maintenance', 'cancel', 'd'], /Cancel it\?/],
    ['schedules.delete', ['schedule', 'delete', 's'], /Delete it\?/],
    ['freezes.start', FREEZE, /namespace ops of fake:7233.*Freeze\?/],
  ];

  test.each(cases)('%s: yes does it', async (name, args, question) => {
    const person = { isInteractive: true, answer: 'y' };
    const { exitCode, io, operator } = await run(args, {}, person);
    expect(exitCode).toBe(0);
    expect(io.questions).toEqual([expect.stringMatching(question)]);
    expect(operator.argsOf(name)).toHaveLength(1);
  });

  test.each(cases)('%s: anything else leaves all as it is', async (name, args) => {
    const { exitCode, operator } = await run(args, {}, { isInteractive: true, answer: 'yep' });
    expect(exitCode).toBe(7);
    expect(operator.argsOf(name)).toEqual([]);
  });

  test.each(cases)('%s: where no one can be asked it needs --yes', async (name, args) => {
    const silent = await run(args);
    expect(silent.exitCode).toBe(2);
    expect(silent.operator.argsOf(name)).toEqual([]);
    const { exitCode, operator } = await run([...args, '--yes']);
    expect(exitCode).toBe(0);
    expect(operator.argsOf(name)).toHaveLength(1);
  });

  test('a backfill says how many maintenance runs it would start', async () => {
    const args = ['schedule', 'backfill', 's', ...RANGE];
    const declined = await run(args, counted, { isInteractive: true, answer: 'n' });
    expect(declined.exitCode).toBe(7);
    expect(declined.io.questions[0]).toMatch(/starts 7 maintenance runs,.*Backfill\?/);
    const wanted = ([, range]: readonly unknown[]) => (range as { confirm: boolean }).confirm;
    expect(declined.operator.argsOf('schedules.backfill').some(wanted)).toBe(false);
    const { operator } = await run([...args, '--yes'], counted);
    expect(operator.argsOf('schedules.backfill').map(wanted)).toEqual([true]);
  });
});

describe('schedule', () => {
  const when = ['--on-window', '--lead', '3600', '--window', '02:00-04:00'];
  const zone = ['--time-zone', 'Europe/Zurich', '--days', 'SAT'];
  const plan = ['--tag', 'team=cart', '--avoid-az', 'az1'];

  test('ensure makes schedule and maintenance of the options', async () => {
    const args = ['schedule', 'ensure', 'nightly', ...when, ...zone, ...plan, '--note', 'weekly'];
    const { exitCode, io, operator } = await run(args);
    expect(exitCode).toBe(0);
    expect(operator.argsOf('schedules.createOrUpdate')).toEqual([
      [
        {
          scheduleId: 'nightly',
          schedule: { onWindow: true, leadSeconds: 3600 },
          maintenance: {
            maintenanceId: 'nightly',
            projectId: '11111111111111111111111111111111',
            selector: { tags: { team: 'cart' } },
            target: { avoidAvailabilityZone: 'az1' },
            window: {
              timeZone: 'Europe/Zurich',
              start: '02:00',
              end: '04:00',
              daysOfWeek: ['SATURDAY'],
            },
          },
          note: 'weekly',
        },
      ],
    ]);
    expect(io.stdout()).toContain('Schedule nightly created.');
  });

  test.each([
    ['created', /paused by the freeze in force[^]*dcs-switchover freeze --show/],
    ['updated', /paused, as it was[^]*dcs-switchover schedule resume nightly/],
  ] as const)('a schedule that was %s, and is paused, says why', async (change, text) => {
    const applied = { scheduleId: 'nightly', change, isPaused: true, next: [], warnings: [] };
    const args = ['schedule', 'ensure', 'nightly', ...when, ...zone, ...plan];
    const createOrUpdate = () => Promise.resolve(applied);
    const { io } = await run(args, { schedules: { createOrUpdate } });
    expect(io.stdout()).toMatch(text);
  });

  test.each([
    [[]],
    [['-o', 'json']],
    [['--output=yaml', '--color', 'never']],
    [['--count', '3', '--from', '2026-12-05T00:00:00Z', '--project', 'a'.repeat(32)]],
  ])('preview of an existing schedule goes with %j', async (args) => {
    const { operator } = await run(['schedule', 'preview', 'nightly', ...args]);
    expect(operator.argsOf('schedules.describe')).toEqual([['nightly']]);
  });

  test('preview of an existing schedule takes no options that it would not heed', async () => {
    const args = ['schedule', 'preview', 'nightly', '--window', '03:00-05:00'];
    const preview = () => {
      throw new InvalidInputError([
        { field: 'schedule', problem: 'is empty', remedy: 'Say when.' },
      ]);
    };
    const { exitCode, operator } = await run(args, { schedules: { preview } });
    expect(exitCode).toBe(2);
    expect(operator.argsOf('schedules.describe')).toEqual([]);
  });

  test('preview calculates, and opens no connection', async () => {
    const firing = {
      at: '2026-12-05T00:00:00.000Z',
      local: '2026-12-05 01:00 +01:00',
      window: { opensAt: '2026-12-05T01:00:00.000Z', closesAt: '2026-12-05T03:00:00.000Z' },
    };
    const args = ['schedule', 'preview', 'nightly', ...when, ...zone, ...plan, '--count', '1'];
    const { io, operator } = await run(args, { schedules: { preview: () => [firing] } });
    expect(operator.connections).toEqual([]);
    expect(io.stdout()).toMatch(
      /2026-12-05 01:00 \+01:00 +2026-12-05T00:00:00Z +.* {2}2026-12-05T01:00:00Z to 2026-12-05T03:00:00Z/,
    );
  });

  test('what fires when is refused before anything is opened', async () => {
    const wrong = new InvalidInputError([{ field: 'schedule.cron', problem: 'p', remedy: 'R.' }]);
    const args = ['schedule', 'ensure', 'nightly', '--cron', 'x', ...plan];
    const preview = () => {
      throw wrong;
    };
    const { exitCode, operator } = await run(args, { schedules: { preview } });
    expect(exitCode).toBe(2);
    expect(operator.connections).toEqual([]);
  });

  test('a pause is noted with who and why', async () => {
    const { operator } = await run(['schedule', 'pause', 'nightly', '--reason', 'holiday']);
    expect(operator.argsOf('schedules.pause')).toEqual([['nightly', 'paused by alice: holiday']]);
  });

  test('resume needs no reason, and its note names none', async () => {
    const { operator } = await run(['schedule', 'resume', 'nightly']);
    expect(operator.argsOf('schedules.resume')).toEqual([['nightly', 'resumed by alice']]);
  });
});

describe('freeze', () => {
  test('takes an instant or a span, and says which schedules it could not pause', async () => {
    const failed = [{ scheduleId: 'nightly', detail: 'busy' }];
    const until = new Date(Date.now() + 86_400_000).toISOString();
    const args = ['freeze', '--until', until, '--reason', 'r', '--yes'];
    const { exitCode, io, operator } = await run(args, {
      freezes: {
        start: (freeze) => Promise.resolve({ freeze, changed: ['b'], leftPaused: ['c'], failed }),
      },
    });
    expect(exitCode).toBe(1);
    expect(operator.argsOf('freezes.start')).toEqual([[{ until, reason: 'r', by: 'alice' }]]);
    expect(io.stdout()).toContain('NOT paused: nightly: busy');
  });

  test.each([[['--reason', 'r']], [['--for', '2h']], [['--for', '2 hours', '--reason', 'r']]])(
    '%j is not enough',
    async (args) => {
      const { exitCode, operator } = await run(['freeze', ...args, '--yes']);
      expect(exitCode).toBe(2);
      expect(operator.connections).toEqual([]);
    },
  );

  test('thaw says which freeze it ended', async () => {
    const freeze = { until: '2099-01-01T00:00:00Z', reason: 'r', by: 'bob' };
    const { exitCode, io } = await run(['thaw'], {
      freezes: {
        thaw: () => Promise.resolve({ freeze, changed: ['s'], leftPaused: [], failed: [] }),
      },
    });
    expect(exitCode).toBe(0);
    expect(io.stdout()).toBe(
      'Thawed; it was frozen until 2099-01-01T00:00:00Z by bob: r.\nSchedules resumed: s\n',
    );
  });
});
