import { existsSync } from 'node:fs';
import path from 'node:path';

import { ConfigurationError } from '../config/index.js';

/** Root of the package, from `src/worker` and from `dist/worker` alike. */
const PACKAGE_ROOT = path.join(__dirname, '../..');

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
  const file = hasCodec ? 'workflow-bundle-encoded.js' : 'workflow-bundle.js';
  const codePath = path.join(PACKAGE_ROOT, 'dist', file);
  if (!existsSync(codePath))
    throw new ConfigurationError(['the workflow bundle is missing: run `npm run build`']);
  return codePath;
}
