import type { Clock } from '../clock.js';
import type { Habits } from '../habits.js';
import type { ApiError } from '../http/refusal.js';
import type { Caller, Keyring, KnownKey } from '../identity/keyring.js';
import { canonicalRequest, parseAuthorization, signatureOf } from './signature.js';
import type { Authorization, SignedRequest } from './signature.js';

/** The part of the API gateway that knows who is calling. */
export interface Gateway {
  /** Who has signed a request or sent a token with it, else the 401 that the gateway answers. */
  identify(request: SignedRequest): Identified;
  /** Forgets failures and locks, as a replaced key does. */
  unlock(): void;
}

/** Either a caller or the reason why there is none. */
export type Identified = { readonly caller: Caller } | { readonly problem: ApiError };

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
