import { createClientOf } from '../support/dcs.js';
import { withSite } from '../support/site.js';
import type { Site } from '../support/site.js';
import { measurePairs } from '../support/stats.js';

import { runBareScript } from './bare-script.js';
import { toFigure } from './figure.js';
import type { Figure } from './figure.js';

const ROUNDS = 5;
/** The duration of the documented sample. */
const JOB = { jobInitMs: 300, jobRunMs: 2_569 };

/** Wall time minus the job, with default timing, as the caller waits for it. */
export async function measureWall(): Promise<readonly Figure[]> {
  return withSite({ timing: JOB }, async (site) => {
    await site.startWorker();
    const dcs = createClientOf(site.stack.workerEnv());
    const pairs = await measurePairs(
      ROUNDS,
      () => besidesJob(site, (instanceId) => switchOver(site, instanceId)),
      () => besidesJob(site, (instanceId) => runBareScript(dcs, instanceId)),
    );
    const what = 'wall time of a run minus its job; bare script without checks and proof';
    return [toFigure(what, pairs, 's', { digits: 2 })];
  });
}

async function besidesJob(
  { stack }: Site,
  run: (instanceId: string) => Promise<void>,
): Promise<number> {
  const { instanceId } = await stack.simulator.addInstance({});
  const startedAt = performance.now();
  await run(instanceId);
  return (performance.now() - startedAt - JOB.jobInitMs - JOB.jobRunMs) / 1000;
}

async function switchOver({ client, stack }: Site, instanceId: string): Promise<void> {
  const { projectId } = stack.simulator;
  const { outcome } = await client.result(
    await client.start({ projectId, instanceId, toggle: true }),
  );
  if (outcome !== 'SUCCEEDED') throw new Error(`a measured run ended ${outcome}`);
}
