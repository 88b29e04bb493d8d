import { describe, expect, test } from '@jest/globals';

import { AlreadyRunningError, InvalidInputError } from '../../src/client.js';

import { result } from './support/facts.js';
import { completeRun } from './support/fake-worker.js';
import { useRealServer } from './support/server.js';

const server = useRealServer();

describe('start', () => {
  test('starts a run under the lock id, with texts for people', async () => {
    const { client, projectId, instanceId, taskQueue } = server.corner();
    const run = await client.start({
      projectId,
      instanceId,
      target: { availabilityZone: 'az2' },
      requestedBy: 'alice',
      reason: 'drain az1',
      requestId: 'r-1',
    });
    const description = await server
      .temporal()
      .client.workflow.getHandle(run.workflowId, run.runId)
      .describe();
    expect(run).toMatchObject({
      workflowId: `dcs-switchover:${projectId}:${instanceId}`,
      reused: null,
    });
    expect(description).toMatchObject({
      type: 'dcsSwitchover',
      taskQueue,
      memo: {
        mode: 'switch',
        requestedBy: 'alice',
        requestId: 'r-1',
        target: { availabilityZone: 'az2' },
      },
    });
    expect(await description.staticSummary()).toBe(
      `${instanceId.slice(0, 8)}…: switch so that the master is in AZ az2, asked by alice`,
    );
    expect(await description.staticDetails()).toContain('**Why:** drain az1');
  });

  test('names the instance in its summary where its name is given', async () => {
    const { client, projectId, instanceId } = server.corner();
    const instanceName = 'orders';
    const run = await client.start({ projectId, instanceId, toggle: true }, { instanceName });
    const handle = server.temporal().client.workflow.getHandle(run.workflowId, run.runId);
    const description = await handle.describe();
    expect(await description.staticSummary()).toBe('orders: swap master and replica');
    expect(description.memo).toMatchObject({ instanceName });
  });

  test('returns the open run that has the same request id', async () => {
    const { client, projectId, instanceId } = server.corner();
    const input = { projectId, instanceId, toggle: true, requestId: 'r-1' };
    const first = await client.start(input);
    const again = await client.start(input, { joinEquivalent: false });
    expect(again).toEqual({ ...first, reused: 'open' });
  });

  test('returns the latest closed run that has the same request id', async () => {
    const { client, worker, projectId, instanceId } = server.corner();
    const input = { projectId, instanceId, toggle: true, requestId: 'r-1' };
    const first = await client.start(input);
    await worker.decide(completeRun(result()));
    await client.result(first);
    expect(await client.start(input)).toEqual({ ...first, reused: 'closed' });
  });

  test('returns the run of a request id even after its time is over, but starts none then', async () => {
    const { client, projectId, instanceId } = server.corner();
    const input = { projectId, instanceId, toggle: true, requestId: 'r-1' };
    const first = await client.start(input);
    const late = { ...input, notAfter: '2020-01-01T00:00:00Z' };
    expect(await client.start(late)).toEqual({ ...first, reused: 'open' });
    const other = server.corner();
    await expect(client.start({ ...late, instanceId: other.instanceId })).rejects.toMatchObject({
      problems: [{ field: 'notAfter' }],
    });
  });

  test('starts again for another request id, and for none', async () => {
    const { client, worker, projectId, instanceId } = server.corner();
    const first = await client.start({ projectId, instanceId, toggle: true, requestId: 'r-1' });
    await worker.decide(completeRun(result()));
    await client.result(first);
    const second = await client.start({ projectId, instanceId, toggle: true, requestId: 'r-2' });
    expect(second.reused).toBeNull();
    expect(second.runId).not.toBe(first.runId);
  });

  test('does not answer a resolution by the run that it is about', async () => {
    const { client, worker, projectId, instanceId } = server.corner();
    const first = await client.start({ projectId, instanceId, toggle: true, requestId: 'r-1' });
    await worker.decide(completeRun(result()));
    await client.result(first);
    const resolution = { outcome: 'SUCCEEDED', statement: 'seen', resolvedBy: 'bob' } as const;
    const resolve = await client.start({
      projectId,
      instanceId,
      mode: 'resolve',
      resolution,
      requestId: 'r-1',
    });
    expect(resolve.reused).toBeNull();
  });

  test('joins an open run that asks for the same, whoever asked', async () => {
    const { client, projectId, instanceId } = server.corner();
    const goal = { projectId, instanceId, target: { nodeId: 'aaaaaaaa' } };
    const first = await client.start({ ...goal, requestedBy: 'alice' });
    const second = await client.start({ ...goal, requestedBy: 'bob', requestId: 'r-2' });
    expect(second).toEqual({ ...first, reused: 'open' });
  });

  test.each([
    ['another target', { target: { availabilityZone: 'az3' } }, {}],
    [
      'another guard',
      { target: { availabilityZone: 'az2' }, expectedMasterNodeId: 'bbbbbbbb' },
      {},
    ],
    ['joining not wanted', { target: { availabilityZone: 'az2' } }, { joinEquivalent: false }],
  ])('reports a run that is open for %s', async (_, goal, options) => {
    const { client, projectId, instanceId } = server.corner();
    const first = await client.start({
      projectId,
      instanceId,
      target: { availabilityZone: 'az2' },
      requestedBy: 'alice',
      requestId: 'r-1',
    });
    const error = await client
      .start({ projectId, instanceId, ...goal }, options)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AlreadyRunningError);
    expect(error).toMatchObject({
      open: {
        runId: first.runId,
        phase: 'PREFLIGHT',
        asked: { requestId: 'r-1', requestedBy: 'alice' },
      },
    });
    expect((error as Error).message).toMatch(
      /is open \(switch so that the master is in AZ az2\), asked by alice, request r-1, phase PREFLIGHT; nothing was started\.\n[^]*dcs-switchover status .*\n[^]*dcs-switchover wait /,
    );
  });

  test('lets twenty concurrent callers share one run', async () => {
    const { client, projectId, instanceId } = server.corner();
    const input = { projectId, instanceId, target: { availabilityZone: 'az2' } };
    const runs = await Promise.all(Array.from({ length: 20 }, () => client.start(input)));
    expect(new Set(runs.map(({ runId }) => runId)).size).toBe(1);
    expect(runs.filter(({ reused }) => reused === null)).toHaveLength(1);
  });

  test('runs a maintenance beside an open switch', async () => {
    const { client, projectId, instanceId } = server.corner();
    await client.start({ projectId, instanceId, toggle: true });
    const plan = await client.start({ projectId, instanceId, toggle: true, mode: 'plan' });
    expect(plan).toMatchObject({
      workflowId: `dcs-switchover-plan:${projectId}:${instanceId}`,
      reused: null,
    });
  });

  test.each([
    ['instanceId', { instanceId: '22222222-2222-4222-8222-22222222222A' }],
    ['notAfter', { notAfter: '2020-01-01T00:00:00Z' }],
    ['target', { toggle: null }],
    ['colour', { colour: 'red' }],
    ['reason', { reason: 'x'.repeat(1_000_000) }],
  ])('refuses a bad %s before anything is sent', async (field, wrong) => {
    const { client, projectId, instanceId } = server.corner();
    const input = { projectId, instanceId, toggle: true, ...wrong };
    const error = await client.start(input).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InvalidInputError);
    expect((error as InvalidInputError).problems.map((problem) => problem.field)).toEqual([field]);
    expect((error as Error).message.length).toBeLessThan(1_000);
    await expect(client.status({ projectId, instanceId })).rejects.toMatchObject({
      name: 'NotFoundError',
    });
  });
});
