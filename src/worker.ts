/**
 * Entry point `dcs-switchover/worker`: the only importer of the native worker. `runWorker` turns the
 * environment into a running worker; `switchoverWorkerOptions` puts our workflow and activities into a
 * worker that a team already has; `createSwitchoverActivities` and `workflowBundlePath` are its parts.
 */
import { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import type { Logger } from 'pino';

import { describeProject, loadWorkerConfig, readTogether } from './config/index.js';
import type { WorkerConfig } from './config/index.js';
import { loadTemporalConfig } from './temporal/config.js';
import type { TemporalConfig } from './temporal/config.js';
import { loadDataConverter, probeCodec } from './temporal/data-converter.js';
import type { ConfiguredDataConverter } from './temporal/data-converter.js';
import { wantsTraces } from './temporal/traces.js';
import { checkBuilt, hasWorkflows } from './worker/bundle.js';
import { createHealth, createTemporalProbe } from './worker/health.js';
import type { Health } from './worker/health.js';
import { servePort } from './worker/http.js';
import { switchoverWorkerOptions } from './worker/options.js';
import {
  connectUnlessStopped,
  createLogger,
  findNamespace,
  watchSignals,
} from './worker/runtime.js';
import type { Signals } from './worker/runtime.js';

export { createSwitchoverActivities } from './worker/activities.js';
export type { HostOptions } from './worker/activities.js';
export { createNotifications } from './worker/notifications.js';
export type { Notifications } from './worker/notifications.js';
export { switchoverWorkerOptions } from './worker/options.js';
export type {
  SwitchoverWorker,
  SwitchoverWorkerOptions,
  SwitchoverWorkerSettings,
} from './worker/options.js';
export { workflowBundlePath } from './worker/bundle.js';
export type { WorkflowBundle, WorkflowBundleOptions } from './worker/bundle.js';

/** Options of {@link runWorker}. */
export interface RunWorkerOptions {
  /** @default process.env */
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Runs a worker until SIGTERM or SIGINT, then drains: polling stops, no new PUT leaves, running
 * activities get `DCS_SWITCHOVER_SHUTDOWN_GRACE_SECONDS` to end. With `DCS_SWITCHOVER_HTTP_PORT` it
 * answers probes and scrapes from before it connects until after it has ended.
 *
 * @throws ConfigurationError, TemporalConfigError or DataConverterError before Temporal is reached;
 * TemporalUnreachableError, CodecError
 */
export async function runWorker({ env = process.env }: RunWorkerOptions = {}): Promise<void> {
  // Settings: all of them, before anything is opened.
  const start = readSettings(env);
  // Signals: from here on one that says stop is kept.
  const signals = watchSignals();
  try {
    // Probes and scrapes: as long as this process lives.
    await servePort(start, () => connectAndRun(start, signals));
  } finally {
    signals.release();
  }
}

interface Start {
  readonly env: NodeJS.ProcessEnv;
  readonly config: WorkerConfig;
  readonly temporal: TemporalConfig;
  readonly codec: ConfiguredDataConverter | undefined;
  readonly logger: Logger;
  readonly health: Health;
}

function readSettings(env: NodeJS.ProcessEnv): Start {
  const [config, temporal] = readTogether(
    () => loadWorkerConfig(env),
    () => loadTemporalConfig(env),
    () => wantsTraces(env),
  );
  const codec = loadDataConverter(env, temporal);
  checkBuilt();
  const logger = createLogger(config.logLevel);
  const health = createHealth({ hasBundle: hasWorkflows });
  return { env, config, temporal, codec, logger, health };
}

async function connectAndRun(start: Start, signals: Signals): Promise<void> {
  const { temporal, codec, logger, health } = start;
  // Connect.
  const connection = await connectUnlessStopped(temporal, signals);
  if (connection === null) {
    logger.info('stopped before Temporal answered');
    return;
  }
  try {
    const { namespace } = temporal;
    const client = new Client({ connection, namespace });
    await findNamespace(client, temporal);
    if (codec !== undefined) await probeCodec(codec.dataConverter, namespace);
    // Options, and what binds them to the worker that is made of them.
    const converting = codec === undefined ? {} : { dataConverter: codec.dataConverter };
    const at = { connection, namespace, ...converting };
    const switchover = await switchoverWorkerOptions({
      ...at,
      env: start.env,
      config: start.config,
    });
    const worker = switchover.bind(await Worker.create(switchover.options));
    health.watch(worker, { probeTemporal: createTemporalProbe(client) });
    // Run. From here on the SDK listens for signals; before, no one did.
    const running = worker.run();
    if (signals.seen()) worker.shutdown();
    logStart(start, switchover.options);
    // Drain. Also after a shutdown that took too long: what runs have reported is true all the same.
    await running.finally(switchover.drainNotifications);
    logger.info('worker stopped');
  } finally {
    await connection.close();
  }
}

function logStart(
  { config, temporal, codec, logger }: Start,
  { taskQueue, identity }: { readonly taskQueue?: string; readonly identity?: string },
): void {
  const { address, namespace, encryption } = temporal;
  const projects = config.projects.map(describeProject);
  const webhook = config.webhook === null ? 'none' : new URL(config.webhook.url).origin;
  const path = { address, namespace, encryption, codec: codec?.codec ?? 'none', taskQueue };
  logger.info({ ...path, identity, webhook, projects }, 'worker started');
  for (const note of config.notes) logger.info(note);
}
