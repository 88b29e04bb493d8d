import { Runtime } from '@temporalio/worker';
import type { MetricCounter, MetricHistogram, MetricMeter } from '@temporalio/common';

import { METRICS } from '../domain/telemetry.js';

/** What a metric needs to know of a call to DCS. */
export interface CallFacts {
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
export function createDcsMetrics(
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
