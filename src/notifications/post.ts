/** One attempt to hand a letter to the webhook. */
import { createDirectPost } from '../direct-request.js';
import { parseRetryAfterMs } from '../retry-after.js';

import { CLOUD_EVENTS_TYPE } from './cloud-event.js';
import type { Letter } from './cloud-event.js';
import type { ReadKeys } from './secret.js';
import { sign } from './signature.js';

/** Longest time for one attempt, in milliseconds. */
export const ATTEMPT_TIMEOUT_MS = 10_000;

/** What came of an attempt. `why` never holds the URL, which may be secret, nor the key. */
export type Verdict =
  | { readonly kind: 'delivered' }
  /** Asking again would get the same answer. */
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'later'; readonly why: string; readonly retryAfterMs: number | null };

/** Where letters go. */
export interface PostOptions {
  /** Whole URL; may hold a token. */
  readonly url: string;
  readonly readKeys: ReadKeys;
  readonly userAgent: string;
  /** @default {@link ATTEMPT_TIMEOUT_MS} */
  readonly timeoutMs?: number;
}

/** Sends one letter. Never throws. */
export type Post = (letter: Letter, signal: AbortSignal) => Promise<Verdict>;

/** A sender that signs with the keys of the moment, follows no redirect, uses no proxy and reads no answer's body. */
export function createPost(options: PostOptions): Post {
  const { url, timeoutMs = ATTEMPT_TIMEOUT_MS } = options;
  const postDirectly = createDirectPost();
  return async (letter, signal) => {
    try {
      const response = await postDirectly(url, {
        headers: await headersOf(options, letter),
        body: letter.body,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
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
  { readKeys, userAgent }: PostOptions,
  { id, body }: Letter,
): Promise<Record<string, string>> {
  const timestampSeconds = Math.floor(Date.now() / 1000);
  const signatures = sign(await readKeys(), { id, timestampSeconds, body });
  return { 'content-type': CLOUD_EVENTS_TYPE, 'user-agent': userAgent, ...signatures };
}

/** Answers about the letter itself; all others may change while a receiver is repaired or deployed. */
const FINAL_STATUSES: readonly number[] = [400, 405, 406, 410, 411, 413, 414, 415, 422, 501];

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

/** The system's word: its messages may repeat the host, those of files their path. */
function reasonOf(error: unknown): string {
  const { name, code, cause } = (error ?? {}) as Record<string, unknown>;
  if (name === 'TimeoutError') return 'no answer in time';
  if (name === 'WebhookSecretError') return `the secret ${(error as Error).message}`;
  const word = typeof code === 'string' ? code : (cause as { code?: unknown } | undefined)?.code;
  return typeof word === 'string' ? word : 'the connection failed';
}
