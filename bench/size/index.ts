/** `npm run bench -- --size`: what one worker uses for a large maintenance. The Kubernetes manifests ask for it. */
import { createDcsSwitchover } from '../../src/client.js';
import { withSite } from '../support/site.js';
import { toTable } from '../support/table.js';

const SIZES: readonly number[] = [300, 1000];
/** As many as a maintenance may switch at a time. */
const MAX_CONCURRENT = 50;
const HOUR_MS = 3_600_000;
const MIB = 2 ** 20;

/** What one worker used from its start to the end of the maintenance. */
interface SizeFigures {
  readonly instances: number;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  /** The most memory that the process held, all of it. */
  readonly peakMiB: number;
}

/**
 * Measures a maintenance of each size on a worker of its own.
 *
 * @param onNext called with what is measured next
 * @throws Error when an instance was not switched
 */
export async function measureSizes(onNext: (what: string) => void): Promise<SizeFigures[]> {
  const figures: SizeFigures[] = [];
  for (const instances of SIZES) {
    onNext(`a maintenance of ${instances} instances`);
    figures.push(await measureSize(instances));
  }
  return figures;
}

/** The figures as a table. */
export function showSizes(figures: readonly SizeFigures[]): readonly string[] {
  const rows = figures.map(({ instances, ...used }) =>
    [instances, used.wallSeconds, used.cpuSeconds, used.peakMiB].map((value) => value.toFixed(0)),
  );
  return toTable(['Instances', 'Seconds', 'CPU seconds', 'Peak memory, MiB'], rows);
}

function measureSize(instances: number): Promise<SizeFigures> {
  return withSite({}, async ({ stack: { simulator, taskQueue }, temporal, startWorker }) => {
    const add = (): ReturnType<typeof simulator.addInstance> => simulator.addInstance({});
    const added = await Promise.all(Array.from({ length: instances }, add));
    const worker = await startWorker();
    const { maintenance } = createDcsSwitchover({ client: temporal, taskQueue });
    const sinceMs = performance.now();
    const started = await maintenance.start({
      ...{ maintenanceId: 'bench-size', projectId: simulator.projectId, toggle: true },
      instanceIds: added.map(({ instanceId }) => instanceId),
      ...{ maxConcurrent: MAX_CONCURRENT, maxFailures: 0 },
      window: { closesAt: new Date(Date.now() + HOUR_MS).toISOString() },
    });
    const { outcome, message } = await maintenance.result(started);
    if (outcome !== 'COMPLETED') throw new Error(`${outcome}: ${message}`);
    return {
      instances,
      wallSeconds: (performance.now() - sinceMs) / 1000,
      cpuSeconds: (await worker.cpuMs()) / 1000,
      peakMiB: (await worker.peakBytes()) / MIB,
    };
  });
}
