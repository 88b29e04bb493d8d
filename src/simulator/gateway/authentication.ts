import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

import type { Clock } from '../basics.js';
import type { Habits } from '../habits.js';
import type { ApiError } from '../http/answer.js';
import type { RouteFamily } from '../http/routes.js';
import type { Caller, CredentialKind, Keyring, KnownKey } from '../identity/account.js';

// The server's half of SDK-HMAC-SHA256, written from the vendor's signing guide alone: it shares no
// code with the client's signer, so that a mistake in one cannot hide in the other.

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
interface Authorization {
  readonly accessKey: string;
  readonly signedHeaders: string;
  readonly signature: string;
}

const AUTHORIZATION =
  /^SDK-HMAC-SHA256 Access=([^,\s]+), ?SignedHeaders=([^,\s]+), ?Signature=([0-9a-f]{64})$/;

/** Reads an `Authorization` header; `null` when it is not one of ours. */
function parseAuthorization(header: string | undefined): Authorization | null {
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

/** The part of the API gateway that knows who is calling. */
export interface Gateway {
  /** Who has signed a request or sent a token with it, else the 401 that the gateway answers. */
  identify(request: SignedRequest): Identified;
  /** Forgets failures and locks, as a replaced key does. */
  unlock(): void;
}

/** Either a caller or the reason why there is none. */
type Identified = { readonly caller: Caller } | { readonly problem: ApiError };

/** Largest accepted distance between `X-Sdk-Date` and the server's clock (the vendor's signing guide). */
const MAX_SKEW_MS = 15 * 60_000;
/** Consecutive failures after which a key is locked (API gateway, error codes). */
const FAILURES_BEFORE_LOCK = 5;
/** How long a locked key stays locked (API gateway, error codes). */
const LOCK_MS = 5 * 60_000;

const SDK_DATE = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;

/** Failures of one key in a row. */
interface Attempts {
  failures: number;
  lockedUntilMs: number;
}

const UNKNOWN_KEY_TEXTS: Record<Habits['unknownKeyText'], (accessKey: string) => string> = {
  'get-secret-key-failed': (accessKey) => `Get secretKey failed,ak:${accessKey},err:ak not exist`,
  'ak-not-exist': (accessKey) => `ak ${accessKey} not exist`,
  unauthorized: () => 'Unauthorized',
};

/** A gateway that accepts requests signed with the keys, and tokens, of the keyring. */
export function createGateway(keyring: Keyring, clock: Clock, habits: Habits): Gateway {
  const attempts = new Map<string, Attempts>();

  const identifyKey = (request: SignedRequest, authorization: Authorization): Identified => {
    const { accessKey } = authorization;
    const key = keyring.findKey(accessKey);
    if (key === null) return incorrect(UNKNOWN_KEY_TEXTS[habits.unknownKeyText](accessKey));
    const tries = attempts.get(accessKey) ?? { failures: 0, lockedUntilMs: 0 };
    attempts.set(accessKey, tries);
    if (Date.now() < tries.lockedUntilMs) {
      return incorrect('AK access failed to reach the limit,forbidden');
    }
    const problem = findProblem(request, authorization, key, clock);
    count(tries, problem === null);
    return problem ?? { caller: key.caller };
  };

  return {
    identify: (request) => {
      const { authorization, 'x-auth-token': token } = request.headers;
      if (authorization === undefined && token !== undefined) {
        return identifyToken(String(token), keyring, clock);
      }
      if (authorization === undefined) return incorrect('x-auth-token not found');
      const parsed = parseAuthorization(authorization);
      return parsed === null ? incorrect('decrypt token fail') : identifyKey(request, parsed);
    },
    unlock: () => {
      attempts.clear();
    },
  };
}

function count(tries: Attempts, isSuccess: boolean): void {
  tries.failures = isSuccess ? 0 : tries.failures + 1;
  if (tries.failures < FAILURES_BEFORE_LOCK) return;
  tries.failures = 0;
  tries.lockedUntilMs = Date.now() + LOCK_MS;
}

function identifyToken(token: string, keyring: Keyring, clock: Clock): Identified {
  const known = keyring.findToken(token);
  if (known === null) return incorrect('decrypt token fail');
  return clock.now() < known.expiresAtMs ? { caller: known.caller } : TOKEN_EXPIRED;
}

function findProblem(
  request: SignedRequest,
  { signedHeaders, signature }: Authorization,
  key: KnownKey,
  clock: Clock,
): { readonly problem: ApiError } | null {
  const { headers } = request;
  // A token that belongs to no temporary key is refused as well: it is a mixture of two logins.
  const token = headers['x-security-token'] ?? null;
  if (token !== (key.securityToken ?? null)) return incorrect('decrypt token fail');
  const date = String(headers['x-sdk-date'] ?? '');
  const canonical = canonicalRequest(request, signedHeaders);
  const isDateSigned = signedHeaders.split(';').includes('x-sdk-date');
  if (!isDateSigned || signature !== signatureOf(canonical, date, key.secretKey)) {
    const echo = canonical.replaceAll('\n', '|');
    return incorrect(`verify aksk signature fail, canonicalRequest:${echo}`);
  }
  if (clock.now() >= key.expiresAtMs) return incorrect('token expires');
  return isCurrent(date, clock) ? null : expired(date, clock);
}

function isCurrent(date: string, clock: Clock): boolean {
  const [year, month, day, hour, minute, second] = (SDK_DATE.exec(date) ?? []).slice(1).map(Number);
  const atMs = Date.UTC(year ?? NaN, (month ?? NaN) - 1, day, hour, minute, second);
  return Math.abs(clock.now() - atMs) <= MAX_SKEW_MS;
}

const unauthorized = (code: string, message: string): { readonly problem: ApiError } => ({
  problem: { status: 401, shape: 'gateway', code, message },
});

/** Listed for a token that is out of date, and for one of another region (API gateway, error codes). */
const TOKEN_EXPIRED = unauthorized('APIGW.0307', 'The token must be updated.');

const incorrect = (reason: string): { readonly problem: ApiError } =>
  unauthorized('APIGW.0301', `Incorrect IAM authentication information: ${reason}`);

/** The signing guide lists a wrong clock under 0303. */
function expired(date: string, clock: Clock): { readonly problem: ApiError } {
  const now = new Date(clock.now()).toISOString().replace(/[-:]|\.\d+/g, '');
  const words = `signature expired, signature time:${date},server time:${now}`;
  return unauthorized('APIGW.0303', `Incorrect app authentication information: ${words}`);
}

/** What the callers may not do. */
export interface Permissions {
  /**
   * Denies IAM actions, like `dcs:job:get`; `*` stands for any text, as in `dcs:instance:*`.
   *
   * @param credential only for callers with this kind of credential. @default all
   */
  deny(actions: readonly string[], credential?: CredentialKind): void;
  /** Denies nothing any more. */
  allowAll(): void;
}

/** The permissions as the HTTP server uses them. */
export interface PermissionBook extends Permissions {
  /** The 403 for an action that the caller may not perform, else `null`. */
  check(caller: Caller, action: string, family: RouteFamily): ApiError | null;
}

interface Denial {
  readonly pattern: RegExp;
  readonly credential: CredentialKind | null;
}

/** Permissions that deny the given actions to everybody. */
export function createPermissions(denied: readonly string[]): PermissionBook {
  const denials: Denial[] = [];
  const deny: Permissions['deny'] = (actions, credential) => {
    denials.push(
      ...actions.map((action) => ({ pattern: globOf(action), credential: credential ?? null })),
    );
  };
  deny(denied);
  return {
    deny,
    allowAll: () => {
      denials.length = 0;
    },
    check: (caller, action, family) =>
      denials.some(
        ({ pattern, credential }) =>
          pattern.test(action) && (credential ?? caller.credential) === caller.credential,
      )
        ? refusal(action, family)
        : null,
  };
}

function globOf(action: string): RegExp {
  const escaped = action.split('*').map((part) => part.replace(/[^\w:-]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`);
}

function refusal(action: string, family: RouteFamily): ApiError {
  if (family === 'iam') {
    const message = `You are not authorized to perform the requested action: ${action}`;
    return { status: 403, shape: 'iam', code: '403', message };
  }
  const message = `Policy does not allow ${action} to be performed.`;
  return { status: 403, shape: 'dcs', code: 'DCS.2007', message };
}
