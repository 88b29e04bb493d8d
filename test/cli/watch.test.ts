/** `--watch`: what is shown while one looks on, where it is shown, and how it ends. */
import { describe, expect, test } from '@jest/globals';

import { heightOf } from '../../src/cli/block.js';
import { formatRunList } from '../../src/cli/format/lists.js';
import { createOutput, encoderOf } from '../../src/cli/output.js';
import { runCli } from '../../src/cli/program.js';
import { watch } from '../../src/cli/watch.js';
import type { Watched } from '../../src/cli/watch.js';
import { MaintenanceEndedOutsideError, TemporalUnreachableError } from '../../src/client.js';
import type { RunEntry, RunStatus } from '../../src/client.js';
import { waitUntil } from '../../src/simulator/basics.js';

import { createFakeClient, RUN_ID } from './support/fake-client.js';
import { createFakeIo } from './support/fake-io.js';
import { createFakeOperator } from './support/fake-operator.js';
import { progress } from './support/maintenance-facts.js';
import type { FakeIo } from './support/fake-io.js';

const INSTANCE = '22222222-2222-4222-8222-222222222222';
const OUTAGE = new TemporalUnreachableError('t:7233', 'default', 'no-answer', 'look');
const AT_ONCE = { watch: true, interval: 1 };

/** Shows a word, and ends with the code 5 at `end`. */
function words(...answers: readonly (string | Error)[]): Watched<string> {
  const left = [...answers];
  return {
    look: () => {
      const answer = left.shift() ?? 'end';
      return typeof answer === 'string' ? Promise.resolve(answer) : Promise.reject(answer);
    },
    countRows: () => 0,
    toPage: (word) => `page ${word}`,
    toLines: (before, now) => (before === now ? [] : [`line ${now}`]),
    endOf: (word) => (word === 'end' ? 5 : null),
    stopped: () => 9,
  };
}

const terminal = (): FakeIo => createFakeIo({ isTerminal: true, isDataShown: true });

/** What was shown instead of each other. */
const framesOf = (io: FakeIo): string[] =>
  io
    .stderr()
    .split('\u001B[J')
    .map((frame) => frame.replaceAll('\u001B[K', ''));

describe('on a terminal', () => {
  test('what has changed is drawn over what stood there, and the last page stays', async () => {
    const io = terminal();
    const output = createOutput(io, null, { color: 'never' });
    expect(await watch(io, output, words('one', 'two'), AT_ONCE)).toBe(5);
    const [first, second, cleared] = framesOf(io);
    expect(first).toMatch(/^\rpage one\n\n\d.*Z, looks every 0 s; Ctrl-C stops that\n$/);
    expect(second?.startsWith('\u001B[3A\rpage two\n')).toBe(true);
    expect(cleared).toBe('\u001B[3A\r');
    expect(io.stdout()).toBe('page end\n');
  });

  test('an outage is reported with the instant of the last answer, above which that stays', async () => {
    const io = terminal();
    const output = createOutput(io, null, { color: 'never' });
    await watch(io, output, words('one', OUTAGE, OUTAGE, 'two'), AT_ONCE);
    const [, down = '', back = ''] = framesOf(io);
    expect(down).toMatch(/page one\n\n.*t:7233/);
    expect(down).toMatch(
      /\nThe last answer is of 20\d\d-.*Z \(now\); asked again until one comes\.\n$/,
    );
    expect(back).toContain('page two');
    expect(back).not.toContain('t:7233');
  });

  const RUN: RunEntry = {
    ...{ runId: RUN_ID, workflowId: 'w', taskQueue: 'q', projectId: '1'.repeat(32) },
    ...{ instanceId: INSTANCE, instanceName: 'orders', mode: 'switch', requestedBy: 'ann' },
    ...{ startedAt: '2026-11-24T02:00:00.123Z', closedAt: '2026-11-24T02:00:09.000Z' },
    ...{ changeId: null, problem: null, outcome: 'SUCCEEDED', cause: null, phase: null },
    ...{ maintenanceId: null, from: null, to: null, swapsSent: 1, swapsAccepted: 1 },
    examinedRunId: null,
  };
  const runs = (unknown: number): RunEntry[] =>
    Array.from({ length: 60 }, (_, at) => {
      const outcome = at >= 60 - unknown ? 'UNKNOWN' : 'SUCCEEDED';
      return { ...RUN, runId: String(at), instanceName: `name-${at}`, outcome };
    });

  test.each([
    [3, 80, 24],
    [3, 200, 24],
    [30, 80, 24],
    [0, 80, 24],
    [3, 60, 14],
  ])(
    '%i unresolved of 60 runs, at %i×%i: all in sight, none hidden',
    async (unknown, columns, rows) => {
      const io = { ...terminal(), terminalSize: () => ({ columns, rows }) };
      const list = runs(unknown);
      let looks = 0;
      const code = await watch(
        io,
        createOutput(io, null, { color: 'never' }),
        {
          look: () => Promise.resolve({ runs: list, more: false }),
          countRows: () => list.length,
          toPage: formatRunList,
          toLines: () => [],
          endOf: () => (looks++ === 0 ? null : 0),
          stopped: () => 9,
        },
        AT_ONCE,
      );
      expect(code).toBe(0);
      const [frame = ''] = framesOf(io);
      expect(heightOf(frame.replace('\r', ''), columns)).toBeLessThan(rows);
      expect(frame).toContain(' more');
      const text = frame.replace(/\s+/g, ' ');
      for (const { instanceName, outcome } of list.slice(60 - unknown))
        expect({ outcome, isShown: text.includes(`${instanceName ?? ''} (`) }).toEqual({
          outcome,
          isShown: true,
        });
    },
  );
});

describe('where lines cannot be rewritten', () => {
  test('only what has changed is printed, and an outage once', async () => {
    const io = createFakeIo();
    const answers = ['one', 'one', OUTAGE, OUTAGE, 'one', 'two'];
    expect(await watch(io, createOutput(io, null), words(...answers), AT_ONCE)).toBe(5);
    expect(io.stdout()).toBe('line one\nline two\nline end\n');
    expect(io.stderr().match(/t:7233/g)).toHaveLength(1);
    expect(io.stderr()).toMatch(/The last answer is of 20.*\nIt answers again\.\n$/);
  });

  test.each([
    ['json', '"one"\n"two"\n"end"\n'],
    ['yaml', 'one\n---\ntwo\n---\nend\n'],
  ] as const)('as %s there is a document for each change', async (format, documents) => {
    const io = terminal();
    const output = createOutput(io, await encoderOf(format));
    await watch(io, output, words('one', 'one', OUTAGE, 'one', 'two'), AT_ONCE);
    expect(io.stdout()).toBe(documents);
  });

  test('it ends once no one reads any more', async () => {
    let looks = 0;
    const io = { ...createFakeIo(), isRead: () => looks++ === 0 };
    expect(await watch(io, createOutput(io, null), words('one', 'two'), AT_ONCE)).toBe(9);
    expect(io.stdout()).toBe('line one\n');
  });
});

describe('it ends with an error', () => {
  test.each([
    ['of the first look', [OUTAGE]],
    ['that is no outage', ['one', new Error('gone')]],
  ])('%s', async (_, answers) => {
    const io = createFakeIo();
    const watching = watch(io, createOutput(io, null), words(...answers), AT_ONCE);
    await expect(watching).rejects.toBe(answers.at(-1));
  });
});

describe('the commands', () => {
  const ended = {
    ...{ closedAt: '2026-11-24T02:00:09.000Z', execution: 'FAILED', phase: 'ENDED' },
    ...{ outcome: 'UNKNOWN', next: 'Outcome unknown.' },
  } as const satisfies Partial<RunStatus>;

  test('status ends with the exit code of its run', async () => {
    const io = createFakeIo();
    const exitCode = await runCli(
      ['status', INSTANCE, '--watch'],
      io,
      createFakeClient({ status: ended }),
    );
    expect({ exitCode, text: io.stdout() }).toEqual({
      exitCode: 6,
      text: '2026-11-24T02:00:09.000Z UNKNOWN: Outcome unknown.\n',
    });
  });

  test('maintenance progress shows each change, and ends with the exit code of its maintenance', async () => {
    const looks = [
      progress(),
      progress({ phase: 'ENDED', outcome: 'PARTIAL', cause: 'ABORTED', next: 'Not all done.' }),
    ];
    const operator = createFakeOperator({
      maintenance: { progress: () => Promise.resolve(looks.shift() ?? progress()) },
    });
    const io = createFakeIo();
    const words = ['maintenance', 'progress', 'drain-az1', '--interval', '1s'];
    const exitCode = await runCli(words, io, createFakeClient({}, operator));
    expect({ exitCode, error: io.stderr() }).toEqual({ exitCode: 10, error: '' });
    expect(io.stdout()).toMatch(/ SWITCHING: switch 1 more\n[^]* ENDED: Not all done\.\n$/);
    expect(looks).toEqual([]);
  });

  test('maintenance progress ends where its maintenance has, with a result or without one', async () => {
    const terminated = new MaintenanceEndedOutsideError(
      ...([{ maintenanceId: 'drain-az1' }, RUN_ID, 'RUN_TERMINATED', 'it was terminated'] as const),
    );
    const operator = createFakeOperator({
      maintenance: {
        progress: () => Promise.resolve(progress({ phase: 'ENDED', outcome: null })),
        result: () => Promise.reject(terminated),
      },
    });
    const io = createFakeIo();
    const words = ['maintenance', 'progress', 'drain-az1', '--watch'];
    expect(await runCli(words, io, createFakeClient({}, operator))).toBe(6);
    expect(io.stderr()).toContain('it was terminated');
  });

  test('Ctrl-C leaves a run to itself, says how to look again, and is the end of a list', async () => {
    const stopped = async (...words: readonly string[]) => {
      const io = createFakeIo();
      const client = createFakeClient({ unresolved: [], list: { runs: [], more: false } });
      const running = runCli(words, io, client);
      await waitUntil('it looks', 10_000, () => Promise.resolve(client.connections.length > 0));
      io.interrupt();
      return { exitCode: await running, text: io.stderr() };
    };
    expect(await stopped('status', INSTANCE, '--watch')).toMatchObject({
      exitCode: 9,
      text: expect.stringContaining(`status ${INSTANCE} `),
    });
    expect(await stopped('maintenance', 'progress', 'drain-az1', '--watch')).toMatchObject({
      exitCode: 9,
      text: expect.stringMatching(/Detached; maintenance drain-az1 continues[^]* abort drain-az1 /),
    });
    expect(await stopped('list', '--watch')).toEqual({ exitCode: 0, text: '' });
    expect(await stopped('list', '--unresolved', '--interval', '1m')).toMatchObject({
      exitCode: 0,
    });
    expect(await stopped('maintenance', 'list', '--watch')).toMatchObject({ exitCode: 0 });
  });

  test.each(['0s', '500ms', '2h', 'soon'])('an interval of %s is refused', async (interval) => {
    const io = createFakeIo();
    const client = createFakeClient();
    expect(await runCli(['list', '--watch', '--interval', interval], io, client)).toBe(2);
    expect(client.connections).toEqual([]);
  });
});
