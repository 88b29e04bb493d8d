/** What callers and bystanders may do to a maintenance that no one would expect; on the time-skipping server. */
import { describe, expect, test } from '@jest/globals';
import { DefaultLogger, Runtime } from '@temporalio/worker';

import { useTimeSkippingServer } from '../support/temporal-server.js';

import { NOTIFICATION_TYPES } from '../../src/contract/index.js';
import type {
  MaintenanceProgress,
  Notification,
  SwitchoverInput,
} from '../../src/contract/index.js';
import { REQUEST } from '../domain/maintenance/support.js';
import { runMaintenance, withMaintenance } from './support/maintenances.js';

Runtime.install({ logger: new DefaultLogger('ERROR') });

const server = useTimeSkippingServer();

describe('a switchover that cannot be asked for', () => {
  test('is reported as not started, and the maintenance ends', async () => {
    // Nothing says where the masters should go.
    const end = await runMaintenance(server(), { request: { toggle: false, target: null } });
    expect(end).toMatchObject({
      type: 'PARTIAL',
      started: [],
      result: { counts: { notStarted: 3 } },
    });
  });
});

describe('a canary whose own window is over', () => {
  test('is replaced at once by the next instance', async () => {
    const end = await runMaintenance(server(), {
      window: { opensIn: -7200, closesIn: 3600 },
      request: { canaryCount: 1 },
      instance: (index, window) =>
        index === 0 ? { spans: [{ ...window, closesAtMs: window.opensAtMs + 3_600_000 }] } : {},
    });
    expect(end.result.counts).toMatchObject({ done: 2, notStarted: 1 });
  });
});

describe('a switchover that a spent quota has ended', () => {
  const canary = { canaryCount: 1, maxFailures: 0 };
  const firstOnly = (index: number, nth: number) => index === 0 && nth === 1;

  test('is made again later: it spends no budget and stops no canary', async () => {
    const end = await runMaintenance(server(), {
      request: canary,
      spent: (index, nth) => (firstOnly(index, nth) ? 'readings' : null),
    });
    expect(end).toMatchObject({ type: 'COMPLETED', result: { counts: { done: 3 } } });
    const [first, again, ...others] = end.started;
    expect(again?.instanceId).toBe(first?.instanceId);
    // A minute, give or take a half; the others wait for the canary all the same.
    expect((again?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(30_000);
    expect(others).toHaveLength(2);
    expect(end.result.items[0]?.forward).toMatchObject({ outcome: 'SUCCEEDED', swapsSent: 1 });
  });

  test('for want of a PUT until its latest safe start is made in its next window', async () => {
    const nextOpensIn = 7_200_000;
    const end = await runMaintenance(server(), {
      instances: 1,
      window: { opensIn: 0, closesIn: 10_800 },
      request: canary,
      spent: (index, nth) => (firstOnly(index, nth) ? 'PUTs' : null),
      instance: (_, window) => ({
        spans: [
          { ...window, closesAtMs: window.opensAtMs + 600_000 },
          { ...window, opensAtMs: window.opensAtMs + nextOpensIn },
        ],
      }),
    });
    expect(end).toMatchObject({ type: 'COMPLETED', result: { counts: { done: 1 } } });
    const [first, again] = end.started;
    // The reserves of the maintenance are four minutes.
    expect(Date.parse(first?.notAfter ?? '') - (first?.atMs ?? 0)).toBeLessThanOrEqual(360_000);
    expect((again?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThan(nextOpensIn - 60_000);
  });

  test('each time until the latest safe start is reported as not started, and is no failure', async () => {
    const end = await runMaintenance(server(), {
      request: { maxConcurrent: 3, maxFailures: 0 },
      window: { opensIn: 0, closesIn: 900 },
      spent: (index) => (index === 0 ? 'readings' : null),
    });
    expect(end).toMatchObject({
      type: 'PARTIAL',
      result: { cause: 'INSTANCES_NOT_DONE', counts: { done: 2, notStarted: 1, failed: 0 } },
    });
    expect(end.result.items[0]?.forward).toMatchObject({
      ...{ state: 'NOT_STARTED', cause: 'THROTTLED', swapsSent: 0 },
      reason: expect.stringContaining('limit 10 per minute'),
    });
    expect(end.started.length).toBeGreaterThan(4);
  });
});

describe('a switchover that is refused for what passes by itself', () => {
  const canary = { canaryCount: 1, maxFailures: 0 };

  test('goes back to pending: it spends no budget and stops no canary', async () => {
    const end = await runMaintenance(server(), {
      request: canary,
      busy: (index, nth) => index === 0 && nth <= 2,
    });
    expect(end).toMatchObject({ type: 'COMPLETED', result: { counts: { done: 3 } } });
    const [first, second, third, ...others] = end.started;
    expect([second, third].map((each) => each?.instanceId)).toEqual([
      ...[first?.instanceId, first?.instanceId],
    ]);
    // Half a minute and a minute, give or take a half.
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(15_000);
    expect((third?.atMs ?? 0) - (second?.atMs ?? 0)).toBeGreaterThanOrEqual(30_000);
    expect(others).toHaveLength(2);
    const { forward } = end.result.items[0] ?? {};
    expect(forward).toMatchObject({ outcome: 'SUCCEEDED', swapsSent: 1 });
    expect(forward?.reason).toMatch(/^Tried 3 times within \d+ min\. The last time: /);
  });

  test('each time counts in the end, and says how often and how long it was tried', async () => {
    const end = await runMaintenance(server(), { request: canary, busy: (index) => index === 0 });
    expect(end).toMatchObject({
      type: 'PARTIAL',
      result: { cause: 'CANARY_FAILED', counts: { failed: 1, notStarted: 2 } },
    });
    expect(end.result.items[0]?.forward).toMatchObject({
      ...{ state: 'ENDED', outcome: 'REFUSED', cause: 'CHECKS_FAILED', swapsSent: 0 },
      reason: expect.stringMatching(/^Tried 7 times within \d+ min\. [^]*BACKUPING/),
    });
    expect(end.started).toHaveLength(7);
  });

  test('until its latest safe start is tried no later, and counts', async () => {
    const end = await runMaintenance(server(), {
      request: { maxConcurrent: 3, maxFailures: 0 },
      // The reserves take four minutes of the five.
      window: { opensIn: 0, closesIn: 300 },
      busy: (index) => index === 0,
    });
    expect(end).toMatchObject({ type: 'PARTIAL', result: { counts: { done: 2, failed: 1 } } });
    expect(end.started.length).toBeGreaterThan(3);
    const tries = end.started.filter(({ instanceId }) => instanceId === end.started[0]?.instanceId);
    const lastStartMs = Date.parse(tries[0]?.notAfter ?? '');
    for (const { atMs } of tries) expect(atMs).toBeLessThan(lastStartMs);
  });

  test('brings a master back all the same', async () => {
    const end = await runMaintenance(server(), {
      instances: 1,
      request: {
        ...{ toggle: false, target: { availabilityZone: 'az2' } },
        returnLeg: { soakSeconds: 300, withinSeconds: 900 },
      },
      busy: (_, nth, { requestId }) => nth === 1 && requestId?.endsWith(':return') === true,
    });
    expect(end.type).toBe('COMPLETED');
    expect(end.result.items[0]?.return).toMatchObject({ outcome: 'SUCCEEDED' });
    expect(end.started).toHaveLength(3);
  });

  test('and whose lock another run holds from then on is no failure, and says so', async () => {
    const script = {
      ...{ instances: 1, window: { opensIn: 0, closesIn: 300 } },
      busy: (_: number, nth: number, { requestId }: SwitchoverInput) =>
        nth === 1 && requestId !== 'other',
      // Without an answer to its PUT the other one keeps the lock beyond the window.
      outcome: () => 'UNKNOWN' as const,
    };
    await withMaintenance(server(), script, async ({ env, taskQueue, progress, end }) => {
      const isBack = ({ items: [item] }: MaintenanceProgress) =>
        item?.forward.cause === 'NOT_READY';
      const { instanceId = '' } = (await until(progress, isBack)).items[0] ?? {};
      const workflowId = `dcs-switchover:${REQUEST.projectId}:${instanceId}`;
      const other = { projectId: REQUEST.projectId, instanceId, toggle: true, requestId: 'other' };
      const where = { workflowId, taskQueue, args: [other] };
      const holder = await env.client.workflow.start('dcsSwitchover', where);
      const { result } = await end();
      // What it leaves open without a worker keeps the server from skipping time.
      await holder.result().catch(() => undefined);
      expect(result).toMatchObject({ cause: 'INSTANCES_NOT_DONE', counts: { notStarted: 1 } });
      const { cause, reason } = result.items[0]?.forward ?? {};
      expect(cause).toBe('LOCK_HELD');
      expect(reason).toMatch(/^its lock .* was held by another run until its time was over$/);
    });
  });

  test('is observed waiting, and can be skipped meanwhile', async () => {
    await withMaintenance(server(), { instances: 1, busy: () => true }, async (maintenance) => {
      const isBack = ({ items: [item] }: MaintenanceProgress) =>
        item?.forward.cause === 'NOT_READY';
      const [item] = (await until(maintenance.progress, isBack)).items;
      expect(item?.forward).toMatchObject({ state: 'PENDING', swapsSent: 0 });
      expect(item?.forward.reason).toMatch(/^refused once since .* tried again at .*BACKUPING/s);
      await maintenance.send('skip', { by: 'ann', why: 'later', instanceId: item?.instanceId });
      expect(await maintenance.end()).toMatchObject({ result: { counts: { skipped: 1 } } });
    });
  });
});

describe('the return leg', () => {
  test('ends where the switchover found the master, which is not where the maintenance had seen it', async () => {
    const end = await runMaintenance(server(), {
      instances: 1,
      request: {
        ...{ toggle: false, target: { availabilityZone: 'az2' } },
        returnLeg: { soakSeconds: 300, withinSeconds: 900 },
      },
      // A failover has moved it from b to a since.
      instance: () => ({ master: { nodeId: 'b'.repeat(32), availabilityZone: 'az2' } }),
    });
    expect(end.type).toBe('COMPLETED');
    expect(end.started[1]).toMatchObject({
      target: { nodeId: 'a'.repeat(32) },
      expectedMasterNodeId: 'b'.repeat(32),
    });
  });

  test('needs no master that the maintenance has seen', async () => {
    const end = await runMaintenance(server(), {
      instances: 1,
      request: {
        ...{ toggle: false, target: { availabilityZone: 'az2' } },
        returnLeg: { soakSeconds: 300, withinSeconds: 900 },
      },
      instance: () => ({ master: null }),
    });
    expect(end.type).toBe('COMPLETED');
    expect(end.started[1]).toMatchObject({ target: { nodeId: 'a'.repeat(32) } });
  });
});

describe('a second argument', () => {
  // What a run of the chain hands to the next; a caller who gives one has not been validated.
  test.each([
    ['is no state', 'a slip'],
    [
      'skips the maintenance',
      { v: 1, facts: {}, items: [], decisions: [], stops: [], warnings: [] },
    ],
  ])(
    'of a caller that %s changes nothing',
    async (_, second) => {
      const end = await runMaintenance(server(), { instances: 1, second });
      expect(end).toMatchObject({ type: 'COMPLETED', result: { counts: { done: 1 } } });
    },
    15_000,
  );
});

describe('who listens', () => {
  const reported = (all: readonly Notification[], type: keyof typeof NOTIFICATION_TYPES) =>
    all.filter((each) => each.type === NOTIFICATION_TYPES[type]).map(({ data }) => data);

  test('hears of a maintenance that was cancelled before it started anything', async () => {
    const script = { window: { opensIn: 60, closesIn: 7200 } };
    await withMaintenance(server(), script, async ({ progress, notifications, handle, end }) => {
      await until(progress, isWaiting);
      await handle.cancel();
      expect((await end()).type).toBe('CANCELLED');
      const [ended] = reported(notifications, 'maintenanceEnded');
      expect(ended).toMatchObject({ outcome: 'CANCELLED' });
      expect(ended?.['message']).toContain('nothing was sent');
      expect(await progress()).toMatchObject({ phase: 'ENDED', counts: { notStarted: 3 } });
    });
  });

  // The last of all: the run without a worker keeps the server from skipping time for a while.
  test('hears that an instance runs once it does, not at each try while its lock is held', async () => {
    // In real time: the server skips none while a run waits for a worker.
    const script = { instances: 1, window: { opensIn: 3, closesIn: 7200 } };
    await withMaintenance(server(), script, async ({ env, progress, notifications, end }) => {
      const { items } = await until(progress, isWaiting);
      const workflowId = `dcs-switchover:${REQUEST.projectId}:${items[0]?.instanceId ?? ''}`;
      const where = { taskQueue: 'nobody', workflowId, args: [] };
      const holder = await env.client.workflow.start('dcsSwitchover', where);
      await until(progress, ({ items: [item] }) => item?.forward.reason !== null);
      await holder.terminate();
      expect((await end()).type).toBe('COMPLETED');
      expect(reported(notifications, 'maintenanceInstance')).toMatchObject([
        { state: 'RUNNING', switchover: { workflowId } },
        { state: 'ENDED' },
      ]);
    });
  });
});

const isWaiting = ({ phase }: MaintenanceProgress): boolean => phase === 'AWAITING_WINDOW';

/** Waits in real time, so that the maintenance does not run away. */
async function until(
  progress: () => Promise<MaintenanceProgress>,
  predicate: (now: MaintenanceProgress) => boolean,
): Promise<MaintenanceProgress> {
  for (let look = 0; look < 400; look += 1) {
    const now = await progress();
    if (predicate(now)) return now;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the maintenance did not get there');
}
