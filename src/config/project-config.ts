import { z } from 'zod';

import type { CredentialSettings } from '../dcs/index.js';
import { OPEN_POLICY } from '../domain/policy.js';
import type { InstancePolicy } from '../domain/policy.js';

import type { Environment } from './environment.js';
import { endpointOf } from './endpoint-of.js';
import { parseWith } from './problems.js';
import type { Problems } from './problems.js';

/** One project that the worker serves; free of secrets. */
export interface ProjectConfig {
  readonly projectId: string;
  readonly region: string;
  /** Base URL of the DCS API. */
  readonly endpoint: string;
  /** The IAM user that DCS shows in the task list for our swaps. */
  readonly taskUserName: string | null;
  readonly credentials: CredentialSettings;
  /** Most readings of the API per second; the PUT is exempt. `null`: no limit. */
  readonly maxReadsPerSecond: number | null;
  readonly policy: InstancePolicy;
}

const missing = { error: 'is missing' };

/** Shapes of the fields that variables and file share. */
export const shapes = {
  projectId: z
    .string(missing)
    .regex(/^[0-9a-f]{32}$|^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'is not a project id'),
  region: z.string(missing).regex(/^[a-z]{2}-[a-z]+-\d{1,3}$/, 'is not a region'),
  taskUserName: z.string().max(128, 'is longer than 128 characters'),
};

const schema = z.object({
  HUAWEICLOUD_SDK_PROJECT_ID: shapes.projectId,
  DCS_REGION: shapes.region,
  DCS_ENDPOINT: z.string().optional(),
  DCS_TASK_USER_NAME: shapes.taskUserName.nullable().default(null),
});

/** The one project that the environment describes; `null` after adding problems. */
export function projectFromEnvironment(env: Environment, problems: Problems): ProjectConfig | null {
  const settings = parseWith(schema, env, problems);
  if (settings === null) return null;
  const region = { where: 'DCS_REGION', value: settings.DCS_REGION };
  const explicit = { where: 'DCS_ENDPOINT', value: settings.DCS_ENDPOINT };
  return {
    projectId: settings.HUAWEICLOUD_SDK_PROJECT_ID,
    region: settings.DCS_REGION,
    endpoint: endpointOf(explicit, region, env, problems),
    taskUserName: settings.DCS_TASK_USER_NAME,
    credentials: { source: 'environment' },
    maxReadsPerSecond: null,
    policy: OPEN_POLICY,
  };
}
