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
