import type { HostOrder } from '../hosts/host.js';
import { withSite } from '../support/site.js';
import { measurePairs } from '../support/stats.js';

import { toFigure } from './figure.js';
import type { Figure } from './figure.js';

const ROUNDS = 5;

/** From the start of the process until it polls: with the prebuilt bundle, against bundling at start. */
export async function measureColdStart(): Promise<readonly Figure[]> {
  return withSite({}, async (site) => {
    const start = async (workflows: HostOrder['workflows']): Promise<number> => {
      const taskQueue = 'bench-cold-start';
      const order: HostOrder = { kind: 'switchover', taskQueue, workflows, hasActivities: true };
      const host = await site.startHost(order);
      await host.stop();
      return host.startMs;
    };
    const pairs = await measurePairs(
      ROUNDS,
      () => start('prebuilt'),
      () => start('bundled'),
    );
    const what = 'cold start of a worker; bundling at start';
    return [toFigure(what, pairs, 'ms', { maxRatio: 0.5, digits: 0 })];
  });
}
