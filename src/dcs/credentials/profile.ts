import { parse } from 'ini';

import { DcsCredentialsError } from '../errors/dcs-credentials-error.js';

import type { AccessKey, CredentialSource } from './types.js';
import { readSmallFile } from './small-file.js';
import { requireSecretValue, toSecretValue } from './secret-value.js';
import type { ProfileSettings } from './settings.js';

/**
 * An access key from a section of an INI file, in the keys of the vendor's SDKs: `ak`, `sk`,
 * `security_token`. The file is read at each `get`, so there is nothing to refresh.
 */
export function profileCredentials({ file, section }: ProfileSettings): CredentialSource {
  return {
    description: `profile [${section}] of ${file}`,
    get: async () => readSection(await readSmallFile('Credential file', file), file, section),
    refresh: () => Promise.resolve(),
  };
}

function readSection(text: string, file: string, section: string): AccessKey {
  const sections = parse(text);
  const found: unknown = Object.hasOwn(sections, section) ? sections[section] : undefined;
  if (typeof found !== 'object' || found === null)
    throw new DcsCredentialsError(`Credential file ${file} has no section [${section}].`);
  const values = found as Readonly<Record<string, unknown>>;
  const nameOf = (key: string): string => `${key} in section [${section}] of ${file}`;
  return {
    kind: 'access-key',
    accessKey: requireSecretValue(nameOf('ak'), values['ak']),
    secretKey: requireSecretValue(nameOf('sk'), values['sk']),
    securityToken: toSecretValue(nameOf('security_token'), values['security_token']),
  };
}
