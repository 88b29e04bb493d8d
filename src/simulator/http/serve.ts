import type { IncomingMessage, ServerResponse } from 'node:http';
import { scriptedAnswer } from '../faults/response.js';
import { splitOnce } from '../gateway/signature.js';
import { makeHexId } from '../ids.js';
import { HANDLERS } from './handlers.js';
import type { Service } from '../service/service.js';
import { FOREIGN_USER } from '../service/task-list.js';
import { messageOf, sleep } from '../wait.js';
import { admit } from './admit.js';
import type { Backend } from './admit.js';
import { errorAnswer } from './answer.js';
import type { Answer } from './answer.js';
import { readBody } from './call.js';
import type { Call } from './call.js';
import { API_ERRORS, Refusal } from './refusal.js';
import type { ApiError } from './refusal.js';
import { matchRoute } from './routes.js';
import { resetConnection, sendAnswer } from './send.js';

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
  const body = await readBody(call.request);
  const problem = admit(call, body, backend);
  await sleep(plan.delayMs ?? 0, signal);
  if (plan.reset === 'before') {
    resetConnection(call);
    return;
  }
  const produced = await produce({ call, problem, body: body ?? EMPTY_BODY }, backend.service);
  await sleep(plan.delayResponseMs ?? 0, signal);
  await plan.released;
  signal.throwIfAborted();
  if (plan.reset === 'after') resetConnection(call);
  else sendAnswer(call, response, produced, backend.service);
}

/** A call after the gateway. */
interface Admitted {
  readonly call: Call;
  readonly problem: ApiError | null;
  readonly body: Buffer;
}

async function produce(admitted: Admitted, service: Service): Promise<Answer> {
  const { call } = admitted;
  const { respond } = call.plan;
  if (respond === undefined) return carryOut(admitted, service);
  if (respond.execute) await carryOut(admitted, service);
  return scriptedAnswer(respond, call.record.requestId, call.match.family);
}

function carryOut(admitted: Admitted, service: Service): Promise<Answer> {
  const { call, problem } = admitted;
  return problem === null
    ? execute(admitted, service)
    : Promise.resolve(refusalAnswer(call, problem));
}

async function execute({ call, body }: Admitted, service: Service): Promise<Answer> {
  const { match, plan, record, query, request } = call;
  const instance = service.instances.get(record.instanceId ?? '');
  if (match.route === 'unknown') return refusalAnswer(call, API_ERRORS.noSuchApi);
  try {
    if (plan.foreignSwapBefore) await instance?.foreignSwap(FOREIGN_USER, { initMs: 0, runMs: 0 });
    const { headers } = request;
    const { user } = record;
    const own = HANDLERS[match.route]({ match, plan, query, headers, body, user }, service);
    record.executed = true;
    return own;
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
  return errorAnswer(shape, { status, code, message, requestId: record.requestId });
}

/** A mistake of the simulator or of a script, told in the words of the service. */
function internalError(error: unknown): ApiError {
  return { ...API_ERRORS.internal, message: `Simulator: ${messageOf(error)}` };
}
