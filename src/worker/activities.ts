import type { Client } from '@temporalio/client';
import type { MetricCounter, MetricHistogram, MetricMeter } from '@temporalio/common';
import { Runtime } from '@temporalio/worker';

import { createActivities } from '../activities/index.js';
import type { Activities } from '../activities/index.js';
import { loadWorkerConfig } from '../config/index.js';
import type { WorkerConfig } from '../config/index.js';
import { METRICS } from '../domain/telemetry.js';
import { createProjects, findProjectIn } from '../projects.js';
import { probeSearchAttributes } from '../temporal/connection.js';

/** What a metric needs to know of a call to DCS. */
interface CallFacts {
  readonly operation: string;
  /** `null` when no answer came. */
  readonly status: number | null;
  readonly durationMs: number;
}

interface Instruments {
  readonly meter: MetricMeter;
  readonly calls: MetricCounter;
  readonly durations: MetricHistogram;
}

/**
 * Counts calls to DCS in the meter of the SDK's runtime, so that a hosting worker gets them in
 * whatever telemetry it has. The runtime is looked up at the first call: asking for it earlier would
 * create one before the host has installed its own.
 */
function createDcsMetrics(
  findMeter: () => MetricMeter = () => Runtime.instance().metricMeter,
): (call: CallFacts) => void {
  let instruments: Instruments | undefined;
  return ({ operation, status, durationMs }) => {
    const meter = findMeter();
    if (instruments?.meter !== meter) instruments = createInstruments(meter);
    instruments.calls.add(1, { operation, status: String(status ?? 'none') });
    instruments.durations.record(Math.max(0, durationMs) / 1000, { operation });
  };
}

function createInstruments(meter: MetricMeter): Instruments {
  const { dcsCalls, dcsCallDuration } = METRICS;
  return {
    meter,
    calls: meter.createCounter(dcsCalls.name, '', dcsCalls.description),
    durations: meter.createHistogram(
      dcsCallDuration.name,
      'float',
      '',
      dcsCallDuration.description,
    ),
  };
}

/** What a host needs to give, beyond the environment, to have our activities in its worker. */
export interface HostOptions {
  readonly env: NodeJS.ProcessEnv;
  /** @default read from `env` */
  readonly config?: WorkerConfig;
  /** A client of the namespace in which the worker runs. */
  readonly temporal: Client;
  /** Whether the hosting worker has begun to shut down; then no PUT leaves any more. */
  readonly isDraining: () => boolean;
  /** Why no PUT may leave while it drains. @default "the worker is shutting down" */
  readonly drainingReason?: () => string;
}

/**
 * Our activities, configured by the environment, for any worker.
 *
 * @throws ConfigurationError, DcsConfigurationError, DcsCredentialsError naming the variable
 */
export async function createSwitchoverActivities(options: HostOptions): Promise<Activities> {
  const { env, config = loadWorkerConfig(env), temporal, isDraining, drainingReason } = options;
  const projects = await createProjects(config, env, { onExchange: createDcsMetrics() });
  return createActivities({
    temporal,
    isDraining,
    ...(drainingReason === undefined ? {} : { drainingReason }),
    findProject: findProjectIn(projects),
    searchAttributes: await probeSearchAttributes(temporal),
  });
}
