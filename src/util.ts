/** Whether foreign data is an object, whose fields may then be looked at. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
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
