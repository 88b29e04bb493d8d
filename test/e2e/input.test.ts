/** Wrong input ends INVALID_INPUT with the field and the remedy, before any call, whoever starts the run. */
import { randomUUID } from 'node:crypto';

import { describe, expect, test } from '@jest/globals';
import type { WorkflowFailedError, WorkflowStartOptions } from '@temporalio/client';

import type { InputProblem } from '../../src/contract/index.js';
import { useRig } from '../support/rig.js';

const rig = useRig();

type Change = (input: Record<string, unknown>) => unknown;

async function startRaw(
  change: Change,
  options: Partial<WorkflowStartOptions> = {},
  further: readonly unknown[] = [],
) {
  const instance = await rig().instance();
  const { projectId } = rig().simulator;
  const { instanceId } = instance;
  const handle = await rig().temporal.workflow.start('dcsSwitchover', {
    workflowId: `dcs-switchover:${projectId}:${instanceId}`,
    taskQueue: rig().stack.taskQueue,
    args: [change({ projectId, instanceId, toggle: true }), ...further],
    ...options,
  });
  const failure = await handle.result().then(
    () => null,
    (error: unknown) => (error as WorkflowFailedError).cause,
  );
  await handle.terminate().catch(() => undefined);
  const { type, message, details } = failure as unknown as {
    type: string;
    message: string;
    details: [{ problems: InputProblem[] }];
  };
  const calls = rig().simulator.ledger.calls.filter((call) => call.instanceId === instanceId);
  return { instance, handle, type, message, problems: details[0].problems, calls: calls.length };
}

describe('a wrong input', () => {
  test.concurrent.each<[string, string, Change]>([
    [
      'an upper-case instance id',
      'instanceId',
      (i) => ({ ...i, instanceId: String(i['instanceId']).toUpperCase() }),
    ],
    ['a path trick', 'instanceId', (i) => ({ ...i, instanceId: '../../v2/x' })],
    ['no instance id', 'instanceId', ({ projectId }) => ({ projectId, toggle: true })],
    ['a project that no worker serves', 'projectId', (i) => ({ ...i, projectId: '0'.repeat(32) })],
    ['another region', 'region', (i) => ({ ...i, region: 'eu-west-0' })],
    ['a malformed region', 'region', (i) => ({ ...i, region: '../x' })],
    ['a past notAfter', 'notAfter', (i) => ({ ...i, notAfter: '2020-01-01T00:00:00Z' })],
    ['a notAfter without zone', 'notAfter', (i) => ({ ...i, notAfter: '2090-01-01T00:00:00' })],
    ['no goal', 'target', ({ projectId, instanceId }) => ({ projectId, instanceId })],
    [
      'two targets',
      'target',
      (i) => ({ ...i, target: { nodeId: '0'.repeat(32), availabilityZone: 'az1' } }),
    ],
    [
      'a target that is the expected master',
      'expectedMasterNodeId',
      (i) => ({ ...i, target: { nodeId: '0'.repeat(32) }, expectedMasterNodeId: '0'.repeat(32) }),
    ],
    ['an unknown field', 'tagret', (i) => ({ ...i, tagret: {} })],
    ['an unknown nested field', 'timing.settle', (i) => ({ ...i, timing: { settle: 3 } })],
    ['a wrong type', 'toggle', (i) => ({ ...i, toggle: 'yes' })],
    [
      'a duration out of bounds',
      'timing.settleSeconds',
      (i) => ({ ...i, timing: { settleSeconds: -1 } }),
    ],
    ['a megabyte of text', 'reason', (i) => ({ ...i, reason: 'x'.repeat(1_000_000) })],
    [
      'resolve without a resolution',
      'resolution',
      ({ projectId, instanceId }) => ({ projectId, instanceId, mode: 'resolve' }),
    ],
    ['no object at all', 'input', () => 'please'],
  ])('%s: names %s', async (_, field, change) => {
    const { type, message, problems, calls } = await startRaw(change);
    expect({ type, calls }).toEqual({ type: 'INVALID_INPUT', calls: 0 });
    expect(problems.map((problem) => problem.field)).toContain(field);
    expect(message).toContain('Nothing was sent');
    expect(message.length).toBeLessThan(2_000);
  });
});

describe('a second argument', () => {
  test.concurrent('is not dropped, whatever it was to guard: nothing is sent', async () => {
    const guard = { expectedMasterNodeId: '0'.repeat(32) };
    const { type, problems, calls } = await startRaw((input) => input, {}, [guard]);
    expect({ type, calls }).toEqual({ type: 'INVALID_INPUT', calls: 0 });
    expect(problems.map(({ field }) => field)).toEqual(['input']);
  });

  test.concurrent('of a maintenance is none either, nor the state of one', async () => {
    const { projectId } = rig().simulator;
    const { instanceId } = await rig().instance();
    const maintenanceId = `m-${randomUUID()}`;
    const handle = await rig().temporal.workflow.start('dcsMaintenance', {
      workflowId: `dcs-maintenance:${maintenanceId}`,
      taskQueue: rig().stack.taskQueue,
      args: [
        { maintenanceId, projectId, instanceIds: [instanceId], toggle: true },
        { window: { timeZone: 'Europe/Zurich', start: '02:00', end: '04:00' } },
      ],
    });
    const { cause } = await handle.result().then(
      () => ({ cause: null }),
      (error: unknown) => error as WorkflowFailedError,
    );
    expect(cause).toMatchObject({ type: 'INVALID_INPUT' });
    expect(rig().simulator.ledger.puts(instanceId)).toHaveLength(0);
  });
});

describe('a run that is started the wrong way', () => {
  test.concurrent.each<[string, string, Partial<WorkflowStartOptions>]>([
    ['under a foreign workflow id', 'workflowId', { workflowId: `mine-${randomUUID()}` }],
    ['with a retry policy', 'retryPolicy', { retry: { maximumAttempts: 2 } }],
    ['with too short a run timeout', 'timeout', { workflowRunTimeout: '5 minutes' }],
  ])('%s: names %s', async (_, field, options) => {
    const { type, problems, calls } = await startRaw((input) => input, options);
    expect({ type, calls }).toEqual({ type: 'INVALID_INPUT', calls: 0 });
    expect(problems.map((problem) => problem.field)).toContain(field);
  });

  test('an invalid run that the client reads back', async () => {
    const { instance, handle } = await startRaw((input) => ({ ...input, region: 'eu-west-0' }));
    const end = await rig().end(instance, handle.firstExecutionRunId);
    expect(end.outcome).toBe('INVALID_INPUT');
    const { projectId } = rig().simulator;
    const status = await rig().client.status({ projectId, instanceId: instance.instanceId });
    expect(status).toMatchObject({ phase: 'ENDED', outcome: 'INVALID_INPUT', swapsSent: 0 });
    expect(status.next).toContain(`dcs-switchover wait ${instance.instanceId}`);
  });
});
