/** One HTTP attempt of the client, from the credential to the answer. */
import { toAnswer, withoutSecrets } from './answer.js';
import type { CallFacts, RawAnswer } from './answer.js';
import { authenticate } from './authenticate.js';
import type { Authenticated } from './authenticate.js';
import type { CredentialSource } from './credentials/credentials.js';
import { DcsCredentialsError } from './errors/dcs-credentials-error.js';
import { DcsHttpError } from './errors/dcs-http-error.js';
import { DcsUnauthenticatedError } from './errors/dcs-unauthenticated-error.js';
import type { OnExchange } from './exchange.js';
import type { HttpRequest, HttpResponse, SendHttp } from './http.js';
import type { Refusals } from './refusals.js';
import { canonicalQuery } from './signer.js';
import type { SignableRequest } from './signer.js';
import type { Way } from './way.js';

/** Settings of a transport; times in milliseconds. */
export interface TransportOptions {
  readonly endpoint: URL;
  readonly projectId: string;
  readonly credentials: CredentialSource;
  readonly way: Way;
  readonly readTimeoutMs: number;
  readonly swapTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly maxResponseBytes: number;
  readonly maxReadsPerSecond: number | null;
  readonly onExchange?: OnExchange;
}

/** One call, named for errors and ledgers. */
export interface Call {
  readonly operation: string;
  readonly route: string;
  readonly path: string;
  readonly query?: SignableRequest['query'];
}

/** What all attempts of a transport share. */
export interface Line {
  readonly options: TransportOptions;
  readonly send: SendHttp;
  readonly refusals: Refusals;
}

/** One attempt, and who is told what came back. */
export interface Attempt {
  readonly call: Call;
  readonly facts: CallFacts;
  readonly saw: (response: HttpResponse) => void;
}

/**
 * Authenticates, sends and reads one attempt.
 *
 * @throws DcsUnauthenticatedError, DcsHttpError, DcsResponseError, HttpFailure
 */
export async function exchange(
  line: Line,
  { call, facts, saw }: Attempt,
  how: Pick<HttpRequest, 'agent' | 'signal'>,
): Promise<RawAnswer> {
  const { options, send } = line;
  const { endpoint, maxResponseBytes } = options;
  const { method } = facts;
  const { path, query = [] } = call;
  const authenticated = await prepare(line, facts, call, how.signal);
  const { headers, secrets } = authenticated;
  const search = query.length === 0 ? '' : `?${canonicalQuery(query)}`;
  const response = await send({
    ...how,
    method,
    origin: endpoint.origin,
    path: `${path}${search}`,
    headers,
    maxResponseBytes,
  });
  const clean = withoutSecrets(response, secrets);
  saw(clean);
  return judge(line, facts, clean, authenticated);
}

/** Remembers what the service thinks of the credential. */
function judge(
  { options: { credentials }, refusals }: Line,
  facts: CallFacts,
  response: HttpResponse,
  { isSigned, identity }: Authenticated,
): RawAnswer {
  try {
    const answer = toAnswer(facts, response, { isSigned, source: credentials.description });
    refusals.accepted();
    return answer;
  } catch (error) {
    if (response.status === 401) refusals.refused(identity, (error as Error).message);
    if (isAcceptance(error)) refusals.accepted();
    throw error;
  }
}

/** A refusal in the service's own words that is not about who asks. Throttles and gateways may not have looked. */
function isAcceptance(error: unknown): boolean {
  if (!(error instanceof DcsHttpError) || !error.bodyParsed) return false;
  return error.status !== null && error.status < 500 && ![401, 429].includes(error.status);
}

/** @throws DcsUnauthenticatedError: whatever a credential source does, nothing of the call has left yet */
async function prepare(
  { options, refusals }: Line,
  facts: CallFacts,
  { path, query = [] }: Call,
  signal: AbortSignal,
): Promise<Authenticated> {
  const { endpoint, projectId, credentials, connectTimeoutMs } = options;
  const headers = { Host: endpoint.host, 'X-Project-Id': projectId };
  try {
    // The PUT's own clock has not begun yet.
    const patience = facts.method === 'PUT' ? AbortSignal.timeout(connectTimeoutMs) : signal;
    const keys = await unlessAborted(credentials.get(), patience);
    const request = { method: facts.method, path, query, headers, body: '' };
    const authenticated = authenticate(request, keys);
    refusals.check(authenticated.identity);
    return authenticated;
  } catch (error) {
    throw new DcsUnauthenticatedError({ ...facts, delivery: 'never-sent' }, error);
  }
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
