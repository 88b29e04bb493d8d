import { isDeepStrictEqual } from 'node:util';

import { checkId, parseCredentialsUri, parseEndpoint, parseMetadataEndpoint } from '../endpoint.js';
import { DcsCredentialsError } from '../errors.js';
import type { HttpResponse } from '../http.js';
import { parseProxy, routeTo } from '../route.js';
import { authenticate } from '../signer.js';

import { cachedCredentials, requireSecretValue } from './source.js';
import type {
  AgencySettings,
  Credentials,
  CredentialSettings,
  CredentialSource,
  IamTokenSettings,
  Issued,
} from './source.js';
import {
  createAuthority,
  lifetimeOf,
  metadataCredentials,
  partOf,
  isGranted,
  refusal,
  toTemporaryKey,
} from './issued.js';
import type { AskAuthority } from './issued.js';
import {
  environmentCredentials,
  fileCredentials,
  profileCredentials,
  readSmallFile,
} from './local.js';
import type { Environment } from './local.js';
import { oidcCredentials, podIdentityCredentials, TEMPORARY_KEY_PATH } from './workload.js';

/** Longest call to IAM, connect to last byte. */
const IAM_TIMEOUT_MS = 10_000;

/** Longest call to the metadata service, as in the vendor's SDKs: it is on the same host. */
const METADATA_TIMEOUT_MS = 3_000;

/** Longest call to the agent of pod identities, as in the vendor's SDKs. */
const AGENT_TIMEOUT_MS = 5_000;

/** What the sources need from the process that hosts them. */
export interface CredentialOptions {
  readonly env: Environment;
  /** Proxy of the calls to IAM; metadata service and pod identity agent are asked directly. @default null */
  readonly proxyUrl?: string | null;
  /** PEM file of certificate authorities to trust besides the built-in ones, read at each call. @default null */
  readonly caFile?: string | null;
}

/**
 * The source that the settings describe. Reads and asks nothing yet.
 *
 * @throws DcsConfigurationError for an unusable endpoint, proxy or project id
 */
export function createCredentialSource(
  settings: CredentialSettings,
  options: CredentialOptions,
): CredentialSource {
  switch (settings.source) {
    case 'environment':
      return environmentCredentials(options.env);
    case 'files':
      return fileCredentials(settings);
    case 'profile':
      return profileCredentials(settings);
    case 'iam-token':
      return iamTokenCredentials(settings, options.env, askIam(settings.iamEndpoint, options));
    case 'metadata':
      return metadataCredentials(settings, askMetadata(settings.endpoint));
    case 'pod-identity':
      return podIdentityCredentials(settings, askAgent(settings.credentialsUri, options));
    case 'oidc':
      return oidcCredentials(settings, askIam(settings.iamEndpoint, options));
    case 'agency':
      return agencyCredentials(
        settings,
        createCredentialSource(settings.base, options),
        askIam(settings.iamEndpoint, options),
      );
  }
}

function askIam(iamEndpoint: string, { proxyUrl = null, caFile = null }: CredentialOptions) {
  const endpoint = parseEndpoint(iamEndpoint, 'iamEndpoint');
  parseProxy(proxyUrl);
  return createAuthority({
    name: `IAM at ${endpoint.origin}`,
    endpoint,
    timeoutMs: IAM_TIMEOUT_MS,
    way: async () => routeTo(endpoint, { proxyUrl, ca: await readAuthorities(caFile) }),
  });
}

const readAuthorities = (caFile: string | null): Promise<string | null> =>
  caFile === null ? Promise.resolve(null) : readSmallFile('CA file', caFile);

function askMetadata(metadataEndpoint: string): AskAuthority {
  const endpoint = parseMetadataEndpoint(metadataEndpoint);
  return createAuthority({
    name: `The metadata service ${endpoint.origin}`,
    endpoint,
    timeoutMs: METADATA_TIMEOUT_MS,
    way: () => Promise.resolve(routeTo(endpoint, {})),
  });
}

function askAgent(uri: string, { caFile = null }: CredentialOptions): AskAuthority {
  const endpoint = parseCredentialsUri(uri);
  return createAuthority({
    name: `The pod identity agent ${endpoint.origin}`,
    endpoint,
    timeoutMs: AGENT_TIMEOUT_MS,
    way: async () => routeTo(endpoint, { ca: await readAuthorities(caFile) }),
  });
}

/** The variable of the password, unless a file is named. */
const PASSWORD_VARIABLE = 'DCS_IAM_PASSWORD';

const REMEDIES: Readonly<Record<number, string>> = {
  400: 'check the names of user and account, and the project id',
  401: 'user name, account name or password is wrong, or the user is locked for some minutes',
  403: 'the user may not log in by API: allow programmatic access',
  404: 'the account or project is not known there: check the IAM endpoint',
};

/** A project-scoped IAM token by user and password, renewed before it ends (IAM guide: 24 h). */
function iamTokenCredentials(
  settings: IamTokenSettings,
  env: Environment,
  ask: AskAuthority,
): CredentialSource {
  checkId('projectId', settings.projectId);
  const { userName, domainName, passwordFile, iamEndpoint } = settings;
  const password = passwordFile ?? PASSWORD_VARIABLE;
  return cachedCredentials({
    description: `IAM token of user ${userName} in account ${domainName} from ${iamEndpoint}, password from ${password}`,
    issue: () => issueToken(settings, env, ask),
  });
}

async function issueToken(
  settings: IamTokenSettings,
  env: Environment,
  ask: AskAuthority,
): Promise<Issued> {
  const { userName, domainName, projectId, iamEndpoint } = settings;
  const password = await readPassword(settings, env);
  const user = { name: userName, password, domain: { name: domainName } };
  const identity = { methods: ['password'], password: { user } };
  const response = await ask({
    method: 'POST',
    path: '/v3/auth/tokens',
    headers: {},
    body: JSON.stringify({ auth: { identity, scope: { project: { id: projectId } } } }),
    secrets: [password, JSON.stringify(password).slice(1, -1)],
  });
  const name = `IAM at ${iamEndpoint}`;
  if (!isGranted(response)) throw refusal(name, response, REMEDIES);
  return toToken(name, response);
}

function toToken(name: string, response: HttpResponse): Issued {
  const token = requireSecretValue(
    `X-Subject-Token in the answer of ${name}`,
    response.headers['x-subject-token'],
  );
  return {
    credentials: { kind: 'token', token },
    lifetimeMs: lifetimeOf(name, response, partOf(name, response, 'token'), 'expires_at'),
  };
}

/** A password may hold blanks, but not the line break that editors end a file with. */
async function readPassword({ passwordFile }: IamTokenSettings, env: Environment): Promise<string> {
  const text =
    passwordFile === null
      ? env[PASSWORD_VARIABLE]
      : await readSmallFile('Credential file', passwordFile);
  const password = (text ?? '').replace(/\r?\n$/, '');
  if (password !== '') return password;
  const where =
    passwordFile === null ? `variable ${PASSWORD_VARIABLE}` : `credential file ${passwordFile}`;
  throw new DcsCredentialsError(`No IAM password: ${where} is empty or missing.`);
}

const AGENCY_REMEDIES: Readonly<Record<number, string>> = {
  400: 'check the names of agency and account, and the duration',
  401: 'the base credential is wrong or has expired',
  403: 'the base credential lacks the role Agent Operator, or is not of the account that the agency trusts',
  404: 'there is no such agency: check the names of agency and account',
};

/**
 * A temporary key for an agency, taken on with another credential (IAM API
 * CreateTemporaryAccessKeyByAgency), renewed before it ends.
 */
function agencyCredentials(
  settings: AgencySettings,
  base: CredentialSource,
  ask: AskAuthority,
): CredentialSource {
  const { agencyName, domainName, iamEndpoint } = settings;
  return cachedCredentials({
    description: `agency ${agencyName} of account ${domainName} from ${iamEndpoint}, taken on by: ${base.description}`,
    issue: () => issueKey(settings, base, ask),
  });
}

async function issueKey(
  settings: AgencySettings,
  base: CredentialSource,
  ask: AskAuthority,
): Promise<Issued> {
  const credentials = await base.get();
  const response = await assumeRole(settings, credentials, ask);
  if (response.status !== 401) return toKey(settings, response);
  await base.refresh();
  const renewed = await base.get();
  // The same one would be refused again, and that counts towards its lock.
  if (isDeepStrictEqual(renewed, credentials)) return toKey(settings, response);
  return toKey(settings, await assumeRole(settings, renewed, ask));
}

function assumeRole(
  { agencyName, domainName, durationSeconds, iamEndpoint }: AgencySettings,
  credentials: Credentials,
  ask: AskAuthority,
): Promise<HttpResponse> {
  const role = {
    agency_name: agencyName,
    domain_name: domainName,
    duration_seconds: durationSeconds,
  };
  const identity = { methods: ['assume_role'], assume_role: role };
  const body = JSON.stringify({ auth: { identity } });
  const host = { Host: new URL(iamEndpoint).host };
  const path = TEMPORARY_KEY_PATH;
  const unsigned = { method: 'POST', path, query: [], headers: host, body };
  const { headers, secrets } = authenticate(unsigned, credentials);
  return ask({ method: 'POST', path, headers, body, secrets });
}

function toKey({ iamEndpoint }: AgencySettings, response: HttpResponse): Issued {
  const name = `IAM at ${iamEndpoint}`;
  if (isGranted(response)) return toTemporaryKey(name, response);
  throw refusal(name, response, AGENCY_REMEDIES);
}
