/** One HTTP attempt of the client: the credential, and the request with its answer. */
import { toAnswer, withoutSecrets } from './answer.js';
import type { CallFacts, RawAnswer } from './answer.js';
import { authenticate, identityOf } from './authenticate.js';
import type { CredentialSource, Credentials } from './credentials/types.js';
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
 * The credential of an attempt. Where it is not to be had in time, nothing of the call has left yet.
 *
 * @param patience ends the wait for the source
 * @throws DcsUnauthenticatedError whatever the source does
 */
export async function findKeys(
  { options: { credentials }, refusals }: Line,
  facts: CallFacts,
  patience: AbortSignal,
): Promise<Credentials> {
  try {
    const keys = await unlessAborted(credentials.get(), patience);
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
  line: Line,
  { call, facts, saw }: Attempt,
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
  { options: { credentials }, refusals }: Line,
  facts: CallFacts,
  response: HttpResponse,
  { isSigned, identity }: { readonly isSigned: boolean; readonly identity: string },
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
