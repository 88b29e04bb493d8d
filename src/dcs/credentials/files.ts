import { DcsCredentialsError } from '../errors/dcs-credentials-error.js';

import type { AccessKey, CredentialSource } from './types.js';
import { readSmallFile } from './small-file.js';
import { requireSecretValue, toSecretValue } from './secret-value.js';
import type { FilesSettings } from './settings.js';

/** Readings until two in a row agree. */
const MAX_READINGS = 4;

/**
 * An access key from one file per value. The files are read at each `get`, so a rotation is seen without
 * a restart and there is nothing to refresh.
 */
export function fileCredentials(settings: FilesSettings): CredentialSource {
  const { accessKeyFile, secretKeyFile, securityTokenFile } = settings;
  const further = securityTokenFile === null ? '' : ` and ${securityTokenFile}`;
  return {
    description: `files ${accessKeyFile}, ${secretKeyFile}${further}`,
    get: () => readSettled(settings),
    refresh: () => Promise.resolve(),
  };
}

/** A key read in the middle of a rotation is half old and half new, and a wrong pair counts as a failed log-in. */
async function readSettled(settings: FilesSettings): Promise<AccessKey> {
  let last = await readAll(settings);
  for (let reading = 2; reading <= MAX_READINGS; reading += 1) {
    const next = await readAll(settings);
    if (JSON.stringify(next) === JSON.stringify(last)) return next;
    last = next;
  }
  throw new DcsCredentialsError(
    `Credential files ${settings.accessKeyFile}, ${settings.secretKeyFile} keep changing while they are read.`,
  );
}

async function readAll(settings: FilesSettings): Promise<AccessKey> {
  const { accessKeyFile, secretKeyFile, securityTokenFile } = settings;
  const read = async (path: string): Promise<string> =>
    requireSecretValue(`Credential file ${path}`, await readSmallFile('Credential file', path));
  return {
    kind: 'access-key',
    accessKey: await read(accessKeyFile),
    secretKey: await read(secretKeyFile),
    securityToken:
      securityTokenFile === null
        ? null
        : toSecretValue(
            `Credential file ${securityTokenFile}`,
            await readSmallFile('Credential file', securityTokenFile),
          ),
  };
}
