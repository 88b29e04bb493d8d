/** What a receiver gets: a CloudEvent 1.0 in structured JSON. */
import type { Notification, NotificationType } from '../contract/index.js';

/** Media type of the body. */
export const CLOUD_EVENTS_TYPE = 'application/cloudevents+json; charset=utf-8';

/** Largest body, in bytes: receivers commonly take 64 KiB and more. */
export const MAX_BODY_BYTES = 65_536;

/** The run that tells. */
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
    JSON.stringify({ ...event, data }),
  );
  const body = bodies.find((text) => Buffer.byteLength(text) <= MAX_BODY_BYTES);
  return { id, type, subject, body: body ?? JSON.stringify({ ...event, data: TRUNCATED }) };
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
