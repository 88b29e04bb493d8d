import { randomUUID } from 'node:crypto';

import type { HostOrder } from '../hosts/host.js';
import type { MeasuredProcess } from '../support/measured-process.js';
import { withSite } from '../support/site.js';
import type { Site } from '../support/site.js';
import { measurePairs } from '../support/stats.js';

import { toFigure } from './figure.js';
import type { Figure } from './figure.js';

const ROUNDS = 5;
/** Runs at a time: enough that the idle worker's own processor time does not count. */
const BATCH = 20;
/** Ended before the first poll, so that every run polls once. */
const JOB = { jobInitMs: 100, jobRunMs: 900 };
const TIMING = { verifyIntervalSeconds: 0, coolDownSeconds: 0 };
/** Processor time of the worker per run, against workflows with as many activities. */
export async function measureCpu(emptyBundle: string): Promise<readonly Figure[]> {
  return withSite({ timing: JOB }, async (site) => {
    const ours = await site.startWorker();
    const order = { kind: 'empty', workflows: 'prebuilt', codePath: emptyBundle } as const;
    const [instance] = site.stack.simulator.instances;
    const readInstanceId = instance?.instanceId ?? '';
    const figures: Figure[] = [];
    for (const [what, maxRatio, more] of [
      ['four activities that do nothing', 1.6, {}],
      ['four activities that read the API twelve times', null, { readInstanceId }],
    ] as const) {
      const taskQueue = `bench-${randomUUID()}`;
      const host: HostOrder = { ...order, taskQueue, hasActivities: true, ...more };
      const theirs = await site.startHost(host);
      const measure = (rounds: number) =>
        measurePairs(
          rounds,
          () => cpuPerRun(ours, () => switchOver(site)),
          () => cpuPerRun(theirs, () => runEmpty(site, taskQueue)),
        );
      // Compilers warm up first.
      await measure(1);
      const title = `CPU of the worker per run; empty workflow with ${what}`;
      figures.push(toFigure(title, await measure(ROUNDS), 'ms', { maxRatio }));
    }
    return figures;
  });
}

async function cpuPerRun(worker: MeasuredProcess, run: () => Promise<unknown>): Promise<number> {
  const before = await worker.cpuMs();
  await Promise.all(Array.from({ length: BATCH }, run));
  return ((await worker.cpuMs()) - before) / BATCH;
}

async function switchOver({ stack, client }: Site): Promise<void> {
  const { projectId } = stack.simulator;
  const { instanceId } = await stack.simulator.addInstance({});
  const run = await client.start({ projectId, instanceId, toggle: true, timing: TIMING });
  const { outcome } = await client.result(run);
  if (outcome !== 'SUCCEEDED') throw new Error(`a measured run ended ${outcome}`);
}

async function runEmpty({ temporal }: Site, taskQueue: string): Promise<void> {
  await temporal.workflow.execute('empty', { taskQueue, workflowId: randomUUID() });
}
