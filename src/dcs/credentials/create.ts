import { parseEndpoint, parseMetadataEndpoint } from '../endpoint.js';
import { parseProxy, routeTo } from '../route.js';

import { agencyCredentials, iamTokenCredentials } from './iam.js';
import { createAuthority, metadataCredentials } from './issued.js';
import type { AskAuthority } from './issued.js';
import {
  environmentCredentials,
  fileCredentials,
  profileCredentials,
  readSmallFile,
} from './local.js';
import type { Environment } from './local.js';
import type { CredentialSettings, CredentialSource } from './types.js';

/** Longest call to IAM, connect to last byte. */
const IAM_TIMEOUT_MS = 10_000;

/** Longest call to the metadata service, as in the vendor's SDKs: it is on the same host. */
const METADATA_TIMEOUT_MS = 3_000;

/** What the sources need from the process that hosts them. */
export interface CredentialOptions {
  readonly env: Environment;
  /** Proxy of the calls to IAM; the metadata service is always asked directly. @default null */
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
    way: async () => {
      const ca = caFile === null ? null : await readSmallFile('CA file', caFile);
      return routeTo(endpoint, { proxyUrl, ca });
    },
  });
}

function askMetadata(metadataEndpoint: string): AskAuthority {
  const endpoint = parseMetadataEndpoint(metadataEndpoint);
  return createAuthority({
    name: `The metadata service ${endpoint.origin}`,
    endpoint,
    timeoutMs: METADATA_TIMEOUT_MS,
    way: () => Promise.resolve(routeTo(endpoint, {})),
  });
}
