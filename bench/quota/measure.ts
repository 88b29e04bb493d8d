import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { createDcsSwitchover } from '../../src/client.js';
import type { SwitchoverResult, Timing } from '../../src/contract/index.js';
import type { SimulatedInstance } from '../../src/simulator/index.js';
import { waitUntil } from '../../src/simulator/basics.js';

import { withSite } from '../support/site.js';
import type { Site } from '../support/site.js';

import type { MaintenanceScenario, SingleScenario } from './scenarios.js';

/** What a scenario came to. */
export interface QuotaFigures {
  readonly name: string;
  /** How the maintenance ended; of single switchovers, nothing. */
  readonly ended: string;
  /** Number of runs by how they ended, REFUSED ones with their cause; `NOT_STARTED` for instances without one. */
  readonly ends: Readonly<Record<string, number>>;
  readonly wallSeconds: number;
  readonly calls: number;
  /** Calls that were answered 429. */
  readonly turnedAway: number;
  readonly puts: number;
  readonly mostPutsOfAnInstance: number;
  /** Runs that ended otherwise than they had to. */
  readonly lost: number;
  /** UNKNOWN ones whose instance had no PUT that was carried out. */
  readonly needless: number;
}

/** The product's times of a minute's window, as far as they can be set, for one of 6 s. */
const TIMING: Partial<Timing> = {
  ...{ jobTimeoutSeconds: 60, verifyTimeoutSeconds: 12, verifyIntervalSeconds: 0 },
  ...{ settleSeconds: 3, busyWaitSeconds: 12, coolDownSeconds: 0 },
};

const SIMULATOR = { timing: { jobInitMs: 50, jobRunMs: 250 } } as const;

const HOUR_MS = 3_600_000;

type End = readonly [instance: SimulatedInstance, outcome: string];

/** Runs a maintenance behind its quota. */
export function measureMaintenance(scenario: MaintenanceScenario): Promise<QuotaFigures> {
  return withSite(SIMULATOR, async (site) => {
    const { simulator, taskQueue } = site.stack;
    const instances = await open(site, scenario.instances, scenario.workers);
    const { maintenance } = createDcsSwitchover({ client: site.temporal, taskQueue });
    simulator.quotas.set(scenario.quota);
    return timed(site, scenario.name, 'SUCCEEDED', async () => {
      const started = await maintenance.start({
        ...{ maintenanceId: `bench-${randomUUID()}`, projectId: simulator.projectId, toggle: true },
        instanceIds: instances.map(({ instanceId }) => instanceId),
        window: { closesAt: new Date(Date.now() + HOUR_MS).toISOString() },
        ...{ maxConcurrent: scenario.maxConcurrent, maxFailures: scenario.maxFailures },
        timing: TIMING,
      });
      const { outcome, cause, items } = await maintenance.result(started);
      const byId = new Map(items.map(({ instanceId, forward }) => [instanceId, forward]));
      const ends = instances.map((instance): End => {
        const leg = byId.get(instance.instanceId);
        return [instance, leg?.outcome ?? leg?.state ?? 'NOT_STARTED'];
      });
      return { ended: `${outcome} ${cause}`, ends };
    });
  });
}

/** Runs switchovers behind a quota, side by side. */
export function measureSingles(scenario: SingleScenario): Promise<QuotaFigures> {
  return withSite(SIMULATOR, async (site) => {
    const { quotas } = site.stack.simulator;
    const instances = await open(site, scenario.runs, 1);
    quotas.set(scenario.quota);
    return timed(site, scenario.name, scenario.ends, async () => {
      const runs = instances.map(async (instance, index): Promise<End> => {
        await sleep((index * 6_000) / scenario.runs);
        const { outcome, cause } = await switchOver(site, instance, scenario.notAfterSeconds);
        return [instance, outcome === 'REFUSED' ? `${outcome} ${cause}` : outcome];
      });
      if (scenario.spentAfterPutMs > 0) await spendAfterPut(site, scenario.spentAfterPutMs);
      return { ended: '', ends: await Promise.all(runs) };
    });
  });
}

async function open(site: Site, count: number, workers: number): Promise<SimulatedInstance[]> {
  const { simulator } = site.stack;
  await Promise.all(Array.from({ length: workers }, () => site.startWorker()));
  return Promise.all(Array.from({ length: count }, () => simulator.addInstance({})));
}

async function switchOver(
  { client, stack }: Site,
  { instanceId }: SimulatedInstance,
  notAfterSeconds: number,
): Promise<SwitchoverResult> {
  const { projectId } = stack.simulator;
  const notAfter = new Date(Date.now() + notAfterSeconds * 1000).toISOString();
  const input = { projectId, instanceId, toggle: true, notAfter, timing: TIMING };
  return client.result(await client.start(input));
}

async function spendAfterPut({ stack }: Site, forMs: number): Promise<void> {
  const { ledger, quotas } = stack.simulator;
  await waitUntil('a PUT', HOUR_MS, () => Promise.resolve(ledger.swaps.length > 0));
  quotas.others({ reads: Infinity });
  await sleep(forMs);
  quotas.others({});
}

async function timed(
  { stack }: Site,
  name: string,
  wanted: string,
  run: () => Promise<{ readonly ended: string; readonly ends: readonly End[] }>,
): Promise<QuotaFigures> {
  const { ledger } = stack.simulator;
  const sinceMs = performance.now();
  const { ended, ends } = await run();
  const wallSeconds = (performance.now() - sinceMs) / 1000;
  const putsOf = ({ instanceId }: SimulatedInstance): number =>
    ledger.puts(instanceId).filter(({ executed }) => executed).length;
  const puts = ends.map(([instance]) => putsOf(instance));
  return {
    ...{ name, ended, wallSeconds },
    ends: countEach(ends.map(([, outcome]) => outcome)),
    calls: ledger.calls.length,
    turnedAway: ledger.calls.filter(({ status }) => status === 429).length,
    puts: puts.reduce((sum, count) => sum + count, 0),
    mostPutsOfAnInstance: Math.max(...puts),
    lost: ends.filter(([, outcome]) => outcome !== wanted).length,
    needless: ends.filter(([of, outcome]) => outcome === 'UNKNOWN' && putsOf(of) === 0).length,
  };
}

function countEach(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
