import type { WorkerOptions } from '@temporalio/worker';

import type { WorkerConfig } from '../config/index.js';
import { HEARTBEAT_THROTTLE_MS } from '../domain/budgets.js';

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
