/** A response as an answer or as the error that it is. */
import { findClockSkew } from './clock-skew.js';
import type { ClockSkew } from './clock-skew.js';
import { isServiceCode, parseErrorBody } from './error-body.js';
import type { DcsErrorFacts, Throttle } from './errors.js';
import { DcsHttpError } from './errors/dcs-http-error.js';
import { DcsResponseError } from './errors/dcs-response-error.js';
import type { HttpResponse } from './http.js';
import { parseRetryAfterMs } from './retry-after.js';
import { sanitise } from './sanitise.js';
import { parseThrottleWords } from './throttle-words.js';

/** A 2xx answer with its body parsed as JSON. */
export interface RawAnswer {
  readonly body: unknown;
  /** How long it was waited for a turn, in milliseconds. @default 0 */
  readonly turnWaitMs?: number;
  readonly facts: DcsErrorFacts & {
    readonly status: number;
    readonly requestId: string | null;
    readonly serverTimeMs: number | null;
  };
}

/** What a request was authenticated with. */
export interface Proof {
  /** Whether it depended on this machine's clock. */
  readonly isSigned: boolean;
  /** Where the credential is from, in words. */
  readonly source: string;
}

/** What is known of a call before its response. */
export type CallFacts = Pick<DcsErrorFacts, 'operation' | 'method' | 'route'>;

/**
 * @param response already without our secrets
 * @param proof what the request was authenticated with
 * @throws DcsHttpError, DcsResponseError
 */
export function toAnswer(call: CallFacts, response: HttpResponse, proof: Proof): RawAnswer {
  const facts = responseFacts(call, response);
  if (facts.status < 200 || facts.status > 299) throw toHttpError(facts, response, proof);
  try {
    return { body: JSON.parse(response.text), facts };
  } catch {
    throw new DcsResponseError(facts, 'with a body that is not JSON');
  }
}

/** The gateway repeats parts of a request that it refused; what belongs to us must not come back. */
export function withoutSecrets(response: HttpResponse, secrets: readonly string[]): HttpResponse {
  const clean = (text: string): string =>
    secrets
      .filter((secret) => secret !== '')
      .reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text);
  const headers = Object.entries(response.headers).map(([name, value]) => [name, clean(value)]);
  return {
    status: response.status,
    headers: Object.fromEntries(headers) as Record<string, string>,
    text: clean(response.text),
  };
}

/** The id by which the service finds a call again. */
export function requestIdOf({ headers }: HttpResponse): string | null {
  return sanitise(headers['x-request-id']) || null;
}

/** The other side's clock (`Date`), epoch milliseconds. */
export function serverTimeOf({ headers }: HttpResponse): number | null {
  const atMs = Date.parse(headers['date'] ?? '');
  return Number.isNaN(atMs) ? null : atMs;
}

function responseFacts(call: CallFacts, response: HttpResponse): RawAnswer['facts'] {
  return {
    ...call,
    delivery: 'answered',
    status: response.status,
    requestId: requestIdOf(response),
    serverTimeMs: serverTimeOf(response),
  };
}

function toHttpError(
  facts: RawAnswer['facts'],
  { text, headers }: HttpResponse,
  { isSigned, source }: Proof,
): DcsHttpError {
  const { code, message, requestId } = parseErrorBody(text) ?? NO_ERROR;
  const nowMs = Date.now();
  // A date in `Retry-After` is by the clock of whoever answers.
  const theirNowMs = facts.serverTimeMs ?? nowMs;
  const skew = isSigned && facts.status === 401 ? findClockSkew(facts.serverTimeMs, nowMs) : null;
  return new DcsHttpError(
    {
      ...facts,
      code,
      bodyParsed: isServiceCode(code),
      requestId: facts.requestId ?? requestId,
      retryAfterMs: parseRetryAfterMs(headers['retry-after'], message, theirNowMs),
      throttle:
        facts.status === 429 ? readThrottle(headers['retry-after'], message, theirNowMs) : null,
      clockSkewMs: skew?.isRefused === true ? skew.ms : null,
    },
    [
      message.replace(/\.+$/, ''),
      text === '' || isServiceCode(code) ? null : FOREIGN_WORDS,
      skew?.words,
      refusalWords(facts.status, skew, source),
    ]
      .filter(Boolean)
      .join('; '),
  );
}

function readThrottle(header: string | undefined, message: string, nowMs: number): Throttle {
  return { ...parseThrottleWords(message), askedMs: parseRetryAfterMs(header, '', nowMs) };
}

/** Where a person has to correct what was refused, unless the clock alone is to blame. */
function refusalWords(status: number, skew: ClockSkew | null, source: string): string | null {
  if (status !== 401 || skew?.isRefused === true) return null;
  return `the credential was refused: correct it in ${source}`;
}

const NO_ERROR = { code: null, message: '', requestId: null };

const FOREIGN_WORDS =
  'not in the words of DCS; something in between, such as a proxy, may have answered';
