import path from 'node:path';

import type { CredentialSettings } from '../../dcs/index.js';
import type { InstanceRule } from '../../domain/policy.js';
import { credentialsFromEnvironment } from '../credentials.js';
import { IAM_ENDPOINT, checkPath } from '../credentials/settings.js';
import type { ProjectSetting } from '../credentials/settings.js';
import type { BaseSettings } from '../credentials/sources.js';
import { dcsEndpointOf, iamEndpointOf, metadataEndpointOf, stsEndpointOf } from '../endpoints.js';
import type { Environment } from '../environment.js';
import type { Problems } from '../problems.js';
import type { ProjectConfig } from '../project.js';

import type { FileCredentials, FileProject, FileRule } from '../file-schema.js';

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
export function toProjectConfig(project: FileProject, context: Context): ProjectConfig | null {
  const { where, env, problems } = context;
  const { projectId, allow, deny, coolDownFloorSeconds } = project;
  const region = { where: `${where}.region`, value: project.region };
  const explicit = { where: `${where}.endpoint`, value: project.endpoint };
  const endpoint = dcsEndpointOf(explicit, region, env, problems);
  const sts = { where: `${where}.stsEndpoint`, value: project.stsEndpoint };
  const stsEndpoint = stsEndpointOf(sts, region, endpoint, problems);
  const credentials = toCredentials(project.credentials, { projectId, region }, context);
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
  };
}

/** The schema has seen to it that exactly one field is there. */
function toRule({ instanceId, name, tag }: FileRule): InstanceRule {
  if (instanceId !== undefined) return { instanceId };
  if (name !== undefined) return { name };
  return { tag: { key: tag?.key ?? '', value: tag?.value ?? null } };
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
  return { source: 'agency', base, agencyName, domainName, iamEndpoint, durationSeconds };
}

function toBase(
  given: Exclude<FileCredentials, { source: 'agency' }>,
  project: ProjectSetting,
  context: Context,
): BaseSettings {
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
