/** A response as an answer or as the error that it is. */
import { entryOf, REFUSED_SKEW_MS } from '../util.js';

import { sanitise } from './endpoint.js';
import {
  DcsHttpError,
  DcsResponseError,
  parseRetryAfterMs,
  parseThrottleDetails,
} from './errors.js';
import type { DcsErrorFacts, Throttle } from './errors.js';
import type { HttpResponse } from './http.js';

/** Numeric codes whose `DCS.` twin does not follow from the digits (published error code table). */
const IRREGULAR: Readonly<Record<string, string>> = {
  '111403002': 'DCS.3002',
  '111403003': 'DCS.3003',
  '111404001': 'DCS.4001',
  '111404022': 'DCS.3022',
  '111404023': 'DCS.4023',
  '111405001': 'DCS.5001',
};

/** Families of numeric codes and the first digit of their `DCS.` twins. */
const FAMILIES: Readonly<Record<string, string>> = { '111400': '4', '111401': '1', '111500': '5' };

/**
 * One spelling for each code: numeric `111400063` becomes `DCS.4063`, `APIG.0308` becomes
 * `APIGW.0308`, stray blanks go. Unknown codes stay as they are.
 */
export function normaliseCode(raw: unknown): string | null {
  if (typeof raw !== 'string' && typeof raw !== 'number') return null;
  const code = String(raw).replace(/\s/g, '');
  if (!/^[\w.-]{1,64}$/.test(code)) return null;
  const irregular = entryOf(IRREGULAR, code);
  if (irregular !== undefined) return irregular;
  const [, family = '', digits = ''] = /^(\d{6})(\d{3})$/.exec(code) ?? [];
  if (FAMILIES[family] !== undefined) return `DCS.${FAMILIES[family]}${digits}`;
  return code.replace(/^APIG\./i, 'APIGW.').toUpperCase();
}

/** What an error body says. */
export interface ErrorBody {
  readonly code: string;
  readonly message: string;
  readonly requestId: string | null;
}

/** Spellings of code and message, in the order in which the vendor's SDK looks for them. */
const SPELLINGS = [
  ['error_code', 'error_msg'],
  ['errorCode', 'errorMsg'],
  ['code', 'message'],
] as const;

/** `DCS.4049`, `APIGW.0301`, `IAM.0011`, `111400063`. */
const SERVICE_CODE = /^(?:[A-Z]{2,8}\.\d{3,8}|\d{9})$/;

/**
 * Whether a code has the shape of the service's own. Others, such as the bare status that IAM and many a proxy give,
 * may be anyone's: they prove nothing of what became of a PUT.
 */
function isServiceCode(code: string | null): boolean {
  return code !== null && SERVICE_CODE.test(code);
}

/** Bodies nest their error at most this deep (`{"error": {…}}`). */
const MAX_DEPTH = 3;

/**
 * Reads the error shapes of DCS V2 (flat), DCS V1 and IAM (nested) and the gateway (with
 * `request_id`); `null` for anything else, such as a load balancer's HTML page.
 */
export function parseErrorBody(text: string): ErrorBody | null {
  try {
    return readErrorBody(JSON.parse(text));
  } catch {
    return null;
  }
}

/** The same of a body that was parsed. */
export function readErrorBody(body: unknown): ErrorBody | null {
  return findError(body, MAX_DEPTH);
}

function findError(value: unknown, depth: number): ErrorBody | null {
  if (typeof value !== 'object' || value === null || depth === 0) return null;
  const body = value as Record<string, unknown>;
  const own = readError(body, depth === MAX_DEPTH);
  if (own !== null) return own;
  for (const nested of Object.values(body)) {
    const found = findError(nested, depth - 1);
    if (found !== null) return found;
  }
  return null;
}

function readError(body: Record<string, unknown>, isOutermost: boolean): ErrorBody | null {
  for (const [codeKey, messageKey] of SPELLINGS) {
    const code = normaliseCode(body[codeKey]);
    if (code === null || !(messageKey in body)) continue;
    // A bare `code` and `message` is anyone's error; the service's own codes have a shape.
    if (codeKey === 'code' && isOutermost && !isServiceCode(code)) continue;
    const requestId = body['request_id'];
    return {
      code,
      message: sanitise(body[messageKey]),
      requestId: typeof requestId === 'string' ? sanitise(requestId) : null,
    };
  }
  return null;
}

/** From here on a refused signature is reported together with the clocks. */
const NOTABLE_MS = 5 * 60_000;

/** How far our clock and the API's are apart. */
interface ClockSkew {
  /** Ours minus the API's. */
  readonly ms: number;
  /** Whether a signature is refused for that alone, whatever the key. */
  readonly isRefused: boolean;
  readonly words: string;
}

/** `null` when the clocks agree well enough, or the API's is not known. */
function findClockSkew(serverTimeMs: number | null, nowMs: number): ClockSkew | null {
  if (serverTimeMs === null) return null;
  const ms = nowMs - serverTimeMs;
  const offMs = Math.abs(ms);
  if (offMs <= NOTABLE_MS) return null;
  const isRefused = offMs >= REFUSED_SKEW_MS;
  const direction = ms < 0 ? 'behind' : 'ahead of';
  const seconds = Math.round(offMs / 1000);
  return {
    ms,
    isRefused,
    words: `this machine's clock is ${seconds} s ${direction} the API; set it (15 min are tolerated)`,
  };
}

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
export interface AuthMethod {
  /** Whether it depended on this machine's clock. */
  readonly isSigned: boolean;
  /** Where the credential is from, as text. */
  readonly source: string;
}

/** What is known of a call before its response. */
export type CallFacts = Pick<DcsErrorFacts, 'operation' | 'method' | 'route'>;

/**
 * @param response already without our secrets
 * @param proof what the request was authenticated with
 * @throws DcsHttpError, DcsResponseError
 */
export function toAnswer(call: CallFacts, response: HttpResponse, proof: AuthMethod): RawAnswer {
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
  const cleaners = secrets.filter((secret) => secret !== '').map(createCleaner);
  const clean = (text: string): string => cleaners.reduce((rest, one) => one(rest), text);
  const headers = Object.entries(response.headers).map(([name, value]) => [name, clean(value)]);
  return {
    status: response.status,
    headers: Object.fromEntries(headers) as Record<string, string>,
    text: clean(response.text),
  };
}

/** A token has thousands of letters: all of them are looked for only where so many of its first ones are. */
const FIRST_LETTERS = 12;

function createCleaner(secret: string): (text: string) => string {
  const letters = Array.from(secret);
  let beginning: RegExp | null = null;
  return (text) => {
    // No form of a letter is shorter than the letter.
    if (text.length < secret.length) return text;
    beginning ??= anyFormOf(letters.slice(0, FIRST_LETTERS), 'i');
    return beginning.test(text) ? text.replace(anyFormOf(letters, 'gi'), '[redacted]') : text;
  };
}

/** Not amid backslashes: begun at each of a long run of them, a search would read the run as often as it is long. */
const NOT_AMID_BACKSLASHES = String.raw`(?<!\\(?=\\))`;

/**
 * A secret in whatever form a server repeats it: each letter as it is, escaped as JSON needs or allows it, within however
 * many other JSON texts, or as it stands in a URL, within another one, too.
 */
function anyFormOf(letters: readonly string[], flags: 'i' | 'gi'): RegExp {
  return new RegExp(NOT_AMID_BACKSLASHES + letters.map(anyFormOfLetter).join(''), flags);
}

function anyFormOfLetter(letter: string): string {
  const codes = letter.split('').map((unit) => unit.charCodeAt(0).toString(16).padStart(4, '0'));
  const itself = codes.map((code) => String.raw`\u${code}`).join('');
  const byCode = codes.map((code) => String.raw`\\+u${code}`).join('');
  const inUrl = Buffer.from(letter).toString('hex').replace(/../g, '%(?:25)*$&');
  return String.raw`(?:\\*${itself}|${byCode}|${inUrl})`;
}

/** The id by which the service finds a call again. */
export function requestIdOf({ headers }: HttpResponse): string | null {
  return sanitise(headers['x-request-id']) || null;
}

/** As HTTP has it; without `GMT` a platform would read local time, and other forms reach back to the Stone Age. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** The other side's clock (`Date`), epoch milliseconds; `null`: it is not shown in the form of RFC 9110, 5.6.7. */
export function serverTimeOf({ headers }: HttpResponse): number | null {
  const { date = '' } = headers;
  const atMs = HTTP_DATE.test(date) ? Date.parse(date) : Number.NaN;
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
  { isSigned, source }: AuthMethod,
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
      message.replace(/(?<!\.)\.+$/, ''),
      text === '' || isServiceCode(code) ? null : FOREIGN_TEXT,
      skew?.words,
      refusalText(facts.status, skew, source),
    ]
      .filter(Boolean)
      .join('; '),
  );
}

function readThrottle(header: string | undefined, message: string, nowMs: number): Throttle {
  return { ...parseThrottleDetails(message), askedMs: parseRetryAfterMs(header, '', nowMs) };
}

/** Where a person has to correct what was refused, unless the clock alone is to blame. */
function refusalText(status: number, skew: ClockSkew | null, source: string): string | null {
  if (status !== 401 || skew?.isRefused === true) return null;
  return `the credential was refused: correct it in ${source}`;
}

const NO_ERROR = { code: null, message: '', requestId: null };

const FOREIGN_TEXT =
  'not in the words of DCS; something in between, such as a proxy, may have answered';
