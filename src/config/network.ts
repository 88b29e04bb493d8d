/** How the DCS API and IAM are reached: proxy and certificate authorities. */
import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';

import { NOTIFICATION_TYPES } from '../contract/index.js';
import type { NotificationType } from '../contract/index.js';
import {
  MAX_SECRET_BYTES,
  parseKeys,
  WEBHOOK_FORMATS,
  WebhookSecretError,
} from '../notifications/index.js';
import type { WebhookFormat } from '../notifications/index.js';
import { withoutBom } from '../util.js';

import type { Environment, Problems } from './problems.js';

/** What the callers of IAM read of it, too. */
const MAX_CA_BYTES = 1_048_576;

/**
 * `DCS_HTTPS_PROXY`: `http://host:port`, perhaps with user and password, which are secret; so a
 * problem never repeats the value.
 */
export function proxyUrlOf(env: Environment, problems: Problems): string | null {
  const value = env['DCS_HTTPS_PROXY'];
  if (value === undefined) return null;
  const url = URL.canParse(value) ? new URL(value) : null;
  const isBare = url !== null && url.pathname === '/' && url.search === '' && url.hash === '';
  if (url?.protocol === 'http:' && url.hostname !== '' && isBare && isDecodable(url)) return value;
  problems.add(
    'DCS_HTTPS_PROXY',
    'is not of the form http://host:port or http://user:password@host:port, the latter percent-encoded',
  );
  return null;
}

function isDecodable({ username, password }: URL): boolean {
  try {
    return decodeURIComponent(username + password).length >= 0;
  } catch {
    return false;
  }
}

/** `DCS_CA_FILE`: PEM certificates that are trusted beside the system's. */
export function caFileOf(env: Environment, problems: Problems): string | null {
  const file = env['DCS_CA_FILE'];
  if (file === undefined) return null;
  const problem = caProblem(file);
  if (problem !== null) problems.add('DCS_CA_FILE', `${file} ${problem}`);
  return file;
}

function caProblem(file: string): string | null {
  try {
    const stats = statSync(file);
    const { size } = stats;
    // A pipe would hold the start up for ever.
    if (!stats.isFile()) return 'is not a file';
    if (size > MAX_CA_BYTES)
      return `has ${size} bytes; certificates need less than ${MAX_CA_BYTES}`;
    return pemProblem(readFileSync(file, 'utf8'));
  } catch (error) {
    return `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'})`;
  }
}

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

function pemProblem(text: string): string | null {
  const certificates = text.match(PEM_CERTIFICATE) ?? [];
  if (certificates.length === 0) return 'holds no PEM certificate (-----BEGIN CERTIFICATE-----)';
  const isReadable = (pem: string): boolean => {
    try {
      return new X509Certificate(pem).raw.length > 0;
    } catch {
      return false;
    }
  };
  const broken = certificates.findIndex((pem) => !isReadable(pem));
  return broken < 0 ? null : `holds a certificate that cannot be parsed: number ${broken + 1}`;
}

// Where notifications go.

/** Variables of the webhook. */
export const WEBHOOK_VARIABLES = {
  url: 'DCS_SWITCHOVER_WEBHOOK_URL',
  secret: 'DCS_SWITCHOVER_WEBHOOK_SECRET',
  secretFile: 'DCS_SWITCHOVER_WEBHOOK_SECRET_FILE',
  format: 'DCS_SWITCHOVER_WEBHOOK_FORMAT',
  events: 'DCS_SWITCHOVER_WEBHOOK_EVENTS',
} as const;

/** A webhook that takes notifications. */
export interface WebhookConfig {
  /** Often holds a token: never to be logged; its origin may. */
  readonly url: string;
  /** Read at each use; `null`: the secret stands in the environment, or there is none. */
  readonly secretFile: string | null;
  readonly format: WebhookFormat;
  /** What it is notified of. */
  readonly types: readonly NotificationType[];
}

/** The webhook; `null` where none is named. Problems repeat no value that may be a secret. */
export function webhookOf(env: Environment, problems: Problems): WebhookConfig | null {
  const { url: URL_NAME, ...others } = WEBHOOK_VARIABLES;
  const url = env[URL_NAME];
  if (url === undefined) {
    for (const name of Object.values(others))
      if (env[name] !== undefined)
        problems.add(name, `has no effect without ${URL_NAME}: set both, or none`);
    return null;
  }
  const problem = urlProblem(url);
  if (problem !== null) problems.add(URL_NAME, problem);
  const format = formatOf(env, problems);
  return {
    url,
    format,
    secretFile: secretFileOf(env, format, problems),
    types: typesOf(env, problems),
  };
}

function formatOf(env: Environment, problems: Problems): WebhookFormat {
  const { [WEBHOOK_VARIABLES.format]: format = 'cloudevents' } = env;
  if (Object.hasOwn(WEBHOOK_FORMATS, format)) return format as WebhookFormat;
  problems.add(
    WEBHOOK_VARIABLES.format,
    `is not one of ${Object.keys(WEBHOOK_FORMATS).join(', ')}`,
  );
  return 'cloudevents';
}

/** All, where none is named. */
function typesOf(env: Environment, problems: Problems): readonly NotificationType[] {
  const all = Object.values(NOTIFICATION_TYPES);
  const named = env[WEBHOOK_VARIABLES.events]?.split(',').map((name) => name.trim());
  const types = all.filter((type) => named?.includes(type) ?? true);
  if (named !== undefined && types.length !== new Set(named).size)
    problems.add(WEBHOOK_VARIABLES.events, `is not a list, by commas, of ${all.join(', ')}`);
  return types;
}

/** Chats verify no signature: their address is the secret. */
function secretFileOf(env: Environment, format: WebhookFormat, problems: Problems): string | null {
  const { secret: SECRET, secretFile: FILE } = WEBHOOK_VARIABLES;
  const { [SECRET]: secret, [FILE]: file } = env;
  if (secret === undefined && file === undefined && format === 'cloudevents')
    problems.add(FILE, `is missing (or ${SECRET}): CloudEvents are always signed`);
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
