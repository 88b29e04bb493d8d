import { describe, expect, test } from '@jest/globals';

import { runCli } from '../../src/cli/program.js';
import {
  AlreadyRunningError,
  RunCancelledError,
  TemporalUnreachableError,
  WaitTimedOutError,
} from '../../src/client.js';
import type { Asked } from '../../src/client.js';
import { EXIT_CODE_BY_OUTCOME } from '../../src/contract/index.js';
import type { SwitchoverResult } from '../../src/contract/index.js';
import { result } from '../client/support/facts.js';

import { RUN_ID, createFakeClient } from './support/fake-client.js';
import type { FakeBehaviour } from './support/fake-client.js';
import { createFakeIo } from './support/fake-io.js';

const PROJECT = '11111111111111111111111111111111';
const INSTANCE = '22222222-2222-4222-8222-222222222222';

async function run(
  args: readonly string[],
  behaviour: FakeBehaviour = {},
  surroundings: Parameters<typeof createFakeIo>[0] = {},
) {
  const io = createFakeIo(surroundings);
  const client = createFakeClient(behaviour);
  const exitCode = await runCli(args, io, client);
  return { exitCode, io, client };
}

const switchTo = (...args: string[]): string[] => ['switch', INSTANCE, ...args];
const reported = (changes: Partial<SwitchoverResult>): FakeBehaviour => ({
  result: () => Promise.resolve(result(changes)),
});

describe('switch: options become the input', () => {
  test.each<[string[], object]>([
    [['--to-az', 'az2'], { target: { availabilityZone: 'az2' } }],
    [['--to-node', 'aaaaaaaa'], { target: { nodeId: 'aaaaaaaa' } }],
    [['--avoid-az', 'az1'], { target: { avoidAvailabilityZone: 'az1' } }],
    [['--expect-master', 'aaaaaaaa'], { expectedMasterNodeId: 'aaaaaaaa' }],
    [['--toggle'], { toggle: true }],
    [
      ['--to-az', 'az2', '--expect-master', 'aaaaaaaa'],
      { target: { availabilityZone: 'az2' }, expectedMasterNodeId: 'aaaaaaaa' },
    ],
  ])('%j', async (args, goal) => {
    const { exitCode, client } = await run(switchTo(...args));
    expect(exitCode).toBe(0);
    expect(client.started).toEqual([
      { projectId: PROJECT, instanceId: INSTANCE, requestedBy: 'alice', ...goal },
    ]);
    expect(client.isClosed()).toBe(true);
  });

  test('every other option has its field', async () => {
    const { client } = await run(
      switchTo(
        ...['--toggle', '--project', '33333333333333333333333333333333', '--region', 'eu-west-101'],
        ...['--not-after', '2099-01-01T00:00:00Z', '--reason', 'drain', '--by', 'bob'],
        ...['--request-id', 'r-1', '--change-id', 'C-1', '--compensation', 'none'],
        ...['--compensate-not-after', '2099-01-01T01:00:00Z', '--reissue', 'once'],
        ...['--probe', 'require'],
        ...['--timing', 'settleSeconds=45', '--timing', 'coolDownSeconds=0'],
        ...['--task-queue', 'q', '--wait-timeout', '7'],
      ),
    );
    expect(client.started).toEqual([
      {
        projectId: '33333333333333333333333333333333',
        instanceId: INSTANCE,
        toggle: true,
        region: 'eu-west-101',
        notAfter: '2099-01-01T00:00:00Z',
        reason: 'drain',
        requestedBy: 'bob',
        requestId: 'r-1',
        changeId: 'C-1',
        compensation: 'none',
        compensateNotAfter: '2099-01-01T01:00:00Z',
        reissue: 'once',
        probe: 'require',
        timing: { settleSeconds: 45, coolDownSeconds: 0 },
      },
    ]);
    expect(client.connections).toMatchObject([{ taskQueue: 'q' }]);
    expect(client.waited).toMatchObject([{ options: { timeoutMs: 7_000 } }]);
  });
});

test('time limits of the environment count where the command line does not name them', async () => {
  const env = {
    HUAWEICLOUD_SDK_PROJECT_ID: PROJECT,
    DCS_SWITCHOVER_TIMING: 'coolDownSeconds=0,settleSeconds=9',
  };
  const given = ['--toggle', '--timing', 'settleSeconds=45'];
  const { client } = await run(switchTo(...given), {}, { env });
  expect(client.started).toMatchObject([{ timing: { coolDownSeconds: 0, settleSeconds: 45 } }]);
  const wrong = { ...env, DCS_SWITCHOVER_TIMING: 'napSeconds=5' };
  const refused = await run(switchTo('--toggle'), {}, { env: wrong });
  expect(refused.exitCode).toBe(2);
  expect(refused.io.stderr()).toContain('--timing napSeconds');
});

describe('switch: mistakes end with 2 before anything is opened', () => {
  test.each<[string, string[], RegExp]>([
    [
      'no goal and no one to ask',
      [],
      /--to-az, --to-node, --avoid-az, --expect-master or --toggle/,
    ],
    [
      'two targets',
      ['--to-az', 'a', '--avoid-az', 'b'],
      /--to-az, --to-node or --avoid-az must have exactly one/,
    ],
    ['an unknown option', ['--colour', 'red'], /unknown option '--colour'/],
    [
      'a timing without a number',
      ['--toggle', '--timing', 'settleSeconds'],
      /--timing settleSeconds is not a whole number/,
    ],
    ['an unknown timing', ['--toggle', '--timing', 'napSeconds=5'], /--timing napSeconds/],
    ['a timing out of bounds', ['--toggle', '--timing', 'settleSeconds=9999'], /is above 600/],
    ['an unknown policy', ['--toggle', '--reissue', 'twice'], /never, once/],
    ['an unknown probe', ['--toggle', '--probe', 'on'], /off, if-possible, require/],
    [
      'a past notAfter',
      ['--toggle', '--not-after', '2020-01-01T00:00:00Z'],
      /--not-after has passed/,
    ],
    ['a notAfter without zone', ['--toggle', '--not-after', '2099-01-01T00:00:00'], /--not-after/],
    ['an upper-case node', ['--to-node', 'AAAAAAAA'], /--to-node/],
    ['a wait that is no number', ['--toggle', '--wait-timeout', 'soon'], /whole number/],
    ['a surplus argument', ['--toggle', 'another'], /too many arguments/],
  ])('%s', async (_, args, message) => {
    const { exitCode, io, client } = await run(switchTo(...args));
    expect(exitCode).toBe(2);
    expect(io.stderr()).toMatch(message);
    expect(io.stderr()).not.toMatch(/\n\s+at /);
    expect(io.stdout()).toBe('');
    expect(client.connections).toEqual([]);
  });

  test.each(['ABCDEFAB-2222-4222-8222-222222222222', '5hort', '../../etc'])(
    'the instance id %s',
    async (instanceId) => {
      const { exitCode, io, client } = await run(['switch', instanceId, '--toggle']);
      expect(exitCode).toBe(2);
      expect(io.stderr()).toMatch(/the instance id is (not an instance id|too long)/);
      expect(client.connections).toEqual([]);
    },
  );

  test('a project that no one names', async () => {
    const { exitCode, io } = await run(switchTo('--toggle'), {}, { env: {} });
    expect(exitCode).toBe(2);
    expect(io.stderr()).toMatch(/--project is missing\. .*set HUAWEICLOUD_SDK_PROJECT_ID\.\n$/);
  });

  test('with -o json the reason is data', async () => {
    const { io } = await run(['switch', 'X', '--toggle', '-o', 'json']);
    const { error } = JSON.parse(io.stdout()) as { error: Record<string, unknown> };
    expect(error).toMatchObject({
      name: 'InvalidInputError',
      exitCode: 2,
      problems: [{ field: 'instanceId' }],
    });
    expect(Object.keys(error)).toEqual(['name', 'category', 'message', 'exitCode', 'problems']);
  });
});

describe('switch: what came of it', () => {
  test.each(Object.entries(EXIT_CODE_BY_OUTCOME).filter(([name]) => name !== 'INVALID_INPUT'))(
    'outcome %s ends with %i',
    async (outcome, code) => {
      const { exitCode } = await run(
        switchTo('--toggle'),
        reported({ outcome: outcome as SwitchoverResult['outcome'] }),
      );
      expect(exitCode).toBe(code);
    },
  );

  test('with -o json the result is one line, with the run that it came from', async () => {
    const { io } = await run(switchTo('--toggle', '-o', 'json'));
    expect(io.stdout().trim()).not.toContain('\n');
    expect(JSON.parse(io.stdout())).toEqual({
      ...result(),
      run: { workflowId: `dcs-switchover:${PROJECT}:${INSTANCE}`, runId: RUN_ID },
    });
  });

  test('--no-wait reports the run and how to wait for it', async () => {
    const { exitCode, io, client } = await run(switchTo('--toggle', '--no-wait'));
    expect(exitCode).toBe(0);
    expect(client.waited).toEqual([]);
    expect(io.stdout()).toContain(`dcs-switchover wait ${INSTANCE}`);
  });

  test.each([
    ['open', /Joined the open run/],
    ['closed', /already done by run/],
  ] as const)('a run that was %s already is reported', async (reused, message) => {
    const { io } = await run(switchTo('--toggle'), { reused });
    expect(io.stderr()).toMatch(message);
  });

  const ref = { projectId: PROJECT, instanceId: INSTANCE };
  const asked: Asked = {
    goal: null,
    mode: 'switch',
    examinedRunId: null,
    requestId: null,
    requestedBy: 'bob',
    reason: null,
    changeId: null,
  };
  test.each([
    [8, new TemporalUnreachableError('here:1', 'default', 'no-answer', 'wait')],
    [9, new WaitTimedOutError(ref, RUN_ID, 1_000)],
    [7, new RunCancelledError(ref, RUN_ID, 'PUT not scheduled: nothing was sent.')],
    [1, new AlreadyRunningError(ref, { workflowId: 'w', runId: RUN_ID, phase: 'SWAPPING', asked })],
    [1, new Error('surprise')],
  ])('ends with %i after %s', async (code, error) => {
    const { exitCode, io, client } = await run(switchTo('--toggle'), {
      result: () => Promise.reject(error),
    });
    expect(exitCode).toBe(code);
    expect(io.stderr()).toBe(`${error.message}\n`);
    expect(client.isClosed()).toBe(true);
  });

  test('Ctrl-C stops waiting and says how to go on', async () => {
    const io = createFakeIo();
    const client = createFakeClient({
      result: (_, options) =>
        new Promise((_resolve, reject) => {
          options?.signal?.addEventListener('abort', () => {
            reject(options.signal?.reason as Error);
          });
          setTimeout(() => {
            io.interrupt();
          }, 50);
        }),
    });
    expect(await runCli(switchTo('--toggle'), io, client)).toBe(9);
    expect(io.stderr()).toMatch(
      /Detached; run .* continues\.\n[^]*dcs-switchover status .*\n[^]*dcs-switchover cancel /,
    );
  });
});

describe('switch without a goal', () => {
  const planThenSwitch: FakeBehaviour = {
    result: ({ mode }) =>
      Promise.resolve(result(mode === 'plan' ? { outcome: 'PLANNED', after: null } : {})),
  };
  const person = { isInteractive: true };

  test('plans, shows who is demoted, asks, and guards by what was shown', async () => {
    const { exitCode, io, client } = await run(switchTo('--request-id', 'r-1'), planThenSwitch, {
      ...person,
      answer: 'y',
    });
    expect(exitCode).toBe(0);
    expect(client.started).toMatchObject([
      { mode: 'plan', toggle: true, requestId: null },
      { expectedMasterNodeId: 'n1', requestId: 'r-1' },
    ]);
    expect(client.started[1]).not.toHaveProperty('toggle');
    expect(io.questions).toEqual([
      'n1 (az1, Active) will be demoted; n2 (az2, Active) will be promoted. Switch over now? [y/N] ',
    ]);
    expect(io.stderr()).toMatch(/master {3}n1 {4}az1/);
  });

  test.each(['', 'n', 'whatever'])('sends nothing after the answer %j', async (answer) => {
    const { exitCode, io, client } = await run(switchTo(), planThenSwitch, { ...person, answer });
    expect(exitCode).toBe(7);
    expect(client.started).toHaveLength(1);
    expect(io.stderr()).toContain('Nothing was sent.');
  });

  test('does not ask with --yes', async () => {
    const { exitCode, io, client } = await run(switchTo('--yes'), planThenSwitch);
    expect(exitCode).toBe(0);
    expect(io.questions).toEqual([]);
    expect(client.started).toMatchObject([{ mode: 'plan' }, { expectedMasterNodeId: 'n1' }]);
  });

  test('ends with the maintenance where it was refused', async () => {
    const { exitCode, io, client } = await run(
      switchTo('--yes'),
      reported({ outcome: 'REFUSED', message: 'Nothing was sent. Check cool-down failed.' }),
    );
    expect(exitCode).toBe(3);
    expect(client.started).toHaveLength(1);
    expect(io.stdout()).toContain('Check cool-down failed');
  });
});

test('values that no option can take, and two targets, are reported with all other mistakes', async () => {
  const io = createFakeIo();
  const words = [
    ...['switch', 'my/cache', '--to-az', 'az1', '--avoid-az', 'az2', '--not-after', 'soon'],
    ...['--timing', 'x', '--compensation', 'perhaps', '--reissue', 'twice'],
  ];
  expect(await runCli(words, io, createFakeClient())).toBe(2);
  const lines = io.stderr().trimEnd().split('\n').slice(1);
  expect(lines.map((line) => line.trim().split(/ (?:is|must) /)[0]).sort()).toEqual([
    ...['--compensation', '--not-after', '--reissue', '--timing x'],
    ...['--to-az, --to-node or --avoid-az', 'the instance id'],
  ]);
});

test('all mistakes of an input are reported at once, by the options that they are about', async () => {
  const io = createFakeIo({ env: {} });
  const words = [
    ...['switch', 'my-cache', '--to-az', 'az 2', '--not-after', 'soon'],
    ...['--timing', 'settleSeconds=100000'],
  ];
  expect(await runCli(words, io, createFakeClient())).toBe(2);
  const [first, ...lines] = io.stderr().trimEnd().split('\n');
  expect(first).toBe('Invalid input, nothing was sent:');
  expect(lines.map((line) => line.split(' is ')[0]).sort()).toEqual([
    '  --not-after',
    '  --project',
    '  --timing settleSeconds',
    '  --to-az',
    '  the instance id',
  ]);
  expect(io.stderr()).toContain('--to-az is not an AZ code. Write it like eu-west-101a.');
  expect(io.stderr()).not.toMatch(/availabilityZone|projectId|notAfter/);
});
