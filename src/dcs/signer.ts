import { createHash, createHmac } from 'node:crypto';

import type { AccessKey, Credentials } from './credentials/source.js';

const ALGORITHM = 'SDK-HMAC-SHA256';

/** What is signed of a request. */
export interface SignableRequest {
  readonly method: string;
  /** Path as sent, not encoded twice. */
  readonly path: string;
  /** Decoded pairs in any order; repeated keys stand for lists. */
  readonly query: readonly (readonly [string, string])[];
  /** The headers to sign, by any spelling; must contain `X-Sdk-Date`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The steps of a signature; the intermediate ones serve tests and support cases. */
export interface Signature {
  readonly canonicalRequest: string;
  readonly stringToSign: string;
  readonly authorization: string;
}

/**
 * Signs a request by SDK-HMAC-SHA256 (signing guide): the secret key signs the hash of the canonical
 * request directly, without key derivation.
 */
export function sign(
  request: SignableRequest,
  { accessKey, secretKey }: Pick<AccessKey, 'accessKey' | 'secretKey'>,
): Signature {
  const headers = Object.entries(request.headers)
    .map(([name, value]) => [name.toLowerCase(), value.trim()] as const)
    .sort(([a], [b]) => compare(a, b));
  const signedHeaders = headers.map(([name]) => name).join(';');
  const canonicalRequest = [
    request.method.toUpperCase(),
    canonicalPath(request.path),
    canonicalQuery(request.query),
    ...headers.map(([name, value]) => `${name}:${value}`),
    '',
    signedHeaders,
    sha256(request.body),
  ].join('\n');
  const date = headers.find(([name]) => name === 'x-sdk-date')?.[1] ?? '';
  const stringToSign = [ALGORITHM, date, sha256(canonicalRequest)].join('\n');
  const signature = createHmac('sha256', secretKey).update(stringToSign).digest('hex');
  const authorization = `${ALGORITHM} Access=${accessKey}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
  return { canonicalRequest, stringToSign, authorization };
}

/** Time as `X-Sdk-Date` wants it: `20260101T000000Z`. */
export function toSdkDate(epochMs: number): string {
  return new Date(epochMs)
    .toISOString()
    .replace(/\.\d{3}/, '')
    .replace(/[-:]/g, '');
}

/** The query string in the one form that both the signature and the URL use. */
export function canonicalQuery(query: SignableRequest['query']): string {
  return query
    .map(([key, value]) => [encode(key), encode(value)] as const)
    .sort(([keyA, a], [keyB, b]) => compare(keyA, keyB) || compare(a, b))
    .map(([key, value]) => `${key}=${value}`)
    .join('&');
}

/** The canonical form always ends with a slash; the path on the wire does not. */
function canonicalPath(path: string): string {
  const encoded = path
    .split('/')
    .map((segment) => encode(decodeURIComponent(segment)))
    .join('/');
  return encoded.endsWith('/') ? encoded : `${encoded}/`;
}

/** RFC 3986: everything but the unreserved characters. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** A request that knows who sends it. */
export interface Authenticated {
  readonly headers: Readonly<Record<string, string>>;
  /** Values that must not come back to anyone in an answer's words. */
  readonly secrets: readonly string[];
  /** Whether the other side judges it by the clock. */
  readonly isSigned: boolean;
}

/** The credential as one text, to distinguish it from another; secret. */
export function identityOf(credentials: Credentials): string {
  if (credentials.kind === 'token') return credentials.token;
  const { accessKey, secretKey, securityToken } = credentials;
  return [accessKey, secretKey, securityToken ?? ''].join('\n');
}

/** Adds what proves the sender: a signature of this instant, or the token. */
export function authenticate(request: SignableRequest, credentials: Credentials): Authenticated {
  if (credentials.kind === 'token')
    return {
      headers: { ...request.headers, 'X-Auth-Token': credentials.token },
      secrets: [credentials.token],
      isSigned: false,
    };
  const { accessKey, secretKey, securityToken } = credentials;
  const headers = {
    ...request.headers,
    'X-Sdk-Date': toSdkDate(Date.now()),
    ...(securityToken === null ? {} : { 'X-Security-Token': securityToken }),
  };
  const { authorization } = sign({ ...request, headers }, credentials);
  const [, signature = ''] = authorization.split('Signature=');
  return {
    headers: { ...headers, Authorization: authorization },
    secrets: [accessKey, secretKey, securityToken ?? '', signature],
    isSigned: true,
  };
}
