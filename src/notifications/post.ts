/**
 * One attempt to hand an event to the webhook, signed by Standard Webhooks (https://www.standardwebhooks.com),
 * symmetric: HMAC-SHA256.
 */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

import { Webhook as Standard } from 'standardwebhooks';

import type { CloudEvent, NotificationType } from '../contract/index.js';
import { createDirectPost } from '../direct-request.js';
import { parseRetryAfterMs, timeoutSignal, withoutBom } from '../util.js';

import { WEBHOOK_FORMATS } from './cloud-event.js';
import type { WebhookFormat } from './cloud-event.js';

/** Longest time for one attempt, in milliseconds. */
const ATTEMPT_TIMEOUT_MS = 10_000;

/** What came of an attempt. `why` never holds the URL, which may be secret, nor the key. */
export type Verdict =
  | { readonly kind: 'delivered' }
  /** Asking again would get the same answer. */
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'later'; readonly why: string; readonly retryAfterMs: number | null };

/** Where events go, and how. */
export interface PostOptions {
  /** Whole URL; may hold a token. */
  readonly url: string;
  readonly format: WebhookFormat;
  /** `null`: not signed. */
  readonly readKeys: ReadKeys | null;
  readonly userAgent: string;
  /** @default {@link ATTEMPT_TIMEOUT_MS} */
  readonly timeoutMs?: number;
}

/** Posts one event, once. Never throws. */
export type Post = (event: CloudEvent, signal: AbortSignal) => Promise<Verdict>;

/** A webhook that takes notifications. */
export interface Webhook {
  /** What it wants to be notified of. */
  readonly types: readonly NotificationType[];
  readonly post: Post;
}

/** A sender that signs with the keys of the moment, follows no redirect, uses no proxy and reads no answer's body. */
export function createPost(options: PostOptions): Post {
  const { url, format, timeoutMs = ATTEMPT_TIMEOUT_MS } = options;
  const postDirectly = createDirectPost();
  return async (event, signal) => {
    try {
      const body = WEBHOOK_FORMATS[format].toBody(event);
      const response = await postDirectly(url, {
        headers: await headersOf(options, event, body),
        body,
        signal: AbortSignal.any([signal, timeoutSignal(timeoutMs)]),
      });
      // Unread bodies would hold connections.
      response.destroy();
      return judge(response.statusCode ?? 0, response.headers['retry-after'] ?? null);
    } catch (error) {
      return { kind: 'later', why: reasonOf(error), retryAfterMs: null };
    }
  };
}

async function headersOf(
  { format, readKeys, userAgent }: PostOptions,
  { id }: CloudEvent,
  body: string,
): Promise<Record<string, string>> {
  const { contentType } = WEBHOOK_FORMATS[format];
  const timestampSeconds = Math.floor(Date.now() / 1000);
  const signatures =
    readKeys === null ? {} : sign(await readKeys(), { id, timestampSeconds, body });
  const headers = { 'content-type': contentType, 'user-agent': userAgent, 'webhook-id': id };
  return { ...headers, ...signatures };
}

/**
 * Answers about the event itself, or that no further one is wanted (410): asking again gets them again. All others may
 * change while a receiver, or the address of it, is repaired.
 */
const FINAL_STATUSES: readonly number[] = [400, 410, 413, 422];

/** The longest pause that a receiver may ask for, in milliseconds. */
const MAX_RETRY_AFTER_MS = 300_000;

function judge(status: number, retryAfter: string | null): Verdict {
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  const why = `answered ${status}`;
  if (FINAL_STATUSES.includes(status)) return { kind: 'refused', why };
  return { kind: 'later', why, retryAfterMs: toDelayMs(retryAfter) };
}

function toDelayMs(retryAfter: string | null): number | null {
  if (retryAfter === null) return null;
  const delayMs = parseRetryAfterMs(retryAfter, Date.now());
  return delayMs === null || delayMs < 0 ? null : Math.min(delayMs, MAX_RETRY_AFTER_MS);
}

/** The system's code: its messages may repeat the host, those of files their path. */
function reasonOf(error: unknown): string {
  const { name, code, cause } = (error ?? {}) as Record<string, unknown>;
  if (name === 'TimeoutError') return 'no answer in time';
  if (name === 'WebhookSecretError') return `the secret ${(error as Error).message}`;
  const word = typeof code === 'string' ? code : (cause as { code?: unknown } | undefined)?.code;
  return typeof word === 'string' ? word : 'the connection failed';
}

// Keys and signatures.

const PREFIX = 'whsec_';
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** Sizes of a key that the standard allows, in bytes. */
const KEY_BYTES = { min: 24, max: 64 } as const;

/** Thrown for a secret that is none; never repeats it. */
export class WebhookSecretError extends Error {
  override readonly name = 'WebhookSecretError';
}

/**
 * The keys of a secret: `whsec_` and base64, or base64 alone. Several, separated by blanks or line breaks,
 * all sign: so a receiver can change from one to the next.
 *
 * @throws WebhookSecretError
 */
export function parseKeys(text: string): readonly Buffer[] {
  const words = text.split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) throw new WebhookSecretError('is empty');
  return words.map(toKey);
}

function toKey(word: string): Buffer {
  const base64 = word.startsWith(PREFIX) ? word.slice(PREFIX.length) : word;
  const key = BASE64.test(base64) ? Buffer.from(base64, 'base64') : Buffer.alloc(0);
  if (key.length < KEY_BYTES.min || key.length > KEY_BYTES.max)
    throw new WebhookSecretError(
      `is not ${PREFIX} and base64 of ${KEY_BYTES.min} to ${KEY_BYTES.max} random bytes`,
    );
  return key;
}

/** What is signed. */
export interface Signed {
  readonly id: string;
  /** Of this attempt, epoch seconds. */
  readonly timestampSeconds: number;
  readonly body: string;
}

/** The headers that carry the signatures. */
export function sign(
  keys: readonly Buffer[],
  { id, timestampSeconds, body }: Signed,
): Record<string, string> {
  const at = new Date(timestampSeconds * 1000);
  const signatures = keys.map((key) => new Standard(key, { format: 'raw' }).sign(id, at, body));
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': signatures.join(' '),
  };
}

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
