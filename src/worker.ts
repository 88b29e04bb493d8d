import { existsSync } from 'node:fs';

import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { Logger } from 'pino';

import { describeProject, loadWorkerConfig } from './config/index.js';
import type { WorkerConfig } from './config/index.js';
import { loadTemporalConfig } from './temporal/config.js';
import type { TemporalConfig } from './temporal/config.js';
import { loadDataConverter, probeCodec } from './temporal/data-converter.js';
import type { ConfiguredDataConverter } from './temporal/data-converter.js';
import { TemporalUnreachableError } from './temporal/errors.js';
import { unreachableKindOf } from './temporal/rpc.js';
import { createHealth, createTemporalProbe } from './worker/health.js';
import type { Health } from './worker/health.js';
import { createRoutes, startHttpServer } from './worker/http.js';
import type { HttpRoutes, HttpServer } from './worker/http.js';
import { switchoverWorkerOptions, workflowBundlePath } from './worker/options.js';
import { createExporter, createLogger, installRuntime, STOP_SIGNALS } from './worker/runtime.js';

/**
 * Entry point `dcs-switchover/worker`: the only importer of the native worker. `runWorker` turns the
 * environment into a running worker; `switchoverWorkerOptions` puts our workflow and activities into a
 * worker that a team already has; `createSwitchoverActivities` and `workflowBundlePath` are its parts.
 */
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
export { workflowBundlePath } from './worker/options.js';
export type { WorkflowBundleOptions } from './worker/options.js';

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
  const config = loadWorkerConfig(env);
  const temporal = loadTemporalConfig(env);
  const codec = loadDataConverter(env, temporal);
  const codePath = workflowBundlePath({ hasCodec: codec !== undefined });
  const logger = createLogger(config.logLevel);
  const health = createHealth({ hasBundle: () => existsSync(codePath) });
  const signals = watchSignals();
  try {
    await serveAndRun({ env, config, temporal, codec, logger, health, signals });
  } finally {
    signals.release();
  }
}

async function serveAndRun(start: Start): Promise<void> {
  const { config, logger, health } = start;
  // The port comes first: a runtime that nothing uses would keep a process alive that cannot start.
  const exporter = createExporter();
  const server = await openPort(config, createRoutes(health, exporter.scrape), logger);
  try {
    if (server === null) installRuntime(logger, null);
    else
      await exporter.start((address) => {
        installRuntime(logger, address);
      });
    await connectAndRun(start);
  } finally {
    await server?.close();
  }
}

async function openPort(
  { http }: WorkerConfig,
  routes: HttpRoutes,
  logger: Logger,
): Promise<HttpServer | null> {
  if (http === null) return null;
  const server = await startHttpServer(http, routes);
  logger.info({ host: server.host, port: server.port }, 'http server listening');
  return server;
}

interface Start {
  readonly env: NodeJS.ProcessEnv;
  readonly config: WorkerConfig;
  readonly temporal: TemporalConfig;
  readonly codec: ConfiguredDataConverter | undefined;
  readonly logger: Logger;
  readonly health: Health;
  readonly signals: Signals;
}

async function connectAndRun(start: Start): Promise<void> {
  const { env, config, temporal, codec, logger, health, signals } = start;
  const { address, namespace, encryption } = temporal;
  const connection = await connectUnlessStopped(temporal, signals);
  if (connection === null) {
    logger.info('stopped before Temporal answered');
    return;
  }
  try {
    const client = new Client({ connection, namespace });
    await findNamespace(client, temporal);
    if (codec !== undefined) await probeCodec(codec.dataConverter, namespace);
    const converting = codec === undefined ? {} : { dataConverter: codec.dataConverter };
    const at = { connection, namespace, ...converting };
    const switchover = await switchoverWorkerOptions({ ...at, env, config });
    const { options } = switchover;
    const worker = switchover.bind(await Worker.create(options));
    health.watch(worker, { probeTemporal: createTemporalProbe(client) });
    const running = worker.run();
    // From here on the SDK listens; before, nobody did.
    if (signals.seen()) worker.shutdown();
    const { taskQueue, identity } = options;
    const projects = config.projects.map(describeProject);
    const webhook = config.webhook === null ? 'none' : new URL(config.webhook.url).origin;
    const path = { address, namespace, encryption, codec: codec?.codec ?? 'none', taskQueue };
    logger.info({ ...path, identity, webhook, projects }, 'worker started');
    for (const note of config.notes) logger.info(note);
    // Also after a shutdown that took too long: what runs have told is true all the same.
    await running.finally(switchover.drainNotifications);
    logger.info('worker stopped');
  } finally {
    await connection.close();
  }
}

interface Signals {
  readonly seen: () => boolean;
  /** Resolves with the first one. */
  readonly first: Promise<null>;
  readonly release: () => void;
}

/**
 * A signal to stop that comes before the SDK's worker runs would be lost: the SDK's runtime takes it from
 * Node's default, which is to end, and has no worker to tell.
 */
function watchSignals(): Signals {
  let hasCome = false;
  let tell: (value: null) => void;
  const first = new Promise<null>((resolve) => {
    tell = resolve;
  });
  const note = (): void => {
    hasCome = true;
    tell(null);
  };
  for (const signal of STOP_SIGNALS) process.on(signal, note);
  return {
    seen: () => hasCome,
    first,
    release: () => {
      for (const signal of STOP_SIGNALS) process.off(signal, note);
    },
  };
}

/** Longest time for Temporal to tell whether the namespace exists, in milliseconds. */
const NAMESPACE_TIMEOUT_MS = 10_000;

/**
 * Asked before the SDK's worker does: that has started threads by then, which stay when it throws, and
 * its error is a dump of the wire.
 *
 * @throws TemporalUnreachableError
 */
async function findNamespace(client: Client, { address, namespace }: TemporalConfig) {
  try {
    await client.withDeadline(Date.now() + NAMESPACE_TIMEOUT_MS, () =>
      client.workflowService.describeNamespace({ namespace }),
    );
  } catch (error) {
    const kind = unreachableKindOf(error);
    if (kind === null) throw error;
    throw new TemporalUnreachableError(address, namespace, kind, 'find the namespace');
  }
}

/** A server that takes the connection and says nothing takes half a minute: too long for a Ctrl-C. */
async function connectUnlessStopped(
  temporal: TemporalConfig,
  { first }: Signals,
): Promise<NativeConnection | null> {
  const connecting = connect(temporal);
  const connection = await Promise.race([connecting, first]);
  if (connection === null) connecting.then((late) => late.close()).catch(() => undefined);
  return connection;
}

async function connect({
  address,
  namespace,
  connectionOptions,
}: TemporalConfig): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect({ ...connectionOptions });
  } catch {
    throw new TemporalUnreachableError(address, namespace, 'no-answer', 'connect');
  }
}
