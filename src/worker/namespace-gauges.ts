/** What holds in the namespace, whoever has done it: a freeze in force and unresolved instances, as gauges. */
import { noopMetricMeter } from '@temporalio/common';
import type { MetricMeter } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import { Runtime } from '@temporalio/worker';
import type { Worker } from '@temporalio/worker';

import { METRICS } from '../domain/telemetry.js';
import type { MetricSpec } from '../domain/telemetry.js';
import { readCurrent } from '../temporal/freeze-record.js';
import { TEMPORAL_TIMEOUTS_MS } from '../temporal/rpc.js';
import { listUnresolved } from '../temporal/unresolved.js';

/** Workers that start together do not read together: the first reading comes within this time, in milliseconds. */
const FIRST_WITHIN_MS = 10_000;

/** From one reading to the next, at the least and at the most: every worker reads for itself, so seldom. */
const PAUSE_MS = { least: 240_000, most: 360_000 } as const;

/** A list of more is for a person to look at; each costs Temporal a few calls. */
const MAX_INSTANCES = 500;

/**
 * Reads the gauges of the namespace from time to time, as long as the worker runs, and only where someone keeps
 * metrics. Every worker of a namespace reports the same. What cannot be read keeps its value; the time of the
 * last reading shows it.
 */
export function watchNamespace(client: Client, worker: Pick<Worker, 'getState'>): void {
  const readIn = (delayMs: number): void => {
    setTimeout(() => {
      if (!STATES_THAT_READ.includes(worker.getState())) return;
      void readAndShow(client).finally(() => {
        readIn(PAUSE_MS.least + Math.random() * (PAUSE_MS.most - PAUSE_MS.least));
      });
    }, delayMs).unref();
  };
  readIn(Math.random() * FIRST_WITHIN_MS);
}

const STATES_THAT_READ: readonly string[] = ['INITIALIZED', 'RUNNING'];

/** The runtime is looked up here: a host installs its own before its worker runs. */
async function readAndShow(client: Client): Promise<void> {
  const { metricMeter, logger } = Runtime.instance();
  if (metricMeter === noopMetricMeter) return;
  const caller = { client, rpcTimeoutMs: TEMPORAL_TIMEOUTS_MS.look };
  try {
    const freeze = await readCurrent(caller);
    const unresolved = await listUnresolved(caller, { limit: MAX_INSTANCES });
    set(metricMeter, METRICS.freezeInForce, freeze === null ? 0 : 1);
    set(metricMeter, METRICS.unresolvedInstances, unresolved.length);
    set(metricMeter, METRICS.namespaceRead, Math.floor(Date.now() / 1000));
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unknown error';
    logger.warn('a freeze and unresolved instances could not be read for the metrics', { why });
  }
}

function set(meter: MetricMeter, { name, description }: MetricSpec, value: number): void {
  meter.createGauge(name, 'int', '', description).set(value);
}
