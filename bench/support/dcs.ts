import { createDcsClient, environmentCredentials } from '../../src/activities/index.js';
import type { DcsClient } from '../../src/activities/index.js';

/** A DCS client by a worker's environment, without a worker. */
export function createClientOf(env: NodeJS.ProcessEnv): DcsClient {
  return createDcsClient({
    endpoint: env['DCS_ENDPOINT'] ?? '',
    projectId: env['HUAWEICLOUD_SDK_PROJECT_ID'] ?? '',
    credentials: environmentCredentials(env),
  });
}
