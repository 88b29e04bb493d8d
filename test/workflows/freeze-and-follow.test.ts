/** What the activities ask a real Temporal server: freezes, the schedules that they paused, and the ends of runs. */
import { randomUUID } from 'node:crypto';

import { describe, expect, test } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';

import { followRun } from '../../src/activities/follow-run.js';
import { createActivities } from '../../src/activities/index.js';
import type { Activities } from '../../src/activities/index.js';
import {
  FREEZE_WORKFLOW_ID,
  FREEZE_WORKFLOW_TYPE,
  MAINTENANCE_WORKFLOW_TYPE,
} from '../../src/contract/index.js';
import type { Freeze } from '../../src/contract/index.js';
import { makeFreezeNote } from '../../src/domain/freeze.js';
import type { ThawCall, ThawReport } from '../../src/domain/freeze.js';
import type { FollowCall, LegEnding } from '../../src/domain/maintenance/reports.js';

import { cancelRun, completeRun, failRun } from '../client/support/fake-worker.js';
import { pauseAtNextReading } from '../client/support/schedules.js';
import { useRealServer } from '../client/support/server.js';

const server = useRealServer({ dynamicConfig: { 'frontend.WorkflowPauseEnabled': true } });

const FREEZE: Freeze = {
  until: new Date(Date.now() + 3_600_000).toISOString(),
  by: 'ann',
  reason: 'quarter end',
};

const client = (): Client => server.temporal().client;

const NO_PROJECTS = {
  isDraining: () => false,
  findProject: () => undefined,
  searchAttributes: [],
};

const activities = (): Activities => createActivities({ ...NO_PROJECTS, temporal: client() });

/** Starts the record of a freeze, which stays open because it has no worker; returns its run id. */
async function freeze(memo: Record<string, unknown> = { freeze: FREEZE }): Promise<string> {
  const handle = await client().workflow.start(FREEZE_WORKFLOW_TYPE, {
    workflowId: FREEZE_WORKFLOW_ID,
    taskQueue: 'nobody',
    args: [FREEZE],
    memo,
    workflowIdConflictPolicy: 'TERMINATE_EXISTING',
  });
  return handle.firstExecutionRunId;
}

const readFreeze = (): Promise<Freeze | null> =>
  new MockActivityEnvironment().run<[], Freeze | null, Activities['readFreeze']>(
    activities().readFreeze,
  );

describe('readFreeze', () => {
  test('knows of no freeze where there never was one', async () => {
    expect(await readFreeze()).toBeNull();
  });

  test('reads the freeze in force, and none once it has ended', async () => {
    await freeze();
    expect(await readFreeze()).toEqual(FREEZE);
    await client().workflow.getHandle(FREEZE_WORKFLOW_ID).terminate('thawed');
    expect(await readFreeze()).toBeNull();
  });

  test('holds while someone has paused its record', async () => {
    const runId = await freeze();
    await client().workflowService.pauseWorkflowExecution({
      namespace: client().options.namespace,
      ...{ workflowId: FREEZE_WORKFLOW_ID, runId, identity: 'bob', reason: 'a slip' },
      requestId: randomUUID(),
    });
    const { status } = await client().workflow.getHandle(FREEZE_WORKFLOW_ID).describe();
    expect(status.name).toBe('PAUSED');
    expect(await readFreeze()).toEqual(FREEZE);
    await client().workflow.getHandle(FREEZE_WORKFLOW_ID).terminate('thawed');
  });

  test('takes an open record without words for a freeze', async () => {
    await freeze({});
    expect(await readFreeze()).toMatchObject({ until: '9999-12-31T23:59:59Z' });
    await client().workflow.getHandle(FREEZE_WORKFLOW_ID).terminate('thawed');
  });
});

/** Creates a schedule that is paused by this note. */
async function schedule(
  note: string,
  workflowType = MAINTENANCE_WORKFLOW_TYPE,
  memo: Record<string, unknown> = {},
): Promise<string> {
  const scheduleId = `schedule-${randomUUID()}`;
  await client().schedule.create({
    scheduleId,
    spec: { intervals: [{ every: '1 day' }] },
    action: { type: 'startWorkflow', workflowType, taskQueue: 'nobody', args: [], memo },
    state: { paused: true, note },
  });
  return scheduleId;
}

async function stateOf(scheduleId: string): Promise<{ paused: boolean; note: string | undefined }> {
  const { state } = await client().schedule.getHandle(scheduleId).describe();
  return { paused: state.paused, note: state.note };
}

const thaw = (runId: string): Promise<ThawReport> =>
  new MockActivityEnvironment({
    workflowExecution: { workflowId: FREEZE_WORKFLOW_ID, runId },
  }).run<[ThawCall], ThawReport, Activities['thawSchedules']>(activities().thawSchedules, {
    freeze: FREEZE,
  });

/** The list lags behind what was created. */
async function untilListed(ids: readonly string[]): Promise<void> {
  for (;;) {
    const listed = new Set<string>();
    for await (const { scheduleId } of client().schedule.list()) listed.add(scheduleId);
    if (ids.every((id) => listed.has(id))) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

describe('thawSchedules', () => {
  test('leaves a schedule that someone pauses between its reading and its resumption', async () => {
    const scheduleId = await schedule(makeFreezeNote(FREEZE));
    await untilListed([scheduleId]);
    pauseAtNextReading(client(), scheduleId, 'bob: incident 7');
    const report = await thaw(randomUUID());
    expect(report.failed).toEqual([]);
    expect(report.resumed).not.toContain(scheduleId);
    expect(await stateOf(scheduleId)).toEqual({ paused: true, note: 'bob: incident 7' });
  });

  test('resumes what the freeze has paused, and nothing else', async () => {
    const runId = await freeze();
    const ours = await schedule(makeFreezeNote(FREEZE));
    const persons = await schedule('paused by bob: broken');
    const foreign = await schedule(makeFreezeNote(FREEZE), 'somethingElse');
    await untilListed([ours, persons, foreign]);

    expect(await thaw(runId)).toEqual({ resumed: [ours], failed: [] });
    expect(await stateOf(ours)).toEqual({
      paused: false,
      note: `resumed: the freeze until ${FREEZE.until} is over`,
    });
    expect((await stateOf(persons)).paused).toBe(true);
    expect((await stateOf(foreign)).paused).toBe(true);
    expect(await thaw(runId)).toEqual({ resumed: [], failed: [] });
  });

  test('keeps the note of the schedule itself, whoever ends the freeze', async () => {
    const runId = await freeze();
    const own = { note: 'weekly drill' };
    const scheduleId = await schedule(makeFreezeNote(FREEZE), MAINTENANCE_WORKFLOW_TYPE, own);
    await untilListed([scheduleId]);
    await thaw(runId);
    const note = `resumed: the freeze until ${FREEZE.until} is over; weekly drill`;
    expect(await stateOf(scheduleId)).toEqual({ paused: false, note });
    await client().schedule.getHandle(scheduleId).pause(makeFreezeNote(FREEZE));
    await server.corner().dcs.freezes.thaw({ by: 'ann' });
    expect((await stateOf(scheduleId)).note).toBe(
      'resumed: ann has ended the freeze; weekly drill',
    );
  });

  test('leaves everything to a later freeze that has taken over', async () => {
    const earlier = await freeze();
    const ours = await schedule(makeFreezeNote(FREEZE));
    await untilListed([ours]);
    const later = await freeze();
    expect(await thaw(earlier)).toEqual({ resumed: [], failed: [] });
    expect((await stateOf(ours)).paused).toBe(true);
    expect((await thaw(later)).resumed).toEqual([ours]);
  });
});

const follow = (call: FollowCall): Promise<LegEnding> =>
  new MockActivityEnvironment().run<[FollowCall], LegEnding, Activities['followRun']>(
    activities().followRun,
    call,
  );

/** Starts a run that a fake worker ends. */
async function startRun() {
  const { worker, taskQueue, instanceId } = server.corner();
  const workflowId = `dcs-switchover:p:${instanceId}`;
  const handle = await client().workflow.start('dcsSwitchover', {
    ...{ workflowId, taskQueue, args: [{}] },
  });
  return { worker, handle, call: { workflowId, runId: handle.firstExecutionRunId } };
}

const node = { nodeId: 'node-b', availabilityZone: 'az2', role: 'master' };
const rolesOf = (master: object) => ({ groups: [{ groupId: 'g', nodes: [master] }] });
const RESULT = {
  ...{ outcome: 'SUCCEEDED', cause: 'ROLES_CHANGED', message: 'Switched over.', swapsSent: 1 },
  ...{ before: rolesOf({ ...node, nodeId: 'node-a' }), after: rolesOf(node) },
};

describe('followRun', () => {
  test('waits for the end of a run and reports its result', async () => {
    const { worker, call } = await startRun();
    const ending = follow(call);
    await worker.decide(completeRun(RESULT));
    expect(await ending).toEqual({
      ...{ outcome: 'SUCCEEDED', cause: 'ROLES_CHANGED', message: 'Switched over.', swapsSent: 1 },
      master: { nodeId: 'node-b', availabilityZone: 'az2' },
      from: { nodeId: 'node-a', availabilityZone: 'az2' },
    });
  });

  test('gives its place on the worker back while the run goes on: the run needs one too', async () => {
    const { worker, call } = await startRun();
    const deps = { ...NO_PROJECTS, temporal: client() };
    const looked = new MockActivityEnvironment().run<[FollowCall], LegEnding, typeof follow>(
      (asked) => followRun(deps, asked, 200),
      call,
    );
    const failure = await looked.catch((error: unknown) => error);
    expect(failure).toMatchObject({ type: 'StillOpen', nonRetryable: false, category: 'BENIGN' });
    await worker.decide(completeRun(RESULT));
    expect(await follow(call)).toMatchObject({ outcome: 'SUCCEEDED' });
  });

  test('reports the outcome of a run that failed, by its type, message and details', async () => {
    const { worker, call } = await startRun();
    const message = 'Outcome unknown: no trace.';
    const details = { ...RESULT, outcome: 'UNKNOWN', cause: 'NO_TRACE', message, after: null };
    await worker.decide(failRun('UNKNOWN', message, details));
    expect(await follow(call)).toEqual({
      ...{ outcome: 'UNKNOWN', cause: 'NO_TRACE', message },
      ...{ swapsSent: 1, master: null, from: { nodeId: 'node-a', availabilityZone: 'az2' } },
    });
  });

  test('reports a cancelled run as such: it has sent nothing', async () => {
    const { worker, handle, call } = await startRun();
    await handle.cancel();
    await worker.decide(cancelRun());
    expect(await follow(call)).toMatchObject({ outcome: 'CANCELLED', swapsSent: 0, master: null });
  });

  test.each([
    [
      'was terminated',
      async ({ handle }: Awaited<ReturnType<typeof startRun>>) => {
        await handle.terminate('by hand');
      },
    ],
    [
      'failed without an outcome',
      async ({ worker }: Awaited<ReturnType<typeof startRun>>) => {
        await worker.decide(failRun('Strange', 'what a stranger says'));
      },
    ],
  ])('calls a run UNKNOWN that %s', async (_, end) => {
    const run = await startRun();
    await end(run);
    expect(await follow(run.call)).toMatchObject({ outcome: 'UNKNOWN', master: null });
  });

  test('calls a run UNKNOWN that Temporal does not know any more', async () => {
    const { call } = await startRun();
    const ending = await follow({ ...call, runId: randomUUID() });
    expect(ending).toMatchObject({ outcome: 'UNKNOWN', master: null });
    expect(ending.message).toContain('retention');
  });

  test('ends when it is cancelled, without a word about the run', async () => {
    const { call } = await startRun();
    const environment = new MockActivityEnvironment();
    const ending = environment.run<[FollowCall], LegEnding, Activities['followRun']>(
      activities().followRun,
      call,
    );
    setTimeout(() => {
      environment.cancel('CANCELLED');
    }, 200);
    await expect(ending).rejects.toMatchObject({ name: 'CancelledFailure' });
  });
});
