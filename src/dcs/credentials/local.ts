import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { parse } from 'ini';

import { entryOf, readUntilSettled, withoutBom } from '../../util.js';
import { DcsCredentialsError } from '../errors.js';

import { requireSecretValue, toSecretValue } from './source.js';
import type { AccessKey, CredentialSource, FilesSettings, ProfileSettings } from './source.js';

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

/** Larger files are no credentials, and no list of authorities either. */
const MAX_BYTES = 1_048_576;

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist: create it, or correct the path',
  EACCES: 'may not be read: give this user read permission',
  EPERM: 'may not be read: give this user read permission',
  EISDIR: 'is a directory: name the file in it',
  ENOTDIR: 'lies below something that is no directory: correct the path',
};

/**
 * Text of a small file. A leading `~/` is the home directory.
 *
 * @param kind what the file is, for the error: `Credential file`
 * @throws DcsCredentialsError naming the path, never the content
 */
export async function readSmallFile(kind: string, path: string): Promise<string> {
  try {
    return await readBounded(path.startsWith('~/') ? join(homedir(), path.slice(2)) : path);
  } catch (error) {
    if (error instanceof DcsCredentialsError) throw named(kind, path, error.message);
    const { code = 'unknown reason' } = error as { readonly code?: string };
    throw named(kind, path, PROBLEMS[code] ?? `cannot be read (${code})`);
  }
}

async function readBounded(path: string): Promise<string> {
  // A pipe without a writer would hold the opening up for ever.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const info = await file.stat();
    if (!info.isFile()) throw new DcsCredentialsError('is not a regular file');
    if (info.size > MAX_BYTES) throw new DcsCredentialsError('is larger than it may be');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(info.size), 0, info.size, 0);
    return withoutBom(buffer.toString('utf8', 0, bytesRead));
  } finally {
    await file.close();
  }
}

function named(kind: string, path: string, problem: string): DcsCredentialsError {
  return new DcsCredentialsError(`${kind} ${path} ${problem}.`);
}

/**
 * An access key from one file per value. The files are read at each `get`, so a rotation is observed without
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
  const settled = await readUntilSettled(() => readAll(settings));
  if (settled !== null) return settled;
  throw new DcsCredentialsError(
    `Credential files ${settings.accessKeyFile}, ${settings.secretKeyFile} keep changing while they are read.`,
  );
}

/** The value that stands alone in a file. @throws DcsCredentialsError naming the file */
export async function readSecretFile(path: string): Promise<string> {
  return requireSecretValue(
    `Credential file ${path}`,
    await readSmallFile('Credential file', path),
  );
}

async function readAll(settings: FilesSettings): Promise<AccessKey> {
  const { accessKeyFile, secretKeyFile, securityTokenFile } = settings;
  return {
    kind: 'access-key',
    accessKey: await readSecretFile(accessKeyFile),
    secretKey: await readSecretFile(secretKeyFile),
    securityToken:
      securityTokenFile === null
        ? null
        : toSecretValue(
            `Credential file ${securityTokenFile}`,
            await readSmallFile('Credential file', securityTokenFile),
          ),
  };
}

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
  const found: unknown = entryOf(sections, section);
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
