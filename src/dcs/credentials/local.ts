import { DcsCredentialsError } from '../errors/dcs-credentials-error.js';

import type { AccessKey, CredentialSource } from './types.js';
import { toSecretValue } from './secret-value.js';

/** Variables by name, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Spellings of the access key variables: the vendor's SDKs read the first, the API page shows the second. */
const SPELLINGS = [
  { accessKey: 'HUAWEICLOUD_SDK_AK', secretKey: 'HUAWEICLOUD_SDK_SK' },
  { accessKey: 'CLOUD_SDK_AK', secretKey: 'CLOUD_SDK_SK' },
] as const;

const SECURITY_TOKEN = 'HUAWEICLOUD_SDK_SECURITY_TOKEN';

/**
 * Credentials from `HUAWEICLOUD_SDK_AK/SK/SECURITY_TOKEN`, else `CLOUD_SDK_AK/SK`. The environment is
 * read at each `get`, so there is nothing to refresh.
 */
export function environmentCredentials(env: Environment): CredentialSource {
  return {
    description: 'environment',
    get: () => Promise.resolve().then(() => readEnvironment(env)),
    refresh: () => Promise.resolve(),
  };
}

function readEnvironment(env: Environment): AccessKey {
  const found = SPELLINGS.map((spelling) => readSpelling(env, spelling)).filter(
    (pair) => pair !== null,
  );
  const [first, second] = found;
  if (first === undefined)
    throw new DcsCredentialsError(
      'No DCS credential: set HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK (or CLOUD_SDK_AK and CLOUD_SDK_SK).',
    );
  if (
    second !== undefined &&
    (second.accessKey !== first.accessKey || second.secretKey !== first.secretKey)
  )
    throw new DcsCredentialsError(
      'HUAWEICLOUD_SDK_AK/SK and CLOUD_SDK_AK/SK are both set and differ: unset one pair.',
    );
  return {
    kind: 'access-key',
    ...first,
    securityToken: toSecretValue(SECURITY_TOKEN, env[SECURITY_TOKEN]),
  };
}

function readSpelling(env: Environment, spelling: (typeof SPELLINGS)[number]) {
  const accessKey = toSecretValue(spelling.accessKey, env[spelling.accessKey]);
  const secretKey = toSecretValue(spelling.secretKey, env[spelling.secretKey]);
  if (accessKey === null && secretKey === null) return null;
  if (accessKey === null || secretKey === null) {
    const missing = accessKey === null ? spelling.accessKey : spelling.secretKey;
    throw new DcsCredentialsError(`${missing} is missing: an access key needs its secret key.`);
  }
  return { accessKey, secretKey };
}
