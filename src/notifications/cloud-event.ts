/** What a receiver gets: a CloudEvent 1.0 in structured JSON. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

import { Webhook } from 'standardwebhooks';

import type { Notification, NotificationType } from '../contract/index.js';
import { visible, withoutBom } from '../util.js';

/** Media type of the body. */
export const CLOUD_EVENTS_TYPE = 'application/cloudevents+json; charset=utf-8';

/** Largest body, in bytes: receivers commonly take 64 KiB and more. */
export const MAX_BODY_BYTES = 65_536;

/** The run that reports. */
export interface Origin {
  readonly namespace: string;
  readonly workflowId: string;
  readonly runId: string;
}

/** A CloudEvent 1.0 of ours; `source` and `id` together name it for ever. */
export interface CloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  /** URI reference of the run, as the Temporal UI has it. */
  readonly source: string;
  readonly type: NotificationType;
  /** The workflow id. */
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly data: Readonly<Record<string, unknown>>;
}

/** An event that is ready to be sent. */
export interface Letter {
  readonly id: string;
  readonly type: NotificationType;
  readonly subject: string;
  readonly body: string;
}

/** The CloudEvent of a notification. */
export function toCloudEvent(
  { namespace, workflowId, runId }: Origin,
  { type, id, time, data }: Notification,
): CloudEvent {
  const segments = ['namespaces', namespace, 'workflows', workflowId, runId].map(
    encodeURIComponent,
  );
  const source = `/${segments.join('/')}`;
  const datacontenttype = 'application/json';
  return { specversion: '1.0', id, source, type, subject: workflowId, time, datacontenttype, data };
}

/**
 * The event as text. Of data that would be too long, lists and objects are left out, then the ends of the
 * texts; `isTruncated` then says so.
 */
export function toLetter(event: CloudEvent): Letter {
  const { id, type, subject } = event;
  const bodies = [event.data, withoutNested(event.data), withoutLongTexts(event.data)].map((data) =>
    visible(JSON.stringify({ ...event, data })),
  );
  const body = bodies.find((text) => Buffer.byteLength(text) <= MAX_BODY_BYTES);
  return {
    id,
    type,
    subject,
    body: body ?? visible(JSON.stringify({ ...event, data: TRUNCATED })),
  };
}

const TRUNCATED = { isTruncated: true } as const;

/** Longest text of shortened data, in characters. */
const MAX_TEXT_LENGTH = 512;

function withoutNested(data: CloudEvent['data']): CloudEvent['data'] {
  const flat = Object.entries(data).filter(
    ([, value]) => typeof value !== 'object' || value === null,
  );
  return { ...Object.fromEntries(flat), ...TRUNCATED };
}

function withoutLongTexts(data: CloudEvent['data']): CloudEvent['data'] {
  const short = Object.entries(withoutNested(data)).map(([key, value]) => [
    key,
    typeof value === 'string' ? value.slice(0, MAX_TEXT_LENGTH) : value,
  ]);
  return Object.fromEntries(short) as CloudEvent['data'];
}

// Signatures of Standard Webhooks (https://www.standardwebhooks.com), symmetric: HMAC-SHA256.

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
  const signatures = keys.map((key) => new Webhook(key, { format: 'raw' }).sign(id, at, body));
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
