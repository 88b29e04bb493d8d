import { ApplicationFailure, WorkflowUpdateFailedError } from '@temporalio/client';

import type {
  InputProblem,
  MaintenanceMessage,
  MaintenanceUpdate,
  MessageReceipt,
  SkipMessage,
} from '../../contract/index.js';
import { isRecord } from '../../util.js';
import { parseMessage } from '../../schema/index.js';

import { TemporalRequestError } from '../errors.js';
import { isNotFound } from '../../temporal/rpc.js';
import type { ClientContext } from '../../temporal/rpc.js';

import { askWorker } from './answers.js';
import { checkMaintenanceRef } from './check-ref.js';
import { MessageRefusedError } from './errors.js';
import { findMaintenance } from './find.js';
import type { MaintenanceRef } from './client.js';

/** Each further try follows a plan that continued as new, or ended, between our two calls. */
const MAX_ATTEMPTS = 3;

/** Sends what somebody has decided, and waits for the plan's answer; see `MaintenanceClient.approve`. */
export async function sendMessage(
  context: ClientContext,
  ref: MaintenanceRef,
  update: MaintenanceUpdate,
  message: MaintenanceMessage | SkipMessage,
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
    'the plan was closed at each try and open when looked at; try again',
  );
}

/** The plan's answer; `null` when the run was over before the message reached it. */
async function trySend(
  context: ClientContext,
  ref: MaintenanceRef,
  update: MaintenanceUpdate,
  argument: unknown,
): Promise<MessageReceipt | null> {
  const plan = await findMaintenance(context, ref);
  if (!plan.isOpen)
    throw new MessageRefusedError(plan.ref, update, 'NOT_POSSIBLE_NOW', 'it has ended already.');
  const handle = context.client.workflow.getHandle(plan.workflowId, plan.latestRunId);
  try {
    return await askWorker(context, plan, update, () =>
      handle.executeUpdate<MessageReceipt, [unknown]>(update, { args: [argument] }),
    );
  } catch (error) {
    if (isNotFound(error)) return null;
    if (error instanceof WorkflowUpdateFailedError) throw toRefusal(ref, update, error);
    throw error;
  }
}

/** A malformed message is refused before it is sent, in the words in which the plan would refuse it. */
function checkMessage(
  ref: MaintenanceRef,
  update: MaintenanceUpdate,
  message: MaintenanceMessage | SkipMessage,
): unknown {
  const parsed = parseMessage(update, message);
  if (parsed.ok) return parsed.message;
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
