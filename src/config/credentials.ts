import { existsSync } from 'node:fs';

import type { CredentialSettings } from '../dcs/index.js';

import { checkCredentialsUri, checkIdpId, iamEndpointOf, metadataEndpointOf } from './endpoints.js';
import type { RegionSetting, Setting } from './endpoints.js';
import { defaultProfileFile, firstSet, parseWith, wholeNumber } from './problems.js';
import type { Environment, Problems } from './problems.js';

/** The project that the credential is for. */
export interface ProjectSetting {
  readonly projectId: string;
  readonly region: RegionSetting;
}

/** The vendor SDKs' variable with the origin of IAM. */
export const IAM_ENDPOINT = 'HUAWEICLOUD_SDK_IAM_ENDPOINT';

/** The value of a variable; `null` after adding that it is missing. */
function needed(
  env: Environment,
  variable: string,
  problems: Problems,
  complaint = 'is missing',
): string | null {
  const value = env[variable];
  if (value === undefined) problems.add(variable, complaint);
  return value ?? null;
}

/**
 * A path that a variable or field holds, after looking whether it may be the secret itself: then the
 * errors of whoever reads the file would show it.
 *
 * @param path where the value leads; relative ones begin somewhere
 */
export function checkPath(setting: Setting, path: string, problems: Problems): string {
  if (!(setting.value ?? '').includes('/') && !existsSync(path))
    problems.add(
      setting.where,
      'names no file that is here: it must hold a path, and never the secret itself',
    );
  return path;
}

/** The path that a variable holds; `null` when it is not set. */
function pathOf(env: Environment, where: string, problems: Problems): string | null {
  const value = env[where];
  return value === undefined ? null : checkPath({ where, value }, value, problems);
}

/** A variable as a setting. */
function settingOf(env: Environment, where: string): Setting {
  return { where, value: env[where] };
}

/** Variables of the agency, which is assumed with the key of another source. */
export const AGENCY_VARIABLES = [
  'DCS_AGENCY_NAME',
  'DCS_AGENCY_DOMAIN_NAME',
  'DCS_AGENCY_DURATION_SECONDS',
] as const;

/** What IAM allows for the life of a temporary key, in seconds; and ours. */
export const AGENCY_DURATION = { min: 900, max: 86_400, fallback: 3_600 } as const;

/** The base itself, or the agency that `DCS_AGENCY_*` assumes with it; `null` after adding problems. */
function withAgency(
  base: BaseSettings,
  env: Environment,
  { region }: ProjectSetting,
  problems: Problems,
): CredentialSettings | null {
  if (firstSet(env, AGENCY_VARIABLES) === undefined) return base;
  const agencyName = needed(env, 'DCS_AGENCY_NAME', problems);
  const domainName = needed(env, 'DCS_AGENCY_DOMAIN_NAME', problems);
  const { min, max, fallback } = AGENCY_DURATION;
  const durationSeconds = parseWith(
    wholeNumber(min, max).default(fallback),
    env['DCS_AGENCY_DURATION_SECONDS'],
    problems,
    () => 'DCS_AGENCY_DURATION_SECONDS',
  );
  const iamEndpoint = iamEndpointOf(settingOf(env, IAM_ENDPOINT), region, problems);
  if (agencyName === null || domainName === null || durationSeconds === null) return null;
  return { source: 'agency', base, agencyName, domainName, iamEndpoint, durationSeconds };
}

// The sources of a credential that the environment can name, and the variables of each.

/** Words of `DCS_CREDENTIALS`. */
const SOURCE_NAMES = [
  ...['environment', 'files', 'iam-token', 'profile', 'metadata'],
  ...['pod-identity', 'oidc'],
] as const;
/** One of {@link SOURCE_NAMES}. */
type SourceName = (typeof SOURCE_NAMES)[number];

/** Credentials without the agency that may be assumed with them. */
export type BaseSettings = Exclude<CredentialSettings, { readonly source: 'agency' }>;

/**
 * Variables that make a source present. The instance metadata has none: asking an address of the network
 * for keys is done only by name, never because nothing else was found.
 */
export const SOURCE_VARIABLES: Readonly<Record<SourceName, readonly string[]>> = {
  environment: [
    'HUAWEICLOUD_SDK_AK',
    'HUAWEICLOUD_SDK_SK',
    'HUAWEICLOUD_SDK_SECURITY_TOKEN',
    'CLOUD_SDK_AK',
    'CLOUD_SDK_SK',
  ],
  files: [
    'HUAWEICLOUD_SDK_AK_FILE',
    'HUAWEICLOUD_SDK_SK_FILE',
    'HUAWEICLOUD_SDK_SECURITY_TOKEN_FILE',
  ],
  'iam-token': [
    'DCS_IAM_USER_NAME',
    'DCS_IAM_DOMAIN_NAME',
    'DCS_IAM_PASSWORD',
    'DCS_IAM_PASSWORD_FILE',
  ],
  profile: ['HUAWEICLOUD_SDK_CREDENTIALS_FILE'],
  metadata: [],
  'pod-identity': ['HC_CONTAINER_CREDENTIALS_FULL_URI', 'HC_CONTAINER_AUTHORIZATION_TOKEN_FILE'],
  oidc: ['HUAWEICLOUD_SDK_IDP_ID', 'HUAWEICLOUD_SDK_ID_TOKEN_FILE'],
};

/** Variables that hold a secret itself, not the name of its file. */
export const SECRET_VARIABLES = Object.values(SOURCE_VARIABLES)
  .flat()
  .filter((name) => /_(SK|TOKEN|PASSWORD)$/.test(name));

/**
 * Which source the environment means: the one that `DCS_CREDENTIALS` names, else the only one that is
 * set, else the vendor's profile file where it exists, else the access key variables (whose absence
 * the first reading says). `null` after adding a problem.
 */
function chooseSource(env: Environment, problems: Problems): SourceName | null {
  const named = env['DCS_CREDENTIALS'];
  if (named !== undefined) return byName(named, problems);
  const present = SOURCE_NAMES.flatMap((source) => {
    const variable = firstSet(env, SOURCE_VARIABLES[source]);
    return variable === undefined ? [] : [{ source, variable }];
  });
  const [first, second] = present;
  if (first === undefined) return hasDefaultProfile(env) ? 'profile' : 'environment';
  if (second === undefined) return first.source;
  problems.add(
    first.variable,
    `and ${second.variable} are both set, which are two sources of the credential: unset one, or choose with ` +
      `DCS_CREDENTIALS=${first.source} or DCS_CREDENTIALS=${second.source}`,
  );
  return null;
}

function byName(named: string, problems: Problems): SourceName | null {
  const source = SOURCE_NAMES.find((name) => name === named);
  if (source === undefined)
    problems.add('DCS_CREDENTIALS', `is none of ${SOURCE_NAMES.join(', ')}`);
  return source ?? null;
}

/** Whether the vendor's profile file is there. */
function hasDefaultProfile(env: Environment): boolean {
  const file = defaultProfileFile(env);
  return file !== null && existsSync(file);
}

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
  'pod-identity': (env, _, problems) => podIdentityOf(env, problems),
  oidc: (env, { region }, problems) => {
    const [idp, file] = ['HUAWEICLOUD_SDK_IDP_ID', 'HUAWEICLOUD_SDK_ID_TOKEN_FILE'] as const;
    const idpId = needed(env, idp, problems);
    const tokenFile = needed(env, file, problems) && pathOf(env, file, problems);
    const iamEndpoint = iamEndpointOf(settingOf(env, IAM_ENDPOINT), region, problems);
    if (idpId === null || tokenFile === null) return null;
    return { source: 'oidc', iamEndpoint, idpId: checkIdpId(idp, idpId, problems), tokenFile };
  },
};

const NOT_ASSOCIATED =
  "is missing: CCE sets it in pods that were created after their service account's pod identity association";

/** The pod identity that the cluster has given this pod; `null` after adding problems. */
export function podIdentityOf(env: Environment, problems: Problems): BaseSettings | null {
  const [uri, file] = [
    'HC_CONTAINER_CREDENTIALS_FULL_URI',
    'HC_CONTAINER_AUTHORIZATION_TOKEN_FILE',
  ] as const;
  const credentialsUri = needed(env, uri, problems, NOT_ASSOCIATED);
  const tokenFile = needed(env, file, problems, NOT_ASSOCIATED) && pathOf(env, file, problems);
  if (credentialsUri === null || tokenFile === null) return null;
  checkCredentialsUri(uri, credentialsUri, problems);
  return { source: 'pod-identity', credentialsUri, tokenFile };
}

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
 * but someone may look for an effect of the profile file.
 */
export function credentialNotes(env: Environment): string[] {
  const used = Object.values(SOURCE_VARIABLES).flatMap((names) => firstSet(env, names) ?? [])[0];
  if (env['DCS_CREDENTIALS'] !== undefined || used === undefined || !hasDefaultProfile(env))
    return [];
  if (env['HUAWEICLOUD_SDK_CREDENTIALS_FILE'] !== undefined) return [];
  return [`${defaultProfileFile(env) ?? ''} is not used, because ${used} is set`];
}
