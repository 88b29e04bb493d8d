import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';

import type { WorkerConfig } from '../config/index.js';

/**
 * The worker's name in the Temporal UI and in histories: process id and host as the SDK writes them,
 * then what runs there, such as `17@pod-1 v0.1.0 build=7f3a`. Short, because it stands in most events of a history.
 */
export function workerIdentity({ versioning }: Pick<WorkerConfig, 'versioning'>): string {
  const build = versioning === null ? '' : ` build=${versioning.buildId}`;
  return `${process.pid}@${hostname()} v${packageVersion()}${build}`;
}

/** From `src/worker` and from `dist/worker` alike. */
function packageVersion(): string {
  const file = path.join(__dirname, '../../package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version;
}
