/** Where notifications go. */
import { readFileSync, statSync } from 'node:fs';

import { MAX_SECRET_BYTES, WebhookSecretError, parseKeys } from '../notifications/index.js';

import { withoutBom } from '../without-bom.js';

import type { Environment } from './environment.js';
import type { Problems } from './problems.js';

/** Variables of the webhook. */
export const WEBHOOK_VARIABLES = {
  url: 'DCS_SWITCHOVER_WEBHOOK_URL',
  secret: 'DCS_SWITCHOVER_WEBHOOK_SECRET',
  secretFile: 'DCS_SWITCHOVER_WEBHOOK_SECRET_FILE',
} as const;

/** A webhook that takes notifications. */
export interface WebhookConfig {
  /** Often holds a token: never to be logged; its origin may. */
  readonly url: string;
  /** Read at each use; `null`: the secret stands in the environment. */
  readonly secretFile: string | null;
}

/** The webhook; `null` where none is named. Problems repeat no value: each may be a secret. */
export function webhookOf(env: Environment, problems: Problems): WebhookConfig | null {
  const url = env[WEBHOOK_VARIABLES.url];
  if (url === undefined) {
    for (const name of [WEBHOOK_VARIABLES.secret, WEBHOOK_VARIABLES.secretFile])
      if (env[name] !== undefined)
        problems.add(name, `has no effect without ${WEBHOOK_VARIABLES.url}: set both, or none`);
    return null;
  }
  const problem = urlProblem(url);
  if (problem !== null) problems.add(WEBHOOK_VARIABLES.url, problem);
  return { url, secretFile: secretFileOf(env, problems) };
}

function secretFileOf(env: Environment, problems: Problems): string | null {
  const { secret: SECRET, secretFile: FILE } = WEBHOOK_VARIABLES;
  const { [SECRET]: secret, [FILE]: file } = env;
  if (secret === undefined && file === undefined)
    problems.add(FILE, `is missing (or ${SECRET}): notifications are always signed`);
  if (secret !== undefined && file !== undefined)
    problems.add(SECRET, `and ${FILE} are both set: unset one`);
  if (secret !== undefined) checkSecret(SECRET, () => secret, problems);
  if (file !== undefined) checkSecret(FILE, () => readSecret(file), problems);
  return file ?? null;
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

function urlProblem(value: string): string | null {
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url === null) return 'is not a URL';
  const isPlainLoopback = url.protocol === 'http:' && LOOPBACK.test(url.hostname);
  if (url.protocol !== 'https:' && !isPlainLoopback) return 'must be https (http only on loopback)';
  if (url.username !== '' || url.password !== '') return 'must not hold a user or password';
  return url.hash === '' ? null : 'must not end in a #fragment';
}

function readSecret(file: string): string {
  const stats = statSync(file);
  // A pipe would hold the start up for ever.
  if (!stats.isFile()) throw new WebhookSecretError('names something that is no file');
  if (stats.size > MAX_SECRET_BYTES) throw new WebhookSecretError('names a file that is too large');
  return withoutBom(readFileSync(file, 'utf8'));
}

function checkSecret(where: string, read: () => string, problems: Problems): void {
  try {
    parseKeys(read());
  } catch (error) {
    const { code = 'unknown reason' } = error as NodeJS.ErrnoException;
    const problem =
      error instanceof WebhookSecretError
        ? error.message
        : `names a file that cannot be read (${code})`;
    problems.add(where, problem);
  }
}
