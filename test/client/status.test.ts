import { randomUUID } from 'node:crypto';

import { describe, expect, jest, test } from '@jest/globals';

import { RunClosedError, NotFoundError } from '../../src/client.js';
import type { RunStatus, StartedRun } from '../../src/client.js';

import { findings, result, roles } from './support/facts.js';
import { cancelRun, completeRun, schedule, seconds, startTimer } from './support/fake-worker.js';
import { useRealServer } from './support/server.js';
import type { Corner } from './support/server.js';

const server = useRealServer();

const ACCEPTED = { kind: 'accepted', jobId: 'job-7', requestId: null, sentAtMs: 1 };
const AMBIGUOUS = { kind: 'ambiguous', detail: 'no answer', sentAtMs: 1 };
const FORWARD = { purpose: 'forward' };

async function start({ client, projectId, instanceId }: Corner): Promise<StartedRun> {
  return client.start({ projectId, instanceId, toggle: true, requestedBy: 'alice' });
}

/** Status of a run that no worker serves, after `steps` of it were performed. */
async function statusAfter(steps: (corner: Corner) => Promise<void>): Promise<RunStatus> {
  const corner = server.corner({ rpcTimeoutMs: 1_000 });
  const run = await start(corner);
  await steps(corner);
  return corner.client.status(run);
}

describe('status without a worker', () => {
  test('says that nothing was scheduled yet', async () => {
    const status = await statusAfter(() => Promise.resolve());
    expect(status).toMatchObject({
      source: 'history',
      execution: 'RUNNING',
      phase: 'PREFLIGHT',
      put: 'not-scheduled',
      swapsSent: 0,
      jobIds: [],
      closedAt: null,
      asked: { goal: 'swap master and replica', requestedBy: 'alice' },
    });
    expect(status.putSummary).toBe('PUT not scheduled: nothing was sent.');
    expect(status.next).toMatch(/no worker polls task queue queue-/);
    expect(status.next).toMatch(
      /\.\nStart a worker:\n {2}dcs-switchover worker --task-queue queue-\S+$/,
    );
  });

  test('does not blame workers for a start delay', async () => {
    const { client, projectId, instanceId, taskQueue } = server.corner({ rpcTimeoutMs: 1_000 });
    const ref = { projectId, instanceId };
    await server.temporal().client.workflow.start('dcsSwitchover', {
      workflowId: `dcs-switchover:${projectId}:${instanceId}`,
      taskQueue,
      args: [{ ...ref, toggle: true }],
      startDelay: '1 hour',
    });
    const { next } = await client.status(ref);
    expect(next).toMatch(/^it begins at .*Z \(start delay or cron schedule\)/);
  });

  test('says that a worker polls, where one does', async () => {
    const { next } = await statusAfter(async ({ worker }) => {
      await worker.decide(startTimer());
    });
    expect(next).toMatch(/^1 worker polls task queue queue-.*may be replaying it/);
  });

  describe('whose workflow task is tried again', () => {
    /** A run at the second attempt of its first task, after a worker that did `first` with it. */
    async function secondAttempt(first: (corner: Corner) => Promise<void>) {
      const corner = server.corner({ rpcTimeoutMs: 1_000 });
      const { client, projectId, instanceId, taskQueue } = corner;
      const ref = { projectId, instanceId };
      const handle = await server.temporal().client.workflow.start('dcsSwitchover', {
        workflowId: `dcs-switchover:${projectId}:${instanceId}`,
        taskQueue,
        args: [{ ...ref, toggle: true }],
        workflowTaskTimeout: '1 second',
      });
      await first(corner);
      const attempt = async (): Promise<number> =>
        (await handle.describe()).raw.pendingWorkflowTask?.attempt ?? 0;
      while ((await attempt()) < 2) await new Promise((resolve) => setTimeout(resolve, 100));
      return () => client.status(ref);
    }

    test('says so of a worker that was killed, and blames no codec', async () => {
      const status = await secondAttempt(({ worker }) => worker.dropTask());
      const { next } = await status();
      expect(next).toContain('did not answer in time: it was killed, or is too slow');
      expect(next).not.toContain('codec');
    });

    test('says that no worker polls where the killed one was the only one', async () => {
      const status = await secondAttempt(({ worker }) => worker.dropTask());
      const { workflowService } = server.temporal().client;
      // The server forgets a poller after five minutes.
      const nobody = { pollers: [] } as never;
      const seen = jest.spyOn(workflowService, 'describeTaskQueue').mockResolvedValue(nobody);
      const { next } = await status();
      seen.mockRestore();
      expect(next).toMatch(/^no worker polls task queue queue-/);
      expect(next).not.toContain('codec');
    });

    test('names the codec where workers do poll and fail', async () => {
      const status = await secondAttempt(({ worker }) => worker.failTask());
      expect((await status()).next).toMatch(/fail at its workflow task.*codec/);
    });
  });

  test('says that a PUT may have left while its activity is silent', async () => {
    const status = await statusAfter(async ({ worker, taskQueue }) => {
      await worker.perform('preflight', {}, findings());
      await worker.decide(schedule('requestSwap', FORWARD, taskQueue));
      await worker.takeActivity();
    });
    expect(status).toMatchObject({ phase: 'SWAPPING', put: 'possibly-sent', swapsSent: 1 });
    expect(status.before).toEqual(roles('n1'));
    expect(status.putSummary).toMatch(/^PUT possibly sent .*: no report yet\.$/);
  });

  test('names the job of an accepted PUT', async () => {
    const status = await statusAfter(async ({ worker, taskQueue }) => {
      await worker.perform('preflight', {}, findings());
      await worker.perform('requestSwap', FORWARD, ACCEPTED);
      await worker.decide(schedule('awaitJob', { jobId: 'job-7', taskId: null }, taskQueue));
    });
    expect(status).toMatchObject({ phase: 'AWAITING_JOB', put: 'accepted', jobIds: ['job-7'] });
    expect(status.instanceName).toBe('orders');
    expect(status.putSummary).toMatch(/^PUT accepted, job job-7 /);
  });

  test('reports a PUT without an answer that is being reconciled', async () => {
    const status = await statusAfter(async ({ worker, taskQueue }) => {
      await worker.perform('preflight', {}, findings());
      await worker.perform('requestSwap', FORWARD, AMBIGUOUS);
      await worker.decide(schedule('watchRoles', { ownJobIds: [] }, taskQueue));
    });
    expect(status).toMatchObject({ phase: 'RECONCILING', put: 'possibly-sent', swapsSent: 1 });
  });

  test('shows why an activity is tried again, and which attempt it is', async () => {
    const status = await statusAfter(async ({ worker, taskQueue }) => {
      const retryPolicy = { maximumAttempts: 5, initialInterval: seconds(30) };
      await worker.decide(schedule('preflight', {}, taskQueue, { retryPolicy }));
      await (await worker.takeActivity()).fail('Nothing was sent. 503 (request id r-1).');
    });
    expect(status.pending).toMatchObject({
      type: 'preflight',
      attempt: 2,
      maximumAttempts: 5,
      isWaiting: true,
      lastFailure: 'Nothing was sent. 503 (request id r-1).',
    });
    expect(Date.parse(status.pending?.nextAttemptAt ?? '')).not.toBeNaN();
  });

  test('repeats what a running activity says of itself', async () => {
    const beat = {
      next: 'poll job job-7',
      givesUpAt: '2026-11-24T02:10:00.000Z',
      lastRequestId: 'r',
    };
    const status = await statusAfter(async ({ worker, taskQueue }) => {
      await worker.decide(schedule('awaitJob', {}, taskQueue));
      await (await worker.takeActivity()).heartbeat(beat);
    });
    expect(status.pending).toMatchObject({ ...beat, type: 'awaitJob', isWaiting: false });
  });

  test('reports the phase of a run that only reads', async () => {
    const status = await statusAfter(async ({ worker, taskQueue }) => {
      await worker.perform('preflight', {}, findings());
      await worker.decide(schedule('watchRoles', { putSent: 'possibly' }, taskQueue));
    });
    expect(status).toMatchObject({ phase: 'RECONCILING', put: 'not-scheduled', swapsSent: 0 });
  });

  test('counts an adopted job as accepted', async () => {
    const status = await statusAfter(async ({ worker, taskQueue }) => {
      await worker.perform('preflight', {}, findings());
      await worker.perform('requestSwap', FORWARD, AMBIGUOUS);
      await worker.perform('watchRoles', { ownJobIds: [] }, { roles: roles('n2') });
      await worker.decide(schedule('awaitJob', { jobId: 'job-8', taskId: 'task-8' }, taskQueue));
    });
    expect(status).toMatchObject({
      phase: 'AWAITING_JOB',
      put: 'accepted',
      swapsSent: 1,
      jobIds: ['job-8'],
      after: roles('n2'),
    });
  });

  test('tells a PUT that was not applied from one that never left', async () => {
    const notApplied = { kind: 'not-applied', retryAfterMs: null, detail: '429' };
    const notSent = { kind: 'not-sent', reason: 'busy', retryAfterMs: null, detail: 'busy' };
    const status = await statusAfter(async ({ worker }) => {
      await worker.perform('preflight', {}, findings());
      await worker.perform('requestSwap', FORWARD, notApplied);
      await worker.perform('requestSwap', FORWARD, notSent);
      await worker.decide(startTimer());
    });
    expect(status).toMatchObject({ phase: 'SWAPPING', put: 'not-applied', swapsSent: 1 });
    expect(status.putSummary).toMatch(/^PUT not applied .*: 429\. PUT not sent .*: busy\.$/);
  });

  test('trusts that nothing was sent where no worker ever had the activity', async () => {
    const status = await statusAfter(async ({ worker, taskQueue }) => {
      const timeouts = { scheduleToStartTimeout: seconds(1) };
      await worker.decide(schedule('requestSwap', FORWARD, taskQueue, timeouts));
      await worker.decide(startTimer());
    });
    expect(status).toMatchObject({ put: 'not-applied', swapsSent: 0 });
    expect(status.putSummary).toMatch(/^PUT not sent .*: no worker took it\.$/);
  });

  test('trusts that nothing was sent where an activity timed out before its fence', async () => {
    const status = await statusAfter(async ({ worker, taskQueue }) => {
      const timeouts = { startToCloseTimeout: seconds(1) };
      await worker.decide(schedule('requestSwap', FORWARD, taskQueue, timeouts));
      await worker.takeActivity();
      await worker.decide(startTimer());
    });
    expect(status).toMatchObject({ put: 'not-applied', swapsSent: 0 });
    expect(status.putSummary).toMatch(
      /^PUT not sent .*: the swap activity was lost before its fence, so it has sent nothing\.$/,
    );
  });

  test('trusts nothing of an activity that timed out after its fence', async () => {
    const status = await statusAfter(async ({ worker, taskQueue }) => {
      const timeouts = { startToCloseTimeout: seconds(3), heartbeatTimeout: seconds(3) };
      await worker.decide(schedule('requestSwap', FORWARD, taskQueue, timeouts));
      await (await worker.takeActivity()).heartbeat({ fencedAt: 'now' });
      await worker.decide(startTimer());
    });
    expect(status).toMatchObject({ put: 'possibly-sent', swapsSent: 1 });
    expect(status.putSummary).toMatch(/^PUT possibly sent .*: no report\.$/);
  });

  test('shows a run that keeps the lock', async () => {
    const status = await statusAfter(async ({ worker }) => {
      await worker.perform('preflight', {}, findings());
      await worker.perform('requestSwap', FORWARD, AMBIGUOUS);
      await worker.perform('watchRoles', { ownJobIds: [] }, { roles: roles('n1') });
      await worker.decide(startTimer());
    });
    expect(status).toMatchObject({ phase: 'HOLDING', outcome: 'UNKNOWN', put: 'possibly-sent' });
    const heldMs = Date.parse(status.lockedUntil ?? '') - Date.parse(status.since);
    expect(heldMs).toBe(3_600_000);
  });

  test('shows both PUTs of a run that swaps back', async () => {
    const status = await statusAfter(async ({ worker, taskQueue }) => {
      await worker.perform('preflight', {}, findings());
      await worker.perform('requestSwap', FORWARD, ACCEPTED);
      await worker.perform('verifyRoles', {}, { roles: roles('n2') });
      await worker.decide(schedule('requestSwap', { purpose: 'compensate' }, taskQueue));
    });
    expect(status).toMatchObject({ phase: 'COMPENSATING', put: 'accepted', swapsSent: 2 });
    expect(status.putSummary).toMatch(/^PUT accepted, job job-7 .* Compensating PUT possibly sent/);
  });
});

describe('status', () => {
  test('is reported by the run itself where a worker answers', async () => {
    const corner = server.corner();
    const run = await start(corner);
    await corner.worker.decide(startTimer());
    const reported = {
      phase: 'VERIFYING',
      since: '2026-11-24T02:00:00.000Z',
      next: 'read the roles',
      swapsSent: 1,
      jobIds: ['job-1'],
      before: roles('n1'),
    };
    const [status] = await Promise.all([
      corner.client.status(run),
      corner.worker.answerQuery(reported),
    ]);
    expect(status).toMatchObject({ ...reported, source: 'worker', put: 'not-scheduled' });
  });

  test('reports the outcome of a closed run without a worker, at once', async () => {
    const corner = server.corner();
    const run = await start(corner);
    await corner.worker.decide(completeRun(result()));
    await corner.client.result(run);
    const startedMs = Date.now();
    const status = await corner.client.status(run);
    expect(Date.now() - startedMs).toBeLessThan(9_000);
    expect(status).toMatchObject({
      source: 'history',
      execution: 'COMPLETED',
      phase: 'ENDED',
      outcome: 'SUCCEEDED',
      next: result().message,
      before: roles('n1'),
      after: roles('n2'),
    });
    expect(status.closedAt).not.toBeNull();
  });

  test('reports REFUSED of a run that was terminated before its PUT: nothing was sent', async () => {
    const corner = server.corner();
    const run = await start(corner);
    await server.temporal().client.workflow.getHandle(run.workflowId).terminate('oops');
    const status = await corner.client.status(run);
    expect(status).toMatchObject({ execution: 'TERMINATED', phase: 'ENDED', outcome: 'REFUSED' });
    expect(status.next).toContain('dcs-switchover plan');
  });

  test('reports UNKNOWN of a run that was terminated after its PUT, and what to do', async () => {
    const corner = server.corner();
    const run = await start(corner);
    await corner.worker.perform('requestSwap', FORWARD, AMBIGUOUS);
    await server.temporal().client.workflow.getHandle(run.workflowId).terminate('oops');
    const status = await corner.client.status(run);
    expect(status).toMatchObject({ execution: 'TERMINATED', phase: 'ENDED', outcome: 'UNKNOWN' });
    expect(status.next).toContain('dcs-switchover resolve');
  });

  test('finds no run where there is none', async () => {
    const { client, projectId, instanceId } = server.corner();
    await expect(client.status({ projectId, instanceId })).rejects.toBeInstanceOf(NotFoundError);
    const runId = '33333333-3333-4333-8333-333333333333';
    await expect(client.status({ projectId, instanceId, runId })).rejects.toBeInstanceOf(
      NotFoundError,
    );
  });

  test.each([{ runId: 'latest' }, { instanceId: 'ABC' }, { projectId: '../x' }])(
    'refuses a malformed reference %j',
    async (wrong) => {
      const { client, projectId, instanceId } = server.corner();
      await expect(client.status({ projectId, instanceId, ...wrong })).rejects.toMatchObject({
        name: 'InvalidInputError',
        problems: [{ field: Object.keys(wrong)[0] }],
      });
    },
  );
});

describe('cancel', () => {
  test('shows what it means before anything was sent, and leaves its reason', async () => {
    const corner = server.corner();
    const run = await start(corner);
    const receipt = await corner.client.cancel(run, { reason: 'window moved (alice)' });
    expect(receipt).toMatchObject({ runId: run.runId, put: 'not-scheduled' });
    expect(receipt.meaning).toMatch(/nothing was sent\. The run ends Cancelled/);
    const { events } = await server
      .temporal()
      .client.workflow.getHandle(run.workflowId, run.runId)
      .fetchHistory();
    const reasons = events?.map(
      (event) => event.workflowExecutionCancelRequestedEventAttributes?.cause,
    );
    expect(reasons).toContain('window moved (alice)');
  });

  test('says that a PUT cannot be taken back', async () => {
    const corner = server.corner();
    const run = await start(corner);
    await corner.worker.perform('requestSwap', FORWARD, ACCEPTED);
    const receipt = await corner.client.cancel(run);
    expect(receipt.meaning).toMatch(/PUT accepted, job job-7 .* cannot be taken back/);
  });

  test('does not touch a run that has ended', async () => {
    const corner = server.corner();
    const run = await start(corner);
    await corner.client.cancel(run);
    await corner.worker.decide(cancelRun());
    await expect(corner.client.result(run)).rejects.toMatchObject({ name: 'RunCancelledError' });
    await expect(corner.client.cancel(run)).rejects.toBeInstanceOf(RunClosedError);
    expect(await corner.client.status(run)).toMatchObject({
      execution: 'CANCELLED',
      next: 'It was cancelled; nothing is left to do.',
    });
  });

  test('leaves open what a cancelled examination was to find out', async () => {
    const corner = server.corner();
    const { client, projectId, instanceId } = corner;
    const examinedRunId = randomUUID();
    const run = await client.start({ projectId, instanceId, mode: 'verify', examinedRunId });
    await client.cancel(run);
    await corner.worker.decide(cancelRun());
    await expect(client.result(run)).rejects.toMatchObject({ name: 'RunCancelledError' });
    const { next } = await client.status(run);
    expect(next).toContain('before it had found out; nothing was sent');
    expect(next).toContain(`dcs-switchover history ${instanceId}`);
  });
});
