/** Questions and messages that only a worker can answer. */
import { WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';

import { TemporalRequestError, TemporalUnreachableError } from '../errors.js';
import { callTemporal, isCutOff } from '../../temporal/rpc.js';
import type { ClientContext } from '../../temporal/rpc.js';
import { explainSilence } from '../silence.js';

import { NoWorkerError } from './errors.js';
import { findMaintenance } from './find.js';
import type { FoundMaintenance } from './find.js';

/** A worker answers in milliseconds; room for one that has to replay a long history first. */
const ANSWER_TIMEOUT_MS = 5_000;

/**
 * Asks the workers of a plan.
 *
 * @throws NoWorkerError where Temporal answers and no worker does; TemporalUnreachableError
 */
export async function askWorker<T>(
  context: ClientContext,
  plan: FoundMaintenance,
  operation: string,
  call: () => Promise<T>,
): Promise<T> {
  const timeoutMs = Math.min(ANSWER_TIMEOUT_MS, context.rpcTimeoutMs);
  try {
    return await callTemporal(context, operation, call, timeoutMs);
  } catch (error) {
    if (!isSilence(error)) throw error;
    // Temporal itself may be what is silent: then this throws the truth.
    const { description } = await findMaintenance(context, plan.ref);
    const { kind, words } = await explainSilence(context, description);
    throw new NoWorkerError(plan.ref, description.taskQueue, operation, words, kind);
  }
}

/** gRPC status of the server where a run has no task yet: a start delay or a cron schedule holds it back. */
const FAILED_PRECONDITION = 9;

function isSilence(error: unknown): boolean {
  return (
    (error instanceof TemporalRequestError && error.code === FAILED_PRECONDITION) ||
    error instanceof WorkflowUpdateRPCTimeoutOrCancelledError ||
    isCutOff(error) ||
    (error instanceof TemporalUnreachableError && error.kind === 'no-answer')
  );
}
