import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import type { HostOrder } from '../hosts/host.js';
import type { MeasuredProcess } from '../support/measured-process.js';
import { withSite } from '../support/site.js';
import type { Site } from '../support/site.js';
import { measurePairs } from '../support/stats.js';

import { toFigure } from './figure.js';
import type { Figure } from './figure.js';

const ROUNDS = 5;
const BATCH = 20;
const EMPTY_QUEUE = 'bench-empty';
const PAUSE_MS = 200;

/**
 * Heap per cached workflow that waits for its job, against an empty one that waits in its third
 * activity. Activities run in other processes, and workflows on the main thread, where the heap shows.
 */
export async function measureHeap(emptyBundle: string): Promise<readonly Figure[]> {
  return withSite({}, async (site) => {
    site.stack.simulator.faults.add({ route: 'asyncSwap', job: { neverEnds: true } });
    const orders = {
      ours: { kind: 'switchover', taskQueue: site.stack.taskQueue },
      theirs: { kind: 'empty', taskQueue: EMPTY_QUEUE, codePath: emptyBundle },
    } as const;
    const ours = await startPair(site, orders.ours);
    const theirs = await startPair(site, orders.theirs);
    const measure = (rounds: number) =>
      measurePairs(
        rounds,
        () => heapPerRun(ours, () => parkSwitchover(site)),
        () => heapPerRun(theirs, () => parkEmpty(site)),
      );
    // The first workflows also load code.
    await measure(1);
    const pairs = await measure(ROUNDS);
    return [
      toFigure('heap per cached workflow; empty workflow at the same place', pairs, 'KiB', {
        maxRatio: 1.5,
      }),
    ];
  });
}

/** @returns the host of the workflows */
async function startPair(
  site: Site,
  order: Pick<HostOrder, 'kind' | 'taskQueue' | 'codePath'>,
): Promise<MeasuredProcess> {
  const activities: HostOrder = { ...order, workflows: 'none', hasActivities: true };
  await site.startHost(activities);
  const workflows: HostOrder = {
    ...order,
    workflows: 'prebuilt',
    hasActivities: false,
    onMainThread: true,
  };
  return site.startHost(workflows);
}

async function heapPerRun(host: MeasuredProcess, park: () => Promise<unknown>): Promise<number> {
  const before = await host.heapBytes();
  await Promise.all(Array.from({ length: BATCH }, park));
  // Every run waits in an activity: nothing is left to do for the host of the workflows.
  await sleep(2 * PAUSE_MS);
  return ((await host.heapBytes()) - before) / BATCH / 1024;
}

async function parkSwitchover(site: Site): Promise<void> {
  const { projectId } = site.stack.simulator;
  const { instanceId } = await site.stack.simulator.addInstance({});
  const { workflowId } = await site.client.start({ projectId, instanceId, toggle: true });
  await untilIn(site, workflowId, 'awaitJob');
}

async function parkEmpty(site: Site): Promise<void> {
  const workflowId = randomUUID();
  await site.temporal.workflow.start('parked', { taskQueue: EMPTY_QUEUE, workflowId });
  await untilIn(site, workflowId, 'forever');
}

async function untilIn({ temporal }: Site, workflowId: string, activity: string): Promise<void> {
  const handle = temporal.workflow.getHandle(workflowId);
  for (;;) {
    const { raw, status } = await handle.describe();
    if (status.name !== 'RUNNING') throw new Error(`a parked run ended: ${status.name}`);
    if (raw.pendingActivities?.some(({ activityType }) => activityType?.name === activity)) return;
    await sleep(PAUSE_MS);
  }
}
