/**
 * A cancellation at every phase: before the fence the run ends Cancelled with nothing sent; after it the
 * run finishes and closes with the verified outcome, which the ledger confirms.
 */
import { describe, expect, test } from '@jest/globals';

import type { SwitchoverInput } from '../../src/contract/index.js';
import type {
  Fault,
  FaultActions,
  RouteName,
  SimulatedInstance,
} from '../../src/simulator/index.js';
import { useRig } from '../support/rig.js';
import { eventsOf, hold, reached, untilEvent } from '../support/steps.js';

const rig = useRig();

const cancel = ({ instanceId }: SimulatedInstance) =>
  rig().client.cancel({ projectId: rig().simulator.projectId, instanceId }, { reason: 'a test' });

const script = (
  { instanceId }: SimulatedInstance,
  route: RouteName,
  actions: FaultActions,
): Fault => rig().simulator.faults.add({ route, instanceId, ...actions });

/** Starts a run, cancels it when it has come to the given call, and lets it go on. */
const cancelledAt = async (
  instance: SimulatedInstance,
  [route, call]: readonly [RouteName, number],
  input: Partial<SwitchoverInput> = {},
) => {
  const place = hold(rig(), instance, route, call);
  const runId = await rig().start(instance, input);
  await reached(place);
  const tasks = eventsOf(await rig().history(instance, runId), 'WORKFLOW_TASK_COMPLETED').length;
  const receipt = await cancel(instance);
  // Temporal has taken the request; the run knows of it after its next workflow task.
  await untilEvent(rig(), instance, runId, 'WORKFLOW_TASK_COMPLETED', tasks + 1);
  place.release();
  const end = await rig().end(instance, runId);
  return { ...end, receipt, puts: rig().putsOf(instance).length };
};

describe('before the fence: Cancelled, nothing sent', () => {
  test.concurrent('during PREFLIGHT', async () => {
    const end = await cancelledAt(await rig().instance(), ['showInstance', 1]);
    expect(end).toMatchObject({ outcome: 'CANCELLED', puts: 0 });
    expect(end.receipt.put).toBe('not-scheduled');
  });

  test.concurrent.each<RouteName>(['listNodes', 'showInstance', 'listTasks'])(
    'during the re-read (%s)',
    async (route) => {
      const end = await cancelledAt(await rig().instance(), [route, 2]);
      expect(end).toMatchObject({ outcome: 'CANCELLED', puts: 0 });
      expect(end.receipt.put).toBe('possibly-sent');
    },
  );

  test.concurrent('while a busy instance is waited for', async () => {
    const instance = await rig().instance();
    const preflightTasks = hold(rig(), instance, 'listTasks');
    const runId = await rig().start(instance);
    await reached(preflightTasks);
    // The pre-check has seen it idle; the re-read will not.
    instance.setTask('BACKUPING');
    preflightTasks.release();
    await untilEvent(rig(), instance, runId, 'TIMER_STARTED');
    await cancel(instance);
    const { outcome } = await rig().end(instance, runId);
    expect({ outcome, puts: rig().putsOf(instance).length }).toEqual({
      outcome: 'CANCELLED',
      puts: 0,
    });
  });
});

describe('after the fence: the run finishes and says the verified state', () => {
  test.concurrent('while the PUT is under way: SUCCEEDED with one PUT', async () => {
    const end = await cancelledAt(await rig().instance(), ['asyncSwap', 1]);
    expect(end).toMatchObject({ outcome: 'SUCCEEDED', puts: 1 });
    expect(end.receipt.put).toBe('possibly-sent');
  });

  test.concurrent('while the PUT is under way, its response lost: SUCCEEDED', async () => {
    const instance = await rig().instance();
    script(instance, 'asyncSwap', { reset: 'after' });
    const end = await cancelledAt(instance, ['asyncSwap', 1]);
    expect(end).toMatchObject({ outcome: 'SUCCEEDED', puts: 1 });
  });

  test.concurrent('during AWAITING_JOB: SUCCEEDED with one PUT', async () => {
    const end = await cancelledAt(await rig().instance(), ['showJob', 1]);
    expect(end).toMatchObject({ outcome: 'SUCCEEDED', puts: 1 });
    expect(end.receipt.put).toBe('accepted');
  });

  test.concurrent('during VERIFYING: SUCCEEDED with one PUT', async () => {
    const end = await cancelledAt(await rig().instance(), ['listNodes', 3]);
    expect(end).toMatchObject({ outcome: 'SUCCEEDED', puts: 1 });
  });

  test.concurrent('during RECONCILING of an executed PUT: SUCCEEDED with one PUT', async () => {
    const instance = await rig().instance();
    script(instance, 'asyncSwap', { reset: 'after' });
    const end = await cancelledAt(instance, ['listNodes', 3]);
    expect(end).toMatchObject({ outcome: 'SUCCEEDED', puts: 1 });
  });

  test.concurrent('during RECONCILING of a lost PUT: UNKNOWN with one PUT', async () => {
    const instance = await rig().instance();
    script(instance, 'asyncSwap', { reset: 'before' });
    const end = await cancelledAt(instance, ['listNodes', 3]);
    expect(end).toMatchObject({ outcome: 'UNKNOWN', puts: 1 });
  });

  test.concurrent('during the lost PUT itself: no re-issue, although asked for', async () => {
    const instance = await rig().instance();
    const put = script(instance, 'asyncSwap', { delayMs: 3_000, reset: 'before' });
    const runId = await rig().start(instance, { reissue: 'once', timing: { settleSeconds: 30 } });
    await reached(put);
    await cancel(instance);
    const { outcome } = await rig().end(instance, runId);
    expect({ outcome, puts: rig().putsOf(instance).length }).toEqual({
      outcome: 'UNKNOWN',
      puts: 1,
    });
  });

  test.concurrent('during RECONCILING of a lost PUT: no re-issue, although asked for', async () => {
    const instance = await rig().instance();
    script(instance, 'asyncSwap', { reset: 'before' });
    const end = await cancelledAt(instance, ['listNodes', 3], {
      reissue: 'once',
      timing: { settleSeconds: 30 },
    });
    expect(end).toMatchObject({ outcome: 'UNKNOWN', puts: 1 });
  });

  test.concurrent('while an UNKNOWN run keeps the lock: UNKNOWN, kept to its end', async () => {
    const instance = await rig().instance();
    script(instance, 'asyncSwap', { reset: 'before' });
    const runId = await rig().start(instance, { timing: { coolDownSeconds: 8 } });
    await untilEvent(rig(), instance, runId, 'TIMER_STARTED');
    await cancel(instance);
    const { outcome, result } = await rig().end(instance, runId);
    expect({ outcome, puts: rig().putsOf(instance).length }).toEqual({
      outcome: 'UNKNOWN',
      puts: 1,
    });
    expect(result.timings.totalMs).toBeGreaterThan(8_000);
  });

  test.concurrent('while a busy answer is waited out: FAILED_UNCHANGED, no more PUTs', async () => {
    const instance = await rig().instance();
    script(instance, 'asyncSwap', { respond: { status: 400, code: 'DCS.4026' } });
    const runId = await rig().start(instance);
    await untilEvent(rig(), instance, runId, 'TIMER_STARTED');
    await cancel(instance);
    const { outcome } = await rig().end(instance, runId);
    expect({ outcome, puts: rig().putsOf(instance).length }).toEqual({
      outcome: 'FAILED_UNCHANGED',
      puts: 1,
    });
  });

  test.concurrent('during the swap back: COMPENSATED with two PUTs', async () => {
    const instance = await rig().instance();
    rig().simulator.faults.add({
      route: 'asyncSwap',
      instanceId: instance.instanceId,
      calls: 1,
      job: { newMasterStatus: 'Inactive' },
    });
    const end = await cancelledAt(instance, ['asyncSwap', 2]);
    expect(end).toMatchObject({ outcome: 'COMPENSATED', puts: 2 });
  });

  test.concurrent(
    'before the swap back has passed its fence: swapped back all the same',
    async () => {
      const instance = await rig().instance();
      const { instanceId } = instance;
      const forward = rig().simulator.faults.add({
        route: 'asyncSwap',
        instanceId,
        calls: 1,
        job: { newMasterStatus: 'Inactive' },
      });
      const runId = await rig().start(instance);
      await reached(forward);
      await untilEvent(rig(), instance, runId, 'ACTIVITY_TASK_SCHEDULED', 5);
      await cancel(instance);
      const { outcome } = await rig().end(instance, runId);
      expect({ outcome, puts: rig().putsOf(instance).length }).toEqual({
        outcome: 'COMPENSATED',
        puts: 2,
      });
    },
  );
});
