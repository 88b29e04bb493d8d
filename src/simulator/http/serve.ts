import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FaultBook } from '../faults/script.js';
import { scriptedAnswer } from '../faults/response.js';
import type { Gateway } from '../gateway/authentication.js';
import { splitOnce } from '../gateway/signature.js';
import { makeHexId } from '../ids.js';
import type { LedgerBook } from '../ledger.js';
import { HANDLERS } from '../service/handlers.js';
import type { Service } from '../service/service.js';
import { FOREIGN_USER } from '../service/task-list.js';
import { messageOf, sleep } from '../wait.js';
import { errorAnswer, jsonAnswer } from './answer.js';
import type { Answer } from './answer.js';
import { readBody, toSignedRequest } from './call.js';
import type { Call } from './call.js';
import { API_ERRORS, Refusal } from './refusal.js';
import type { ApiError } from './refusal.js';
import { matchRoute } from './routes.js';
import { resetConnection, sendAnswer } from './send.js';

/** What answers the calls. */
export interface Backend {
  readonly service: Service;
  readonly gateway: Gateway;
  readonly faults: FaultBook;
  readonly ledger: LedgerBook;
}

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
    else sendAnswer(call, response, refusalAnswer(call, internalError(error)));
  }
}

/** Everything about a call that its place in the order of arrivals decides. */
function openCall(request: IncomingMessage, { service, faults, ledger }: Backend): Call {
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
  const plan = faults.take(route, instanceId);
  return { request, match, query: new URLSearchParams(query), record, plan };
}

async function answer(call: Call, response: ServerResponse, backend: Backend): Promise<void> {
  const { plan } = call;
  const { signal } = backend.service;
  const problem = await admit(call, backend);
  await sleep(plan.delayMs ?? 0, signal);
  if (plan.reset === 'before') {
    resetConnection(call);
    return;
  }
  const produced = await produce(call, problem, backend.service);
  await sleep(plan.delayResponseMs ?? 0, signal);
  await plan.released;
  signal.throwIfAborted();
  if (plan.reset === 'after') resetConnection(call);
  else sendAnswer(call, response, produced);
}

/** The gateway's part: `null` when it passes the call on. */
async function admit(call: Call, { gateway, service }: Backend): Promise<ApiError | null> {
  const { match, request, record } = call;
  const body = await readBody(request);
  if (body === null) return API_ERRORS.bodyTooLarge;
  if (match.isWrongMethod) return API_ERRORS.wrongMethod;
  if (match.route === 'unknown') return API_ERRORS.noSuchApi;
  const problem = gateway.check(toSignedRequest(request, body));
  if (problem !== null) return problem;
  record.user = service.settings.userName;
  const claimed = [match.projectId, request.headers['x-project-id'] ?? match.projectId];
  const isOurs = claimed.every((projectId) => projectId === service.settings.projectId);
  return isOurs ? null : API_ERRORS.projectMismatch;
}

async function produce(call: Call, problem: ApiError | null, service: Service): Promise<Answer> {
  const { respond } = call.plan;
  if (respond && !respond.execute) return scriptedAnswer(respond, call.record.requestId);
  const own = problem === null ? await execute(call, service) : refusalAnswer(call, problem);
  return respond ? scriptedAnswer(respond, call.record.requestId) : own;
}

async function execute(call: Call, service: Service): Promise<Answer> {
  const { match, plan, record } = call;
  const instance = service.instances.get(record.instanceId ?? '');
  if (match.route === 'unknown') return refusalAnswer(call, API_ERRORS.noSuchApi);
  try {
    if (plan.foreignSwapBefore) await instance?.foreignSwap(FOREIGN_USER, { initMs: 0, runMs: 0 });
    const body = HANDLERS[match.route](call, service);
    record.executed = true;
    return jsonAnswer(200, body);
  } catch (error) {
    if (error instanceof Refusal) return refusalAnswer(call, error.apiError);
    throw error;
  } finally {
    if (plan.foreignSwapAfterMs !== undefined) {
      void foreignSwapLater(record.instanceId, plan.foreignSwapAfterMs, service);
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
    // Nobody waits for it: a swap that cannot begin is missing in the ledger, which tests look at.
    if (!service.signal.aborted) process.emitWarning(`Scripted foreign swap: ${messageOf(error)}`);
  }
}

function refusalAnswer({ record }: Call, { status, shape, code, message }: ApiError): Answer {
  return errorAnswer(status, shape, { code, message, requestId: record.requestId });
}

/** A mistake of the simulator or of a script, told in the words of the service. */
function internalError(error: unknown): ApiError {
  return { ...API_ERRORS.internal, message: `Simulator: ${messageOf(error)}` };
}
