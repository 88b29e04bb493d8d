/** Questions and messages that only a worker can answer. */
import { WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';

import { TemporalUnreachableError } from '../errors.js';
import { callTemporal, isCutOff } from '../rpc.js';
import type { ClientContext } from '../rpc.js';

import { NoWorkerError } from './errors.js';
import { findMaintenance } from './find-maintenance.js';
import type { FoundMaintenance } from './find-maintenance.js';

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
    const { taskQueue, raw } = description;
    const detail = isFailing(raw.pendingWorkflowTask?.attempt) ? FAILING : 'none seems to serve it';
    throw new NoWorkerError(plan.ref, taskQueue, operation, detail);
  }
}

const FAILING =
  "its workers fail at this plan's workflow task, and Temporal repeats it: see their log (is their codec " +
  'missing, or their version another?)';

function isFailing(attempt: number | null | undefined): boolean {
  return (attempt ?? 1) > 1;
}

function isSilence(error: unknown): boolean {
  return (
    error instanceof WorkflowUpdateRPCTimeoutOrCancelledError ||
    isCutOff(error) ||
    (error instanceof TemporalUnreachableError && error.kind === 'no-answer')
  );
}
