import type { ThrottleWords } from './throttle-words.js';

/**
 * Whether the request can have reached the service: `never-sent` is a fact (no byte was handed to a
 * connected socket), `answered` too (a response came), `maybe-sent` is the doubt between them.
 */
export type Delivery = 'never-sent' | 'maybe-sent' | 'answered';

/** What is known of a quota that is spent. */
export interface Throttle extends ThrottleWords {
  /** What `Retry-After` asked to wait, in milliseconds; `null` without one. */
  readonly askedMs: number | null;
}

/** What every DCS error tells. Never a header, a credential, or the HTTP library's own error. */
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
  /** On a refused signature: our clock minus the API's, in milliseconds, when that is too much. */
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
    super(`${facts.method} ${facts.route}: ${text.replace(/\.+$/, '')}`);
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
