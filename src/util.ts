/** Whether foreign data is an object, whose fields may then be looked at; a list is none. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Text without the byte order mark that editors may put in front: no parser of ours but two skips it. */
export function withoutBom(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

/** Seconds, as RFC 9110 (10.2.3) has it: digits alone. */
const DELTA_SECONDS = /^\d{1,10}$/;

/** An HTTP date (RFC 9110, 5.6.7), the obsolete forms included: it begins with a weekday. */
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /;

/**
 * How long a `Retry-After` header asks to wait, in milliseconds; negative where its date has passed.
 *
 * @param nowMs the present by the clock of whoever sent it, epoch milliseconds
 * @returns `null` for anything but whole seconds or an HTTP date: `Date.parse` would read `32.5` as a year
 */
export function parseRetryAfterMs(header: string, nowMs: number): number | null {
  const text = header.trim();
  if (DELTA_SECONDS.test(text)) return Number(text) * 1000;
  if (!HTTP_DATE.test(text)) return null;
  // The form of C's asctime names no zone, and means UTC.
  const atMs = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(atMs) ? null : atMs - nowMs;
}

/** The fields of foreign data; none where it is no object. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

/** What a table of ours has under a name that may be foreign: `constructor` is in none, though every object has one. */
export function entryOf<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** Whether foreign data goes deeper than so many levels; more than a few hundred no one walks through without care. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeperThan(inner, levels - 1));
}

/** A field of foreign data as text, without the spaces around it; `null` where it is none, or empty. */
export function textOf(value: unknown): string | null {
  const text = typeof value === 'string' ? value.trim() : '';
  return text === '' ? null : text;
}

/** Whether there is something: neither `null` nor `undefined`. */
export function isPresent<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined;
}

/** What an error says; of what is none, its text. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * The beginning of a text, in so many characters; `…` says that something is missing. Cut between characters: half of
 * one is no text, and Temporal takes none in its own fields.
 */
export function clip(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const kept = text.slice(0, maxLength).replace(/[\uD800-\uDBFF]$/, '');
  return `${kept.trimEnd()}…`;
}

/**
 * Control characters, line separators and direction marks: what a terminal obeys, or what forges a line or turns the
 * order of words. And halves of characters, which are no text. The line break is one of them.
 */
export const SPOOFING = /[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029]/u;

const SPOOFING_EACH = new RegExp(SPOOFING, 'gu');

/**
 * A text as it leaves for people, line breaks apart: what could spoof stands there as its code, such as `\u202e`. Of
 * JSON this changes no value.
 */
export function visible(text: string): string {
  return text.replace(SPOOFING_EACH, (mark) =>
    mark === '\n' ? mark : `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * Aborted after so many milliseconds, as by `AbortSignal.timeout`. That one never is, in Node 20, once the garbage
 * collector has run while only an `AbortSignal.any` knew of it.
 */
export function timeoutSignal(ms: number): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => {
    controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
  }, ms).unref();
  return controller.signal;
}

/** Readings until two in a row agree. */
const MAX_READINGS = 4;

/** What several files hold together, which may be in the middle of a rotation; `null` where they keep changing. */
export async function readUntilSettled<T>(read: () => Promise<T>): Promise<T | null> {
  let last = await read();
  for (let reading = 2; reading <= MAX_READINGS; reading += 1) {
    const next = await read();
    if (JSON.stringify(next) === JSON.stringify(last)) return next;
    last = next;
  }
  return null;
}

/** An instant as RFC 3339 in UTC, with milliseconds. */
export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** As the API and Temporal write their ids. */
export const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** 32 hex digits, or a UUID. */
export const PROJECT_ID = /^(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** What an id of a job looks like, before it becomes part of a path. */
export const JOB_ID = /^[0-9a-zA-Z-]{16,64}$/;

/**
 * The clocks of machines that work with the API differ by no more: its gateway refuses signatures that are further off
 * (signing guide). In milliseconds.
 */
export const MAX_SKEW_MS = 15 * 60_000;

/** From here on a signature counts as refused for the clock alone: a minute is left to the way. In milliseconds. */
export const REFUSED_SKEW_MS = MAX_SKEW_MS - 60_000;
