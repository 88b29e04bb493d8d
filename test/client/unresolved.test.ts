import { describe, expect, test } from '@jest/globals';

import { plain } from '../cli/support/plain.js';
import { formatUnresolved } from '../../src/cli/commands/list.js';
import { formatRunList } from '../../src/cli/format/lists.js';
import { formatStatus } from '../../src/cli/format/run.js';
import { toMarkdownReport } from '../../src/cli/report/markdown.js';
import { toRunDocument } from '../../src/cli/report/run-report.js';
import type { HistoryEntry, StartedRun, UnresolvedRun } from '../../src/client.js';
import type { SwitchoverResult } from '../../src/contract/index.js';
import { joinText, unresolvedCommands } from '../../src/domain/commands.js';
import { waitUntil } from '../../src/simulator/basics.js';

import { findings, result, roles } from './support/facts.js';
import { completeRun, failRun, startTimer } from './support/fake-worker.js';
import { useRealServer } from './support/server.js';
import type { Corner } from './support/server.js';

const server = useRealServer();

const MESSAGE = joinText([
  'Outcome unknown.',
  ...unresolvedCommands(
    { projectId: '1', instanceId: '2' },
    { runId: '3', jobIds: [], mayHaveJob: true, cause: null },
  ),
]);

const AMBIGUOUS = { kind: 'ambiguous', detail: 'no answer', sentAtMs: 1 };

/** A run whose PUT has left without an answer, and that has watched the roles. */
async function send(corner: Corner): Promise<StartedRun> {
  const { client, worker, projectId, instanceId } = corner;
  const run = await client.start({ projectId, instanceId, toggle: true });
  await worker.perform('preflight', {}, findings());
  await worker.perform('requestSwap', { purpose: 'forward' }, AMBIGUOUS);
  await worker.perform('watchRoles', { ownJobIds: [] }, { roles: roles('n1') });
  return run;
}

/** The same, ended UNKNOWN. */
async function leaveInDoubt(corner: Corner): Promise<StartedRun> {
  const run = await send(corner);
  const reported = result({
    outcome: 'UNKNOWN',
    cause: 'NO_TRACE',
    instanceName: 'orders',
    message: MESSAGE,
  });
  await corner.worker.decide(failRun('UNKNOWN', 'Outcome unknown.', reported));
  await corner.client.result(run);
  return run;
}

/** An examination of a run, or a record of what a person knows, ended with this result. */
async function examine(
  { client, worker, projectId, instanceId }: Corner,
  examinedRunId: string,
  reported: Partial<SwitchoverResult>,
): Promise<void> {
  const resolution = { outcome: 'SUCCEEDED', statement: 'seen', resolvedBy: 'ann' } as const;
  const asked = reported.mode === 'resolve' ? { resolution } : { examinedRunId };
  const mode = reported.mode === 'resolve' ? 'resolve' : 'verify';
  const run = await client.start({ projectId, instanceId, mode, ...asked });
  await worker.perform('prepareExamination', {}, findings());
  await worker.perform('verifyRoles', {}, { roles: roles('n2') });
  await worker.perform('verifyRoles', {}, { roles: roles('n2') });
  const full = result({ mode, examinedRunId, ...reported });
  await worker.decide(
    reported.outcome === 'UNKNOWN' ? failRun('UNKNOWN', 'Still unknown.', full) : completeRun(full),
  );
  await client.result(run);
}

const waitForList = async (
  corner: Corner,
  confirm: (runs: readonly UnresolvedRun[]) => boolean,
): Promise<UnresolvedRun[]> => {
  const { client, projectId } = corner;
  await waitUntil('visibility', 20_000, async () =>
    confirm(await client.unresolved({ projectId })),
  );
  return client.unresolved({ projectId });
};

test('lists a run that ended UNKNOWN, once, however often it was examined without success', async () => {
  const corner = server.corner();
  const run = await leaveInDoubt(corner);
  await examine(corner, run.runId, { mode: 'verify', outcome: 'UNKNOWN', cause: 'NO_TRACE' });
  const { projectId, instanceId, taskQueue } = corner;
  expect(await waitForList(corner, (runs) => runs.length > 0)).toEqual([
    {
      ...{ projectId, instanceId, taskQueue, workflowId: run.workflowId, runId: run.runId },
      ...{ state: 'UNKNOWN', instanceName: null, cause: 'NO_TRACE', wasExamined: true },
      startedAt: expect.any(String),
    },
  ]);
});

test.each([
  ['verified', { mode: 'verify', outcome: 'SUCCEEDED' }],
  ['resolved', { mode: 'resolve', outcome: 'RESOLVED' }],
] as const)('leaves out a run that was %s since', async (_how, reported) => {
  const corner = server.corner();
  const run = await leaveInDoubt(corner);
  await waitForList(corner, (runs) => runs.length === 1);
  await examine(corner, run.runId, reported);
  expect(await waitForList(corner, (runs) => runs.length === 0)).toEqual([]);
});

describe('a run that ended UNKNOWN and was resolved since', () => {
  const AT = '2026-11-24T02:00:09.500Z';

  /** Whatever shows a run, once visibility shows what resolved it. */
  async function shown({ client, projectId, instanceId }: Corner, runId: string) {
    const ref = { projectId, instanceId, runId };
    await waitUntil(
      'visibility',
      20_000,
      async () => (await client.status(ref)).resolved !== undefined,
    );
    const [status, report, { runs }, history] = [
      await client.status(ref),
      await client.report(ref),
      await client.list({ projectId }),
      await client.history(ref),
    ];
    const entry = (all: readonly HistoryEntry[]) => all.find((each) => each.runId === runId);
    const seen = [report, entry(runs), entry(history)].map((each) => each?.resolved);
    expect(seen).toEqual(Array(3).fill(status.resolved));
    return { status, report, runs };
  }

  test('says in all that shows it that a verification has found out what it did', async () => {
    const corner = server.corner();
    const { runId } = await leaveInDoubt(corner);
    await examine(corner, runId, { mode: 'verify', outcome: 'SUCCEEDED', requestedBy: 'bob' });
    const { status, report, runs } = await shown(corner, runId);
    expect(status.resolved).toEqual({
      ...{ how: 'examined', outcome: 'SUCCEEDED', endedAs: 'SUCCEEDED', at: AT, by: 'bob' },
      ...{ runId: runs[0]?.runId, statement: null },
    });
    expect(status.outcome).toBe('UNKNOWN');
    expect(status.next).toMatch(
      /^Resolved since: SUCCEEDED, found out at .* by run .*, asked by bob\.\n/,
    );
    const text = [
      status.next,
      plain(formatStatus(status)),
      plain(formatRunList({ runs, more: false })),
    ];
    const document = toMarkdownReport(toRunDocument(report, report));
    for (const each of [...text, document]) {
      expect(each).toMatch(/[Rr]esolved/);
      expect(each).not.toMatch(/ verify |--unresolved|Do not switch again/);
    }
  });

  test('names who stated what it did, and in which words', async () => {
    const corner = server.corner();
    const { runId } = await leaveInDoubt(corner);
    await examine(corner, runId, { mode: 'resolve', outcome: 'RESOLVED' });
    const { status, runs } = await shown(corner, runId);
    expect(status.resolved).toEqual({
      ...{ how: 'stated', outcome: 'SUCCEEDED', endedAs: 'RESOLVED', at: AT, by: 'ann' },
      ...{ runId: runs[0]?.runId, statement: 'seen' },
    });
    expect(status.next).toContain('as stated by ann');
  });

  test('is unresolved still where it was examined in vain, and so is what that run says of it', async () => {
    const corner = server.corner();
    const { client, projectId, instanceId } = corner;
    const { runId } = await leaveInDoubt(corner);
    await examine(corner, runId, { mode: 'verify', outcome: 'UNKNOWN', cause: 'NO_TRACE' });
    await waitUntil('visibility', 20_000, async () => {
      const { runs } = await client.list({ projectId });
      return runs.filter(({ outcome }) => outcome === 'UNKNOWN').length === 2;
    });
    const { runs } = await client.list({ projectId });
    expect(runs.map(({ resolved }) => resolved)).toEqual([undefined, undefined]);
    await examine(corner, runId, { mode: 'verify', outcome: 'FAILED_UNCHANGED' });
    const inVain = runs[0]?.runId ?? '';
    const { status } = await shown(corner, inVain);
    expect(status.next).toContain(`Run ${runId} has been resolved since: FAILED_UNCHANGED`);
    expect((await client.status({ projectId, instanceId, runId })).next).toContain(
      'Resolved since',
    );
  });
});

test('an operator’s statement bears the name that its instance has in earlier runs', async () => {
  const corner = server.corner();
  const { client, projectId, instanceId } = corner;
  const { runId } = await leaveInDoubt(corner);
  await waitForList(corner, (runs) => runs.length === 1);
  const resolution = { outcome: 'SUCCEEDED', statement: 'seen', resolvedBy: 'ann' } as const;
  const run = await client.start({ projectId, instanceId, mode: 'resolve', resolution });
  expect(await client.status(run)).toMatchObject({
    ...{ instanceName: 'orders', asked: { examinedRunId: runId } },
  });
});

test('lists a run that was terminated after its PUT, and one that holds its lock', async () => {
  const corner = server.corner();
  const run = await send(corner);
  await corner.worker.decide(startTimer());
  const [held] = await waitForList(corner, ([first]) => first?.state === 'HOLDING');
  expect(held).toMatchObject({ runId: run.runId });
  await server.temporal().client.workflow.getHandle(run.workflowId).terminate('by hand');
  const runs = await waitForList(corner, ([first]) => first?.state === 'TERMINATED');
  expect(runs).toMatchObject([{ runId: run.runId }]);
  const { instanceId, projectId, taskQueue } = corner;
  expect(plain(formatUnresolved(runs))).toContain(
    `\n  dcs-switchover verify ${instanceId} --project ${projectId} --examined-run ${run.runId} --task-queue ${taskQueue}`,
  );
});

test('leads each to the command that fits its cause', () => {
  const run: UnresolvedRun = {
    ...{ projectId: '1', instanceId: '2', workflowId: 'w', taskQueue: 'q', instanceName: null },
    ...{ runId: '3', state: 'UNKNOWN', cause: 'NO_TRACE', wasExamined: false },
    startedAt: '2026-11-24T02:00:00.000Z',
  };
  const foreign = { ...run, instanceId: '4', cause: 'COMPENSATION_FOREIGN_SWAP' };
  const held = { ...run, instanceId: '5', state: 'HOLDING', cause: null };
  const text = plain(
    formatUnresolved([run, foreign, { ...run, instanceId: '6', wasExamined: true }, held]),
  );
  const [, ...steps] = text.split('\n\n');
  expect(steps.map((step) => step.split('\n').map((line) => line.replace(/ --.*/, '')))).toEqual([
    ['Still holds the lock. See until when:', '  dcs-switchover status 5'],
    ['Do not switch again before you know. Find out:', '  dcs-switchover verify 2'],
    [expect.stringMatching(/^Reading again will say the same\./), '  dcs-switchover resolve 4'],
    ['Look again later:', '  dcs-switchover verify 6'],
  ]);
  expect(text.split('\n')[0]).toContain('CAUSE');
});

test('leaves out what sent nothing, and other projects', async () => {
  const [corner, other] = [server.corner(), server.corner()];
  const { client, worker, projectId, instanceId } = corner;
  await leaveInDoubt(other);
  await waitForList(other, (runs) => runs.length === 1);
  const run = await client.start({ projectId, instanceId, toggle: true });
  await worker.perform('preflight', {}, findings());
  await worker.decide(failRun('REFUSED', 'Nothing was sent.', result({ outcome: 'REFUSED' })));
  await client.result(run);
  expect(await client.unresolved({ projectId })).toEqual([]);
  expect(plain(formatUnresolved([]))).toBe('No run is unresolved.');
});
