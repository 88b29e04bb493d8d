import { DataConverterError } from '../temporal/errors.js';

/** Where a codec server is. Holds a secret: never log it. */
export interface RemoteCodecSettings {
  /** Base URL; `{namespace}` in it stands for the namespace. */
  readonly endpoint: string;
  /** Value of the header `Authorization`, as it is; `null` for none. */
  readonly auth: string | null;
}

const LOOPBACK_HOSTS = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** What an HTTP header may hold. */
const HEADER_VALUE = /^[\t\x20-\x7e]+$/;

/**
 * Checks that keys and payloads go nowhere but to the server that was meant: https, or http on this
 * machine; no user, query or fragment in the URL.
 *
 * @throws DataConverterError, without the URL or the value of the header
 */
export function checkRemoteCodec({ endpoint, auth }: RemoteCodecSettings): void {
  const url = parse(endpoint);
  if (url === null || !isPrivate(url) || hasExtras(url))
    throw new DataConverterError(
      'TEMPORAL_CODEC_ENDPOINT',
      'is not an address of a codec server',
      'Write https://host/path (http only on this machine), without user, query or fragment; a credential belongs in TEMPORAL_CODEC_AUTH.',
    );
  if (auth !== null && !HEADER_VALUE.test(auth))
    throw new DataConverterError(
      'TEMPORAL_CODEC_AUTH',
      'cannot be the value of an HTTP header',
      'Write the whole value, such as "Bearer …", on one line.',
    );
}

function isPrivate({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK_HOSTS.test(hostname));
}

function hasExtras({ username, password, search, hash }: URL): boolean {
  return [username, password, search, hash].some((part) => part !== '');
}

function parse(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}
