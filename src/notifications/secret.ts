import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

import { withoutBom } from '../without-bom.js';

import { WebhookSecretError, parseKeys } from './signature.js';

/** A file that is larger holds no secret, in bytes. */
export const MAX_SECRET_BYTES = 4096;

/** The keys as they are now. */
export type ReadKeys = () => Promise<readonly Buffer[]>;

/** Keys from a file, read at each use: so they can be changed without a restart. */
export function keysFromFile(path: string): ReadKeys {
  return async () => parseKeys(await readBounded(path));
}

/** Keys that stand in the environment. @throws WebhookSecretError */
export function keysFromText(text: string): ReadKeys {
  const keys = parseKeys(text);
  return () => Promise.resolve(keys);
}

async function readBounded(path: string): Promise<string> {
  // A pipe without a writer would hold the opening up for ever.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new WebhookSecretError('is not a file');
    if (stats.size > MAX_SECRET_BYTES) throw new WebhookSecretError('is larger than a secret is');
    return withoutBom(await file.readFile('utf8'));
  } finally {
    await file.close();
  }
}
