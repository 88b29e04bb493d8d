/** One HTTP attempt of the client: the credential, and the request with its answer. */
import { requestIdOf, toAnswer, withoutSecrets } from './answer.js';
import type { CallFacts, RawAnswer } from './answer.js';
import type { Credentials, CredentialSource } from './credentials/source.js';
import { sanitise } from './endpoint.js';
import { DcsCredentialsError, DcsHttpError, DcsUnauthenticatedError } from './errors.js';
import type { HttpRequest, HttpResponse, SendHttp } from './http.js';
import type { Route } from './route.js';
import { authenticate, canonicalQuery, identityOf } from './signer.js';
import type { SignableRequest } from './signer.js';
import type { OnTurnWait } from './turns.js';

/** Settings of a transport; times in milliseconds. */
export interface TransportOptions {
  readonly endpoint: URL;
  readonly projectId: string;
  readonly credentials: CredentialSource;
  readonly way: Route;
  readonly readTimeoutMs: number;
  readonly swapTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly maxResponseBytes: number;
  readonly maxReadsPerSecond: number | null;
  readonly onExchange?: OnExchange;
  readonly onTurnWait?: OnTurnWait;
}

/** One call, named for errors and ledgers. */
export interface Call {
  readonly operation: string;
  readonly route: string;
  readonly path: string;
  readonly query?: SignableRequest['query'];
}

/** What all attempts of a transport share. */
export interface TransportContext {
  readonly options: TransportOptions;
  readonly send: SendHttp;
  readonly refusals: Refusals;
}

/** One attempt, and who is notified: once it is written, and of what came back. */
export interface Attempt {
  readonly call: Call;
  readonly facts: CallFacts;
  readonly saw: (response: HttpResponse) => void;
  readonly onWritten?: (() => void) | undefined;
}

/**
 * The credential of an attempt. Where it is not to be had in time, nothing of the call has left yet.
 *
 * @param budget ends the wait for the source
 * @throws DcsUnauthenticatedError whatever the source does
 */
export async function findKeys(
  { options: { credentials }, refusals }: TransportContext,
  facts: CallFacts,
  budget: AbortSignal,
): Promise<Credentials> {
  try {
    const keys = await unlessAborted(credentials.get(), budget);
    refusals.check(identityOf(keys));
    return keys;
  } catch (error) {
    throw new DcsUnauthenticatedError({ ...facts, delivery: 'never-sent' }, error);
  }
}

/**
 * Signs, sends and reads one attempt. Nothing is waited for before its bytes are handed to the agent's connection.
 *
 * @throws DcsHttpError, DcsResponseError, HttpFailure
 */
export async function exchange(
  line: TransportContext,
  { call, facts, saw, onWritten }: Attempt,
  { keys, ...how }: Pick<HttpRequest, 'agent' | 'signal'> & { readonly keys: Credentials },
): Promise<RawAnswer> {
  const { options, send } = line;
  const { endpoint, projectId, maxResponseBytes } = options;
  const { method } = facts;
  const { path, query = [] } = call;
  const unsigned = { Host: endpoint.host, 'X-Project-Id': projectId };
  const { headers, secrets, isSigned } = authenticate(
    { method, path, query, headers: unsigned, body: '' },
    keys,
  );
  const search = query.length === 0 ? '' : `?${canonicalQuery(query)}`;
  const response = await send({
    ...how,
    onWritten,
    method,
    origin: endpoint.origin,
    path: `${path}${search}`,
    headers,
    maxResponseBytes,
  });
  const clean = withoutSecrets(response, secrets);
  saw(clean);
  return judge(line, facts, clean, { isSigned, identity: identityOf(keys) });
}

/** Remembers what the service thinks of the credential. */
function judge(
  { options: { credentials }, refusals }: TransportContext,
  facts: CallFacts,
  response: HttpResponse,
  { isSigned, identity }: { readonly isSigned: boolean; readonly identity: string },
): RawAnswer {
  try {
    const answer = toAnswer(facts, response, { isSigned, source: credentials.description });
    refusals.accepted();
    return answer;
  } catch (error) {
    if (error instanceof DcsHttpError && error.status === 401)
      refusals.refused(identity, error.message, error.clockSkewMs);
    if (isAcceptance(error)) refusals.accepted();
    throw error;
  }
}

/** A refusal in the service's own words that is not about who asks. Throttles and gateways may not have looked. */
function isAcceptance(error: unknown): boolean {
  if (!(error instanceof DcsHttpError) || !error.bodyParsed) return false;
  return error.status !== null && error.status < 500 && ![401, 429].includes(error.status);
}

/** A slow credential source must not outlast the call that waits for it. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      reject(new DcsCredentialsError('the credential source did not answer in time'));
    };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', stop);
    });
  });
}

/** One HTTP attempt and what came of it; free of secrets. */
export interface Exchange {
  /** Name of the client's operation, such as `showInstance`. */
  readonly operation: string;
  readonly method: 'GET' | 'PUT';
  /** Path template, without ids. */
  readonly route: string;
  /** `null` when no response came. */
  readonly status: number | null;
  readonly requestId: string | null;
  /**
   * From the attempt's beginning, waiting for a turn or a credential included; of the PUT from the moment its
   * connection stood and it was to be sent.
   */
  readonly durationMs: number;
  /** The response's headers that are of use and hold no secret, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** The response's body as text, without our secrets; `null` when none was read. */
  readonly body: string | null;
  /** The words of the error that the attempt ended with. */
  readonly error: string | null;
}

/** Who is notified; what it throws is ignored. */
type OnExchange = (exchange: Exchange) => void;

const TOLD_HEADERS = ['content-type', 'date', 'retry-after', 'server', 'x-request-id'];

/**
 * Runs one attempt, or what comes before it, and reports it. The attempt calls `saw` with what came back.
 *
 * @param reported `failures`: only where it fails, because then it is all that there is of the attempt
 */
export async function observe<T>(
  onExchange: OnExchange | undefined,
  { operation, method, route }: CallFacts,
  attempt: (saw: (response: HttpResponse) => void) => Promise<T>,
  reported: 'all' | 'failures' = 'all',
): Promise<T> {
  const startedAtMs = performance.now();
  let response: HttpResponse | null = null;
  const report = (error: string | null): void => {
    const durationMs = performance.now() - startedAtMs;
    tell(onExchange, { operation, method, route, durationMs, error, ...outcomeOf(response) });
  };
  try {
    const value = await attempt((seen) => {
      response = seen;
    });
    if (reported === 'all') report(null);
    return value;
  } catch (failure) {
    report(textOf(failure));
    throw failure;
  }
}

function tell(onExchange: OnExchange | undefined, exchange: Exchange): void {
  try {
    onExchange?.(exchange);
  } catch {
    // An observer's exception must not fail the call.
  }
}

function outcomeOf(
  response: HttpResponse | null,
): Pick<Exchange, 'status' | 'requestId' | 'headers' | 'body'> {
  if (response === null) return { status: null, requestId: null, headers: {}, body: null };
  const headers = TOLD_HEADERS.flatMap((name) => {
    const value = response.headers[name];
    return value === undefined ? [] : [[name, sanitise(value)] as const];
  });
  return {
    status: response.status,
    requestId: requestIdOf(response),
    headers: Object.fromEntries(headers),
    body: response.text,
  };
}

/** Errors of our own are sanitised; of others, such as a caller's reason to abort, the name must do. */
function textOf(failure: unknown): string {
  if (!(failure instanceof Error)) return 'unknown error';
  return failure.name.startsWith('Dcs') ? failure.message : failure.name;
}

/** Refusals in a row that one credential may collect without a pause. Five lock an access key for everybody. */
const FREE_REFUSALS = 2;

/** Pause after these; doubles with each further refusal. */
const FIRST_PAUSE_MS = 30_000;
const MAX_PAUSE_MS = 5 * 60_000;

/**
 * Keeps a credential that is refused again and again from being sent at the pace of a poll. Another
 * credential, such as the one that a rotation has put in its place, may pass at once.
 */
interface Refusals {
  /** @throws DcsCredentialsError while the refused credential has to wait */
  readonly check: (credential: string) => void;
  /** @param words what the service said; @param clockSkewMs whether the clock is why, as of the error */
  readonly refused: (credential: string, words: string, clockSkewMs?: number | null) => void;
  /** The credential was good, whatever else was answered. */
  readonly accepted: () => void;
}

interface Refused {
  readonly credential: string;
  readonly count: number;
  readonly untilMs: number;
  readonly words: string;
  readonly clockSkewMs: number | null;
}

/**
 * Nothing refused yet.
 *
 * @param nowMs milliseconds of a clock that no one sets: a wrong clock is a reason for refusals, and its
 * correction must not prolong the pause. @default performance.now
 */
export function createRefusals(nowMs: () => number = () => performance.now()): Refusals {
  const state: { last: Refused | null } = { last: null };
  return {
    check: (credential) => {
      const { last } = state;
      if (last?.credential !== credential || nowMs() >= last.untilMs) return;
      const seconds = Math.ceil((last.untilMs - nowMs()) / 1000);
      throw new DcsCredentialsError(
        `the same credential was refused ${last.count} times in a row, last as ${last.words}. ` +
          `Sent again in ${seconds} s at the earliest, another one at once`,
        last.clockSkewMs,
      );
    },
    refused: (credential, words, clockSkewMs = null) => {
      const { last } = state;
      // Sent before the pause began: a burst of calls is one refusal, not twenty.
      if (last?.credential === credential && nowMs() < last.untilMs) return;
      const count = last?.credential === credential ? last.count + 1 : 1;
      state.last = { credential, count, words, clockSkewMs, untilMs: nowMs() + pauseMs(count) };
    },
    accepted: () => {
      state.last = null;
    },
  };
}

function pauseMs(count: number): number {
  if (count < FREE_REFUSALS) return 0;
  return Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (count - FREE_REFUSALS));
}
