import { parseRetryAfterMs as parseHeader } from '../util.js';

/**
 * Whether the request can have reached the service: `never-sent` is a fact (no byte was handed to a
 * connected socket), `answered` too (a response came), `maybe-sent` is neither: it cannot be determined.
 */
export type Delivery = 'never-sent' | 'maybe-sent' | 'answered';

/** What is known of a quota that is spent. */
export interface Throttle extends ThrottleDetails {
  /** What `Retry-After` asked to wait, in milliseconds; `null` without one. */
  readonly askedMs: number | null;
}

/** What every DCS error reports. Never a header, a credential, or the HTTP library's own error. */
export interface DcsErrorFacts {
  /** Name of the client's operation, such as `showInstance`. */
  readonly operation: string;
  readonly method: 'GET' | 'PUT';
  /** Path template, without ids. */
  readonly route: string;
  readonly delivery: Delivery;
  /** HTTP status; `null` when no response came. */
  readonly status?: number | null;
  /** Normalised service or gateway code, such as `DCS.4049` or `APIGW.0308`. */
  readonly code?: string | null;
  /** Whether the body is an error of DCS, its gateway or IAM, by a code of their own. */
  readonly bodyParsed?: boolean;
  readonly requestId?: string | null;
  /** What the API asked to wait, in milliseconds. */
  readonly retryAfterMs?: number | null;
  /** Of a call that was answered 429; `null` otherwise. */
  readonly throttle?: Throttle | null;
  /** The API's own clock, epoch milliseconds. */
  readonly serverTimeMs?: number | null;
  /** On a refused signature, and while one makes a call wait: our clock minus the API's, in milliseconds, when that is too much. */
  readonly clockSkewMs?: number | null;
}

/** Base of all errors of this client. */
export abstract class DcsError extends Error {
  readonly operation: string;
  readonly method: 'GET' | 'PUT';
  readonly route: string;
  readonly delivery: Delivery;
  readonly status: number | null;
  readonly code: string | null;
  readonly bodyParsed: boolean;
  readonly requestId: string | null;
  readonly retryAfterMs: number | null;
  readonly throttle: Throttle | null;
  readonly serverTimeMs: number | null;
  /** See {@link DcsErrorFacts.clockSkewMs}. Not `null`: another credential would not help. */
  readonly clockSkewMs: number | null;

  protected constructor(facts: DcsErrorFacts, text: string) {
    // The words of others end as they like; these become part of longer ones.
    super(`${facts.method} ${facts.route}: ${text.replace(/(?<!\.)\.+$/, '')}`);
    this.operation = facts.operation;
    this.method = facts.method;
    this.route = facts.route;
    this.delivery = facts.delivery;
    this.status = facts.status ?? null;
    this.code = facts.code ?? null;
    this.bodyParsed = facts.bodyParsed ?? false;
    this.requestId = facts.requestId ?? null;
    this.retryAfterMs = facts.retryAfterMs ?? null;
    this.throttle = facts.throttle ?? null;
    this.serverTimeMs = facts.serverTimeMs ?? null;
    this.clockSkewMs = facts.clockSkewMs ?? null;
  }
}

/** Waits longer than this are taken for mistakes, in milliseconds. */
const MAX_RETRY_AFTER_MS = 600_000;

/**
 * How long the service asks to wait, in milliseconds: the `Retry-After` header (seconds or a date),
 * else the window in the gateway's throttling message (`…limit:100,time:1 minute`). `null` when it
 * says nothing, or something absurd.
 */
export function parseRetryAfterMs(
  header: string | undefined,
  message: string,
  nowMs: number,
): number | null {
  const waits = [fromHeader(header, nowMs), fromMessage(message)];
  return waits.find((ms) => ms !== null && ms >= 0 && ms <= MAX_RETRY_AFTER_MS) ?? null;
}

function fromHeader(header: string | undefined, nowMs: number): number | null {
  return header === undefined ? null : parseHeader(header, nowMs);
}

function fromMessage(message: string): number | null {
  const [, amount, unit] = /time:\s*(\d+)\s*(second|minute|hour)/i.exec(message) ?? [];
  const unitMs = UNIT_MS[unit?.toLowerCase() ?? ''];
  return amount === undefined || unitMs === undefined ? null : Number(amount) * unitMs;
}

/** Thrown when the client's settings or an id are unusable; nothing was called. */
export class DcsConfigurationError extends Error {
  override readonly name = 'DcsConfigurationError';

  /** @param setting name of the option or id; `problem` never repeats its value */
  constructor(
    readonly setting: string,
    problem: string,
  ) {
    super(`${setting} ${problem}`);
  }
}

/** The other side closed a connection before anything was written to it. */
export const CLOSED_UNUSED = 'CLOSED_UNUSED';

/** Why no connection came about, and what to do; first match wins. */
const HINTS: readonly (readonly [reason: RegExp, hint: string])[] = [
  [/^PROXY_407$/, 'the proxy wants other credentials: correct DCS_HTTPS_PROXY'],
  [/^PROXY_\d+$/, 'the proxy does not open the route to this endpoint: ask for it to be allowed'],
  [/^PROXY_(?:CLOSED|ECONNRESET)$/, 'the proxy hung up: see its log, and check DCS_HTTPS_PROXY'],
  [/^PROXY_/, 'the proxy itself was not reached: check DCS_HTTPS_PROXY'],
  [
    /SELF_SIGNED|UNABLE_TO_(?:GET_ISSUER|VERIFY)|CERT_UNTRUSTED/,
    'its certificate is not trusted: name the authority in DCS_CA_FILE of the worker',
  ],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, 'its certificate is for another name: check the endpoint'],
  [/^CERT_HAS_EXPIRED$/, 'its certificate has expired'],
  [/^CLOSED_UNUSED$/, 'the other side closed it before anything was sent'],
  [/^ECONNREFUSED$/, 'no one listens there: check the endpoint and the firewall'],
  [/^(?:ENOTFOUND|EAI_AGAIN)$/, 'the name does not resolve here: check the endpoint and DNS'],
];

/** The reason of the system as text: `ENOTFOUND: the name does not …`. */
export function explainReason(reason: string): string {
  const [, hint] = HINTS.find(([pattern]) => pattern.test(reason)) ?? [];
  return hint === undefined ? reason : `${reason}: ${hint}`;
}

/** Whether a failure with this reason comes before any byte of a request. */
export function isBeforeRequest(reason: string): boolean {
  return HINTS.some(([pattern]) => pattern.test(reason));
}

/** Thrown when no connection came about (`never-sent`) or it broke before a response (`maybe-sent`). */
export class DcsConnectionError extends DcsError {
  override readonly name = 'DcsConnectionError';

  /** @param reason the system's code, such as `ECONNREFUSED`, or `PROXY_407` */
  constructor(
    facts: DcsErrorFacts,
    readonly reason: string,
  ) {
    super(
      facts,
      facts.delivery === 'never-sent'
        ? `no connection (${explainReason(reason)})`
        : `connection lost (${explainReason(reason)})`,
    );
  }
}

/** Thrown when a credential source gives no usable credential; names where it looked, never what it found. */
export class DcsCredentialsError extends Error {
  override readonly name = 'DcsCredentialsError';

  /** @param clockSkewMs see {@link DcsErrorFacts.clockSkewMs}, where that is why it waits */
  constructor(
    message: string,
    readonly clockSkewMs: number | null = null,
  ) {
    super(message);
  }
}

/** Thrown when the service, the gateway or something between answered with another status than 2xx. */
export class DcsHttpError extends DcsError {
  override readonly name = 'DcsHttpError';

  /** @param text the body's own words, already sanitised; empty when there were none */
  constructor(facts: DcsErrorFacts & { readonly status: number }, text: string) {
    super(facts, [facts.status, facts.code, text].filter(Boolean).join(' '));
  }
}

/** Thrown when a reading got no turn under the client's own read limit within its time; nothing was sent. */
export class DcsReadLimitError extends DcsError {
  override readonly name = 'DcsReadLimitError';

  constructor(facts: DcsErrorFacts, timeoutMs: number) {
    super(facts, `no turn within ${timeoutMs} ms under this project's maxReadsPerSecond; not sent`);
  }
}

/** Thrown when a 2xx response cannot be used: malformed, cut off, too large, or without what it is for. */
export class DcsResponseError extends DcsError {
  override readonly name = 'DcsResponseError';

  constructor(facts: DcsErrorFacts, problem: string) {
    super(facts, `${facts.status ?? 'response'} ${problem}`);
  }
}

/** Thrown when a call was not done in time, connect to last byte. */
export class DcsTimeoutError extends DcsError {
  override readonly name = 'DcsTimeoutError';

  constructor(
    facts: DcsErrorFacts,
    readonly timeoutMs: number,
  ) {
    super(facts, `no answer within ${timeoutMs} ms`);
  }
}

/** Thrown when there was no credential to make the call with; nothing was sent. */
export class DcsUnauthenticatedError extends DcsError {
  override readonly name = 'DcsUnauthenticatedError';

  /** @param cause what the credential source threw; only our own error's words are passed on */
  constructor(facts: DcsErrorFacts, cause: unknown) {
    const clockSkewMs = cause instanceof DcsCredentialsError ? cause.clockSkewMs : null;
    super({ ...facts, clockSkewMs }, `not sent: ${explain(cause)}`);
  }
}

function explain(cause: unknown): string {
  if (cause instanceof DcsCredentialsError) return cause.message;
  return `the credential source failed (${cause instanceof Error ? cause.name : 'unknown error'})`;
}

/** Thrown when the quota of the API left a call no turn within its time. */
export class DcsThrottledError extends DcsError {
  override readonly name = 'DcsThrottledError';

  constructor(facts: DcsErrorFacts, { sinceMs, throttle }: Closed) {
    const retryAfterMs = throttle.askedMs ?? throttle.windowMs;
    super(
      { ...facts, delivery: 'answered', status: 429, throttle, retryAfterMs },
      `no turn: 429 since ${new Date(sinceMs).toISOString().slice(11, 16)} UTC (${describe(throttle)}); ` +
        'others use the same quota, or this worker uses more than there is',
    );
  }
}

function describe({ policy, limit, windowMs }: Closed['throttle']): string {
  const window = windowMs === 60_000 ? 'minute' : `${(windowMs ?? 60_000) / 1000} s`;
  const words = [
    ...(policy === null ? [] : [`policy ${policy}`]),
    ...(limit === null ? [] : [`limit ${limit} per ${window}`]),
  ];
  return words.length === 0 ? 'its limit was not reported' : words.join(', ');
}

const UNIT_MS: Readonly<Record<string, number>> = {
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

/** What the gateway says of a quota that is spent; `null` where it does not. */
interface ThrottleDetails {
  /** Whose calls are counted: those of a `user`, to an `api`, of an `app`, from an `ip`. */
  readonly policy: string | null;
  /** Calls per window. */
  readonly limit: number | null;
  /** Length of the window, in milliseconds. */
  readonly windowMs: number | null;
}

/**
 * Reads the gateway's text of a throttled call, such as `The throttling threshold has been reached: policy
 * user over ratelimit,limit:100,time:1 minute` (API gateway, error codes, APIGW.0308).
 */
export function parseThrottleDetails(message: string): ThrottleDetails {
  const [, policy = null] = /\bpolicy\s+(\w{1,20})\s+over\s+ratelimit/i.exec(message) ?? [];
  const [, limit] = /\blimit:\s*(\d{1,9})\b/i.exec(message) ?? [];
  const [, amount, unit = ''] =
    /\btime:\s*(\d{1,6})\s*(second|minute|hour|day)/i.exec(message) ?? [];
  const unitMs = UNIT_MS[unit.toLowerCase()];
  return {
    policy: policy?.toLowerCase() ?? null,
    limit: limit === undefined ? null : Number(limit),
    windowMs: amount === undefined || unitMs === undefined ? null : Number(amount) * unitMs,
  };
}

/** A spent quota. */
export interface Closed {
  /** Since when calls were throttled, epoch milliseconds. */
  readonly sinceMs: number;
  readonly throttle: Throttle;
}
