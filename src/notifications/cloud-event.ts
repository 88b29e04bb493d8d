/** What a receiver gets: a CloudEvent 1.0 in structured JSON, or a message for a chat. */
import type { CloudEvent, Notification } from '../contract/index.js';
import { describeNotification } from '../domain/notification.js';
import { clip, textOf, visible } from '../util.js';

/** Largest body of a CloudEvent, in bytes: receivers commonly take 64 KiB and more. */
export const MAX_BODY_BYTES = 65_536;

/** The run that reports. */
export interface Origin {
  readonly namespace: string;
  readonly workflowId: string;
  readonly runId: string;
}

/**
 * The CloudEvent of a notification. Of data that would be too long, lists and objects are left out, then the ends of
 * the texts; `isTruncated` then says so.
 */
export function toCloudEvent(
  { namespace, workflowId, runId }: Origin,
  { type, id, time, data }: Notification,
): CloudEvent {
  const segments = ['namespaces', namespace, 'workflows', workflowId, runId].map(
    encodeURIComponent,
  );
  const source = `/${segments.join('/')}`;
  const about = { id, source, type, subject: workflowId, time } as const;
  const event = { specversion: '1.0', ...about, datacontenttype: 'application/json' } as const;
  const fits = (some: CloudEvent['data']): boolean =>
    Buffer.byteLength(toJson({ ...event, data: some })) <= MAX_BODY_BYTES;
  const kept = [data, withoutNested(data), withoutLongTexts(data)].find(fits) ?? TRUNCATED;
  return { ...event, data: kept };
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

const toJson = (value: object): string => visible(JSON.stringify(value));

/** Longest text of a chat message, in characters, as Slack recommends. */
const MAX_CHAT_LENGTH = 4_000;

/** Slack's mark-up takes these three for its own. */
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** What people read in a chat: what happened, to which instance, what Redis itself showed, and the message of the run. */
function toChatMessage({ data }: CloudEvent): { readonly text: string } {
  const { word, about } = describeNotification(data);
  const words = textOf(data['message']) ?? textOf(data['next']) ?? textOf(data['reason']) ?? '';
  const shown = textOf(data['dataPlane']);
  const lines = clip(shown === null ? words : `${shown}\n${words}`, MAX_CHAT_LENGTH)
    .split('\n')
    .map(asCode)
    .map(escaped);
  return { text: [`*${escaped(word)}* ${escaped(about)}`, ...lines].join('\n').trim() };
}

/** Commands stand in messages as lines that are indented by two blanks. */
function asCode(line: string): string {
  return line.startsWith('  ') ? `\`${line.trim().replaceAll('`', "'")}\`` : line;
}

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (mark) => ENTITIES[mark] ?? mark);
}

/** How an event becomes the body of a request. */
export const WEBHOOK_FORMATS = {
  cloudevents: {
    contentType: 'application/cloudevents+json; charset=utf-8',
    toBody: (event: CloudEvent) => toJson(event),
  },
  slack: {
    contentType: 'application/json; charset=utf-8',
    toBody: (event: CloudEvent) => toJson(toChatMessage(event)),
  },
} as const;

/** One of {@link WEBHOOK_FORMATS}. */
export type WebhookFormat = keyof typeof WEBHOOK_FORMATS;
