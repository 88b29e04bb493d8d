import { DefaultLogger, Runtime, makeTelemetryFilterString } from '@temporalio/worker';
import type { LogEntry, TelemetryOptions } from '@temporalio/worker';
import type { Logger } from 'pino';

import { METRICS } from '../domain/telemetry.js';
import type { MetricSpec } from '../domain/telemetry.js';

/** What begins a drain. */
export const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * Installs the SDK's runtime, once per process: its log through ours (JSON, redacted, without the
 * objects that errors drag along), its metrics where a port is given, and the signals that begin a drain.
 *
 * @param metricsAddress `host:port` for the SDK's Prometheus exporter; `null`: no metrics are kept
 * @throws Error when the address is taken
 */
export function installRuntime(logger: Logger, metricsAddress: string | null): void {
  Runtime.install({
    logger: new DefaultLogger('DEBUG', (entry) => {
      logger[LEVELS[entry.level]](describeMeta(entry), entry.message);
    }),
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'WARN' }) },
      ...(metricsAddress === null ? {} : { metrics: exporterOn(metricsAddress) }),
    },
    shutdownSignals: [...STOP_SIGNALS],
  });
}

/** Seconds and `_total`, as Prometheus wants names. */
function exporterOn(bindAddress: string): NonNullable<TelemetryOptions['metrics']> {
  return {
    prometheus: {
      bindAddress,
      countersTotalSuffix: true,
      unitSuffix: true,
      useSecondsForDurations: true,
      histogramBucketOverrides: bucketsByName(),
    },
  };
}

function bucketsByName(): Record<string, number[]> {
  const specs: readonly MetricSpec[] = Object.values(METRICS);
  return Object.fromEntries(
    specs.flatMap(({ name, bucketsSeconds }) =>
      bucketsSeconds === undefined ? [] : [[name, [...bucketsSeconds]]],
    ),
  );
}

const LEVELS = {
  TRACE: 'debug',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
} as const;

/** Without the task token: 300 characters that say nothing, and let whoever has them answer for the activity. */
function describeMeta({ meta }: LogEntry): Record<string, unknown> {
  const { error, ...rest } = (meta ?? {}) as Record<string, unknown>;
  delete rest['taskToken'];
  if (!(error instanceof Error)) return rest;
  return { ...rest, error: { name: error.name, message: error.message } };
}
