/**
 * The lock: one open run per instance no matter who starts it, and no way around it by termination, workflow
 * reset, a foreign id or Temporal's own repetitions. The ledger counts what arrived.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';

import { describe, expect, test } from '@jest/globals';
import { defaultPayloadConverter } from '@temporalio/client';
import type { WorkflowStartOptions } from '@temporalio/client';

import { AlreadyRunningError } from '../../src/client.js';
import type { InputProblem, SwitchoverInput } from '../../src/contract/index.js';
import type { SimulatedInstance } from '../../src/simulator/index.js';
import { FAST, useRig } from '../support/rig.js';
import { eventsOf, hold, reached, untilEvent } from '../support/steps.js';

const rig = useRig();

const refOf = ({ instanceId }: SimulatedInstance) => ({
  projectId: rig().simulator.projectId,
  instanceId,
});

const lockOf = (instance: SimulatedInstance): string => {
  const { projectId, instanceId } = refOf(instance);
  return `dcs-switchover:${projectId}:${instanceId}`;
};

const inputOf = (instance: SimulatedInstance): SwitchoverInput => ({
  ...refOf(instance),
  timing: FAST,
});

const toggleOf = (instance: SimulatedInstance): SwitchoverInput => ({
  ...inputOf(instance),
  toggle: true,
});

const resultOf = (instance: SimulatedInstance, runId: string) =>
  rig().client.result({ ...refOf(instance), runId });

/** Resets a run to its n-th workflow task, counted from 1, and returns the new run's id. */
const reset = async (
  instance: SimulatedInstance,
  runId: string,
  workflowTask: number,
): Promise<string> => {
  const events = await rig().history(instance, runId);
  const task = eventsOf(events, 'WORKFLOW_TASK_COMPLETED')[workflowTask - 1];
  const { temporal } = rig();
  const response = await temporal.workflowService.resetWorkflowExecution({
    namespace: temporal.options.namespace,
    workflowExecution: { workflowId: lockOf(instance), runId },
    workflowTaskFinishEventId: task?.['eventId'] as never,
    requestId: randomUUID(),
    reason: 'a test',
  });
  return response.runId;
};

/** What is broken by these runs, each judged by its history alone. */
const brokenBy = async (instance: SimulatedInstance, ...runIds: readonly string[]) => {
  const refs = runIds.map((runId) => ({ ...refOf(instance), runId }));
  const reports = await Promise.all(refs.map((ref) => rig().client.audit(ref)));
  expect(reports.map(({ runId }) => runId)).toEqual(runIds);
  return reports.flatMap(({ violations }) => violations);
};

const START = 1;
const AFTER_PREFLIGHT = 2;
const AFTER_SWAP = 3;

describe('a reset of a run', () => {
  const inThePoll = async () => {
    const instance = await rig().instance();
    const poll = hold(rig(), instance, 'showJob');
    const base = await rig().start(instance);
    await reached(poll);
    return { instance, base, poll };
  };

  test.concurrent('in its poll, to the start: REFUSED, no further PUT', async () => {
    const { instance, base, poll } = await inThePoll();
    const runId = await reset(instance, base, START);
    const { outcome, checks } = await resultOf(instance, runId);
    poll.release();
    expect(outcome).toBe('REFUSED');
    const check = checks.find(({ id }) => id === 'previous-run-resolved');
    expect(check).toMatchObject({ passed: false });
    expect(check?.observed).toContain(base);
    expect(rig().putsOf(instance)).toHaveLength(1);
  });

  test.concurrent(
    'in its poll, to before the swap: the swap of the base run is found',
    async () => {
      const { instance, base, poll } = await inThePoll();
      const runId = await reset(instance, base, AFTER_PREFLIGHT);
      poll.release();
      const { outcome, evidence, warnings } = await resultOf(instance, runId);
      expect({ outcome, puts: rig().putsOf(instance).length }).toEqual({
        outcome: 'SUCCEEDED',
        puts: 1,
      });
      expect(JSON.stringify(evidence)).toContain('the workflow was reset');
      expect(warnings).toHaveLength(1);
    },
  );

  test.concurrent('in its poll, to after the swap: goes on, SUCCEEDED with one PUT', async () => {
    const { instance, base, poll } = await inThePoll();
    const runId = await reset(instance, base, AFTER_SWAP);
    poll.release();
    const { outcome } = await resultOf(instance, runId);
    expect({ outcome, puts: rig().putsOf(instance).length }).toEqual({
      outcome: 'SUCCEEDED',
      puts: 1,
    });
  });

  test.concurrent('in its re-read: neither the old nor the new run sends a PUT', async () => {
    const instance = await rig().instance();
    const lastRead = hold(rig(), instance, 'listTasks', 2);
    const base = await rig().start(instance);
    await reached(lastRead);
    const runId = await reset(instance, base, AFTER_PREFLIGHT);
    lastRead.release();
    const { outcome, cause } = await resultOf(instance, runId);
    expect({ outcome, cause }).toEqual({ outcome: 'UNKNOWN', cause: 'NO_TRACE' });
    expect(rig().putsOf(instance)).toHaveLength(0);
  });

  test.concurrent.each([
    ['the start', START, 'UNKNOWN'],
    ['before the swap', AFTER_PREFLIGHT, 'SUCCEEDED'],
    ['after the swap', AFTER_SWAP, 'SUCCEEDED'],
  ])('that has SUCCEEDED, to %s: no further PUT', async (_, workflowTask, expected) => {
    const instance = await rig().instance();
    const base = await rig().run(instance);
    expect(base.outcome).toBe('SUCCEEDED');
    const runId = await reset(instance, base.runId, workflowTask);
    const { outcome } = await resultOf(instance, runId);
    expect({ outcome, puts: rig().putsOf(instance).length }).toEqual({
      outcome: expected,
      puts: 1,
    });
    expect(await brokenBy(instance, base.runId, runId)).toEqual([]);
  });
});

test.concurrent(
  'a run that was terminated after a PUT which did nothing holds no one back',
  async () => {
    const instance = await rig().instance();
    const { instanceId } = instance;
    const { faults, ledger } = rig().simulator;
    const busy = { status: 400, code: 'DCS.4026', headers: { 'Retry-After': '8' } };
    const put = faults.add({ route: 'asyncSwap', instanceId, calls: 1, respond: busy });
    const terminated = await rig().start(instance);
    while (put.hits() === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await untilEvent(rig(), instance, terminated, 'TIMER_STARTED');
    await rig().temporal.workflow.getHandle(lockOf(instance), terminated).terminate('by hand');
    expect((await resultOf(instance, terminated)).message).toContain('did nothing');
    expect(await rig().run(instance)).toMatchObject({ outcome: 'SUCCEEDED' });
    expect(ledger.puts(instanceId)).toHaveLength(2);
  },
);

test.concurrent(
  'a word that names its run settles no newer unresolved outcome, however late it comes',
  async () => {
    const instance = await rig().instance();
    const unresolved = async (): Promise<string> => {
      const poll = hold(rig(), instance, 'showJob');
      const runId = await rig().start(instance);
      await reached(poll);
      await rig().temporal.workflow.getHandle(lockOf(instance), runId).terminate('by hand');
      poll.release();
      return runId;
    };
    const resolution = { outcome: 'SUCCEEDED', statement: 'seen', resolvedBy: 'Jo' } as const;
    const first = await unresolved();
    // The client names the run that is unresolved now.
    const { examinedRunId } = await rig().client.resolve(refOf(instance), resolution);
    expect(examinedRunId).toBe(first);
    const second = await unresolved();
    const late = await rig().client.resolve(
      { ...refOf(instance), examinedRunId: first },
      resolution,
    );
    expect(late.warnings.join()).toContain(`run ${second} stays unresolved`);
    const refused = await rig().run(instance);
    expect(refused.outcome).toBe('REFUSED');
    expect(refused.result.message).toContain(second);
  },
);

test.concurrent(
  'a terminated run refuses the next one until a person has resolved it',
  async () => {
    const instance = await rig().instance();
    const poll = hold(rig(), instance, 'showJob');
    const terminated = await rig().start(instance);
    await reached(poll);
    await rig().temporal.workflow.getHandle(lockOf(instance), terminated).terminate('by hand');
    poll.release();
    expect((await resultOf(instance, terminated)).outcome).toBe('UNKNOWN');

    const refused = await rig().run(instance);
    expect(refused.outcome).toBe('REFUSED');
    const check = refused.result.checks.find(({ id }) => id === 'previous-run-resolved');
    expect(check).toMatchObject({ passed: false });
    expect(check?.observed).toContain(terminated);
    expect(rig().putsOf(instance)).toHaveLength(1);

    const resolution = {
      outcome: 'SUCCEEDED',
      statement: 'seen in the console',
      resolvedBy: 'ops',
    } as const;
    const resolved = await rig().run(instance, { mode: 'resolve', resolution });
    expect(resolved.outcome).toBe('RESOLVED');
    expect((await rig().run(instance)).outcome).toBe('SUCCEEDED');
    expect(rig().putsOf(instance)).toHaveLength(2);
  },
);

test.concurrent('a run terminated in its re-read sends nothing: the fence is closed', async () => {
  const instance = await rig().instance();
  const lastRead = hold(rig(), instance, 'listTasks', 2);
  const runId = await rig().start(instance);
  await reached(lastRead);
  await rig().temporal.workflow.getHandle(lockOf(instance), runId).terminate('by hand');
  lastRead.release();
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  expect(rig().putsOf(instance)).toHaveLength(0);
});

describe('many starts at once', () => {
  const STARTS = 20;

  test.concurrent('through the Temporal CLI: one run, one PUT', async () => {
    const instance = await rig().instance();
    const { stack, temporal } = rig();
    const { cliPath, address, namespace } = stack.temporal;
    if (cliPath === null) throw new Error('this test needs the Temporal CLI');
    // Keeps the one run open until the last start has been answered.
    const firstRead = hold(rig(), instance, 'showInstance');
    const args = [
      ...['workflow', 'start', '--type', 'dcsSwitchover', '--task-queue', stack.taskQueue],
      ...['--workflow-id', lockOf(instance), '--id-conflict-policy', 'Fail', '--fail-existing'],
      ...['--input', JSON.stringify(toggleOf(instance))],
      ...['--address', address, '--namespace', namespace, '--output', 'json'],
    ];
    const starts = await Promise.allSettled(
      Array.from({ length: STARTS }, () => promisify(execFile)(cliPath, args)),
    );
    firstRead.release();
    const started = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
    expect(started).toHaveLength(1);
    const { runId } = JSON.parse(started[0]?.stdout ?? '{}') as { runId: string };
    expect((await rig().end(instance, runId)).outcome).toBe('SUCCEEDED');
    const runs: string[] = [];
    for await (const run of temporal.workflow.list({
      query: `WorkflowId = "${lockOf(instance)}"`,
    }))
      runs.push(run.runId);
    expect(runs).toEqual([runId]);
    expect(rig().putsOf(instance)).toHaveLength(1);
  });

  test.concurrent('through our client with one requestId: one run for all', async () => {
    const instance = await rig().instance();
    const input = { ...toggleOf(instance), requestId: 'change-7' };
    const starts = await Promise.all(
      Array.from({ length: STARTS }, () => rig().client.start(input)),
    );
    const [runId = '', ...others] = new Set(starts.map((start) => start.runId));
    expect(others).toEqual([]);
    expect(starts.filter(({ reused }) => reused === null)).toHaveLength(1);
    expect((await rig().end(instance, runId)).outcome).toBe('SUCCEEDED');
    expect(rig().putsOf(instance)).toHaveLength(1);
  });
});

describe('a second start through our client', () => {
  const NODES = [{ availabilityZone: 'az1' }, { availabilityZone: 'az2' }];

  const opened = async (input: Partial<SwitchoverInput>) => {
    const instance = await rig().instance({ nodes: NODES });
    const rest = inputOf(instance);
    const first = { ...rest, ...input };
    const firstRead = hold(rig(), instance, 'showInstance');
    const { runId, reused } = await rig().client.start(first);
    expect(reused).toBeNull();
    return { instance, first, rest, runId, firstRead };
  };

  test.concurrent('with the same requestId gets the run, open and closed', async () => {
    const { instance, first, runId, firstRead } = await opened({ toggle: true, requestId: 'c-1' });
    expect(await rig().client.start(first)).toMatchObject({ runId, reused: 'open' });
    firstRead.release();
    const { outcome } = await rig().end(instance, runId);
    expect(outcome).toBe('SUCCEEDED');
    expect(await rig().client.start(first)).toMatchObject({ runId, reused: 'closed' });
    expect(rig().putsOf(instance)).toHaveLength(1);
  });

  test.concurrent(
    'with an equal target joins, with another one is notified of the run',
    async () => {
      const target = { availabilityZone: 'az2' };
      const { instance, first, rest, runId, firstRead } = await opened({ target });
      expect(await rig().client.start(first)).toMatchObject({ runId, reused: 'open' });
      const other = rig().client.start({ ...rest, target: { availabilityZone: 'az1' } });
      await expect(other).rejects.toThrow(AlreadyRunningError);
      await expect(other).rejects.toThrow(runId);
      firstRead.release();
      expect((await rig().end(instance, runId)).outcome).toBe('SUCCEEDED');
      expect(rig().putsOf(instance)).toHaveLength(1);
    },
  );
});

describe('a start around our client that would break the lock', () => {
  const problemsOf = async (
    instance: SimulatedInstance,
    options: Partial<WorkflowStartOptions>,
  ): Promise<readonly InputProblem[]> => {
    const { temporal, stack } = rig();
    const { taskQueue } = stack;
    const workflowId = options.workflowId ?? lockOf(instance);
    const started = await temporal.workflow.start('dcsSwitchover', {
      taskQueue,
      args: [toggleOf(instance)],
      ...options,
      workflowId,
    });
    const runId = started.firstExecutionRunId;
    const handle = temporal.workflow.getHandle(workflowId, runId, { followRuns: false });
    await handle.result().catch(() => undefined);
    if ('cronSchedule' in options) await temporal.workflow.getHandle(workflowId).terminate();
    const last = (await handle.fetchHistory()).events?.at(-1);
    // A cron schedule goes on to its next run with the failure of this one.
    const ending =
      last?.workflowExecutionFailedEventAttributes ??
      last?.workflowExecutionContinuedAsNewEventAttributes;
    const failure = ending?.failure?.applicationFailureInfo;
    expect(failure?.type).toBe('INVALID_INPUT');
    const [details] = (failure?.details?.payloads ?? []).map((payload) =>
      defaultPayloadConverter.fromPayload<{ problems: InputProblem[] }>(payload),
    );
    return details?.problems ?? [];
  };

  test.concurrent.each<[string, string, (i: SimulatedInstance) => Partial<WorkflowStartOptions>]>([
    ['a foreign workflow id', 'workflowId', () => ({ workflowId: `mine-${randomUUID()}` })],
    ['a cron schedule', 'cronSchedule', () => ({ cronSchedule: '@every 1s' })],
    ['a retry policy', 'retryPolicy', () => ({ retry: { maximumAttempts: 3 } })],
    ['a short run timeout', 'timeout', () => ({ workflowRunTimeout: '2 minutes' })],
    ['a short execution timeout', 'timeout', () => ({ workflowExecutionTimeout: '2 minutes' })],
  ])('%s: INVALID_INPUT naming %s, no call at all', async (_, field, optionsFor) => {
    const instance = await rig().instance();
    const problems = await problemsOf(instance, optionsFor(instance));
    expect(problems.map((problem) => problem.field)).toEqual([field]);
    expect(problems[0]?.remedy).not.toBe('');
    const { calls } = rig().simulator.ledger;
    expect(calls.filter(({ instanceId }) => instanceId === instance.instanceId)).toEqual([]);
  });
});
