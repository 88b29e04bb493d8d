import type { ApiError } from '../http/refusal.js';
import { canonicalRequest, parseAuthorization, signatureOf } from './signature.js';
import type { SignedRequest } from './signature.js';

/** Keys of the one user the simulator knows. */
export interface Credentials {
  readonly accessKey: string;
  readonly secretKey: string;
  /** Set for temporary keys; every request must then carry it. @default null */
  readonly securityToken?: string | null;
}

/** The part of the API gateway that knows who is calling. */
export interface Gateway {
  /** The keys in force. */
  readonly credentials: Credentials;
  /** Replaces the keys; the old ones are unknown from now on, and no lock is carried over. */
  rotate(credentials: Credentials): void;
  /** `null` when the request is authentic, else the 401 that the gateway answers. */
  check(request: SignedRequest): ApiError | null;
}

/** Largest accepted distance between `X-Sdk-Date` and the server's clock (the vendor's signing guide). */
const MAX_SKEW_MS = 15 * 60_000;
/** Consecutive failures after which a key is locked (API gateway, error codes). */
const FAILURES_BEFORE_LOCK = 5;
/** How long a locked key stays locked (API gateway, error codes). */
const LOCK_MS = 5 * 60_000;

const SDK_DATE = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;

/** A gateway that accepts requests signed with `initial`. */
export function createGateway(initial: Credentials): Gateway {
  let credentials = initial;
  let failures = 0;
  let lockedUntilMs = 0;

  const check = (request: SignedRequest): ApiError | null => {
    const accessKey = parseAuthorization(request.headers.authorization)?.accessKey;
    if (accessKey === credentials.accessKey && Date.now() < lockedUntilMs) {
      return incorrect('AK access failed to reach the limit,forbidden');
    }
    const problem = findProblem(request, credentials);
    if (problem === null) failures = 0;
    else if (accessKey === credentials.accessKey) failures += 1;
    if (failures >= FAILURES_BEFORE_LOCK) {
      failures = 0;
      lockedUntilMs = Date.now() + LOCK_MS;
    }
    return problem;
  };
  const rotate = (next: Credentials): void => {
    credentials = next;
    failures = 0;
    lockedUntilMs = 0;
  };
  return {
    get credentials() {
      return credentials;
    },
    rotate,
    check,
  };
}

function findProblem(request: SignedRequest, credentials: Credentials): ApiError | null {
  const { headers } = request;
  const authorization = parseAuthorization(headers.authorization);
  if (headers.authorization === undefined) return incorrect('x-auth-token not found');
  if (authorization === null) return incorrect('decrypt token fail');
  const { accessKey, signedHeaders, signature } = authorization;
  if (accessKey !== credentials.accessKey) {
    return incorrect(`Get secretKey failed,ak:${accessKey},err:ak not exist`);
  }
  // A token that belongs to no temporary key is refused as well: it is a mixture of two logins.
  const token = headers['x-security-token'] ?? null;
  if (token !== (credentials.securityToken ?? null)) return incorrect('decrypt token fail');
  const date = String(headers['x-sdk-date'] ?? '');
  const canonical = canonicalRequest(request, signedHeaders);
  const isDateSigned = signedHeaders.split(';').includes('x-sdk-date');
  if (!isDateSigned || signature !== signatureOf(canonical, date, credentials.secretKey)) {
    const echo = canonical.replaceAll('\n', '|');
    return incorrect(`verify aksk signature fail, canonicalRequest:${echo}`);
  }
  return isCurrent(date) ? null : expired(date);
}

function isCurrent(date: string): boolean {
  const [year, month, day, hour, minute, second] = (SDK_DATE.exec(date) ?? []).slice(1).map(Number);
  const atMs = Date.UTC(year ?? NaN, (month ?? NaN) - 1, day, hour, minute, second);
  return Math.abs(Date.now() - atMs) <= MAX_SKEW_MS;
}

function incorrect(reason: string): ApiError {
  const message = `Incorrect IAM authentication information: ${reason}`;
  return { status: 401, shape: 'gateway', code: 'APIGW.0301', message };
}

/** The signing guide lists a wrong clock under 0303. */
function expired(date: string): ApiError {
  const now = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const message = `Incorrect app authentication information: signature expired, signature time:${date},server time:${now}`;
  return { status: 401, shape: 'gateway', code: 'APIGW.0303', message };
}
