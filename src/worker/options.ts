import { Client } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import type { InjectedSinks, NativeConnection, Worker, WorkerOptions } from '@temporalio/worker';

import type { Activities } from '../activities/index.js';
import { loadWorkerConfig } from '../config/index.js';
import type { WorkerConfig } from '../config/index.js';
import type { NotificationSinks } from '../domain/notifications.js';

import { createSwitchoverActivities } from './activities.js';
import { workerIdentity } from './identity.js';
import { createNotifications } from './notifications.js';
import { tuning } from './tuning.js';
import { workflowBundlePath } from './workflow-bundle.js';

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
  readonly workflowBundle: { readonly codePath: string };
  /** Where runs tell what becomes of them. With sinks of your own, spread these into them. */
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
   * Sends the notifications that are left, for up to 5 s; what is left then is dropped and logged. To be called
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
  const { connection, namespace = 'default', env = process.env, dataConverter } = settings;
  const config = settings.config ?? loadWorkerConfig(env);
  const converting = dataConverter === undefined ? {} : { dataConverter };
  const temporal = new Client({ connection, namespace, ...converting });
  const host = createHost();
  const activities = await createSwitchoverActivities({ env, config, temporal, ...host });
  const hasCodec = (dataConverter?.payloadCodecs ?? []).length > 0;
  const workflowBundle = { codePath: workflowBundlePath({ hasCodec }) };
  const { sinks, drain } = createNotifications(config, env);
  return {
    options: {
      ...tuning(config),
      ...converting,
      connection,
      namespace,
      identity: workerIdentity(config),
      activities,
      workflowBundle,
      sinks,
    },
    bind: host.bind,
    drainNotifications: drain,
  };
}

const NOT_BOUND =
  'the worker that hosts the activity is not known: call bind(worker) of switchoverWorkerOptions';

function createHost() {
  let bound: Pick<Worker, 'getState'> | undefined;
  return {
    isDraining: () => bound?.getState() !== 'RUNNING',
    drainingReason: () => (bound === undefined ? NOT_BOUND : 'the worker is shutting down'),
    bind: <W extends Pick<Worker, 'getState'>>(worker: W): W => {
      if (bound !== undefined && bound !== worker)
        throw new Error('These options belong to another worker: ask for new ones.');
      bound = worker;
      return worker;
    },
  };
}
