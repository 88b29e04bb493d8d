import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { withoutBom } from '../../without-bom.js';
import { DcsCredentialsError } from '../errors/dcs-credentials-error.js';

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
