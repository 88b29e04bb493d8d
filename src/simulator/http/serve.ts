import type { IncomingMessage, ServerResponse } from 'node:http';
import { TLSSocket } from 'node:tls';

import { makeHexId, messageOf, sleep } from '../basics.js';
import type { Clock } from '../basics.js';
import { scriptedAnswer } from '../faults/script.js';
import type { FaultBook, CallScript } from '../faults/script.js';
import { splitOnce } from '../gateway/authentication.js';
import type { Gateway, PermissionBook, SignedRequest } from '../gateway/authentication.js';
import type { QuotaBook } from '../gateway/quota.js';
import {
  bringsToken,
  IAM_HANDLERS,
  METADATA_HANDLERS,
  STS_HANDLERS,
} from '../identity/handlers.js';
import type { CallRecord, Draft, LedgerBook } from '../ledger.js';
import { DCS_HANDLERS } from '../service/handlers.js';
import type { Handler, Service } from '../service/service.js';
import { FOREIGN_USER } from '../service/lists.js';

import { API_ERRORS, errorAnswer, Refusal } from './answer.js';
import type { SimulatedAnswer, ApiError } from './answer.js';
import { matchRoute } from './routes.js';
import type { RouteMatch, ServedRoute } from './routes.js';

/** Sends an answer, spoiled as the script says; a caller that has left gets none. */
function sendAnswer(
  call: SimulatedCall,
  response: ServerResponse,
  answer: SimulatedAnswer,
  { clock }: { readonly clock: Clock },
): void {
  const { script, record, request } = call;
  if (!request.socket.writable) return;
  const bytes = Buffer.from(script.malformedBody ? spoil(answer.text) : answer.text);
  record.status = answer.status;
  const own = {
    'Content-Type': answer.contentType,
    'Content-Length': bytes.length,
    'X-Request-Id': record.requestId,
    Date: new Date(clock.now()).toUTCString(),
  };
  // One by one, so that a scripted header replaces ours however it is spelled.
  for (const headers of [own, answer.headers ?? {}, script.headers ?? {}]) {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  }
  response.writeHead(answer.status);
  if (!script.truncatedBody) {
    response.end(bytes);
    return;
  }
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => request.socket.destroy());
}

/** Breaks the connection with a TCP reset instead of an answer; over TLS, which cannot, by closing it. */
function resetConnection({ request, record }: SimulatedCall): void {
  if (request.socket.destroyed) return;
  record.status = 'reset';
  if (request.socket instanceof TLSSocket) request.socket.destroy();
  else request.socket.resetAndDestroy();
}

/** Turns a body into something that is not JSON, whatever it was. */
function spoil(text: string): string {
  return `${text.slice(0, -1)},,`;
}

/** One request on its way through the simulator. */
interface SimulatedCall {
  readonly request: IncomingMessage;
  readonly match: RouteMatch;
  readonly query: URLSearchParams;
  readonly record: Draft<CallRecord>;
  readonly script: CallScript;
}

/** Largest request body that the gateway takes: 12 MB (API gateway, error codes). */
const MAX_BODY_BYTES = 12 * 1024 * 1024;

/** Reads a request's body; `null` when it is too large. */
async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Read to its end all the same: leaving the loop would cut the connection before the answer.
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return size <= MAX_BODY_BYTES ? Buffer.concat(chunks) : null;
}

/** What a signature covers. */
function toSignedRequest(request: IncomingMessage, body: Buffer): SignedRequest {
  const { method = '', url = '', headers } = request;
  return { method, rawUrl: url, headers, body };
}

/** What answers the calls. */
export interface Backend {
  readonly service: Service;
  readonly gateway: Gateway;
  readonly permissions: PermissionBook;
  readonly quotas: QuotaBook;
  readonly faults: FaultBook;
  readonly ledger: LedgerBook;
}

/** The gateway's part of a call whose body is `null` when too large; `null` when it passes the call on. */
function admit(call: SimulatedCall, body: Buffer | null, backend: Backend): ApiError | null {
  const { match, request } = call;
  if (body === null) return API_ERRORS.bodyTooLarge;
  if (match.isWrongMethod) return API_ERRORS.wrongMethod;
  if (match.route === 'unknown') return API_ERRORS.noSuchApi;
  const isOpen = match.action === null && match.family !== 'sts';
  return isOpen || (match.route === 'createSecurityToken' && bringsToken(body))
    ? null
    : authorize(call, toSignedRequest(request, body), backend);
}

function authorize(
  { match, record }: SimulatedCall,
  request: SignedRequest,
  { gateway, permissions, quotas, service }: Backend,
): ApiError | null {
  const identified = gateway.identify(request);
  if ('problem' in identified) return identified.problem;
  const { caller } = identified;
  record.user = caller.user;
  if (match.projectId !== null) {
    const named = [match.projectId, request.headers['x-project-id'] ?? match.projectId];
    const claimed = [...named, caller.projectId];
    const isOurs = claimed.every((projectId) => projectId === service.settings.projectId);
    if (!isOurs) return API_ERRORS.projectMismatch;
  }
  if (match.family === 'dcs') {
    const { route } = match;
    const spent = quotas.take({ method: record.method, route, user: caller.user });
    if (spent !== null) return spent;
  }
  return match.action === null ? null : permissions.check(caller, match.action, match.family);
}

/** What carries each operation out. */
const HANDLERS: Record<ServedRoute, Handler> = {
  ...DCS_HANDLERS,
  ...IAM_HANDLERS,
  ...METADATA_HANDLERS,
  ...STS_HANDLERS,
};

const EMPTY_BODY = Buffer.alloc(0);

/** Takes a call from its arrival to its answer. Once arrived it is carried out, even if the caller leaves. */
export async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  backend: Backend,
): Promise<void> {
  const call = openCall(request, backend);
  try {
    await answer(call, response, backend);
  } catch (error) {
    if (backend.service.signal.aborted) request.socket.destroy();
    else sendAnswer(call, response, refusalAnswer(call, internalError(error)), backend.service);
  }
}

/** Everything about a call that its place in the order of arrivals decides. */
function openCall(request: IncomingMessage, { service, faults, ledger }: Backend): SimulatedCall {
  const { method = '', url = '' } = request;
  const [path, query] = splitOnce(url, '?');
  const match = matchRoute(method, path);
  const { route, jobId } = match;
  const instanceId = match.instanceId ?? service.jobs.get(jobId ?? '')?.instanceId ?? null;
  const record = ledger.openCall({
    method,
    path: url,
    route,
    instanceId,
    requestId: makeHexId(),
    user: null,
    remotePort: request.socket.remotePort ?? 0,
  });
  const script = faults.take(route, instanceId);
  return { request, match, query: new URLSearchParams(query), record, script };
}

async function answer(
  call: SimulatedCall,
  response: ServerResponse,
  backend: Backend,
): Promise<void> {
  const { script } = call;
  const { signal } = backend.service;
  const body = await readBody(call.request);
  const problem = admit(call, body, backend);
  await sleep(script.delayMs ?? 0, signal);
  if (script.reset === 'before') {
    resetConnection(call);
    return;
  }
  const produced = await produce({ call, problem, body: body ?? EMPTY_BODY }, backend.service);
  await sleep(script.delayResponseMs ?? 0, signal);
  await script.released;
  signal.throwIfAborted();
  if (script.reset === 'after') resetConnection(call);
  else sendAnswer(call, response, produced, backend.service);
}

/** A call after the gateway. */
interface Admitted {
  readonly call: SimulatedCall;
  readonly problem: ApiError | null;
  readonly body: Buffer;
}

async function produce(admitted: Admitted, service: Service): Promise<SimulatedAnswer> {
  const { call } = admitted;
  const { respond } = call.script;
  if (respond === undefined) return carryOut(admitted, service);
  if (respond.execute) await carryOut(admitted, service);
  return scriptedAnswer(respond, call.record.requestId, call.match.family);
}

function carryOut(admitted: Admitted, service: Service): Promise<SimulatedAnswer> {
  const { call, problem } = admitted;
  return problem === null
    ? execute(admitted, service)
    : Promise.resolve(refusalAnswer(call, problem));
}

async function execute({ call, body }: Admitted, service: Service): Promise<SimulatedAnswer> {
  const { match, script, record, query, request } = call;
  const instance = service.instances.get(record.instanceId ?? '');
  if (match.route === 'unknown') return refusalAnswer(call, API_ERRORS.noSuchApi);
  try {
    if (script.foreignSwapBefore)
      await instance?.foreignSwap(FOREIGN_USER, { initMs: 0, runMs: 0 });
    const { headers } = request;
    const { user } = record;
    const own = HANDLERS[match.route]({ match, script, query, headers, body, user }, service);
    record.executed = true;
    return own;
  } catch (error) {
    if (error instanceof Refusal) return refusalAnswer(call, error.apiError);
    throw error;
  } finally {
    if (script.foreignSwapAfterMs !== undefined) {
      void foreignSwapLater(record.instanceId, script.foreignSwapAfterMs, service);
    }
  }
}

async function foreignSwapLater(
  instanceId: string | null,
  delayMs: number,
  service: Service,
): Promise<void> {
  try {
    await sleep(delayMs, service.signal);
    await service.instances.get(instanceId ?? '')?.foreignSwap(FOREIGN_USER, {});
  } catch (error) {
    // No one waits for it: a swap that cannot begin is missing in the ledger, which tests look at.
    if (!service.signal.aborted) process.emitWarning(`Scripted foreign swap: ${messageOf(error)}`);
  }
}

function refusalAnswer(
  { record }: SimulatedCall,
  { status, shape, code, message }: ApiError,
): SimulatedAnswer {
  return errorAnswer(shape, { status, code, message, requestId: record.requestId });
}

/** A mistake of the simulator or of a script, reported in the words of the service. */
function internalError(error: unknown): ApiError {
  return { ...API_ERRORS.internal, message: `Simulator: ${messageOf(error)}` };
}
