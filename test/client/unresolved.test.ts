import { expect, test } from '@jest/globals';

import { plain } from '../cli/support/plain.js';
import { formatUnresolved } from '../../src/cli/commands/list.js';
import type { StartedRun, UnresolvedRun } from '../../src/client.js';
import type { SwitchoverResult } from '../../src/contract/index.js';
import { waitUntil } from '../../src/simulator/basics.js';

import { findings, result, roles } from './support/facts.js';
import { completeRun, failRun, startTimer } from './support/fake-worker.js';
import { useRealServer } from './support/server.js';
import type { Corner } from './support/server.js';

const server = useRealServer();

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
  const reported = result({ outcome: 'UNKNOWN', cause: 'NO_TRACE' });
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
      ...{ state: 'UNKNOWN', instanceName: null },
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
