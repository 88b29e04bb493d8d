/** What a person is notified of a run that is at work or tries again: next step, end of trying, request id. */
import { expect, test } from '@jest/globals';

import type { PendingActivity } from '../../src/client.js';
import { waitUntil } from '../../src/simulator/basics.js';
import type { SimulatedInstance } from '../../src/simulator/index.js';
import { useRig } from '../support/rig.js';

const rig = useRig();

/** Waits until the run's pending activity is as wanted, and returns it. */
const untilPending = async (
  { instanceId }: SimulatedInstance,
  runId: string,
  confirm: (pending: PendingActivity) => boolean,
): Promise<PendingActivity> => {
  const { projectId } = rig().simulator;
  const seen: PendingActivity[] = [];
  await waitUntil('the pending activity', 120_000, async () => {
    const { pending } = await rig().client.status({ projectId, instanceId, runId });
    if (pending !== null && confirm(pending)) seen.push(pending);
    return seen.length > 0;
  });
  const [first] = seen;
  if (first === undefined) throw new Error('no pending activity');
  return first;
};

test.concurrent(
  'a pre-check that tries again shows why, until when, and that nothing was sent',
  async () => {
    const instance = await rig().instance();
    const { instanceId } = instance;
    const fault = rig().simulator.faults.add({
      route: 'listTasks',
      instanceId,
      respond: { status: 503 },
    });
    const runId = await rig().start(instance);
    const { type, maximumAttempts, lastFailure } = await untilPending(
      instance,
      runId,
      (pending) => pending.lastFailure !== null,
    );
    expect({ type, maximumAttempts }).toEqual({ type: 'preflight', maximumAttempts: 5 });
    expect(lastFailure).toMatch(
      /^Nothing was sent\. .*request id .*gives up at 20.*Z at the latest/,
    );
    fault.remove();
    expect((await rig().end(instance, runId)).outcome).toBe('SUCCEEDED');
  },
);

test.concurrent(
  'a running poll reports the job, until when it polls, and its last request id',
  async () => {
    const instance = await rig().instance();
    const { instanceId } = instance;
    // Longer than the SDK keeps a heartbeat back (8 s): the first one knows of no request yet.
    rig().simulator.faults.add({ route: 'asyncSwap', instanceId, job: { runMs: 14_000 } });
    const runId = await rig().start(instance, { timing: { jobTimeoutSeconds: 30 } });
    const pending = await untilPending(
      instance,
      runId,
      ({ type, lastRequestId }) => type === 'awaitJob' && lastRequestId !== null,
    );
    expect(pending.next).toMatch(/^wait for job \w+; .*the run then ends UNKNOWN$/);
    expect(Date.parse(pending.givesUpAt ?? '')).toBeGreaterThan(Date.now());
    const end = await rig().end(instance, runId);
    expect(end.outcome).toBe('SUCCEEDED');
    expect(end.result.swapRequestIds).toEqual([expect.stringMatching(/^\w+/)]);
  },
);

test.concurrent('a PUT that was answered badly leaves its request id in the result', async () => {
  const instance = await rig().instance();
  const { instanceId } = instance;
  rig().simulator.faults.add({ route: 'asyncSwap', instanceId, respond: { status: 400 } });
  const { outcome, result } = await rig().run(instance);
  expect(outcome).toBe('FAILED_UNCHANGED');
  expect(result.swapRequestIds).toHaveLength(1);
  expect(result.message).toContain(`request ids: ${result.swapRequestIds?.[0] ?? 'none'}`);
});
