import { z } from 'zod';

import type { DataPlaneSettings } from '../data-plane/index.js';
import type { CredentialSettings } from '../dcs/index.js';
import type { NodeIdentity } from '../domain/identity.js';
import { OPEN_POLICY } from '../domain/policy.js';
import type { InstancePolicy } from '../domain/policy.js';
import type { JobTimes } from '../domain/polling.js';

import { credentialsFromEnvironment } from './credentials.js';
import { dcsEndpointOf, stsEndpointOf } from './endpoints.js';
import { parseWith, shapes } from './problems.js';
import type { Environment, Problems } from './problems.js';

/** One project that the worker serves; free of secrets. */
export interface ProjectConfig {
  readonly projectId: string;
  readonly region: string;
  /** Base URL of the DCS API. */
  readonly endpoint: string;
  /** Base URL of STS, which shows whose credential it is; `null`: not asked. */
  readonly stsEndpoint: string | null;
  /** The IAM user that DCS shows in the task list for our swaps. */
  readonly taskUserName: string | null;
  /** By which identifier its nodes are known again. */
  readonly nodeIdentity: NodeIdentity;
  readonly credentials: CredentialSettings;
  /** Most readings of the API per second; the PUT is exempt. `null`: no limit. */
  readonly maxReadsPerSecond: number | null;
  readonly policy: InstancePolicy;
  /** How Redis behind its instances is reached; the first entry that names an instance counts. */
  readonly dataPlane: readonly DataPlaneSettings[];
  /** How long its swap jobs take, by the profile; `null`: not known. */
  readonly jobTimes: JobTimes | null;
}

/** The same before the profile fills in what was not given. */
export type GivenProject = Omit<ProjectConfig, 'nodeIdentity' | 'jobTimes'> & {
  readonly nodeIdentity: NodeIdentity | null;
};

/** Variables of the one project; those of its credential are apart. */
export const projectSchema = z.object({
  HUAWEICLOUD_SDK_PROJECT_ID: shapes.projectId,
  DCS_REGION: shapes.region,
  DCS_ENDPOINT: z.string().optional(),
  DCS_STS_ENDPOINT: z.string().optional(),
  DCS_TASK_USER_NAME: shapes.taskUserName.nullable().default(null),
  DCS_NODE_IDENTITY: shapes.nodeIdentity.nullable().default(null),
});

/** Variables that describe the one project, and the field of the file in which each belongs. */
export const PROJECT_VARIABLES: Readonly<Record<string, string>> = {
  DCS_REGION: 'region',
  DCS_ENDPOINT: 'endpoint',
  DCS_STS_ENDPOINT: 'stsEndpoint',
  DCS_TASK_USER_NAME: 'taskUserName',
  DCS_NODE_IDENTITY: 'nodeIdentity',
  DCS_CREDENTIALS: 'credentials.source',
  DCS_METADATA_ENDPOINT: 'credentials.endpoint',
  DCS_AGENCY_NAME: 'credentials.agencyName',
  DCS_AGENCY_DOMAIN_NAME: 'credentials.domainName',
  DCS_AGENCY_DURATION_SECONDS: 'credentials.durationSeconds',
};

const ANY_REGION = 'eu-west-101';

/** The one project that the environment describes; `null` after adding problems. */
export function projectFromEnvironment(env: Environment, problems: Problems): GivenProject | null {
  const settings = parseWith(projectSchema, env, problems);
  const projectId = settings?.HUAWEICLOUD_SDK_PROJECT_ID ?? '';
  // Without a good region the credential's own problems are reported all the same.
  const region = { where: 'DCS_REGION', value: settings?.DCS_REGION ?? ANY_REGION };
  const credentials = credentialsFromEnvironment(env, { projectId, region }, problems);
  if (settings === null) return null;
  const explicit = { where: 'DCS_ENDPOINT', value: settings.DCS_ENDPOINT };
  const endpoint = dcsEndpointOf(explicit, region, env, problems);
  const sts = { where: 'DCS_STS_ENDPOINT', value: settings.DCS_STS_ENDPOINT };
  const stsEndpoint = stsEndpointOf(sts, region, endpoint, problems);
  if (credentials === null) return null;
  return {
    projectId,
    region: region.value,
    endpoint,
    stsEndpoint,
    taskUserName: settings.DCS_TASK_USER_NAME,
    nodeIdentity: settings.DCS_NODE_IDENTITY,
    credentials,
    maxReadsPerSecond: null,
    policy: OPEN_POLICY,
    dataPlane: [],
  };
}
