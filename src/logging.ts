import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';

/** Names under which a secret could be attached to a log line, at the depths where libraries put them. */
const SECRET_FIELDS = [
  'accessKey',
  'secretKey',
  'securityToken',
  'authorization',
  'Authorization',
  'headers',
  'config',
  'request',
  'response',
  'x-auth-token',
  'X-Auth-Token',
  'x-security-token',
  'X-Security-Token',
];
const PLACES = ['', '*.', '*.*.', '*.*.*.'];

/**
 * JSON lines on stderr, because stdout belongs to data. Redaction is the second line of defence: the
 * first is that no error that holds a request ever leaves the DCS client.
 *
 * @param destination @default stderr
 */
export function createLogger(
  level: 'debug' | 'info' | 'warn' | 'error',
  destination: DestinationStream = pino.destination(2),
): Logger {
  const paths = PLACES.flatMap((place) => SECRET_FIELDS.map((field) => pathOf(place, field)));
  return pino(
    { level, base: { name: 'dcs-switchover', pid: process.pid }, redact: paths },
    destination,
  );
}

function pathOf(place: string, field: string): string {
  return /^\w+$/.test(field) ? `${place}${field}` : `${place.replace(/\.$/, '')}["${field}"]`;
}
