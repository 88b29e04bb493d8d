/**
 * `verify` and `adopt`: what an earlier run did, found out by reading. In every scenario the simulator's
 * ledger shows that they sent nothing.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { describe, expect, test } from '@jest/globals';
import { defineSearchAttributeKey } from '@temporalio/common';

import type { SwitchoverInput } from '../../src/contract/index.js';
import { waitUntil } from '../../src/simulator/basics.js';
import type { FaultActions, InstanceSpec, SimulatedInstance } from '../../src/simulator/index.js';
import { useRig } from '../support/rig.js';
import type { RunEnd } from '../support/rig.js';
import { eventsOf, hold, reached, untilEvent } from '../support/steps.js';

const rig = useRig();

const lockOf = ({ instanceId }: SimulatedInstance): string =>
  `dcs-switchover:${rig().simulator.projectId}:${instanceId}`;

/** Runs an examination and makes sure that it sent nothing. */
const examine = async (
  instance: SimulatedInstance,
  input: Partial<SwitchoverInput>,
): Promise<RunEnd> => {
  const putsBefore = rig().putsOf(instance).length;
  const end = await rig().run(instance, input);
  expect(rig().putsOf(instance).length).toBe(putsBefore);
  expect(end.result).toMatchObject({ mode: input.mode, swapsSent: 0, swapsAccepted: 0 });
  const events = await rig().history(instance, end.runId);
  const scheduled = JSON.stringify(eventsOf(events, 'ACTIVITY_TASK_SCHEDULED'));
  expect(scheduled).not.toContain('requestSwap');
  expect(end.result.timings.phasesMs.HOLDING).toBeUndefined();
  return end;
};

const verify = (instance: SimulatedInstance, examinedRunId: string): Promise<RunEnd> =>
  examine(instance, { mode: 'verify', examinedRunId });

/** A run whose PUT met `fault`, and what else stood in its way. */
const scripted = async (
  fault: FaultActions,
  input: Partial<SwitchoverInput> = {},
  spec: InstanceSpec = {},
): Promise<{ instance: SimulatedInstance; first: RunEnd }> => {
  const instance = await rig().instance(spec);
  const { instanceId } = instance;
  rig().simulator.faults.add({ route: 'asyncSwap', instanceId, calls: 1, ...fault });
  return { instance, first: await rig().run(instance, input) };
};

const statusAttribute = async (
  instance: SimulatedInstance,
  runId: string,
): Promise<string | undefined> => {
  const handle = rig().temporal.workflow.getHandle(lockOf(instance), runId);
  const { typedSearchAttributes } = await handle.describe();
  return typedSearchAttributes.get(defineSearchAttributeKey('DcsStatus', 'KEYWORD'));
};

/** Longer than a run watches for the row of a PUT whose answer was lost, on a loaded machine. */
const ROW_DELAY_MS = 15_000;

/** An unresolved run: its swap was carried out, and its row is listed after the run has ended. */
const doubted = async () => {
  const taskRow = { delayMs: ROW_DELAY_MS };
  const { instance, first } = await scripted({ reset: 'after', taskRow });
  expect(first).toMatchObject({ outcome: 'UNKNOWN' });
  const [put] = rig().simulator.ledger.puts(instance.instanceId);
  const untilListed = () => sleep((put?.at ?? 0) + ROW_DELAY_MS + 500 - Date.now());
  return { instance, first, untilListed };
};

const adopting = ({ runId: examinedRunId }: RunEnd) => ({ mode: 'adopt', examinedRunId }) as const;

/** A PUT that never arrived, an operator's statement about it, and right after that a run that switches. */
const doubtedThenSwitched = async (habits: InstanceSpec['habits'] & object) => {
  const { instance, first } = await scripted({ reset: 'before' }, {}, { habits });
  expect(first.outcome).toBe('UNKNOWN');
  const word = { statement: 'seen', resolvedBy: 'ops' };
  const resolution = { outcome: 'FAILED_UNCHANGED', ...word } as const;
  expect((await rig().run(instance, { mode: 'resolve', resolution })).outcome).toBe('RESOLVED');
  const second = await rig().run(instance);
  expect(second.outcome).toBe('SUCCEEDED');
  return { instance, first, second };
};

const untilIdle = (instance: SimulatedInstance, master: string): Promise<void> =>
  waitUntil('the master to have moved', 120_000, () =>
    Promise.resolve(instance.masterNodeId() === master),
  );

const otherNode = (instance: SimulatedInstance): string =>
  instance.roles().find(({ nodeId }) => nodeId !== instance.masterNodeId())?.nodeId ?? '';

describe('verify', () => {
  test.concurrent(
    'of a lost answer whose task showed later: SUCCEEDED, and switching goes on',
    async () => {
      const { instance, first, untilListed } = await doubted();
      expect(first.result.message).toContain(`verify ${instance.instanceId}`);
      expect(first.result.message).toContain(`--examined-run ${first.runId}`);
      expect((await rig().run(instance)).outcome).toBe('REFUSED');

      await untilListed();
      const end = await verify(instance, first.runId);
      expect(end).toMatchObject({ outcome: 'SUCCEEDED' });
      expect(end.result.examinedRunId).toBe(first.runId);
      expect(end.result.message).toContain(first.runId);
      expect(await statusAttribute(instance, first.runId)).toBe('UNKNOWN');
      expect(await statusAttribute(instance, end.runId)).toBe('VERIFIED');
      expect(end.result.checks.at(-1)?.observed).toContain('ended UNKNOWN. PUT possibly sent');
      expect((await rig().run(instance)).outcome).toBe('SUCCEEDED');
      expect(rig().putsOf(instance)).toHaveLength(2);
    },
  );

  test.concurrent('of a run that was terminated while its job ran: SUCCEEDED', async () => {
    const instance = await rig().instance();
    const goal = otherNode(instance);
    const poll = hold(rig(), instance, 'showJob');
    const terminated = await rig().start(instance);
    await reached(poll);
    await rig().temporal.workflow.getHandle(lockOf(instance), terminated).terminate('by hand');
    poll.release();
    await untilIdle(instance, goal);
    expect(await verify(instance, terminated)).toMatchObject({ outcome: 'SUCCEEDED' });
    expect((await rig().run(instance)).outcome).toBe('SUCCEEDED');
  });

  test.concurrent('that is cancelled has found out nothing, and leaves it unresolved', async () => {
    const { instance, first } = await scripted({ reset: 'before' });
    const { client, simulator } = rig();
    const ref = { projectId: simulator.projectId, instanceId: instance.instanceId };
    const reading = hold(rig(), instance, 'listNodes');
    const runId = await rig().start(instance, { mode: 'verify', examinedRunId: first.runId });
    await reached(reading);
    await client.cancel(ref, { reason: 'a test' });
    await untilEvent(rig(), instance, runId, 'WORKFLOW_EXECUTION_CANCEL_REQUESTED');
    reading.release();
    expect((await rig().end(instance, runId)).outcome).toBe('CANCELLED');
    const { next } = await client.status({ ...ref, runId });
    expect(next).toContain('It was cancelled before it had found out');
    expect((await rig().run(instance)).outcome).toBe('REFUSED');
    expect(rig().putsOf(instance)).toHaveLength(1);
  });

  test.concurrent(
    'of a run that was terminated in its pre-check: REFUSED, with what is proved',
    async () => {
      const instance = await rig().instance();
      const lastRead = hold(rig(), instance, 'listTasks');
      const terminated = await rig().start(instance);
      await reached(lastRead);
      await rig().temporal.workflow.getHandle(lockOf(instance), terminated).terminate('by hand');
      lastRead.release();
      const refused = await examine(instance, { mode: 'verify', examinedRunId: terminated });
      expect(refused.outcome).toBe('REFUSED');
      expect(refused.result.message).toContain('ended before it had read the roles');
      expect(refused.result.message).toContain('--outcome FAILED_UNCHANGED');
    },
  );

  test.concurrent(
    'of a run that was terminated before its fence: it sent nothing, and bars no further run',
    async () => {
      const instance = await rig().instance();
      const lastRead = hold(rig(), instance, 'listTasks', 2);
      const terminated = await rig().start(instance);
      await reached(lastRead);
      await rig().temporal.workflow.getHandle(lockOf(instance), terminated).terminate('by hand');
      lastRead.release();
      const end = await verify(instance, terminated);
      expect(end).toMatchObject({
        outcome: 'FAILED_UNCHANGED',
        result: { cause: 'NOT_APPLIED' },
      });
    },
  );

  test.concurrent(
    'is not needed after a run that was terminated before its fence: the next one switches',
    async () => {
      const instance = await rig().instance();
      const lastRead = hold(rig(), instance, 'listTasks', 2);
      const terminated = await rig().start(instance);
      await reached(lastRead);
      await rig().temporal.workflow.getHandle(lockOf(instance), terminated).terminate('by hand');
      lastRead.release();
      const { projectId } = rig().simulator;
      const ref = { projectId, instanceId: instance.instanceId, runId: terminated };
      const reported = await rig().client.result(ref);
      expect(reported).toMatchObject({ outcome: 'REFUSED', cause: 'RUN_TERMINATED', swapsSent: 0 });
      expect((await rig().run(instance)).outcome).toBe('SUCCEEDED');
      expect(rig().putsOf(instance)).toHaveLength(1);
    },
  );

  test.concurrent(
    'of a run that was terminated in its pre-check: no word is advised that settles another unresolved outcome',
    async () => {
      const { instance, first } = await scripted({ reset: 'before' });
      const lastRead = hold(rig(), instance, 'listTasks');
      const terminated = await rig().start(instance);
      await reached(lastRead);
      await rig().temporal.workflow.getHandle(lockOf(instance), terminated).terminate('by hand');
      lastRead.release();
      const { outcome, result } = await verify(instance, terminated);
      expect(outcome).toBe('REFUSED');
      expect(result.message).toContain(`--examined-run ${first.runId}`);
      expect(result.message).not.toContain('--outcome');
    },
  );

  test.concurrent(
    'settles an unresolved outcome although a later run was terminated in its pre-check',
    async () => {
      const { instance, first, untilListed } = await doubted();
      await untilListed();
      const lastRead = hold(rig(), instance, 'listTasks');
      const terminated = await rig().start(instance);
      await reached(lastRead);
      await rig().temporal.workflow.getHandle(lockOf(instance), terminated).terminate('by hand');
      lastRead.release();
      const end = await verify(instance, first.runId);
      expect(end.outcome).toBe('SUCCEEDED');
      expect((await rig().run(instance)).outcome).toBe('SUCCEEDED');
    },
  );

  test.concurrent(
    'and resolve do not free the request id of the run: no second toggle',
    async () => {
      const requestId = 'change-1';
      const { instance, first } = await scripted({ reset: 'before' }, { requestId });
      expect(first.outcome).toBe('UNKNOWN');
      const resolution = { outcome: 'SUCCEEDED', statement: 'seen', resolvedBy: 'ops' } as const;
      expect((await rig().run(instance, { mode: 'resolve', resolution })).outcome).toBe('RESOLVED');
      const again = await rig().run(instance, { requestId });
      // By an operator's statement alone nothing has SUCCEEDED.
      expect(again.outcome).toBe('RESOLVED');
      expect(again.result.repeatOfRunId).toBe(first.runId);
      expect(rig().putsOf(instance)).toHaveLength(1);
      expect((await rig().run(instance, { requestId: 'change-2' })).outcome).toBe('SUCCEEDED');
    },
  );

  test.concurrent('of a failed job: FAILED_UNCHANGED', async () => {
    const { instance, first } = await scripted(
      { job: { outcome: 'FAIL', runMs: 5_000 } },
      { timing: { jobTimeoutSeconds: 2 } },
    );
    expect(first.result.cause).toBe('JOB_STILL_RUNNING');
    const end = await verify(instance, first.runId);
    expect(end).toMatchObject({ outcome: 'FAILED_UNCHANGED', result: { cause: 'JOB_FAILED' } });
    expect((await rig().run(instance)).outcome).toBe('SUCCEEDED');
  });

  test.concurrent(
    'after another client has swapped: UNKNOWN, and the unresolved outcome stays',
    async () => {
      const { instance, first, untilListed } = await doubted();
      await untilListed();
      await instance.swapBy('somebody-else');
      const end = await verify(instance, first.runId);
      expect(end).toMatchObject({ outcome: 'UNKNOWN', result: { cause: 'FOREIGN_SWAP' } });
      expect(end.result.message).toContain(`resolve ${instance.instanceId}`);
      const refused = await rig().run(instance);
      expect(refused.outcome).toBe('REFUSED');
      expect(refused.result.message).toContain(first.runId);
    },
  );

  test.concurrent.each(['withJobId', 'withoutJobId'] as const)(
    'takes no swap of a later run for its own, with rows %s: UNKNOWN, and adopt refuses its job',
    async (taskRows) => {
      const { instance, first, second } = await doubtedThenSwitched({ taskRows });
      const end = await verify(instance, first.runId);
      expect(end).toMatchObject({
        outcome: 'UNKNOWN',
        result: { cause: 'FOREIGN_SWAP', jobIds: [] },
      });
      const [jobId = ''] = second.result.jobIds;
      const adopted = await examine(instance, { ...adopting(first), jobId });
      expect(adopted.outcome).toBe('REFUSED');
      expect(adopted.result.message).toContain(`is that of run ${second.runId}`);
    },
  );

  test.concurrent('of a run that swapped back: COMPENSATED, where that is proved', async () => {
    const { instance, first } = await scripted({ job: { newMasterStatus: 'Inactive' } });
    expect(first.outcome).toBe('COMPENSATED');
    expect(await verify(instance, first.runId)).toMatchObject({ outcome: 'COMPENSATED' });
  });

  test.concurrent('of a run that no one knows: REFUSED', async () => {
    const instance = await rig().instance();
    const end = await verify(instance, randomUUID());
    expect(end.outcome).toBe('REFUSED');
    const check = end.result.checks.find(({ id }) => id === 'examined-run-known');
    expect(check).toMatchObject({ passed: false });
    expect(check?.remedy).toContain(`dcs-switchover history ${instance.instanceId}`);
  });

  test.concurrent(
    'of a run that was no switchover: REFUSED, and there is nothing to record',
    async () => {
      const { instance, first } = await scripted({ respond: { status: 400 } });
      const { runId } = await verify(instance, first.runId);
      const { outcome, result } = await verify(instance, runId);
      expect(outcome).toBe('REFUSED');
      expect(result.message).toContain('was no switchover');
      expect(result.message).toContain(`dcs-switchover history ${instance.instanceId}`);
      expect(result.message).not.toContain('dcs-switchover resolve');
    },
  );

  test.concurrent("of another instance's run, and of a maintenance: REFUSED", async () => {
    const [one, another] = [await rig().instance(), await rig().instance()];
    const foreign = await rig().run(another);
    const plan = await rig().run(one, { mode: 'plan', toggle: true });
    for (const { runId } of [foreign, plan])
      expect(await verify(one, runId)).toMatchObject({ outcome: 'REFUSED' });
  });

  test.concurrent('waits behind the open run: the lock is one', async () => {
    const instance = await rig().instance();
    const poll = hold(rig(), instance, 'showJob');
    const open = await rig().start(instance);
    await reached(poll);
    const input = { mode: 'verify', examinedRunId: open } as const;
    await expect(rig().start(instance, input)).rejects.toThrow(`Run ${open}`);
    poll.release();
    expect((await rig().end(instance, open)).outcome).toBe('SUCCEEDED');
    expect(await verify(instance, open)).toMatchObject({ outcome: 'SUCCEEDED' });
  });
});

describe('adopt', () => {
  const stillRunning = () =>
    scripted({ job: { runMs: 6_000 } }, { timing: { jobTimeoutSeconds: 2 } });

  test.concurrent('of the job of an unresolved run, found by itself: SUCCEEDED', async () => {
    const { instance, first } = await stillRunning();
    expect(first.result.cause).toBe('JOB_STILL_RUNNING');
    const [jobId = ''] = first.result.jobIds;
    expect(first.result.message).toContain(`adopt ${instance.instanceId}`);
    const end = await examine(instance, { mode: 'adopt', jobId });
    expect(end).toMatchObject({ outcome: 'SUCCEEDED' });
    expect(end.result.examinedRunId).toBe(first.runId);
    expect((await rig().run(instance)).outcome).toBe('SUCCEEDED');
  });

  test.concurrent('of a job that still runs: UNKNOWN, JOB_STILL_RUNNING', async () => {
    const { instance, first } = await scripted(
      { job: { neverEnds: true } },
      { timing: { jobTimeoutSeconds: 2 } },
    );
    const [jobId = ''] = first.result.jobIds;
    const timing = { jobTimeoutSeconds: 2 };
    const end = await examine(instance, { mode: 'adopt', jobId, timing });
    expect(end).toMatchObject({ outcome: 'UNKNOWN', result: { cause: 'JOB_STILL_RUNNING' } });
    expect((await rig().run(instance)).outcome).toBe('REFUSED');
  });

  test.concurrent('is cancelled at any time, and leaves the unresolved outcome', async () => {
    const { instance, first } = await scripted(
      { job: { neverEnds: true } },
      { timing: { jobTimeoutSeconds: 2 } },
    );
    const [jobId = ''] = first.result.jobIds;
    const timing = { jobTimeoutSeconds: 60 };
    const runId = await rig().start(instance, { mode: 'adopt', jobId, timing });
    await untilEvent(rig(), instance, runId, 'ACTIVITY_TASK_SCHEDULED', 2);
    const { projectId } = rig().simulator;
    await rig().client.cancel({ projectId, instanceId: instance.instanceId, runId });
    expect((await rig().end(instance, runId, 'adopt')).outcome).toBe('CANCELLED');
    expect((await rig().run(instance)).outcome).toBe('REFUSED');
    expect(rig().putsOf(instance)).toHaveLength(1);
  });

  test.concurrent(
    "of another instance's failed job proves nothing: UNKNOWN, the unresolved outcome stays",
    async () => {
      const { instance, first } = await scripted({ reset: 'before' });
      const another = await scripted({ job: { outcome: 'FAIL' } });
      const [jobId = ''] = another.first.result.jobIds;
      const examinedRunId = first.runId;
      const end = await examine(instance, { mode: 'adopt', jobId, examinedRunId });
      expect(end).toMatchObject({ outcome: 'UNKNOWN', result: { cause: 'NO_TRACE' } });
      expect((await rig().run(instance)).outcome).toBe('REFUSED');
    },
  );

  test.concurrent('of another job than the one that the PUT started: REFUSED', async () => {
    const { instance, first } = await stillRunning();
    const [own = ''] = first.result.jobIds;
    const end = await examine(instance, { mode: 'adopt', jobId: randomUUID() });
    expect(end.outcome).toBe('REFUSED');
    expect(end.result.message).toContain(`--job ${own} --examined-run ${first.runId}`);
  });

  test.concurrent('where no run is unresolved: REFUSED', async () => {
    const instance = await rig().instance();
    await rig().run(instance);
    const end = await examine(instance, { mode: 'adopt', jobId: randomUUID() });
    expect(end.outcome).toBe('REFUSED');
    expect(end.result.message).toContain('no run of this instance is unresolved');
  });

  test.concurrent('for a run that provably sent nothing: REFUSED', async () => {
    const { instance, first } = await scripted({ respond: { status: 400 } });
    expect(first.outcome).toBe('FAILED_UNCHANGED');
    const input = { mode: 'adopt', jobId: randomUUID(), examinedRunId: first.runId } as const;
    expect(await examine(instance, input)).toMatchObject({ outcome: 'REFUSED' });
  });
});

test.concurrent('history shows who did what, with PUTs, without asking a worker', async () => {
  const { instance, first, untilListed } = await doubted();
  await untilListed();
  const end = await verify(instance, first.runId);
  const { projectId } = rig().simulator;
  const ref = { projectId, instanceId: instance.instanceId };
  await waitUntil(
    'visibility',
    120_000,
    async () => (await rig().client.history(ref)).length === 2,
  );
  const [latest, earlier] = await rig().client.history(ref);
  expect(latest).toMatchObject({
    runId: end.runId,
    mode: 'verify',
    outcome: 'SUCCEEDED',
    swapsSent: 0,
    examinedRunId: first.runId,
  });
  expect(earlier).toMatchObject({
    runId: first.runId,
    mode: 'switch',
    outcome: 'UNKNOWN',
    swapsSent: 1,
    swapsAccepted: 0,
  });
});
