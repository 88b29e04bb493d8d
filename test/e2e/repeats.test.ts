/**
 * Requests that come again, by whatever way they come: the id of a request, a reset, a chain of Temporal's own.
 * The ledger counts what arrived.
 */
import { randomUUID } from 'node:crypto';

import { describe, expect, test } from '@jest/globals';
import type { WorkflowStartOptions } from '@temporalio/client';

import { RequestIdReusedError } from '../../src/client.js';
import type { Resolution, SwitchoverInput, SwitchoverResult } from '../../src/contract/index.js';
import { waitUntil } from '../../src/simulator/basics.js';
import type { SimulatedInstance } from '../../src/simulator/index.js';
import {
  instancesOf,
  openWindow,
  maintenanceOf,
  startMaintenance,
} from '../support/maintenance-rig.js';
import { FAST, useRig } from '../support/rig.js';
import { eventsOf, hold, reached } from '../support/steps.js';

const rig = useRig();

const refOf = ({ instanceId }: SimulatedInstance) => ({
  projectId: rig().simulator.projectId,
  instanceId,
});

const lockOf = (instance: SimulatedInstance) =>
  `dcs-switchover:${rig().simulator.projectId}:${instance.instanceId}`;

/** Starts as a caller in another language does: no memo, no look at earlier runs. */
const startPlainly = async (
  instance: SimulatedInstance,
  input: Partial<SwitchoverInput>,
  options: Partial<WorkflowStartOptions> = {},
): Promise<string> => {
  const { temporal, stack } = rig();
  const { timing, ...rest } = input;
  const started = await temporal.workflow.start('dcsSwitchover', {
    taskQueue: stack.taskQueue,
    workflowId: lockOf(instance),
    workflowIdConflictPolicy: 'FAIL',
    args: [{ ...refOf(instance), ...rest, timing: { ...FAST, ...timing } }],
    ...options,
  });
  return started.firstExecutionRunId;
};

const runPlainly = async (
  instance: SimulatedInstance,
  input: Partial<SwitchoverInput>,
): Promise<SwitchoverResult> =>
  rig().client.result({ ...refOf(instance), runId: await startPlainly(instance, input) });

const zoneOfReplica = (instance: SimulatedInstance): string =>
  instance.roles().find(({ role }) => role === 'replica')?.availabilityZone ?? '';

const toZone = (availabilityZone: string) => ({ target: { availabilityZone } });

const summaryOf = ({ outcome, cause, swapsSent, repeatOfRunId }: SwitchoverResult) => ({
  outcome,
  cause,
  swapsSent,
  repeatOfRunId,
});

const UNANSWERED = { reset: 'before' } as const;

describe('a request id that comes again', () => {
  test.concurrent(
    'finds its work behind a refused run, a maintenance, a verification and other work, and sends nothing',
    async () => {
      const instance = await rig().instance();
      const input = { toggle: true, requestId: 'x-1' };
      const runId = await startPlainly(instance, input);
      const first = await rig().client.result({ ...refOf(instance), runId });
      expect(first.outcome).toBe('SUCCEEDED');
      const refused = await runPlainly(instance, {
        toggle: true,
        timing: { coolDownSeconds: 600 },
      });
      expect(refused.outcome).toBe('REFUSED');
      const again = await runPlainly(instance, input);
      expect(summaryOf(again)).toEqual({
        ...{ outcome: 'SUCCEEDED', cause: 'ROLES_CHANGED' },
        ...{ swapsSent: 0, repeatOfRunId: runId },
      });
      expect(again.message).toContain(runId);
      expect(again.after).toEqual(first.after);

      await rig().run(instance, { mode: 'plan', toggle: true });
      await rig().run(instance, { mode: 'verify', examinedRunId: runId });
      expect((await runPlainly(instance, { toggle: true, requestId: 'x-2' })).outcome).toBe(
        'SUCCEEDED',
      );
      expect(rig().putsOf(instance)).toHaveLength(2);
      expect(summaryOf(await runPlainly(instance, input))).toMatchObject({
        ...{ outcome: 'SUCCEEDED', repeatOfRunId: runId },
      });
      expect(rig().putsOf(instance)).toHaveLength(2);
    },
  );

  test.concurrent('is that of the input, whatever the memo says', async () => {
    const instance = await rig().instance();
    const input = { toggle: true, requestId: 'x-1' };
    const runId = await startPlainly(instance, input, { memo: { requestId: 'x-9' } });
    expect(await rig().client.result({ ...refOf(instance), runId })).toMatchObject({
      outcome: 'SUCCEEDED',
    });
    expect(summaryOf(await runPlainly(instance, input))).toMatchObject({
      ...{ outcome: 'SUCCEEDED', swapsSent: 0, repeatOfRunId: runId },
    });
    expect(rig().putsOf(instance)).toHaveLength(1);
  });

  test.concurrent('for another goal is refused by name, however it is started', async () => {
    const instance = await rig().instance();
    const [zone, home] = [zoneOfReplica(instance), instance.roles()[0]?.availabilityZone ?? ''];
    const { runId } = await rig().run(instance, { ...toZone(zone), requestId: 'x-1' });
    const back = { ...refOf(instance), ...toZone(home), requestId: 'x-1' };
    const result = await runPlainly(instance, back);
    expect(summaryOf(result)).toMatchObject({ outcome: 'REFUSED', cause: 'REQUEST_ID_REUSED' });
    const check = result.checks.find(({ id }) => id === 'request-id-reused');
    expect(check).toMatchObject({ passed: false });
    for (const word of [runId, zone, home]) expect(check?.observed).toContain(word);
    await expect(rig().client.start(back)).rejects.toThrow(RequestIdReusedError);
    await expect(rig().client.start({ ...back, mode: 'plan' })).resolves.toBeDefined();
    // The target that it asks for holds already: it is another goal all the same.
    const toggled = await runPlainly(instance, { toggle: true, requestId: 'x-1' });
    expect(toggled.cause).toBe('REQUEST_ID_REUSED');
    expect(rig().putsOf(instance)).toHaveLength(1);
  });

  test.concurrent('does the work where the earlier run has sent nothing', async () => {
    const instance = await rig().instance();
    const input = { toggle: true, requestId: 'x-1' };
    const refused = await runPlainly(instance, { ...input, expectedMasterNodeId: 'aaaaaaaa' });
    expect(refused.outcome).toBe('REFUSED');
    const plan = await rig().run(instance, { ...input, mode: 'plan' });
    expect(plan.outcome).toBe('PLANNED');
    const read = hold(rig(), instance, 'listTasks', 1);
    const cancelled = await startPlainly(instance, input);
    await reached(read);
    await rig().client.cancel({ ...refOf(instance), runId: cancelled });
    read.release();
    expect((await rig().end(instance, cancelled)).outcome).toBe('CANCELLED');
    expect((await runPlainly(instance, input)).outcome).toBe('SUCCEEDED');
    expect(rig().putsOf(instance)).toHaveLength(1);
    // Two spellings of one text, and spaces around it.
    const accented = await runPlainly(instance, { toggle: true, requestId: 'caf\u00e9' });
    expect(accented.outcome).toBe('SUCCEEDED');
    const other = await runPlainly(instance, { toggle: true, requestId: ' cafe\u0301 ' });
    expect(other.swapsSent).toBe(0);
    // Another case is another id, and another instance another lock.
    expect((await runPlainly(instance, { toggle: true, requestId: 'X-1' })).swapsSent).toBe(1);
    const elsewhere = await rig().instance();
    expect((await runPlainly(elsewhere, input)).swapsSent).toBe(1);
    expect(rig().putsOf(instance)).toHaveLength(3);
  });

  test.concurrent(
    'of an unknown outcome says so again, leaves the unresolved outcome, and follows its end',
    async () => {
      const instance = await rig().instance();
      rig().simulator.faults.add({
        ...{ route: 'asyncSwap', instanceId: instance.instanceId, calls: 1 },
        ...UNANSWERED,
      });
      const input = { toggle: true, requestId: 'x-1' };
      const runId = await startPlainly(instance, input);
      const first = await rig().client.result({ ...refOf(instance), runId });
      expect(first.outcome).toBe('UNKNOWN');
      const again = await runPlainly(instance, input);
      expect(summaryOf(again)).toMatchObject({ outcome: 'UNKNOWN', repeatOfRunId: runId });
      expect(again.message).toContain(`--examined-run ${runId}`);
      const next = await runPlainly(instance, { toggle: true, requestId: 'x-2' });
      const check = next.checks.find(({ id }) => id === 'previous-run-resolved');
      expect(check?.observed).toContain(runId);
      const resolution: Resolution = {
        ...{ outcome: 'FAILED_UNCHANGED', statement: 'seen in the console', resolvedBy: 'ops' },
      };
      await rig().run(instance, { mode: 'resolve', resolution });
      const settled = await runPlainly(instance, input);
      expect(summaryOf(settled)).toMatchObject({
        ...{ outcome: 'FAILED_UNCHANGED', repeatOfRunId: runId, swapsSent: 0 },
      });
      expect((await runPlainly(instance, { toggle: true, requestId: 'x-2' })).outcome).toBe(
        'SUCCEEDED',
      );
      const { ledger } = rig().simulator;
      const executed = ledger.puts(instance.instanceId).filter((put) => put.executed);
      expect(executed).toHaveLength(1);
    },
  );
});

test.concurrent(
  'a request whose run was terminated after its PUT is not known to be done',
  async () => {
    const instance = await rig().instance();
    const poll = hold(rig(), instance, 'showJob');
    const input = { toggle: true, requestId: 'x-1' };
    const runId = await startPlainly(instance, input);
    await reached(poll);
    await rig().temporal.workflow.getHandle(lockOf(instance), runId).terminate('by hand');
    poll.release();
    const again = await runPlainly(instance, input);
    expect(summaryOf(again)).toMatchObject({ outcome: 'UNKNOWN', repeatOfRunId: runId });
    expect(again.message).toContain('It ended TERMINATED without an outcome.');
    expect(again.message).toContain(`--examined-run ${runId}`);
    expect(rig().putsOf(instance)).toHaveLength(1);
  },
);

/** Resets a workflow to its n-th workflow task, and gives the new run's id. */
const reset = async (workflowId: string, runId: string, workflowTask: number): Promise<string> => {
  const { temporal } = rig();
  const { namespace } = temporal.options;
  const { events = [] } = await temporal.workflow.getHandle(workflowId, runId).fetchHistory();
  const tasks = (events ?? []).filter((event) => event.workflowTaskCompletedEventAttributes);
  const response = await temporal.workflowService.resetWorkflowExecution({
    ...{ namespace, workflowExecution: { workflowId, runId }, reason: 'a test' },
    ...{ requestId: randomUUID() },
    workflowTaskFinishEventId: tasks[workflowTask - 1]?.eventId as never,
  });
  return response.runId;
};

describe('a reset', () => {
  test.concurrent('of a drill, to its first child or its beginning, repeats no swap', async () => {
    const instances = await instancesOf(rig(), 2);
    // Longer than clocks differ: the return leg, too, may leave by the latest clock only.
    const returnLeg = { soakSeconds: 1, withinSeconds: 1_200 };
    const maintenance = await startMaintenance(rig(), instances, { returnLeg, maxConcurrent: 2 });
    expect((await maintenance.end()).type).toBe('COMPLETED');
    expect(instances.map((each) => rig().putsOf(each).length)).toEqual([2, 2]);
    const masters = instances.map((instance) => instance.masterNodeId());
    for (const workflowTask of [2, 1]) {
      await reset(maintenance.workflowId, maintenance.runId, workflowTask);
      expect(await maintenance.handle.result()).toMatchObject({ outcome: 'COMPLETED' });
      expect(instances.map((each) => rig().putsOf(each).length)).toEqual([2, 2]);
      expect(instances.map((instance) => instance.masterNodeId())).toEqual(masters);
    }
  });

  test.concurrent('of a maintenance that a schedule started repeats no swap', async () => {
    const instances = await instancesOf(rig(), 1);
    const maintenanceId = `many-${randomUUID()}`;
    const whole = {
      ...{ maintenanceId, projectId: rig().simulator.projectId, toggle: true, timing: FAST },
      ...{ instanceIds: instances.map(({ instanceId }) => instanceId), window: openWindow() },
    };
    const schedule = await rig().temporal.schedule.create({
      scheduleId: maintenanceId,
      spec: { intervals: [{ every: '365d' }] },
      state: { triggerImmediately: true },
      action: {
        type: 'startWorkflow',
        workflowType: 'dcsMaintenance',
        workflowId: `dcs-maintenance:${maintenanceId}`,
        taskQueue: rig().stack.taskQueue,
        args: [whole],
      },
    });
    const started = { workflowId: '', firstExecutionRunId: '' };
    await waitUntil('the firing', 120_000, async () => {
      const [action] = (await schedule.describe()).info.recentActions;
      if (action?.action.type === 'startWorkflow') Object.assign(started, action.action.workflow);
      return started.workflowId !== '';
    });
    await schedule.delete();
    const { workflowId, firstExecutionRunId: runId } = started;
    const maintenance = maintenanceOf(rig(), instances, maintenanceId, runId, workflowId);
    expect((await maintenance.end()).type).toBe('COMPLETED');
    await reset(workflowId, runId, 2);
    expect(await maintenance.handle.result()).toMatchObject({ outcome: 'COMPLETED' });
    expect(instances.map((each) => rig().putsOf(each).length)).toEqual([1]);
  });

  test.concurrent('of a run with a request id gives the earlier outcome', async () => {
    const instance = await rig().instance();
    const { runId } = await rig().run(instance, { requestId: 'x-1' });
    for (const workflowTask of [1, 2, 3]) {
      const again = await reset(lockOf(instance), runId, workflowTask);
      const { outcome } = await rig().client.result({ ...refOf(instance), runId: again });
      expect({ outcome, puts: rig().putsOf(instance).length }).toEqual({
        outcome: 'SUCCEEDED',
        puts: 1,
      });
    }
  });
});

describe('a run that Temporal itself chained', () => {
  test.concurrent.each<[string, Partial<WorkflowStartOptions>]>([
    ['a cron schedule', { cronSchedule: '@every 1s' }],
    ['a retry policy', { retry: { maximumAttempts: 3 } }],
    [
      'a cron schedule and a short timeout',
      { cronSchedule: '@every 1s', workflowRunTimeout: '3s' },
    ],
  ])('by %s is reported, and stands in no one’s way', async (_, options) => {
    const instance = await rig().instance();
    const { client, temporal } = rig();
    const runId = await startPlainly(instance, { toggle: true }, options);
    const ended = await client
      .result({ ...refOf(instance), runId }, { timeoutMs: 30_000 })
      .catch((error: unknown) => error);
    expect(ended).toMatchObject({ name: 'InvalidInputError' });
    await temporal.workflow
      .getHandle(lockOf(instance))
      .terminate('a test')
      .catch(() => undefined);
    expect(await client.status({ ...refOf(instance), runId })).toMatchObject({ phase: 'ENDED' });
    await waitUntil('visibility', 120_000, async () =>
      (await client.history(refOf(instance))).some((entry) => entry.runId === runId),
    );
    const entries = await client.history(refOf(instance));
    expect(entries.find((entry) => entry.runId === runId)?.outcome).toBe('INVALID_INPUT');
    const plan = await client.plan({ ...refOf(instance), toggle: true, timing: FAST });
    expect(plan.outcome).toBe('PLANNED');
    const { outcome } = await rig().run(instance, { requestId: 'x-1' });
    expect({ outcome, puts: rig().putsOf(instance).length }).toEqual({
      outcome: 'SUCCEEDED',
      puts: 1,
    });
    expect(
      eventsOf(await rig().history(instance, runId), 'WORKFLOW_EXECUTION_STARTED'),
    ).toHaveLength(1);
  });
});
