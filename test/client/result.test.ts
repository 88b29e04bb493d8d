import { getEventListeners } from 'node:events';

import { describe, expect, jest, test } from '@jest/globals';

import {
  InvalidInputError,
  RunCancelledError,
  NotFoundError,
  WaitTimedOutError,
} from '../../src/client.js';

import { findings, result, roles } from './support/facts.js';
import { cancelRun, completeRun, failRun, schedule, seconds } from './support/fake-worker.js';
import type { FakeWorker } from './support/fake-worker.js';
import { useRealServer } from './support/server.js';
import type { Corner } from './support/server.js';

const server = useRealServer();

async function startIn({ client, projectId, instanceId }: Corner) {
  return client.start({ projectId, instanceId, toggle: true, requestedBy: 'alice' });
}

function terminate(run: { workflowId: string; runId: string }, reason: string): Promise<unknown> {
  return server.temporal().client.workflow.getHandle(run.workflowId, run.runId).terminate(reason);
}

describe('result', () => {
  test('resolves with the value of a completed run, waiting for it', async () => {
    const corner = server.corner();
    const run = await startIn(corner);
    const waiting = corner.client.result(run);
    await corner.worker.decide(completeRun(result()));
    expect(await waiting).toEqual(result());
  });

  test.each(['REFUSED', 'FAILED_UNCHANGED', 'COMPENSATED', 'UNKNOWN'] as const)(
    'resolves with the result that a run failed with: %s',
    async (outcome) => {
      const corner = server.corner();
      const run = await startIn(corner);
      await corner.worker.decide(failRun(outcome, 'reported', result({ outcome })));
      expect(await corner.client.result(run)).toEqual(result({ outcome }));
    },
  );

  test('throws what the run found wrong with the input', async () => {
    const corner = server.corner();
    const run = await startIn(corner);
    const problems = [{ field: 'projectId', problem: 'is not served', remedy: 'Use another.' }];
    await corner.worker.decide(failRun('INVALID_INPUT', 'invalid', { problems }));
    const error = await corner.client.result(run).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InvalidInputError);
    expect(error).toMatchObject({ problems });
  });

  test('throws for a cancelled run, saying that nothing was sent', async () => {
    const corner = server.corner();
    const run = await startIn(corner);
    await corner.client.cancel(run);
    await corner.worker.decide(cancelRun());
    const error = await corner.client.result(run).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RunCancelledError);
    expect((error as Error).message).toContain('PUT not scheduled: nothing was sent.');
  });

  test('stops waiting in time; the run continues', async () => {
    const corner = server.corner();
    const run = await startIn(corner);
    const startedMs = Date.now();
    const error = await corner.client
      .result(run, { timeoutMs: 1_500 })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WaitTimedOutError);
    expect(Date.now() - startedMs).toBeLessThan(30_000);
    expect(await corner.client.status(run)).toMatchObject({ execution: 'RUNNING' });
  });

  test('looks once when given no time', async () => {
    const corner = server.corner();
    const run = await startIn(corner);
    await expect(corner.client.result(run, { timeoutMs: 0 })).rejects.toBeInstanceOf(
      WaitTimedOutError,
    );
    await corner.worker.decide(completeRun(result()));
    expect(await corner.client.result(run, { timeoutMs: 0 })).toEqual(result());
  });

  test('stops waiting with the reason of the signal', async () => {
    const corner = server.corner();
    const run = await startIn(corner);
    const stop = new AbortController();
    const waiting = corner.client.result(run, { signal: stop.signal });
    setTimeout(() => {
      stop.abort(new Error('enough'));
    }, 300);
    await expect(waiting).rejects.toThrow('enough');
  });

  test('leaves nothing behind on the signal, however often Temporal is asked', async () => {
    const corner = server.corner();
    const run = await startIn(corner);
    const stop = new AbortController();
    const listeners = (): number => getEventListeners(stop.signal, 'abort').length;
    const heard: number[] = [];
    const watch = setInterval(() => heard.push(listeners()), 100);
    for (let call = 0; call < 15; call += 1)
      await corner.client
        .result(run, { signal: stop.signal, timeoutMs: 50 })
        .catch(() => undefined);
    const waiting = corner.client.result(run, { signal: stop.signal });
    await corner.worker.decide(completeRun(result()));
    await waiting;
    clearInterval(watch);
    expect(Math.max(...heard)).toBeLessThanOrEqual(1);
    expect(listeners()).toBe(0);
  });

  test('asks Temporal a few times only, however long it waits', async () => {
    const corner = server.corner();
    const run = await startIn(corner);
    const asked = jest.spyOn(
      server.temporal().client.workflowService,
      'getWorkflowExecutionHistory',
    );
    const waiting = corner.client.result(run, { timeoutMs: 2_000 });
    await expect(waiting).rejects.toBeInstanceOf(WaitTimedOutError);
    expect(asked.mock.calls.length).toBeLessThan(10);
    asked.mockRestore();
  });

  test('does not find a run that never was', async () => {
    const { client, projectId, instanceId } = server.corner();
    const error = await client.result({ projectId, instanceId }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NotFoundError);
    expect((error as Error).message).toContain(`dcs-switchover:${projectId}:${instanceId}`);
  });

  test('keeps to the run that it was given', async () => {
    const corner = server.corner();
    const first = await startIn(corner);
    await corner.worker.decide(completeRun(result({ jobIds: ['first'] })));
    await corner.client.result(first);
    await startIn(corner);
    expect(await corner.client.result(first)).toMatchObject({ jobIds: ['first'] });
  });
});

describe('result of a run that did not say one', () => {
  test('is REFUSED with nothing sent when it was terminated before the PUT', async () => {
    const corner = server.corner();
    const run = await startIn(corner);
    await terminate(run, 'by mistake');
    const reported = await corner.client.result(run);
    expect(reported).toMatchObject({
      outcome: 'REFUSED',
      cause: 'RUN_TERMINATED',
      swapsSent: 0,
      swapsAccepted: 0,
      requestedBy: 'alice',
      mode: 'switch',
    });
    expect(reported.message).toMatch(
      /^Nothing was sent: .* it was terminated \(by mistake\)\. PUT not scheduled: nothing was sent\..*dcs-switchover plan /s,
    );
  });

  test.each<[string, (worker: FakeWorker) => Promise<unknown>]>([
    ['that no worker had taken', () => Promise.resolve()],
    ['that had not passed its fence', (worker) => worker.takeActivity()],
  ])('is REFUSED, nothing sent, when it was terminated at a swap %s', async (_, take) => {
    const corner = server.corner();
    const { worker, taskQueue } = corner;
    const run = await startIn(corner);
    await worker.perform('preflight', {}, findings());
    await worker.decide(schedule('requestSwap', { purpose: 'forward' }, taskQueue));
    await take(worker);
    await terminate(run, 'by mistake');
    const reported = await corner.client.result(run);
    expect(reported).toMatchObject({ outcome: 'REFUSED', cause: 'RUN_TERMINATED', swapsSent: 0 });
    expect(reported.message).toMatch(/^Nothing was sent: .*terminated \(by mistake\)/);
    expect(reported.message).not.toMatch(/dcs-switchover (verify|resolve)/);
    const [entry] = await corner.client.history(run);
    expect(entry).toMatchObject({ outcome: 'REFUSED', cause: 'RUN_TERMINATED', swapsSent: 0 });
  });

  test('counts a PUT whose activity never reported', async () => {
    const corner = server.corner();
    const { worker, taskQueue } = corner;
    const run = await startIn(corner);
    await worker.perform('preflight', {}, findings());
    await worker.decide(
      schedule('requestSwap', { purpose: 'forward' }, taskQueue, { heartbeatTimeout: seconds(30) }),
    );
    await (await worker.takeActivity()).heartbeat({ fencedAt: 'now' });
    await terminate(run, 'by mistake');
    expect(await corner.client.result(run)).toMatchObject({
      outcome: 'UNKNOWN',
      swapsSent: 1,
      swapsAccepted: 0,
      jobIds: [],
      region: 'eu-west-101',
      before: roles('n1'),
      after: null,
    });
  });

  test('forbids no switchover where the PUT provably did nothing', async () => {
    const corner = server.corner();
    const { worker } = corner;
    const run = await startIn(corner);
    await worker.perform('preflight', {}, findings());
    const busy = { kind: 'not-applied', retryAfterMs: 1, detail: 'busy', requestId: null };
    await worker.perform('requestSwap', { purpose: 'forward' }, busy);
    await terminate(run, 'too early');
    const { message } = await corner.client.result(run);
    expect(message).toMatch(/switching is not held back by it\.[^]*\n {2}dcs-switchover plan /);
    expect(message).not.toContain('Do not switch');
  });

  test('names the job of an accepted PUT, and the roles last seen', async () => {
    const corner = server.corner();
    const { worker } = corner;
    const run = await startIn(corner);
    await worker.perform('preflight', {}, findings());
    await worker.perform(
      'requestSwap',
      { purpose: 'forward' },
      { kind: 'accepted', jobId: 'job-7', requestId: null, sentAtMs: 1 },
    );
    await worker.perform('awaitJob', { jobId: 'job-7', taskId: null }, { state: 'SUCCESS' });
    await worker.perform('verifyRoles', {}, { roles: roles('n2') });
    await terminate(run, 'too early');
    const reported = await corner.client.result(run);
    expect(reported).toMatchObject({
      outcome: 'UNKNOWN',
      swapsSent: 1,
      swapsAccepted: 1,
      jobIds: ['job-7'],
      after: roles('n2'),
    });
    expect(reported.evidence.map(({ what }) => what)).toContain('requestSwap completed');
  });

  test('is UNKNOWN when a stranger failed it', async () => {
    const corner = server.corner();
    const run = await startIn(corner);
    await corner.worker.decide(failRun('Error', 'surprise'));
    expect(await corner.client.result(run)).toMatchObject({
      outcome: 'UNKNOWN',
      cause: 'RUN_FAILED',
    });
  });

  test('is UNKNOWN when it completed with something else', async () => {
    const corner = server.corner();
    const run = await startIn(corner);
    await corner.worker.decide(completeRun('done'));
    expect(await corner.client.result(run)).toMatchObject({
      outcome: 'UNKNOWN',
      cause: 'RUN_FAILED',
    });
  });

  test('is REFUSED with nothing sent when it ran into its own timeout before the PUT', async () => {
    const { client, projectId, instanceId, taskQueue } = server.corner();
    const workflowId = `dcs-switchover:${projectId}:${instanceId}`;
    await server.temporal().client.workflow.start('dcsSwitchover', {
      workflowId,
      taskQueue,
      args: [{ projectId, instanceId, toggle: true }],
      workflowRunTimeout: '1s',
    });
    expect(await client.result({ projectId, instanceId })).toMatchObject({
      outcome: 'REFUSED',
      cause: 'RUN_TIMED_OUT',
      swapsSent: 0,
    });
  });
});
