/**
 * Entry point `dcs-switchover/worker`: the only importer of the native worker. `runWorker` turns the
 * environment into a running worker; `createSwitchoverActivities` and `workflowBundlePath` serve teams
 * that host our workflow in a worker of their own.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';

import { Client } from '@temporalio/client';
import {
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  makeTelemetryFilterString,
} from '@temporalio/worker';
import type { LogEntry, WorkerOptions } from '@temporalio/worker';
import type { Logger } from 'pino';

import { createActivities } from './activities/index.js';
import type { Activities } from './activities/index.js';
import { TemporalUnreachableError } from './client/errors.js';
import { loadTemporalConfig } from './client/temporal-config.js';
import type { TemporalConfig } from './client/temporal-config.js';
import { ConfigurationError, describeProject, loadWorkerConfig } from './config/index.js';
import type { WorkerConfig } from './config/index.js';
import { loadDataConverter, probeCodec } from './data-converter/index.js';
import { createLogger } from './logging.js';
import { createProjects, findProjectIn } from './projects.js';
import { probeSearchAttributes } from './search-attributes.js';

/** What a host needs to give, beyond the environment, to have our activities in its worker. */
export interface HostOptions {
  readonly env: NodeJS.ProcessEnv;
  /** A client of the namespace in which the worker runs. */
  readonly temporal: Client;
  /** Whether the hosting worker has begun to shut down; then no PUT leaves any more. */
  readonly isDraining: () => boolean;
}

/**
 * Our activities, configured by the environment, for any worker.
 *
 * @throws ConfigurationError, DcsConfigurationError, DcsCredentialsError naming the variable
 */
export async function createSwitchoverActivities(options: HostOptions): Promise<Activities> {
  const { env, temporal, isDraining } = options;
  const projects = await createProjects(loadWorkerConfig(env), env);
  return createActivities({
    temporal,
    isDraining,
    findProject: findProjectIn(projects),
    searchAttributes: await probeSearchAttributes(temporal),
  });
}

/** Options of {@link workflowBundlePath}. */
export interface WorkflowBundleOptions {
  /** Whether messages of failures become payloads, for a worker with a payload codec. @default false */
  readonly hasCodec?: boolean;
}

/**
 * Path of the prebuilt workflow bundle. There is no other way to get the workflow code into a worker:
 * what runs is what was built and tested.
 *
 * @throws ConfigurationError when the package was not built
 */
export function workflowBundlePath({ hasCodec = false }: WorkflowBundleOptions = {}): string {
  const root = path.basename(__dirname) === 'src' ? path.join(__dirname, '../dist') : __dirname;
  const codePath = path.join(root, hasCodec ? 'workflow-bundle-encoded.js' : 'workflow-bundle.js');
  if (!existsSync(codePath))
    throw new ConfigurationError(['the workflow bundle is missing: run `npm run build`']);
  return codePath;
}

/** Options of {@link runWorker}. */
export interface RunWorkerOptions {
  /** @default process.env */
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Runs a worker until SIGTERM or SIGINT, then drains: polling stops, no new PUT leaves, running
 * activities get `DCS_SWITCHOVER_SHUTDOWN_GRACE_SECONDS` to end.
 *
 * @throws ConfigurationError, TemporalConfigError or DataConverterError before anything is opened;
 * TemporalUnreachableError, CodecError
 */
export async function runWorker({ env = process.env }: RunWorkerOptions = {}): Promise<void> {
  const config = loadWorkerConfig(env);
  const temporal = loadTemporalConfig(env);
  const codec = loadDataConverter(env, temporal);
  const codePath = workflowBundlePath({ hasCodec: codec !== undefined });
  const converter = codec === undefined ? {} : { dataConverter: codec.dataConverter };
  const logger = createLogger(config.logLevel);
  installRuntime(logger);
  const connection = await connect(temporal);
  try {
    const { namespace } = temporal;
    const isDraining = (): boolean => worker.getState() !== 'RUNNING';
    if (codec !== undefined) await probeCodec(codec.dataConverter, namespace);
    const client = new Client({ connection, namespace, ...converter });
    const activities = await createSwitchoverActivities({ env, temporal: client, isDraining });
    const worker = await Worker.create({
      ...workerOptions(config),
      ...converter,
      connection,
      namespace,
      activities,
      workflowBundle: { codePath },
    });
    const projects = config.projects.map(describeProject);
    const { address, encryption } = temporal;
    logger.info(
      {
        address,
        namespace,
        encryption,
        codec: codec?.codec ?? 'none',
        taskQueue: config.taskQueue,
        projects,
      },
      'worker started',
    );
    for (const note of config.notes) logger.info(note);
    await worker.run();
    logger.info('worker stopped');
  } finally {
    await connection.close();
  }
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

/** Time beyond the grace after which a worker that cannot end is given up, in seconds. */
const FORCE_SECONDS = 15;

function workerOptions(config: WorkerConfig): Omit<WorkerOptions, 'connection'> {
  return {
    taskQueue: config.taskQueue,
    maxCachedWorkflows: config.maxCachedWorkflows,
    maxConcurrentActivityTaskExecutions: config.maxConcurrentActivities,
    maxConcurrentWorkflowTaskExecutions: 40,
    shutdownGraceTime: config.shutdownGraceSeconds * 1000,
    shutdownForceTime: (config.shutdownGraceSeconds + FORCE_SECONDS) * 1000,
  };
}

/** The SDK's log through ours: JSON, redacted, and without the objects that errors drag along. */
function installRuntime(logger: Logger): void {
  Runtime.install({
    logger: new DefaultLogger('DEBUG', (entry) => {
      logger[LEVELS[entry.level]](describeMeta(entry), entry.message);
    }),
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'WARN' }) },
    },
    shutdownSignals: ['SIGTERM', 'SIGINT'],
  });
}

const LEVELS = {
  TRACE: 'debug',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
} as const;

function describeMeta({ meta }: LogEntry): Record<string, unknown> {
  const { error, ...rest } = (meta ?? {}) as Record<string, unknown>;
  if (!(error instanceof Error)) return rest;
  return { ...rest, error: { name: error.name, message: error.message } };
}
