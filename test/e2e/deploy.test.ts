/**
 * Workers that are replaced, or cut off from Temporal, while many runs are under way: no instance has more than one
 * accepted forward PUT, and no run ends UNKNOWN whose ledger has no PUT, except the one of each killed worker that was
 * between its fence and its PUT. `DEPLOY_INSTANCES=300` runs it with as many instances.
 */
import { setTimeout as delay } from 'node:timers/promises';

import { afterAll, expect, jest, test } from '@jest/globals';

import { waitUntil } from '../../src/simulator/basics.js';
import type { SimulatedInstance } from '../../src/simulator/index.js';
import { startLink } from '../support/link.js';
import type { Link } from '../support/link.js';
import { useRig } from '../support/rig.js';
import { hold, openSite, reached, untilEvent } from '../support/steps.js';
import type { Site } from '../support/steps.js';

const INSTANCES = Number(process.env['DEPLOY_INSTANCES'] ?? 40);

/** Hundreds of histories at once are more than a server on a busy machine answers in time. */
const READ_AT_A_TIME = 8;

/** How much later than a PUT a worker is killed at most. */
const MAX_LATER_MS = 40;

/** Each of so many is kept before its fence until the workers are killed. */
const HELD_EVERY = 4;

jest.setTimeout(480_000 + INSTANCES * 4_000);

const rig = useRig({ hasWorker: false });

const links: Link[] = [];
afterAll(() => Promise.all(links.map((link) => link.close())));

/** How many ended alike, one kind a line. */
const countAlike = (ends: readonly object[]): string => {
  const counts = new Map<string, number>();
  for (const end of ends) {
    const kind = JSON.stringify(end);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].map(([kind, count]) => `${count} × ${kind}\n`).join('');
};

/** Three workers, and as many instances as were asked for. */
const openLargeSite = async () => {
  const site = openSite(rig());
  const workers = await Promise.all([1, 2, 3].map(() => site.startWorker()));
  const instances = await Promise.all(Array.from({ length: INSTANCES }, () => rig().instance()));
  return { site, workers, instances };
};

const startAll = (site: Site, instances: readonly SimulatedInstance[]) =>
  Promise.all(
    instances.map((instance) => site.start(instance, { timing: { busyWaitSeconds: 120 } })),
  );

/** Those that end UNKNOWN without a PUT. */
const endAll = async (
  site: Site,
  instances: readonly SimulatedInstance[],
  runIds: readonly string[],
) => {
  const endOf = async (instance: SimulatedInstance, index: number) => {
    const { outcome, result } = await site.end(instance, runIds[index] ?? '');
    const puts = rig().putsOf(instance);
    const executed = puts.filter((put) => put.executed).length;
    return { outcome, cause: result.cause, puts: puts.length, executed };
  };
  const ends = [];
  for (let from = 0; from < instances.length; from += READ_AT_A_TIME) {
    const some = instances.slice(from, from + READ_AT_A_TIME);
    ends.push(...(await Promise.all(some.map((each, index) => endOf(each, from + index)))));
  }
  if (process.env['DEPLOY_INSTANCES'] !== undefined) process.stdout.write(countAlike(ends));
  expect(ends.filter(({ executed }) => executed > 1)).toEqual([]);
  return ends.filter(({ outcome, puts }) => outcome === 'UNKNOWN' && puts === 0);
};

test.concurrent(
  'two of three workers killed while no run is between fence and PUT: no UNKNOWN without a PUT',
  async () => {
    const { site, workers, instances } = await openLargeSite();
    const held = instances
      .filter((_, index) => index % HELD_EVERY === 0)
      // And each after it: the client repeats a read that was held for too long.
      .map((instance) => hold(rig(), instance, 'listTasks', { from: 2 }));
    const runIds = await startAll(site, instances);
    await waitUntil(
      'runs before their fence and after their PUT, and none between',
      240_000,
      () => {
        const waiting = held.filter((fault) => fault.hits() > 0).length;
        const sent = instances.filter((instance) => rig().putsOf(instance).length > 0).length;
        return Promise.resolve(waiting >= held.length / 2 && sent === INSTANCES - held.length);
      },
    );
    for (const worker of workers.slice(1)) worker.kill('SIGKILL');
    for (const fault of held) fault.release();
    expect(await endAll(site, instances, runIds)).toEqual([]);
  },
);

test('two of three workers killed amid their PUTs: one run of each at most ends UNKNOWN without a PUT', async () => {
  const { site, workers, instances } = await openLargeSite();
  const runIds = await startAll(site, instances);
  const countSent = () => instances.filter((instance) => rig().putsOf(instance).length > 0).length;
  const killed = workers.slice(1).map(async (worker, index) => {
    const afterPuts = Math.floor((Math.random() * INSTANCES * (index + 1)) / 3);
    const laterMs = Math.random() * MAX_LATER_MS;
    while (countSent() < afterPuts) await delay(1);
    await delay(laterMs);
    process.stdout.write(
      `a worker killed ${laterMs.toFixed()} ms after ${afterPuts} PUTs, ${countSent()} by then\n`,
    );
    worker.kill('SIGKILL');
  });
  await Promise.all(killed);
  const unsent = await endAll(site, instances, runIds);
  expect(unsent.length).toBeLessThanOrEqual(killed.length);
  for (const end of unsent) expect(end.cause).toBe('NO_TRACE');
});

test.concurrent(
  'a worker cut off from Temporal before its fence, for longer than its activity may take: tried again',
  async () => {
    const link = await startLink(rig().stack.temporal.address);
    links.push(link);
    const site = openSite(rig());
    await site.startWorker({ TEMPORAL_ADDRESS: link.address });
    const instance = await rig().instance();
    const lastRead = hold(rig(), instance, 'listTasks', { from: 2 });
    const runId = await site.start(instance, { timing: { busyWaitSeconds: 120 } });
    await reached(lastRead);
    link.suffer('reset');
    lastRead.release();
    await untilEvent(rig(), instance, runId, 'ACTIVITY_TASK_TIMED_OUT');
    expect(rig().putsOf(instance)).toHaveLength(0);
    link.suffer(null);
    const { outcome, result } = await site.end(instance, runId);
    expect({ outcome, puts: rig().putsOf(instance).length }).toEqual({
      outcome: 'SUCCEEDED',
      puts: 1,
    });
    expect(result).toMatchObject({ swapsSent: 1, swapsPossiblySent: 0, swapsAccepted: 1 });
  },
);
