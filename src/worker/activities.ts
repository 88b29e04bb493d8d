import type { Client } from '@temporalio/client';

import { createActivities } from '../activities/index.js';
import type { Activities } from '../activities/index.js';
import { loadWorkerConfig } from '../config/index.js';
import type { WorkerConfig } from '../config/index.js';
import { createProjects, findProjectIn } from '../projects.js';
import { probeSearchAttributes } from '../search-attributes.js';

import { createDcsMetrics } from './dcs-metrics.js';

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
