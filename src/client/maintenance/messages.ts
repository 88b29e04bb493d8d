import { randomUUID } from 'node:crypto';

import {
  ApplicationFailure,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';

import type {
  InputProblem,
  MaintenanceMessage,
  MaintenanceMessages,
  MaintenanceUpdate,
  MessageReceipt,
} from '../../contract/index.js';
import { parseMessage } from '../../schema/index.js';
import { TemporalRequestError, TemporalUnreachableError } from '../../temporal/errors.js';
import {
  callTemporal,
  GRPC,
  isCutOff,
  isNotFound,
  TEMPORAL_TIMEOUTS_MS,
} from '../../temporal/rpc.js';
import type { ClientContext } from '../../temporal/rpc.js';
import { isRecord } from '../../util.js';
import { InvalidInputError, RunClosedError } from '../errors.js';
import { explainSilence } from '../silence.js';
import type { MaintenanceRef } from '../ref.js';

import { MessageRefusedError, NoWorkerError } from './errors.js';
import { checkMaintenanceRef, findMaintenance } from './find.js';
import type { FoundMaintenance } from './find.js';

// Questions and messages that only a worker can answer.

/**
 * Asks the workers of a maintenance.
 *
 * @throws NoWorkerError where Temporal answers and no worker does; TemporalUnreachableError
 */
export async function askWorker<T>(
  context: ClientContext,
  maintenance: FoundMaintenance,
  operation: string,
  call: () => Promise<T>,
): Promise<T> {
  const timeoutMs = Math.min(TEMPORAL_TIMEOUTS_MS.answer, context.rpcTimeoutMs);
  try {
    return await callTemporal(context, operation, call, timeoutMs);
  } catch (error) {
    if (!isSilence(error)) throw error;
    // Temporal itself may be what is silent: then this throws the truth.
    const { description } = await findMaintenance(context, maintenance.ref);
    const { kind, words } = await explainSilence(context, description);
    throw new NoWorkerError(maintenance.ref, description.taskQueue, operation, words, kind);
  }
}

function isSilence(error: unknown): boolean {
  return (
    // A run has no task yet: a start delay or a cron schedule holds it back.
    (error instanceof TemporalRequestError && error.code === GRPC.failedPrecondition) ||
    error instanceof WorkflowUpdateRPCTimeoutOrCancelledError ||
    isCutOff(error) ||
    (error instanceof TemporalUnreachableError && error.kind === 'no-answer')
  );
}

/** Each further try follows a maintenance that continued as new, or ended, between our two calls. */
const MAX_ATTEMPTS = 3;

/** Sends what someone has decided, and waits for the maintenance's answer; see `MaintenanceClient.approve`. */
export async function sendMessage<U extends MaintenanceUpdate>(
  context: ClientContext,
  ref: MaintenanceRef,
  update: U,
  message: MaintenanceMessages[U],
): Promise<MessageReceipt> {
  checkMaintenanceRef(ref);
  const argument = checkMessage(ref, update, message);
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const receipt = await trySend(context, ref, update, argument);
    if (receipt !== null) return receipt;
  }
  throw new TemporalRequestError(
    update,
    null,
    'the maintenance was closed at each try and open when looked at; try again',
  );
}

/** The maintenance's answer; `null` when the run was over before the message reached it. */
async function trySend(
  context: ClientContext,
  ref: MaintenanceRef,
  update: MaintenanceUpdate,
  argument: unknown,
): Promise<MessageReceipt | null> {
  const maintenance = await findMaintenance(context, ref);
  if (!maintenance.isOpen)
    throw new MessageRefusedError(
      maintenance.ref,
      update,
      'NOT_POSSIBLE_NOW',
      'it has ended already.',
    );
  const handle = context.client.workflow.getHandle(maintenance.workflowId, maintenance.latestRunId);
  try {
    return await askWorker(context, maintenance, update, () =>
      handle.executeUpdate<MessageReceipt, [unknown]>(update, { args: [argument] }),
    );
  } catch (error) {
    if (isNotFound(error)) return null;
    if (error instanceof WorkflowUpdateFailedError) throw toRefusal(ref, update, error);
    throw error;
  }
}

/** A malformed message is refused before it is sent, in the words in which the maintenance would refuse it. */
function checkMessage(ref: MaintenanceRef, update: MaintenanceUpdate, message: unknown): unknown {
  const parsed = parseMessage(update, message);
  if (parsed.ok) return parsed.input;
  const detail = parsed.problems.map(
    ({ field, problem, remedy }) => `${field} ${problem}. ${remedy}`,
  );
  throw new MessageRefusedError(ref, update, 'INVALID_MESSAGE', detail.join(' '), parsed.problems);
}

function toRefusal(
  ref: MaintenanceRef,
  update: MaintenanceUpdate,
  { cause, message }: WorkflowUpdateFailedError,
): MessageRefusedError {
  if (!(cause instanceof ApplicationFailure))
    return new MessageRefusedError(ref, update, 'NOT_POSSIBLE_NOW', cause?.message ?? message);
  const isMalformed = cause.type === 'INVALID_MESSAGE';
  const refusal = isMalformed ? 'INVALID_MESSAGE' : 'NOT_POSSIBLE_NOW';
  return new MessageRefusedError(ref, update, refusal, cause.message, problemsOf(cause));
}

function problemsOf({ details }: ApplicationFailure): readonly InputProblem[] {
  const first: unknown = details?.[0];
  const problems = isRecord(first) ? first['problems'] : null;
  return Array.isArray(problems) ? (problems as readonly InputProblem[]) : [];
}

/** Asks a maintenance and its switchovers to stop; see `MaintenanceClient.cancel`. */
export async function cancelMaintenance(
  context: ClientContext,
  ref: MaintenanceRef,
  message: MaintenanceMessage,
): Promise<void> {
  const parsed = parseMessage('cancel', message);
  if (!parsed.ok) throw new InvalidInputError(parsed.problems);
  const { by, why } = parsed.input;
  const maintenance = await findMaintenance(context, ref);
  if (!maintenance.isOpen) throw new RunClosedError(maintenance.ref, maintenance.ref.runId);
  const { client } = context;
  try {
    // Raw, because the SDK's handle cannot carry a reason. Without a run id and with the chain's first one,
    // it reaches the maintenance even while it continues as new, and no other maintenance of this id.
    await callTemporal(context, 'cancel', () =>
      client.workflowService.requestCancelWorkflowExecution({
        namespace: client.options.namespace,
        workflowExecution: { workflowId: maintenance.workflowId },
        firstExecutionRunId: maintenance.ref.runId,
        identity: client.options.identity,
        requestId: randomUUID(),
        reason: typeof why === 'string' ? `${by}: ${why}` : by,
      }),
    );
  } catch (error) {
    throw isNotFound(error) ? new RunClosedError(maintenance.ref, maintenance.ref.runId) : error;
  }
}
