import { DcsCredentialsError } from '../errors/dcs-credentials-error.js';

import type { CredentialSource } from './credentials.js';
import { environmentCredentials } from './environment.js';
import type { Environment } from './environment.js';
import type { CredentialSettings } from './settings.js';

/** What the sources need from the process that hosts them. */
export interface CredentialOptions {
  readonly env: Environment;
  /** Proxy of the calls to IAM; the metadata service is always asked directly. @default null */
  readonly proxyUrl?: string | null;
  /** PEM file with certificate authorities to trust besides the built-in ones. @default null */
  readonly caFile?: string | null;
}

/**
 * The source that the settings describe. Reads nothing yet.
 *
 * @throws DcsConfigurationError for an unusable setting
 */
export function createCredentialSource(
  settings: CredentialSettings,
  options: CredentialOptions,
): CredentialSource {
  switch (settings.source) {
    case 'environment':
      return environmentCredentials(options.env);
    case 'files':
    case 'profile':
    case 'iam-token':
    case 'metadata':
    case 'agency':
      throw new DcsCredentialsError(`credential source ${settings.source} is not available yet`);
  }
}
