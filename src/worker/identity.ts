import { hostname } from 'node:os';

import type { WorkerConfig } from '../config/index.js';
import { packageVersion } from '../package-version.js';

/**
 * The worker's name in the Temporal UI and in histories: process id and host as the SDK writes them,
 * then what runs there, such as `17@pod-1 v0.1.0 build=7f3a`. Short, because it stands in most events of a history.
 */
export function workerIdentity({ versioning }: Pick<WorkerConfig, 'versioning'>): string {
  const build = versioning === null ? '' : ` build=${versioning.buildId}`;
  return `${process.pid}@${hostname()} v${packageVersion()}${build}`;
}
