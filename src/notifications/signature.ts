/** Signatures of Standard Webhooks (https://www.standardwebhooks.com), symmetric: HMAC-SHA256. */
import { createHmac } from 'node:crypto';

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
  const content = `${id}.${timestampSeconds}.${body}`;
  const signatures = keys.map(
    (key) => `v1,${createHmac('sha256', key).update(content).digest('base64')}`,
  );
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': signatures.join(' '),
  };
}
