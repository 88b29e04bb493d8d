/**
 * The server's half of SDK-HMAC-SHA256, written from the vendor's signing guide alone: it shares no
 * code with the client's signer, so that a mistake in one cannot hide in the other.
 */
import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Name of the one algorithm that is accepted. */
const ALGORITHM = 'SDK-HMAC-SHA256';

/** The parts of a request that a signature covers. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query exactly as they came over the wire. */
  readonly rawUrl: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The three fields of an `Authorization` header. */
export interface Authorization {
  readonly accessKey: string;
  readonly signedHeaders: string;
  readonly signature: string;
}

const AUTHORIZATION =
  /^SDK-HMAC-SHA256 Access=([^,\s]+), ?SignedHeaders=([^,\s]+), ?Signature=([0-9a-f]{64})$/;

/** Reads an `Authorization` header; `null` when it is not one of ours. */
export function parseAuthorization(header: string | undefined): Authorization | null {
  const [, accessKey, signedHeaders, signature] = AUTHORIZATION.exec(header ?? '') ?? [];
  if (!accessKey || !signedHeaders || !signature) return null;
  return { accessKey, signedHeaders, signature };
}

/** The text whose hash is signed, as the server sees the request. */
export function canonicalRequest(request: SignedRequest, signedHeaders: string): string {
  const [rawPath, rawQuery] = splitOnce(request.rawUrl, '?');
  const headerLines = signedHeaders
    .split(';')
    .map((name) => `${name}:${headerValue(request.headers, name)}\n`);
  return [
    request.method,
    canonicalPath(rawPath),
    canonicalQuery(rawQuery),
    headerLines.join(''),
    signedHeaders,
    sha256(request.body),
  ].join('\n');
}

/** The signature that a holder of `secretKey` would have sent. */
export function signatureOf(canonical: string, date: string, secretKey: string): string {
  const stringToSign = [ALGORITHM, date, sha256(canonical)].join('\n');
  return createHmac('sha256', secretKey).update(stringToSign).digest('hex');
}

/** Cuts a text at the first occurrence of `separator`. */
export function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}

function canonicalPath(rawPath: string): string {
  const path = rawPath.split('/').map(reencode).join('/');
  return path.endsWith('/') ? path : `${path}/`;
}

function canonicalQuery(rawQuery: string): string {
  const pairs = rawQuery
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => splitOnce(pair, '=').map(reencode) as [string, string]);
  return pairs
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map((pair) => pair.join('='))
    .join('&');
}

function headerValue(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name] ?? '';
  return (Array.isArray(value) ? value.join(',') : value).trim();
}

/** RFC 3986: everything but unreserved characters is escaped; a `+` is a plus sign, not a space. */
function reencode(raw: string): string {
  const escape = (character: string): string =>
    `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(decode(raw)).replace(/[!'()*]/g, escape);
}

function decode(raw: string): string {
  try {
    return decodeURIComponent(raw);
  } catch {
    return raw;
  }
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
