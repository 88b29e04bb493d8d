import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { CLI_DEPS } from '../../src/cli/context.js';
import { parseMaintenanceRef } from '../../src/cli/maintenance/ref.js';
import { nextRemainderId } from '../../src/cli/maintenance/start.js';
import { runCli } from '../../src/cli/program.js';

import { createFakeClient } from './support/fake-client.js';
import { createFakeIo } from './support/fake-io.js';
import { createFakeOperator } from './support/fake-operator.js';
import type { OperatorBehaviour } from './support/fake-operator.js';
import { instanceId } from './support/maintenance-facts.js';

const PROJECT = '11111111111111111111111111111111';
const GOAL = ['--to-az', 'az2', '--closes-at', '2099-01-01T00:00:00Z'];

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'dcs-switchover-test-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function file(text: string): Promise<string> {
  const name = path.join(folder, `${Math.random()}.yaml`);
  await writeFile(name, text);
  return name;
}

async function run(
  args: readonly string[],
  behaviour: OperatorBehaviour = {},
  surroundings: Parameters<typeof createFakeIo>[0] = {},
) {
  const io = createFakeIo(surroundings);
  const operator = createFakeOperator(behaviour);
  const named = { orders: [instanceId(1)], cart: [instanceId(2)], twin: [3, 4].map(instanceId) };
  const exitCode = await runCli(args, io, createFakeClient({ named }, operator));
  const [input] = operator.argsOf('maintenance.start')[0] ?? [];
  return { exitCode, io, operator, input };
}

const start = (...args: string[]) => run(['maintenance', 'start', ...args, '--no-wait']);

test('time limits of the environment count where neither file nor options name them', async () => {
  const env = {
    HUAWEICLOUD_SDK_PROJECT_ID: PROJECT,
    DCS_SWITCHOVER_TIMING: 'coolDownSeconds=0,settleSeconds=9',
  };
  const draft = await file('timing: { settleSeconds: 45 }');
  const args = ['drain-az1', '--file', draft, '--instance', instanceId(1), ...GOAL, '--no-wait'];
  const { input } = await run(['maintenance', 'start', ...args], {}, { env });
  expect(input).toMatchObject({ timing: { coolDownSeconds: 0, settleSeconds: 45 } });
});

describe('an instance of a maintenance may be given by its name', () => {
  const ids = [instanceId(1), instanceId(2), instanceId(5)];
  const named = ['--instance', 'orders', '--instance', 'cart', '--instance', instanceId(5)];

  test('and stands in the input by its id', async () => {
    const { input, io } = await start('drain', '--project', PROJECT, ...named, ...GOAL);
    expect({ input, stderr: io.stderr() }).toMatchObject({ input: { instanceIds: ids } });
  });

  test('of the project that the file names', async () => {
    const { input } = await start(
      'drain',
      '--file',
      await file(`projectId: "${PROJECT}"`),
      ...named,
      ...GOAL,
    );
    expect(input).toMatchObject({ instanceIds: ids });
  });

  test('in a schedule, too', async () => {
    const when = ['--window', '22:00-04:00', '--time-zone', 'Europe/Zurich', '--on-window'];
    const asked = ['--project', PROJECT, ...named, '--to-az', 'az2', ...when];
    const { operator, io } = await run(['schedule', 'ensure', 'weekly', ...asked]);
    const [input] = operator.argsOf('schedules.createOrUpdate')[0] ?? [];
    expect({ input, stderr: io.stderr() }).toMatchObject({
      input: { maintenance: { instanceIds: ids } },
    });
  });

  test('all that is wrong is said at once: names that lead nowhere, and fields', async () => {
    const wrong = ['--instance', 'twin', '--instance', 'none-such', '--max-failures', 'x'];
    const { exitCode, io, input } = await start('drain', '--project', PROJECT, ...wrong, ...GOAL);
    expect({ exitCode, input }).toEqual({ exitCode: 2, input: undefined });
    for (const said of ['named twin', 'is named none-such', '--max-failures'])
      expect(io.stderr()).toContain(said);
  });
});

describe('options become the input of a maintenance', () => {
  test('each has its field', async () => {
    const { input, exitCode, io } = await start(
      ...['drain-az1', '--project', '33333333333333333333333333333333', '--toggle'],
      ...['--instance', instanceId(2), '--instance', instanceId(1)],
      ...['--window', '22:00-04:00', '--time-zone', 'Europe/Zurich', '--days', 'sat,SUNDAY'],
      ...['--blackout', '2026-12-24,2026-12-25', '--within-instance-window'],
      ...['--require-approval', '--max-concurrent', '5', '--canary', '2', '--max-failures', '3'],
      ...['--expected-duration', '60', '--compensation-reserve', '30'],
      ...['--soak', '900', '--return-within', '600', '--compensation', 'none'],
      ...['--timing', 'settleSeconds=5', '--timing', 'coolDownSeconds=0'],
      ...['--hook-queue', 'q', '--hook-before', 'b', '--hook-after', 'a', '--hook-timeout', '9'],
      ...['--region', 'eu-west-101', '--reason', 'drain', '--by', 'bob'],
      ...['--change-id', 'CHG-1', '--probe', 'require'],
    );
    expect(io.stderr()).toBe('');
    expect(exitCode).toBe(0);
    expect(input).toEqual({
      maintenanceId: 'drain-az1',
      projectId: '33333333333333333333333333333333',
      mode: 'run',
      toggle: true,
      instanceIds: [instanceId(2), instanceId(1)],
      window: {
        timeZone: 'Europe/Zurich',
        start: '22:00',
        end: '04:00',
        daysOfWeek: ['SATURDAY', 'SUNDAY'],
        blackoutDates: ['2026-12-24', '2026-12-25'],
      },
      withinInstanceWindow: true,
      requireApproval: true,
      maxConcurrent: 5,
      canaryCount: 2,
      maxFailures: 3,
      expectedDurationSeconds: 60,
      compensationReserveSeconds: 30,
      returnLeg: { soakSeconds: 900, withinSeconds: 600 },
      compensation: 'none',
      probe: 'require',
      timing: { settleSeconds: 5, coolDownSeconds: 0 },
      hooks: { taskQueue: 'q', before: 'b', after: 'a', timeoutSeconds: 9 },
      region: 'eu-west-101',
      reason: 'drain',
      requestedBy: 'bob',
      changeId: 'CHG-1',
    });
  });

  test('a selector, a target and instants', async () => {
    const { input } = await start(
      ...['drain-az1', '--tag', 'team=cart', '--tag', 'tier=a=b', '--name', 'cart-*'],
      ...['--master-az', 'az1', '--avoid-az', 'az1', '--opens-at', '2098-12-31T22:00:00Z'],
      ...['--closes-at', '2099-01-01T00:00:00Z'],
    );
    expect(input).toEqual({
      maintenanceId: 'drain-az1',
      projectId: PROJECT,
      mode: 'run',
      selector: {
        tags: { team: 'cart', tier: 'a=b' },
        namePattern: 'cart-*',
        masterAvailabilityZone: 'az1',
      },
      target: { avoidAvailabilityZone: 'az1' },
      window: { opensAt: '2098-12-31T22:00:00Z', closesAt: '2099-01-01T00:00:00Z' },
      requestedBy: 'alice',
    });
  });

  test.each<[string, string[], RegExp]>([
    ['no id', GOAL, /the maintenance id is missing/],
    [
      'two targets',
      ['a', '--to-az', 'x', '--avoid-az', 'y'],
      /--to-az, --to-node or --avoid-az must have exactly one/,
    ],
    [
      'two kinds of window',
      ['a', ...GOAL, '--dates', '2026-12-05'],
      /--dates does not go with the other kind of window. Give --window with/,
    ],
    ['a day that may be two', ['a', '--days', 'T'], /--days is not one of MONDAY/],
    ['a window without end', ['a', '--window', '22:00'], /22:00-04:00/],
    ['a tag without a value', ['a', '--tag', 'team'], /team=cart/],
    ['a count that is none', ['a', '--max-concurrent', 'all'], /whole number/],
    ['what the contract refuses', ['a', '--toggle', '--closes-at', 'soon'], /--closes-at/],
    ['a file and a rest', ['a', '--file', 'x', '--rest-of', 'y'], /not both/],
    ['a file that is not there', ['a', '--file', '/nowhere/plan.yaml'], /ENOENT/],
  ])('%s is a mistake before anything is opened', async (_, args, message) => {
    const { exitCode, io, operator } = await start(...args);
    expect(exitCode).toBe(2);
    expect(io.stderr()).toMatch(message);
    expect(operator.connections).toEqual([]);
  });
});

const MAINTENANCE = `
maintenanceId: drain-az1
projectId: 22222222222222222222222222222222
requestedBy: carol
changeId: 0042
instanceIds: [${instanceId(1)}]
target: { availabilityZone: az2 }
window: { timeZone: Europe/Zurich, start: 22:00, end: "04:00", dates: [2026-12-05] }
timing: { settleSeconds: 5 }
`;

describe('a file', () => {
  test('is the input, with texts that YAML could take for numbers or dates left alone', async () => {
    const { input } = await start('--file', await file(MAINTENANCE));
    expect(input).toEqual({
      maintenanceId: 'drain-az1',
      projectId: '22222222222222222222222222222222',
      mode: 'run',
      requestedBy: 'carol',
      changeId: '0042',
      instanceIds: [instanceId(1)],
      target: { availabilityZone: 'az2' },
      window: { timeZone: 'Europe/Zurich', start: '22:00', end: '04:00', dates: ['2026-12-05'] },
      timing: { settleSeconds: 5 },
    });
  });

  test('may be JSON', async () => {
    const plan = { maintenanceId: 'a', instanceIds: [instanceId(1)], reason: null };
    const { input } = await start('--file', await file(JSON.stringify(plan)), ...GOAL);
    expect(input).toMatchObject({ ...plan, projectId: PROJECT });
  });

  test('gives way to options, field by field', async () => {
    const { input } = await start(
      ...['other', '--file', await file(MAINTENANCE), '--by', 'bob', '--days', 'MON'],
      ...['--blackout', '2026-12-24', '--timing', 'coolDownSeconds=0'],
    );
    expect(input).toMatchObject({
      maintenanceId: 'other',
      requestedBy: 'bob',
      window: {
        timeZone: 'Europe/Zurich',
        start: '22:00',
        daysOfWeek: ['MONDAY'],
        blackoutDates: ['2026-12-24'],
      },
      timing: { settleSeconds: 5, coolDownSeconds: 0 },
    });
    expect(input).not.toHaveProperty('window.dates');
  });

  test('gives way to a window of the other kind as a whole', async () => {
    const path = await file(MAINTENANCE);
    const { input } = await start('--file', path, '--closes-at', '2099-01-01T00:00:00Z');
    expect(input).toHaveProperty('window', { closesAt: '2099-01-01T00:00:00Z' });
  });

  test.each([
    ['mode: plan', /remove mode/],
    ['- a\n- b', /holds no object/],
    ['a: [1', /line 1/],
    ['a: 1\na: 2', /unique.*line 2/],
  ])('%j is refused', async (text, message) => {
    const { exitCode, io, operator } = await start('a', '--file', await file(text));
    expect(exitCode).toBe(2);
    expect(io.stderr()).toMatch(message);
    expect(operator.connections).toEqual([]);
  });
});

test("a schedule's file that is a maintenance's is known as such, though the maintenance has no id in it", async () => {
  const plan = await file("window: { closesAt: '2099-01-01T00:00:00Z' }\ntoggle: true\n");
  const io = createFakeIo();
  const args = ['schedule', 'ensure', 'nightly', '--file', plan];
  expect(await runCli(args, io, createFakeClient())).toBe(2);
  expect(io.stderr()).toContain('that is a maintenance. Put it under "maintenance"');
});

describe('--rest-of', () => {
  test('starts what is left under a new id, in the window that is given', async () => {
    const { input, operator, io } = await start('--rest-of', 'drain-az1', ...GOAL);
    expect(operator.argsOf('maintenance.remainderInput')).toEqual([
      [{ maintenanceId: 'drain-az1' }, 'drain-az1-rest'],
    ]);
    expect(input).toMatchObject({
      maintenanceId: 'drain-az1-rest',
      mode: 'run',
      window: { closesAt: '2099-01-01T00:00:00Z' },
      requestedBy: 'carol',
    });
    expect(io.stderr()).toContain('Maintenance drain-az1-rest: what drain-az1 left undone.');
  });

  test('takes the maintenance of a firing, and a name of your own', async () => {
    const { operator } = await start('mine', '--rest-of', 'drain-2026-12-05T01:00:00Z', ...GOAL);
    expect(operator.argsOf('maintenance.remainderInput')).toEqual([
      [{ maintenanceId: 'drain', nominalTime: '2026-12-05T01:00:00Z' }, 'mine'],
    ]);
  });

  test('of each firing has an id of its own, because the rest of the one before is done', async () => {
    const ids = ['2026-12-05T01:00:00Z', '2026-12-12T01:00:00Z'].map(async (firing) => {
      const { operator } = await start('--rest-of', `nightly-${firing}`, ...GOAL);
      return operator.argsOf('maintenance.remainderInput')[0]?.[1];
    });
    expect(await Promise.all(ids)).toEqual([
      'nightly-20261205t010000z-rest',
      'nightly-20261212t010000z-rest',
    ]);
  });

  test.each([
    ['drain', 'drain-rest'],
    ['drain-rest', 'drain-rest-2'],
    ['drain-rest-9', 'drain-rest-10'],
  ])('after %s comes %s', (id, next) => {
    expect(nextRemainderId({ maintenanceId: id })).toBe(next);
  });

  test('asks for a name where its own would be too long', () => {
    const maintenanceId = 'x'.repeat(62);
    expect(() => nextRemainderId({ maintenanceId })).toThrow(/longer than 64/);
  });
});

describe('the maintenance that is meant', () => {
  const nominalTime = '2026-12-05T01:00:00Z';
  test.each([
    ['drain-az1', {}, { maintenanceId: 'drain-az1' }],
    [`drain-az1-${nominalTime}`, {}, { maintenanceId: 'drain-az1', nominalTime }],
    [`dcs-maintenance:drain-${nominalTime}`, {}, { maintenanceId: 'drain', nominalTime }],
    ['drain', { firing: nominalTime }, { maintenanceId: 'drain', nominalTime }],
    ['drain', { run: 'r' }, { maintenanceId: 'drain', runId: 'r' }],
  ])('%s %j', (text, pick, ref) => {
    expect(parseMaintenanceRef(text, pick)).toEqual(ref);
  });

  test.each(['', 'Drain', '../x', 'a b', '-a', 'x'.repeat(65), 'dcs-switchover:p:i'])(
    '%j names none',
    (text) => {
      expect(() => parseMaintenanceRef(text)).toThrow(/names no maintenance/);
    },
  );

  test('two firings are a mistake', () => {
    const firing = '2026-12-06T01:00:00Z';
    expect(() => parseMaintenanceRef(`drain-${nominalTime}`, { firing })).toThrow(
      /different firings/,
    );
  });
});

test('mistakes are reported at once, also those of values that no option can take', async () => {
  const { io, exitCode, operator } = await start(
    ...['Drain', '--to-az', 'az1', '--to-node', 'b2b2b2b2', '--max-concurrent', 'all'],
    ...['--window', '22:00', '--time-zone', 'UTC', '--days', 'T', '--tag', 'team'],
    ...['--compensation', 'perhaps', '--timing', 'settleSeconds', '--soak', '1h'],
  );
  expect(exitCode).toBe(2);
  const [first, ...lines] = io.stderr().trimEnd().split('\n');
  expect(first).toBe('Invalid input, nothing was sent:');
  expect(lines.map((line) => line.trim().split(/ (?:is|must) /)[0]).sort()).toEqual([
    ...['--compensation', '--days', '--max-concurrent', '--soak', '--tag'],
    ...['--timing settleSeconds', '--to-az, --to-node or --avoid-az', '--window'],
    'the maintenance id',
  ]);
  expect(operator.connections).toEqual([]);
});

test('mistakes of a schedule and of its maintenance are reported at once, by their options', async () => {
  const words = [
    ...['schedule', 'preview', 'nightly', '--calendar', 'sat', '--lead', 'early'],
    ...['--toggle', '--name', '*', '--canary', 'two', '--closes-at', 'soon'],
  ];
  const io = createFakeIo();
  const { previewSchedule } = CLI_DEPS;
  const fakes = { ...createFakeClient(), previewSchedule };
  expect(await runCli(words, io, fakes)).toBe(2);
  for (const option of ['--calendar', '--lead', '--canary', '--closes-at'])
    expect(io.stderr()).toContain(`  ${option} is `);
});

test('mistakes of options have the names of the options, those of a file its own', async () => {
  const plan = await file(JSON.stringify({ canaryCount: -1, window: { closesAt: 'soon' } }));
  const tell = async (...words: readonly string[]): Promise<string> => {
    const io = createFakeIo();
    const fakes = createFakeClient();
    expect(await runCli(['maintenance', 'plan', 'x', ...words], io, fakes)).toBe(2);
    return io.stderr();
  };
  const reported = await tell('--canary', '99', '--toggle', '--name', '*');
  expect(reported).toContain('  --canary is above 50.');
  expect(reported).toContain('  the window ');
  expect(reported).toContain('Give --window with --time-zone, or --closes-at.');
  expect(await tell('--file', plan, '--toggle', '--name', '*')).toContain('canaryCount is below 0');
});
