/**
 * How a failed call is answered: data, in two columns, for reads and for the swap. The swap is a
 * toggle: only a *proof* that it was not applied allows another one, so everything unknown is AMBIGUOUS.
 */

/** What is known of a failed call. */
export interface FailureFacts {
  readonly delivery: 'never-sent' | 'maybe-sent' | 'answered';
  readonly status: number | null;
  /** Normalised code, such as `DCS.4049`. */
  readonly code: string | null;
  /** Whether an error body of DCS, the gateway or IAM was recognised, by a code of their own. */
  readonly bodyParsed: boolean;
}

/** `WAIT`: a documented state conflict, which passes. `THROTTLED`: a quota is spent; not now, and no attempt. */
export type ReadVerdict = 'RETRY' | 'WAIT' | 'THROTTLED' | 'REFRESH_CREDENTIALS' | 'STOP';

/** `NOT_APPLIED`: back to the re-read; `REJECTED`: provably refused permanently; `AMBIGUOUS`: read, never re-send. */
export type SwapVerdict = 'NOT_APPLIED' | 'REFRESH_CREDENTIALS' | 'REJECTED' | 'AMBIGUOUS';

/** Codes by which the service says "not in this state": busy, and it did nothing (published error codes). */
export const STATE_CONFLICT_CODES: readonly string[] = `
  DCS.4017 DCS.4026 DCS.4049 DCS.4069 DCS.4096 DCS.4097 DCS.4104 DCS.4108 DCS.4111 DCS.4113 DCS.4114 DCS.4115
  DCS.4116 DCS.4117 DCS.4118 DCS.4120 DCS.4121 DCS.4231 DCS.4300 DCS.4918 DCS.4957 DCS.4975 CBC.99003651
`
  .trim()
  .split(/\s+/);

/** One line of {@link CLASSIFICATION}. */
export interface ClassificationRow {
  /** What the line is about, as docs/retry-classification.md calls it. */
  readonly condition: string;
  readonly matches: (facts: FailureFacts) => boolean;
  readonly read: ReadVerdict;
  readonly swap: SwapVerdict;
}

const isBetween = (status: number | null, from: number, to: number): boolean =>
  status !== null && status >= from && status <= to;

const isStateConflict = ({ code }: FailureFacts): boolean =>
  code !== null && STATE_CONFLICT_CODES.includes(code);

const is4xx = ({ status }: FailureFacts): boolean => isBetween(status, 400, 499);

/** First match wins. */
export const CLASSIFICATION: readonly ClassificationRow[] = [
  {
    condition: 'never sent',
    matches: (f) => f.delivery === 'never-sent',
    read: 'RETRY',
    swap: 'NOT_APPLIED',
  },
  {
    condition: 'no answer',
    matches: (f) => f.delivery === 'maybe-sent' || f.status === null,
    read: 'RETRY',
    swap: 'AMBIGUOUS',
  },
  {
    condition: '5xx with a state code',
    matches: (f) => isBetween(f.status, 500, 599) && isStateConflict(f),
    read: 'WAIT',
    swap: 'AMBIGUOUS',
  },
  {
    condition: '5xx',
    matches: (f) => isBetween(f.status, 500, 599),
    read: 'RETRY',
    swap: 'AMBIGUOUS',
  },
  {
    condition: '408 request timeout',
    matches: (f) => f.status === 408,
    read: 'RETRY',
    swap: 'AMBIGUOUS',
  },
  {
    condition: '429 with an error body',
    matches: (f) => f.status === 429 && f.bodyParsed,
    read: 'THROTTLED',
    swap: 'NOT_APPLIED',
  },
  {
    // A proxy may say so of a call that it has passed on, or repeated.
    condition: '429 without one',
    matches: (f) => f.status === 429,
    read: 'THROTTLED',
    swap: 'AMBIGUOUS',
  },
  {
    condition: '425 too early',
    matches: (f) => f.status === 425,
    read: 'RETRY',
    swap: 'AMBIGUOUS',
  },
  {
    condition: '401 with an error body',
    matches: (f) => f.status === 401 && f.bodyParsed,
    read: 'REFRESH_CREDENTIALS',
    swap: 'REFRESH_CREDENTIALS',
  },
  {
    condition: '401 without one',
    matches: (f) => f.status === 401,
    read: 'REFRESH_CREDENTIALS',
    swap: 'AMBIGUOUS',
  },
  {
    condition: '4xx with an error body and a state code',
    matches: (f) => is4xx(f) && f.bodyParsed && isStateConflict(f),
    read: 'WAIT',
    swap: 'NOT_APPLIED',
  },
  {
    condition: '409 conflict with an error body',
    matches: (f) => f.status === 409 && f.bodyParsed,
    read: 'STOP',
    swap: 'NOT_APPLIED',
  },
  {
    condition: 'other 4xx with an error body',
    matches: (f) => is4xx(f) && f.bodyParsed,
    read: 'STOP',
    swap: 'REJECTED',
  },
  {
    condition: '2xx that cannot be used',
    matches: (f) => isBetween(f.status, 200, 299),
    read: 'RETRY',
    swap: 'AMBIGUOUS',
  },
  { condition: 'anything else', matches: () => true, read: 'STOP', swap: 'AMBIGUOUS' },
];

/** How to go on after a failed reading. */
export function classifyRead(facts: FailureFacts): ReadVerdict {
  return rowOf(facts)?.read ?? 'STOP';
}

/** What a failed swap proves. */
export function classifySwap(facts: FailureFacts): SwapVerdict {
  return rowOf(facts)?.swap ?? 'AMBIGUOUS';
}

/**
 * Whether the API's own gateway answered that a quota is spent (APIGW.0308). It never passed the call on to
 * the service, so a PUT that was answered so was not sent. A 429 of anyone else proves less.
 */
export function isThrottledByGateway({ status, code, bodyParsed }: FailureFacts): boolean {
  return status === 429 && bodyParsed && code?.startsWith('APIGW.') === true;
}

function rowOf(facts: FailureFacts): ClassificationRow | undefined {
  return CLASSIFICATION.find(({ matches }) => matches(facts));
}
