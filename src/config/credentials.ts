import { defaultProfileFile, firstSet } from './environment.js';
import type { Environment } from './environment.js';
import { iamEndpointOf, metadataEndpointOf } from './endpoints.js';
import type { CredentialSettings } from '../dcs/index.js';
import type { Problems } from './problems.js';

import { withAgency } from './credentials/agency.js';
import { chooseSource, hasDefaultProfile } from './credentials/choose-source.js';
import { IAM_ENDPOINT, needed, pathOf, settingOf } from './credentials/settings.js';
import type { ProjectSetting } from './credentials/settings.js';
import { SOURCE_VARIABLES } from './credentials/sources.js';
import type { BaseSettings, SourceName } from './credentials/sources.js';

/** Where the environment says that the credential is; `null` after adding problems. */
export function credentialsFromEnvironment(
  env: Environment,
  project: ProjectSetting,
  problems: Problems,
): CredentialSettings | null {
  const source = chooseSource(env, problems);
  const base = source === null ? null : BUILDERS[source](env, project, problems);
  return base === null ? null : withAgency(base, env, project, problems);
}

type Build = (env: Environment, project: ProjectSetting, problems: Problems) => BaseSettings | null;

const BUILDERS: Readonly<Record<SourceName, Build>> = {
  environment: () => ({ source: 'environment' }),
  files: (env, _, problems) => {
    const accessKeyFile = needed(env, 'HUAWEICLOUD_SDK_AK_FILE', problems);
    const secretKeyFile = needed(env, 'HUAWEICLOUD_SDK_SK_FILE', problems);
    for (const variable of SOURCE_VARIABLES.files) pathOf(env, variable, problems);
    if (accessKeyFile === null || secretKeyFile === null) return null;
    const securityTokenFile = env['HUAWEICLOUD_SDK_SECURITY_TOKEN_FILE'] ?? null;
    return { source: 'files', accessKeyFile, secretKeyFile, securityTokenFile };
  },
  'iam-token': iamUser,
  profile: (env, _, problems) => {
    const file = env['HUAWEICLOUD_SDK_CREDENTIALS_FILE'] ?? defaultProfileFile(env);
    if (file !== null) return { source: 'profile', file, section: 'basic' };
    problems.add('HUAWEICLOUD_SDK_CREDENTIALS_FILE', 'is missing, and HOME names no default');
    return null;
  },
  metadata: (env, _, problems) => ({
    source: 'metadata',
    endpoint: metadataEndpointOf(settingOf(env, 'DCS_METADATA_ENDPOINT'), problems),
  }),
};

function iamUser(
  env: Environment,
  { projectId, region }: ProjectSetting,
  problems: Problems,
): BaseSettings | null {
  const userName = needed(env, 'DCS_IAM_USER_NAME', problems);
  const domainName = needed(env, 'DCS_IAM_DOMAIN_NAME', problems);
  const password = env['DCS_IAM_PASSWORD'];
  const passwordFile = pathOf(env, 'DCS_IAM_PASSWORD_FILE', problems);
  if (password !== undefined && passwordFile !== null)
    problems.add('DCS_IAM_PASSWORD', 'and DCS_IAM_PASSWORD_FILE are both set: unset one');
  if (password === undefined && passwordFile === null)
    problems.add('DCS_IAM_PASSWORD_FILE', 'is missing (or DCS_IAM_PASSWORD)');
  const iamEndpoint = iamEndpointOf(settingOf(env, IAM_ENDPOINT), region, problems);
  if (userName === null || domainName === null) return null;
  return { source: 'iam-token', iamEndpoint, userName, domainName, passwordFile, projectId };
}

/**
 * What a person should know of the choice: the vendor's SDKs would have read the same variables first,
 * but somebody may look for an effect of the profile file.
 */
export function credentialNotes(env: Environment): string[] {
  const used = Object.values(SOURCE_VARIABLES).flatMap((names) => firstSet(env, names) ?? [])[0];
  if (env['DCS_CREDENTIALS'] !== undefined || used === undefined || !hasDefaultProfile(env))
    return [];
  if (env['HUAWEICLOUD_SDK_CREDENTIALS_FILE'] !== undefined) return [];
  return [`${defaultProfileFile(env) ?? ''} is not used, because ${used} is set`];
}
