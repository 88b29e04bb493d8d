/** The sources of a credential that the environment can name, and the variables of each. */
import type { CredentialSettings } from '../../dcs/index.js';

/** Words of `DCS_CREDENTIALS`. */
export const SOURCE_NAMES = ['environment', 'files', 'iam-token', 'profile', 'metadata'] as const;
/** One of {@link SOURCE_NAMES}. */
export type SourceName = (typeof SOURCE_NAMES)[number];

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
};
