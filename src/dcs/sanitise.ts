/** Longest text of the service that is passed on. */
const MAX_TEXT_LENGTH = 512;

/** From here on the gateway echoes the request that it could not verify, signed header values included. */
const ECHO = /(?:canonicalRequest|x-security-token|x-auth-token|authorization)\b[\s\S]*/i;

/** `ak:…` names an access key in the gateway's words. */
const ACCESS_KEY = /\b(ak|access)([:=]\s*)[^\s,;|]+/gi;

/** Text of the service, fit for messages, history and logs: one line, bounded, without echoes. */
export function sanitise(text: unknown): string {
  if (typeof text !== 'string') return '';
  return oneLine(
    text
      .slice(0, 8 * MAX_TEXT_LENGTH)
      .replace(ECHO, '[redacted]')
      .replace(ACCESS_KEY, '$1$2[redacted]'),
  );
}

/** A name that people chose: one line, bounded, and no word of it taken for an echo. */
export function oneLine(text: string): string {
  return text
    .slice(0, 8 * MAX_TEXT_LENGTH)
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .trim()
    .slice(0, MAX_TEXT_LENGTH);
}
