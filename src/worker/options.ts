import { hostname } from 'node:os';

import { Client } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import type { InjectedSinks, NativeConnection, Worker, WorkerOptions } from '@temporalio/worker';

import type { Activities } from '../activities/index.js';
import { loadWorkerConfig } from '../config/index.js';
import type { WorkerConfig } from '../config/index.js';
import type { NotificationSinks } from '../domain/telemetry.js';
import { HEARTBEAT_THROTTLE_MS } from '../domain/timing.js';
import { packageVersion } from '../package-version.js';
import { guardCodecs } from '../temporal/data-converter.js';

import { createSwitchoverActivities } from './activities.js';
import { workflowBundle } from './bundle.js';
import type { WorkflowBundle } from './bundle.js';
import { watchNamespace } from './namespace-gauges.js';
import { openWorkerTraces } from './traces.js';
import { createNotifications } from './notifications.js';

/** Time beyond the grace after which a worker that cannot end is given up, in seconds. */
export const FORCE_SECONDS = 15;

/** How much a worker takes on, how it ends, and which version it is: the settings as the SDK's options. */
export function tuning(config: WorkerConfig): Omit<WorkerOptions, 'connection'> {
  const { maxQueueActivitiesPerSecond: perSecond, versioning } = config;
  return {
    taskQueue: config.taskQueue,
    maxCachedWorkflows: config.maxCachedWorkflows,
    maxConcurrentActivityTaskExecutions: config.maxConcurrentActivities,
    maxConcurrentWorkflowTaskExecutions: 40,
    maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE_MS,
    ...(perSecond === null ? {} : { maxTaskQueueActivitiesPerSecond: perSecond }),
    ...(versioning === null ? {} : { workerDeploymentOptions: deployment(versioning) }),
    shutdownGraceTime: config.shutdownGraceSeconds * 1000,
    shutdownForceTime: (config.shutdownGraceSeconds + FORCE_SECONDS) * 1000,
  };
}

/**
 * AUTO_UPGRADE, not PINNED: a run whose PUT has left must be finished by whatever worker is there. Pinned,
 * it would wait, unverified, for a version whose workers are gone. Histories of earlier versions replay.
 */
function deployment(version: NonNullable<WorkerConfig['versioning']>) {
  return {
    version: { deploymentName: version.deploymentName, buildId: version.buildId },
    useWorkerVersioning: true,
    defaultVersioningBehavior: 'AUTO_UPGRADE',
  } as const;
}

/**
 * The worker's name in the Temporal UI and in histories: process id and host as the SDK writes them,
 * then what runs there, such as `17@pod-1 v0.1.0 build=7f3a`. Short, because it stands in most events of a history.
 */
function workerIdentity({ versioning }: Pick<WorkerConfig, 'versioning'>): string {
  const build = versioning === null ? '' : ` build=${versioning.buildId}`;
  return `${process.pid}@${hostname()} v${packageVersion()}${build}`;
}

/** What a host gives to have our workflow and activities in a worker of its own. */
export interface SwitchoverWorkerSettings {
  /** The connection of the worker. */
  readonly connection: NativeConnection;
  /** @default "default" */
  readonly namespace?: string;
  /** Where the settings and the DCS credentials come from. @default process.env */
  readonly env?: NodeJS.ProcessEnv;
  /** Settings that were read already. @default read from `env` */
  readonly config?: WorkerConfig;
  /**
   * That of the namespace's clients: codecs and a failure converter. A payload converter would have to be
   * in the prebuilt bundle, and is not. @default the SDK's
   */
  readonly dataConverter?: DataConverter;
}

/** Options for `Worker.create`; spread them, and override what you like. */
export interface SwitchoverWorkerOptions extends WorkerOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly activities: Activities;
  readonly workflowBundle: WorkflowBundle;
  /** Where runs show what becomes of them. With sinks of your own, spread these into them. */
  readonly sinks: InjectedSinks<NotificationSinks>;
}

/** Our part of a worker. */
export interface SwitchoverWorker {
  readonly options: SwitchoverWorkerOptions;
  /**
   * Tells the activities which worker hosts them, and gives it back. They ask it whether it drains right
   * before a PUT; until they know it, they send nothing, and the run's evidence says why.
   *
   * @throws Error when another worker was bound: each worker needs options of its own
   */
  readonly bind: <W extends Pick<Worker, 'getState'>>(worker: W) => W;
  /**
   * Sends the notifications and the spans that are left, for up to 5 s; a notification that is left then is missed and
   * logged; one that has to be delivered is Temporal's. To be called
   * once the worker has ended, before its connection is closed.
   */
  readonly drainNotifications: () => Promise<void>;
}

/**
 * Options that put `dcsSwitchover` and its activities into a worker: spread `options` into
 * `Worker.create`, then `bind` the worker; `drainNotifications` once it has ended.
 *
 * @throws ConfigurationError, DcsConfigurationError, DcsCredentialsError naming the variable
 */
export async function switchoverWorkerOptions(
  settings: SwitchoverWorkerSettings,
): Promise<SwitchoverWorker> {
  const { connection, namespace = 'default', env = process.env } = settings;
  const config = settings.config ?? loadWorkerConfig(env);
  const dataConverter = guardConverter(settings.dataConverter);
  const converting = dataConverter === undefined ? {} : { dataConverter };
  const temporal = new Client({ connection, namespace, ...converting });
  const host = createHost((worker) => {
    watchNamespace(temporal, worker);
  });
  const traces = await openWorkerTraces(env);
  const { onExchange } = traces;
  const activities = await createSwitchoverActivities({
    env,
    config,
    temporal,
    onExchange,
    ...host,
  });
  const hasCodec = (dataConverter?.payloadCodecs ?? []).length > 0;
  const { sinks, drain } = createNotifications(config, env);
  return {
    options: {
      ...tuning(config),
      ...converting,
      connection,
      namespace,
      identity: workerIdentity(config),
      activities,
      workflowBundle: await workflowBundle({ hasCodec, hasTraces: traces.isOn }),
      sinks: { ...traces.sinks, ...sinks },
      ...traces.options,
    },
    bind: host.bind,
    drainNotifications: async () => {
      await Promise.all([drain(), traces.drain()]);
    },
  };
}

/** With calls of its codecs that are bounded: the swap activity's time has no room for longer ones. */
function guardConverter(converter: DataConverter | undefined): DataConverter | undefined {
  const { payloadCodecs = [] } = converter ?? {};
  if (payloadCodecs.length === 0) return converter;
  return { ...converter, payloadCodecs: [guardCodecs(payloadCodecs, "The worker's codec")] };
}

const NOT_BOUND =
  'the worker that hosts the activity is not known: call bind(worker) of switchoverWorkerOptions';

/** @param onBound notified once */
function createHost(onBound: (worker: Pick<Worker, 'getState'>) => void) {
  let bound: Pick<Worker, 'getState'> | undefined;
  return {
    isDraining: () => bound?.getState() !== 'RUNNING',
    drainingReason: () => (bound === undefined ? NOT_BOUND : 'the worker is shutting down'),
    bind: <W extends Pick<Worker, 'getState'>>(worker: W): W => {
      if (bound !== undefined && bound !== worker)
        throw new Error('These options belong to another worker: ask for new ones.');
      if (bound === undefined) onBound(worker);
      bound = worker;
      return worker;
    },
  };
}
