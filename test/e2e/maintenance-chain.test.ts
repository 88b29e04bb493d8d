/** Maintenance runs that do not end as they began: terminated, reset, continued as new while a switchover is under way. */
import { randomUUID } from 'node:crypto';

import { describe, expect, test } from '@jest/globals';

import { createDcsSwitchover } from '../../src/client.js';
import { makeMaintenanceWorkflowId } from '../../src/contract/index.js';
import { waitUntil } from '../../src/simulator/basics.js';
import type { SimulatedInstance } from '../../src/simulator/index.js';
import {
  instancesOf,
  openWindow,
  maintenanceOf,
  startMaintenance,
} from '../support/maintenance-rig.js';
import type { RiggedMaintenance } from '../support/maintenance-rig.js';
import { FAST, useRig } from '../support/rig.js';
import { hold, reached } from '../support/steps.js';

// So that a maintenance of a few instances continues as new; a maintenance that nothing happens to stays below it.
const dynamicConfig = { 'limit.historyCount.suggestContinueAsNew': 60 };
const rig = useRig({ temporal: { dynamicConfig } });
const ada = { by: 'ada', why: 'a test' };

/** Switches instances one by one beside the held one, until the server has asked for a new run. */
const untilContinued = async (maintenance: RiggedMaintenance): Promise<void> => {
  await waitUntil('a new run', 100_000, async () => {
    const { runId } = await maintenance.handle.describe();
    return runId !== maintenance.runId;
  });
  // The new run has taken the maintenance over: it answers.
  await maintenance.until('its progress', ({ counts }) => counts.running > 0);
};

describe('a maintenance that is terminated mid-swap', () => {
  test.concurrent('leaves a switchover that finishes by itself', async () => {
    const [instance] = (await instancesOf(rig(), 1)) as [SimulatedInstance];
    const place = hold(rig(), instance, 'showJob');
    const maintenance = await startMaintenance(rig(), [instance]);
    await reached(place);
    await maintenance.until('the child', ({ items }) => items[0]?.forward.runId !== null);
    const { items } = await maintenance.progress();
    await maintenance.handle.terminate('a test');
    place.release();
    const { outcome } = await rig().end(instance, items[0]?.forward.runId ?? '');
    expect({ outcome, puts: rig().putsOf(instance).length }).toEqual({
      outcome: 'SUCCEEDED',
      puts: 1,
    });
  });
});

describe('a maintenance that continues as new mid-swap', () => {
  test.concurrent(
    'follows what runs, visits every instance once and loses no message',
    async () => {
      const instances = await instancesOf(rig(), 12);
      const [held] = instances as [SimulatedInstance];
      const place = hold(rig(), held, 'showJob');
      const timing = { jobTimeoutSeconds: 100 };
      const maintenance = await startMaintenance(rig(), instances, { maxConcurrent: 2, timing });
      await reached(place);
      const isOver = { now: false };
      const messages = (async () => {
        for (let count = 0; !isOver.now; count += 1) {
          const { changed } = await maintenance.send(count % 2 === 0 ? 'pause' : 'resume', ada);
          expect(changed).toBe(true);
          await new Promise((resolve) => setTimeout(resolve, 400));
          if (count % 2 === 1 && (await maintenance.handle.describe()).runId !== maintenance.runId)
            break;
        }
      })();
      await untilContinued(maintenance);
      await messages;
      place.release();
      isOver.now = true;
      const { type, result } = await maintenance.end();
      expect(type).toBe('COMPLETED');
      expect(instances.map((instance) => rig().putsOf(instance).length)).toEqual(
        instances.map(() => 1),
      );
      const pauses = result.decisions.map(({ what }) => what);
      expect(pauses).toEqual(pauses.map((_, index) => (index % 2 === 0 ? 'paused' : 'resumed')));
      expect(result.items[0]?.forward).toMatchObject({ outcome: 'SUCCEEDED', swapsSent: 1 });
    },
  );

  test.concurrent('passes a cancellation on to what an earlier run has started', async () => {
    const instances = await instancesOf(rig(), 12);
    const [held] = instances as [SimulatedInstance];
    const place = hold(rig(), held, 'listTasks');
    const timing = { busyWaitSeconds: 120 };
    const maintenance = await startMaintenance(rig(), instances, { maxConcurrent: 2, timing });
    await reached(place);
    // The pre-check has seen it idle; the re-read will not, and waits.
    held.setTask('BACKUPING');
    place.release();
    await untilContinued(maintenance);
    await maintenance.handle.cancel();
    const { type, result } = await maintenance.end();
    expect({ type, cause: result.cause }).toEqual({ type: 'PARTIAL', cause: 'CANCELLED' });
    expect(result.items[0]?.forward).toMatchObject({ state: 'ENDED', outcome: 'CANCELLED' });
    expect(rig().putsOf(held)).toHaveLength(0);
  });
});

describe('a maintenance that is reset mid-swap', () => {
  test.concurrent('ends no switchover and repeats none', async () => {
    const instances = await instancesOf(rig(), 2);
    const [first, second] = instances as [SimulatedInstance, SimulatedInstance];
    const place = hold(rig(), second, 'showJob');
    const timing = { jobTimeoutSeconds: 100 };
    const maintenance = await startMaintenance(rig(), instances, { maxFailures: 2, timing });
    await reached(place);
    await maintenance.until('the second', ({ items }) => items[1]?.forward.runId !== null);
    const { items } = await maintenance.progress();
    await rig().temporal.workflowService.resetWorkflowExecution({
      namespace: rig().temporal.options.namespace,
      workflowExecution: { workflowId: maintenance.workflowId, runId: maintenance.runId },
      reason: 'a test',
      workflowTaskFinishEventId: 4 as never,
      requestId: randomUUID(),
    });
    await maintenance.until(
      'its lock is observed held',
      ({ items: [, item] }) => item?.forward.reason !== null,
    );
    place.release();
    const { outcome } = await rig().end(second, items[1]?.forward.runId ?? '');
    expect(outcome).toBe('SUCCEEDED');
    const { type, result } = await maintenance.end();
    // Planned again, the toggle of the first asks to move its master back: another goal for the same id.
    expect(type).toBe('PARTIAL');
    expect(result.items[0]?.forward.outcome).toBe('REFUSED');
    expect(result.items[0]?.forward.reason).toContain('request-id-reused');
    expect(result.items.map(({ forward }) => forward.swapsSent)).toEqual([0, 0]);
    expect([rig().putsOf(first).length, rig().putsOf(second).length]).toEqual([1, 1]);
    const { maintenance: client } = createDcsSwitchover({ client: rig().temporal });
    const audits = await client.audit({ maintenanceId: maintenance.maintenanceId });
    expect(audits.map(({ ended }) => ended)).toEqual(['from-outside', 'failed']);
    expect(audits.flatMap(({ violations }) => violations)).toEqual([]);
  });
});

describe('a maintenance that a schedule starts', () => {
  test.concurrent('has the nominal time in its id and judges its window by it', async () => {
    const instances = await instancesOf(rig(), 1);
    const maintenanceId = `many-${randomUUID()}`;
    const { projectId } = rig().simulator;
    const instanceIds = instances.map(({ instanceId }) => instanceId);
    const whole = { maintenanceId, projectId, instanceIds, toggle: true, timing: FAST };
    const schedule = await rig().temporal.schedule.create({
      scheduleId: maintenanceId,
      spec: { intervals: [{ every: '365d' }] },
      state: { triggerImmediately: true },
      action: {
        type: 'startWorkflow',
        workflowType: 'dcsMaintenance',
        workflowId: makeMaintenanceWorkflowId(maintenanceId),
        taskQueue: rig().stack.taskQueue,
        args: [{ ...whole, window: openWindow() }],
      },
    });
    const started = { workflowId: '', firstExecutionRunId: '' };
    await waitUntil('the firing', 120_000, async () => {
      const [action] = (await schedule.describe()).info.recentActions;
      if (action?.action.type === 'startWorkflow') Object.assign(started, action.action.workflow);
      return started.workflowId !== '';
    });
    await schedule.delete();
    const { workflowId, firstExecutionRunId } = started;
    const maintenance = maintenanceOf(
      rig(),
      instances,
      maintenanceId,
      firstExecutionRunId,
      workflowId,
    );
    expect((await maintenance.end()).type).toBe('COMPLETED');
    const { events } = await maintenance.handle.fetchHistory();
    const scheduled = events?.find((event) => event.activityTaskScheduledEventAttributes);
    const [payload] = scheduled?.activityTaskScheduledEventAttributes?.input?.payloads ?? [];
    const call = JSON.parse(Buffer.from(payload?.data ?? []).toString()) as { nominalAtMs: number };
    const suffix = workflowId.slice(makeMaintenanceWorkflowId(maintenanceId).length + 1);
    expect(Math.floor(call.nominalAtMs / 1000)).toBe(Date.parse(suffix) / 1000);
  });
});
