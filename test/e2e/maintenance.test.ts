/** Maintenance runs end to end: real Temporal server, built worker, simulator; judged by its ledger. */
import { randomUUID } from 'node:crypto';

import { describe, expect, test } from '@jest/globals';

import { defineSearchAttributeKey } from '@temporalio/common';

import { makeSwitchoverWorkflowId } from '../../src/contract/index.js';
import type { SimulatedInstance } from '../../src/simulator/index.js';
import {
  instancesOf,
  openWindow,
  maintenanceOf,
  startMaintenance,
} from '../support/maintenance-rig.js';
import { useRig } from '../support/rig.js';
import { hold, reached } from '../support/steps.js';

const rig = useRig();
const keyword = (name: string) => defineSearchAttributeKey(name, 'KEYWORD');
const ada = { by: 'ada', why: 'a test' };

describe('a maintenance', () => {
  test.concurrent('switches its instances, each once', async () => {
    const instances = await instancesOf(rig(), 3);
    const maintenance = await startMaintenance(rig(), instances, { maxConcurrent: 2 });
    const { type, result } = await maintenance.end();
    expect({ type, cause: result.cause }).toEqual({ type: 'COMPLETED', cause: 'ALL_DONE' });
    for (const instance of instances) expect(rig().putsOf(instance)).toHaveLength(1);
    const child = rig().temporal.workflow.getHandle(result.items[0]?.forward.workflowId ?? '');
    const { memo, typedSearchAttributes } = await child.describe();
    expect(memo).toMatchObject({ maintenanceId: maintenance.maintenanceId });
    expect(typedSearchAttributes.get(keyword('DcsMaintenanceId'))).toBe(maintenance.maintenanceId);
    expect(memo).toMatchObject({ instanceName: result.items[0]?.name });
    expect(typedSearchAttributes.get(keyword('DcsInstanceName'))).toBe(result.items[0]?.name);
    const own = await maintenance.handle.describe();
    expect(own.typedSearchAttributes.get(keyword('DcsStatus'))).toBe('COMPLETED');
  });

  test.concurrent('of mode plan sends nothing', async () => {
    const instances = await instancesOf(rig(), 2);
    const { type } = await (await startMaintenance(rig(), instances, { mode: 'plan' })).end();
    expect(type).toBe('PLANNED');
    for (const instance of instances) expect(rig().putsOf(instance)).toHaveLength(0);
  });

  test.concurrent(
    'of another id than its own is refused, and the message prints the right one',
    async () => {
      const instances = await instancesOf(rig(), 1);
      const maintenanceId = `many-${randomUUID()}`;
      const workflowId = `mine-${randomUUID()}`;
      const input = { maintenanceId, projectId: rig().simulator.projectId, toggle: true };
      const instanceIds = instances.map(({ instanceId }) => instanceId);
      const args = [{ ...input, instanceIds, window: openWindow() }];
      const { taskQueue } = rig().stack;
      const options = { workflowId, taskQueue, args };
      const { firstExecutionRunId } = await rig().temporal.workflow.start(
        'dcsMaintenance',
        options,
      );
      const maintenance = maintenanceOf(
        rig(),
        instances,
        maintenanceId,
        firstExecutionRunId,
        workflowId,
      );
      const { type, message } = await maintenance.end();
      expect(type).toBe('INVALID_INPUT');
      expect(message).toContain(`dcs-maintenance:${maintenanceId}`);
    },
  );

  test.concurrent('waits for its window, and starts nothing in one that is over', async () => {
    const instances = await instancesOf(rig(), 1);
    const opensAt = new Date(Date.now() + 6000).toISOString();
    const window = { ...openWindow(), opensAt };
    const { type, result } = await (await startMaintenance(rig(), instances, { window })).end();
    expect(type).toBe('COMPLETED');
    expect((result.items[0]?.forward.startedAt ?? '') >= opensAt).toBe(true);
  });

  test.concurrent('whose approval is missing at the latest safe start sends nothing', async () => {
    const instances = await instancesOf(rig(), 1);
    const input = { window: openWindow(40), requireApproval: true };
    const maintenance = await startMaintenance(rig(), instances, input);
    await maintenance.until('the wait', ({ needsApproval }) => needsApproval);
    const { type, result } = await maintenance.end();
    expect({ type, cause: result.cause }).toEqual({ type: 'PARTIAL', cause: 'APPROVAL_MISSING' });
    expect(instances.flatMap(rig().putsOf)).toHaveLength(0);
  });
});

type Four = [SimulatedInstance, SimulatedInstance, SimulatedInstance, SimulatedInstance];

describe('people', () => {
  test.concurrent('pause, resume, skip and abort a maintenance', async () => {
    const instances = await instancesOf(rig(), 4);
    const [first, second, third] = instances as Four;
    const place = hold(rig(), first, 'showJob');
    const maintenance = await startMaintenance(rig(), instances);
    await reached(place);
    expect(await maintenance.send('pause', ada)).toMatchObject({ changed: true, isPaused: true });
    const { instanceId } = second;
    expect(await maintenance.send('skip', { ...ada, instanceId })).toMatchObject({ changed: true });
    const running = { ...ada, instanceId: first.instanceId };
    await expect(maintenance.send('skip', running)).rejects.toMatchObject({
      cause: { type: 'NOT_POSSIBLE_NOW' },
    });
    place.release();
    await maintenance.until('the first to end', ({ counts }) => counts.done === 1);
    const next = hold(rig(), third, 'showJob');
    await maintenance.send('resume', ada);
    await reached(next);
    await maintenance.send('abort', ada);
    next.release();
    const { result, message } = await maintenance.end();
    expect(result).toMatchObject({
      cause: 'ABORTED',
      counts: { done: 2, skipped: 1, notStarted: 1 },
    });
    expect(message).toContain('aborted by ada');
    expect(instances.map((each) => rig().putsOf(each).length)).toEqual([1, 0, 1, 0]);
  });

  test.concurrent(
    'cancel a maintenance while a PUT is under way: it finishes, nothing further starts',
    async () => {
      const instances = await instancesOf(rig(), 2);
      const [first] = instances as [SimulatedInstance];
      const place = hold(rig(), first, 'asyncSwap');
      const maintenance = await startMaintenance(rig(), instances);
      await reached(place);
      await maintenance.handle.cancel();
      await maintenance.until('the stop', ({ counts }) => counts.notStarted === 1);
      place.release();
      const { type, result } = await maintenance.end();
      expect({ type, cause: result.cause }).toEqual({ type: 'PARTIAL', cause: 'CANCELLED' });
      expect(result.items[0]?.forward).toMatchObject({ outcome: 'SUCCEEDED', swapsSent: 1 });
      expect(instances.map((each) => rig().putsOf(each).length)).toEqual([1, 0]);
    },
  );
});

describe('a canary that is busy for longer than its switchover waits', () => {
  test.concurrent('goes back to pending, and is switched once it is free: COMPLETED', async () => {
    const instances = await instancesOf(rig(), 2);
    const [busy] = instances as [SimulatedInstance];
    busy.setTask('BACKUPING');
    const limits = { canaryCount: 1, maxFailures: 0 };
    const timing = { busyWaitSeconds: 1 };
    const maintenance = await startMaintenance(rig(), instances, { ...limits, timing });
    await maintenance.until(
      'it is back',
      ({ items: [item] }) => item?.forward.cause === 'NOT_READY',
    );
    expect(await maintenance.progress()).toMatchObject({ counts: { pending: 2, failed: 0 } });
    busy.setTask(null);
    const { type, result } = await maintenance.end();
    expect(type).toBe('COMPLETED');
    expect(result.items[0]?.forward.reason).toMatch(/^Tried \d+ times within \d+ min/);
    expect(instances.map((each) => rig().putsOf(each).length)).toEqual([1, 1]);
  });
});

describe('a lock that another client holds', () => {
  test.concurrent('is waited for, while the others go on', async () => {
    const instances = await instancesOf(rig(), 2);
    const [held] = instances as [SimulatedInstance];
    const place = hold(rig(), held, 'showInstance');
    const runId = await rig().start(held);
    await reached(place);
    const maintenance = await startMaintenance(rig(), instances, {
      timing: { coolDownSeconds: 0 },
    });
    await maintenance.until('the other one', ({ counts }) => counts.done === 1);
    const item = (await maintenance.progress()).items[0]?.forward;
    expect(item).toMatchObject({ state: 'PENDING' });
    expect(item?.reason).toContain(
      makeSwitchoverWorkflowId({ projectId: rig().simulator.projectId, ...held }),
    );
    place.release();
    await rig().end(held, runId);
    const { result } = await maintenance.end();
    // The roles have moved under the maintenance: its guard refuses a second toggle.
    expect(result.items[0]?.forward).toMatchObject({ state: 'ENDED', outcome: 'REFUSED' });
    expect(rig().putsOf(held)).toHaveLength(1);
  });
});

describe('sixty instances, every tenth of which fails', () => {
  test.concurrent(
    'are visited once each; the budget stops the maintenance; a later one finishes the rest',
    async () => {
      const instances = await instancesOf(rig(), 60);
      const bad = instances.filter((_, index) => index % 10 === 9);
      const { faults } = rig().simulator;
      const scripted = bad.map(({ instanceId }) => {
        return faults.add({ route: 'asyncSwap', instanceId, calls: 1, job: { outcome: 'FAIL' } });
      });
      const input = { maxConcurrent: 6, maxFailures: 3, timing: { settleSeconds: 0 } };
      const { type, result } = await (await startMaintenance(rig(), instances, input)).end();
      expect({ type, cause: result.cause }).toEqual({ type: 'PARTIAL', cause: 'BUDGET_SPENT' });
      expect(result.counts.failed).toBeGreaterThan(3);
      expect(result.counts.notStarted).toBeGreaterThan(0);
      for (const item of result.items) {
        const puts = rig().simulator.ledger.puts(item.instanceId);
        expect(puts).toHaveLength(item.forward.state === 'NOT_STARTED' ? 0 : 1);
      }
      for (const fault of scripted) fault.remove();
      const left = result.items.filter(({ forward }) => forward.outcome !== 'SUCCEEDED');
      const rest = instances.filter(({ instanceId }) =>
        left.some((item) => item.instanceId === instanceId),
      );
      const second = await (
        await startMaintenance(rig(), rest, { ...input, maxFailures: 0 })
      ).end();
      expect(second.type).toBe('COMPLETED');
      // Each instance was visited once by each maintenance that had it to do.
      for (const { instanceId, forward } of result.items) {
        const hadFailed = forward.state === 'ENDED' && forward.outcome !== 'SUCCEEDED';
        expect(rig().simulator.ledger.puts(instanceId)).toHaveLength(hadFailed ? 2 : 1);
      }
    },
  );
});
