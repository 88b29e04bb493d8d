/**
 * The only importer of axios. One HTTP attempt per call; nothing here repeats anything. Every rejection
 * is mapped to an error of our own, because an AxiosError carries the signed headers.
 */
import http from 'node:http';
import https from 'node:https';

import axios from 'axios';
import type { AxiosInstance, AxiosResponse } from 'axios';

import { authenticate } from './authenticate.js';
import type { CredentialSource } from './credentials/credentials.js';
import { parseErrorBody } from './error-body.js';
import { DcsConnectionError } from './errors/dcs-connection-error.js';
import type { DcsErrorFacts, Delivery } from './errors/dcs-error.js';
import { DcsHttpError } from './errors/dcs-http-error.js';
import { DcsNotSentError } from './errors/dcs-not-sent-error.js';
import { DcsResponseError } from './errors/dcs-response-error.js';
import { DcsTimeoutError } from './errors/dcs-timeout-error.js';
import { createOneShotAgent } from './one-shot-agent.js';
import { parseRetryAfterMs } from './retry-after.js';
import { sanitise } from './sanitise.js';
import { canonicalQuery } from './signer.js';
import type { SignableRequest } from './signer.js';

/** Sockets that the readings of one process may keep open. */
const MAX_SOCKETS = 20;

/** Settings of a transport; times in milliseconds. */
export interface TransportOptions {
  readonly endpoint: URL;
  readonly projectId: string;
  readonly credentials: CredentialSource;
  readonly readTimeoutMs: number;
  readonly swapTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly maxResponseBytes: number;
}

/** One call, named for errors and ledgers. */
export interface Call {
  readonly operation: string;
  readonly route: string;
  readonly path: string;
  readonly query?: SignableRequest['query'];
}

/** A 2xx answer with its body parsed as JSON. */
export interface RawAnswer {
  readonly body: unknown;
  readonly facts: DcsErrorFacts & { readonly status: number };
}

/** GET by a pooled connection, and the one PUT by a fresh one. */
export interface Transport {
  readonly get: (call: Call, signal: AbortSignal) => Promise<RawAnswer>;
  readonly put: (call: Call, maySend: () => boolean) => Promise<RawAnswer>;
}

/** Opens no connection yet. */
export function createTransport(options: TransportOptions): Transport {
  // An instance of our own: a host's interceptors on the shared one, such as a retry, must not reach a PUT.
  const client = axios.create();
  const pool = { keepAlive: true, maxSockets: MAX_SOCKETS };
  const httpAgent = new http.Agent(pool);
  const httpsAgent = new https.Agent(pool);
  return {
    get: async (call, signal) => {
      const { readTimeoutMs } = options;
      const deadline = AbortSignal.timeout(readTimeoutMs);
      const either = AbortSignal.any([signal, deadline]);
      try {
        const { request, secrets } = await prepare(options, 'GET', call);
        return toAnswer(
          call,
          'GET',
          await client.request({ ...request, httpAgent, httpsAgent, signal: either }),
          secrets,
        );
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        throw toReadError(error, call, deadline.aborted ? readTimeoutMs : null);
      }
    },
    put: (call, maySend) => putOnce(client, options, call, maySend),
  };
}

/**
 * Sends the PUT once. Takes no AbortSignal on purpose: a cancellation after the hand-over could only
 * hide what the service does with it. Its own timer starts at the hand-over.
 */
async function putOnce(
  client: AxiosInstance,
  options: TransportOptions,
  call: Call,
  maySend: () => boolean,
): Promise<RawAnswer> {
  const { connectTimeoutMs, swapTimeoutMs, endpoint } = options;
  const deadline = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const { agent, handOver } = createOneShotAgent({
    isTls: endpoint.protocol === 'https:',
    connectTimeoutMs,
    maySend,
    onHandOver: () => {
      timer = setTimeout(() => {
        deadline.abort();
      }, swapTimeoutMs);
    },
  });
  const base = { operation: call.operation, method: 'PUT', route: call.route } as const;
  try {
    const { request, secrets } = await prepare(options, 'PUT', call);
    const agents = { httpAgent: agent, httpsAgent: agent };
    return toAnswer(
      call,
      'PUT',
      await client.request({ ...request, ...agents, signal: deadline.signal }),
      secrets,
    );
  } catch (error) {
    if (isOwnError(error)) throw error;
    const delivery: Delivery = handOver.isHandedOver() ? 'maybe-sent' : 'never-sent';
    if (handOver.isDeclined()) throw new DcsNotSentError({ ...base, delivery: 'never-sent' });
    if (handOver.isTimedOut()) throw new DcsTimeoutError({ ...base, delivery }, connectTimeoutMs);
    if (deadline.signal.aborted) throw new DcsTimeoutError({ ...base, delivery }, swapTimeoutMs);
    throw toTransportError(error, { ...base, delivery });
  } finally {
    clearTimeout(timer);
    agent.destroy();
  }
}

async function prepare(options: TransportOptions, method: 'GET' | 'PUT', call: Call) {
  const { endpoint, projectId, credentials, maxResponseBytes } = options;
  const { path, query = [] } = call;
  const { headers, secrets } = authenticate(
    {
      method,
      path,
      query,
      headers: { Host: endpoint.host, 'X-Project-Id': projectId },
      body: '',
    },
    await credentials.get(),
  );
  const search = query.length === 0 ? '' : `?${canonicalQuery(query)}`;
  const request = {
    method,
    baseURL: endpoint.origin,
    url: `${path}${search}`,
    allowAbsoluteUrls: false,
    adapter: 'http' as const,
    proxy: false as const,
    maxRedirects: 0,
    maxContentLength: maxResponseBytes,
    maxBodyLength: 0,
    responseType: 'text' as const,
    transformResponse: (text: unknown): unknown => text,
    validateStatus: () => true,
    // Without an explicit type axios would announce a form.
    headers: {
      ...headers,
      'Content-Type': 'application/json',
      Accept: 'application/json',
    },
  };
  return { request, secrets };
}

function toAnswer(
  call: Call,
  method: 'GET' | 'PUT',
  response: AxiosResponse<unknown>,
  secrets: readonly string[],
): RawAnswer {
  const text = withoutSecrets(typeof response.data === 'string' ? response.data : '', secrets);
  const facts = responseFacts(call, method, response);
  if (facts.status < 200 || facts.status > 299)
    throw toHttpError(facts, text, header(response, 'retry-after'));
  try {
    return { body: JSON.parse(text), facts };
  } catch {
    throw new DcsResponseError(facts, 'with a body that is not JSON');
  }
}

/** The gateway repeats parts of a request that it refused; what belongs to us must not come back. */
function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret !== '')
    .reduce((clean, secret) => clean.replaceAll(secret, '[redacted]'), text);
}

function toHttpError(
  facts: RawAnswer['facts'],
  text: string,
  retryAfter: string | undefined,
): DcsHttpError {
  const error = parseErrorBody(text);
  const retryAfterMs = parseRetryAfterMs(retryAfter, error?.message ?? '', Date.now());
  const requestId = facts.requestId ?? error?.requestId ?? null;
  const bodyParsed = error !== null;
  return new DcsHttpError(
    { ...facts, code: error?.code ?? null, bodyParsed, requestId, retryAfterMs },
    error?.message ?? '',
  );
}

function responseFacts(
  call: Call,
  method: 'GET' | 'PUT',
  response: AxiosResponse,
): RawAnswer['facts'] {
  const serverTimeMs = Date.parse(header(response, 'date') ?? '');
  return {
    operation: call.operation,
    method,
    route: call.route,
    delivery: 'answered',
    status: response.status,
    requestId: sanitise(header(response, 'x-request-id')) || null,
    serverTimeMs: Number.isNaN(serverTimeMs) ? null : serverTimeMs,
  };
}

function header(response: AxiosResponse, name: string): string | undefined {
  const value: unknown = response.headers[name];
  return typeof value === 'string' ? value : undefined;
}

/** Codes of failures in which a reading never left; a reading may be repeated either way. */
const NEVER_SENT_CODES = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'];

function toReadError(error: unknown, call: Call, timeoutMs: number | null): unknown {
  if (isOwnError(error)) return error;
  const reason = reasonOf(error);
  const delivery: Delivery = NEVER_SENT_CODES.includes(reason) ? 'never-sent' : 'maybe-sent';
  const facts: DcsErrorFacts = {
    operation: call.operation,
    method: 'GET',
    route: call.route,
    delivery,
  };
  return timeoutMs === null
    ? toTransportError(error, facts)
    : new DcsTimeoutError(facts, timeoutMs);
}

/** An error of the HTTP library, once the response had begun or not. */
function toTransportError(
  error: unknown,
  facts: DcsErrorFacts,
): DcsConnectionError | DcsResponseError {
  const reason = reasonOf(error);
  const status = axios.isAxiosError(error) ? error.response?.status : undefined;
  const isTooLarge = error instanceof Error && error.message.includes('maxContentLength');
  if (isTooLarge || status !== undefined)
    return new DcsResponseError(
      { ...facts, delivery: 'answered', status: status ?? null },
      isTooLarge ? 'larger than accepted' : 'cut off',
    );
  return new DcsConnectionError(facts, reason);
}

function reasonOf(error: unknown): string {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'unknown reason';
}

function isOwnError(error: unknown): boolean {
  return error instanceof Error && error.name.startsWith('Dcs');
}
