import type { Client } from '@temporalio/client';
import type { MetricCounter, MetricHistogram, MetricMeter } from '@temporalio/common';
import { Runtime } from '@temporalio/worker';

import { createActivities } from '../activities/index.js';
import type { Activities } from '../activities/index.js';
import { loadWorkerConfig } from '../config/index.js';
import type { WorkerConfig } from '../config/index.js';
import { METRICS } from '../domain/telemetry.js';
import type { MetricSpec } from '../domain/telemetry.js';
import { createProjects, findProjectIn } from '../projects.js';
import type { ProjectsOptions } from '../projects.js';
import { probeSearchAttributes } from '../temporal/connection.js';

import { openWebhook } from './notifications.js';

interface Instruments {
  readonly meter: MetricMeter;
  readonly calls: MetricCounter;
  readonly durations: MetricHistogram;
  readonly waits: MetricHistogram;
}

/**
 * Counts calls to DCS, and waits for them, in the meter of the SDK's runtime, so that a hosting worker gets them in
 * whatever telemetry it has. The runtime is looked up at the first call: asking for it earlier would create one
 * before the host has installed its own.
 */
function createDcsMetrics(): Pick<Required<ProjectsOptions>, 'onExchange' | 'onTurnWait'> {
  let latest: Instruments | undefined;
  const instruments = (): Instruments => {
    const meter = Runtime.instance().metricMeter;
    if (latest?.meter !== meter) latest = createInstruments(meter);
    return latest;
  };
  return {
    onExchange: ({ operation, status, durationMs }) => {
      const { calls, durations } = instruments();
      calls.add(1, { operation, status: String(status ?? 'none') });
      durations.record(Math.max(0, durationMs) / 1000, { operation });
    },
    onTurnWait: ({ cause, isGiven, durationMs }) => {
      const result = isGiven ? 'given' : 'given-up';
      instruments().waits.record(durationMs / 1000, { cause, result });
    },
  };
}

function createInstruments(meter: MetricMeter): Instruments {
  const { dcsCalls, dcsCallDuration, dcsTurnWait } = METRICS;
  const histogram = ({ name, description }: MetricSpec): MetricHistogram =>
    meter.createHistogram(name, 'float', '', description);
  return {
    meter,
    calls: meter.createCounter(dcsCalls.name, '', dcsCalls.description),
    durations: histogram(dcsCallDuration),
    waits: histogram(dcsTurnWait),
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
  /** Notified of every HTTP attempt, beside the metrics; what it throws is ignored. @default no one */
  readonly onExchange?: Required<ProjectsOptions>['onExchange'];
}

/**
 * Our activities, configured by the environment, for any worker.
 *
 * @throws ConfigurationError, DcsConfigurationError, DcsCredentialsError naming the variable
 */
export async function createSwitchoverActivities(options: HostOptions): Promise<Activities> {
  const { env, config = loadWorkerConfig(env), temporal, isDraining, drainingReason } = options;
  const metrics = createDcsMetrics();
  const projects = await createProjects(config, env, {
    ...metrics,
    onExchange: (exchange, project) => {
      metrics.onExchange(exchange, project);
      options.onExchange?.(exchange, project);
    },
  });
  return createActivities({
    temporal,
    isDraining,
    ...(drainingReason === undefined ? {} : { drainingReason }),
    findProject: findProjectIn(projects),
    searchAttributes: await probeSearchAttributes(temporal),
    webhook: config.webhook === null ? null : openWebhook(config.webhook, env),
    maxConcurrentActivities: config.maxConcurrentActivities,
  });
}
