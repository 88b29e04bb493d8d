/** Shape of the file that `DCS_SWITCHOVER_CONFIG` names. No field of it may hold a secret. */
import path from 'node:path';

import { z } from 'zod';

import { TIMING_BOUNDS } from '../contract/index.js';
import type { CredentialSettings } from '../dcs/index.js';

import {
  AGENCY_DURATION,
  checkPath,
  credentialsFromEnvironment,
  IAM_ENDPOINT,
  podIdentityOf,
} from './credentials.js';
import type { BaseSettings, ProjectSetting } from './credentials.js';
import { dataPlaneEntry, toDataPlane } from './data-plane.js';
import {
  checkIdpId,
  dcsEndpointOf,
  iamEndpointOf,
  metadataEndpointOf,
  stsEndpointOf,
} from './endpoints.js';
import { rule, text, toRule } from './instance-rule.js';
import { shapes } from './problems.js';
import type { Environment, Problems } from './problems.js';
import type { GivenProject } from './project.js';

/** Most entries of a list: what a person can still oversee. */
const MAX_RULES = 1_000;
const MAX_PROJECTS = 500;

const file = text;

const base = [
  z.strictObject({ source: z.literal('environment') }),
  z.strictObject({
    source: z.literal('files'),
    accessKeyFile: file,
    secretKeyFile: file,
    securityTokenFile: file.nullable().default(null),
  }),
  z.strictObject({ source: z.literal('profile'), file, section: text.default('basic') }),
  z.strictObject({
    source: z.literal('iam-token'),
    userName: text,
    domainName: text,
    passwordFile: file.nullable().default(null),
    iamEndpoint: text.optional(),
  }),
  z.strictObject({ source: z.literal('metadata'), endpoint: text.optional() }),
  z.strictObject({ source: z.literal('pod-identity') }),
  z.strictObject({
    source: z.literal('oidc'),
    idpId: text,
    tokenFile: file,
    iamEndpoint: text.optional(),
  }),
] as const;

const agency = z.strictObject({
  source: z.literal('agency'),
  base: z.discriminatedUnion('source', base),
  agencyName: text,
  domainName: text,
  iamEndpoint: text.optional(),
  durationSeconds: z
    .int()
    .min(AGENCY_DURATION.min)
    .max(AGENCY_DURATION.max)
    .default(AGENCY_DURATION.fallback),
});

const project = z.strictObject({
  projectId: shapes.projectId,
  region: shapes.region,
  endpoint: text.optional(),
  stsEndpoint: text.optional(),
  taskUserName: shapes.taskUserName.nullable().default(null),
  nodeIdentity: shapes.nodeIdentity.nullable().default(null),
  credentials: z.discriminatedUnion('source', [...base, agency]).optional(),
  maxReadsPerSecond: z.number().min(0.1).max(1_000).nullable().default(null),
  allow: z.array(rule).max(MAX_RULES).optional(),
  deny: z.array(rule).max(MAX_RULES).default([]),
  coolDownFloorSeconds: z.int().min(0).max(TIMING_BOUNDS.coolDownSeconds.max).default(0),
  dataPlane: z.array(dataPlaneEntry).max(MAX_RULES).default([]),
});

/** The whole file. */
export const fileSchema = z.strictObject({
  projects: z.array(project).min(1, 'names no project').max(MAX_PROJECTS),
});

/** A project as the file writes it, with its defaults. */
export type FileProject = z.output<typeof project>;
/** Credentials as the file writes them. */
type FileCredentials = NonNullable<FileProject['credentials']>;

/** What is needed to read a project's fields. */
interface Context {
  /** The file and the path of the project in it, such as `/etc/dcs.yaml: projects[0]`. */
  readonly where: string;
  /** Folder of the file: its relative paths begin there. */
  readonly folder: string;
  readonly env: Environment;
  readonly problems: Problems;
}

/** A project of the file with everything filled in; `null` after adding problems. */
export function toProjectConfig(project: FileProject, context: Context): GivenProject | null {
  const { where, env, problems } = context;
  const { projectId, allow, deny, coolDownFloorSeconds } = project;
  const region = { where: `${where}.region`, value: project.region };
  const explicit = { where: `${where}.endpoint`, value: project.endpoint };
  const endpoint = dcsEndpointOf(explicit, region, env, problems);
  const sts = { where: `${where}.stsEndpoint`, value: project.stsEndpoint };
  const stsEndpoint = stsEndpointOf(sts, region, endpoint, problems);
  const credentials = toCredentials(project.credentials, { projectId, region }, context);
  const dataPlane = project.dataPlane.map((entry, index) =>
    toDataPlane(entry, `${where}.dataPlane[${index}]`, context),
  );
  if (credentials === null) return null;
  return {
    ...{ projectId, region: region.value, endpoint, stsEndpoint, credentials },
    taskUserName: project.taskUserName,
    nodeIdentity: project.nodeIdentity,
    maxReadsPerSecond: project.maxReadsPerSecond,
    policy: {
      allow: allow?.map(toRule) ?? null,
      deny: deny.map(toRule),
      coolDownFloorSeconds,
    },
    dataPlane,
  };
}

function toCredentials(
  given: FileCredentials | undefined,
  project: ProjectSetting,
  context: Context,
): CredentialSettings | null {
  const where = `${context.where}.credentials`;
  if (given === undefined)
    return credentialsFromEnvironment(context.env, project, context.problems);
  if (given.source !== 'agency') return toBase(given, project, { ...context, where });
  const { agencyName, domainName, durationSeconds } = given;
  const iamEndpoint = toIamEndpoint(given.iamEndpoint, project, { ...context, where });
  const base = toBase(given.base, project, { ...context, where: `${where}.base` });
  if (base === null) return null;
  return { source: 'agency', base, agencyName, domainName, iamEndpoint, durationSeconds };
}

function toBase(
  given: Exclude<FileCredentials, { source: 'agency' }>,
  project: ProjectSetting,
  context: Context,
): BaseSettings | null {
  const { where, env, problems } = context;
  const inFolder = (field: string, file: string): string =>
    checkPath(
      { where: `${where}.${field}`, value: file },
      path.resolve(context.folder, file),
      problems,
    );
  const maybeInFolder = (field: string, file: string | null): string | null =>
    file === null ? null : inFolder(field, file);
  switch (given.source) {
    case 'environment':
      return given;
    case 'files':
      return {
        source: 'files',
        accessKeyFile: inFolder('accessKeyFile', given.accessKeyFile),
        secretKeyFile: inFolder('secretKeyFile', given.secretKeyFile),
        securityTokenFile: maybeInFolder('securityTokenFile', given.securityTokenFile),
      };
    case 'profile':
      return {
        ...given,
        file: given.file.startsWith('~/') ? given.file : path.resolve(context.folder, given.file),
      };
    case 'metadata': {
      const endpoint = { where: `${where}.endpoint`, value: given.endpoint };
      return { source: 'metadata', endpoint: metadataEndpointOf(endpoint, problems) };
    }
    case 'pod-identity':
      return podIdentityOf(env, problems);
    case 'oidc':
      return {
        source: 'oidc',
        iamEndpoint: toIamEndpoint(given.iamEndpoint, project, context),
        idpId: checkIdpId(`${where}.idpId`, given.idpId, problems),
        tokenFile: inFolder('tokenFile', given.tokenFile),
      };
    case 'iam-token': {
      if (given.passwordFile === null && env['DCS_IAM_PASSWORD'] === undefined)
        problems.add(`${where}.passwordFile`, 'is missing (or set DCS_IAM_PASSWORD)');
      return {
        ...{ source: 'iam-token', userName: given.userName, domainName: given.domainName },
        iamEndpoint: toIamEndpoint(given.iamEndpoint, project, context),
        passwordFile: maybeInFolder('passwordFile', given.passwordFile),
        projectId: project.projectId,
      };
    }
  }
}

function toIamEndpoint(
  value: string | undefined,
  { region }: ProjectSetting,
  { where, env, problems }: Context,
): string {
  const field = `${where}.iamEndpoint`;
  if (value !== undefined && env[IAM_ENDPOINT] !== undefined)
    problems.add(IAM_ENDPOINT, `and ${field} are both set: leave one of the two out`);
  const isField = value !== undefined || env[IAM_ENDPOINT] === undefined;
  const setting = isField
    ? { where: field, value }
    : { where: IAM_ENDPOINT, value: env[IAM_ENDPOINT] };
  return iamEndpointOf(setting, region, problems);
}
