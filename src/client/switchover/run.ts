import type { WorkflowExecutionDescription } from '@temporalio/client';

import { isOpenStatus } from '../../temporal/run-list.js';

import { checkRunRef } from '../check-input.js';
import { RunNotFoundError } from '../errors.js';
import { callTemporal, isNotFound } from '../../temporal/rpc.js';
import type { ClientContext } from '../../temporal/rpc.js';
import { workflowIdOf } from './ref.js';
import type { RunRef } from './ref.js';

/** One run, pinned: what follows is asked of this run and of no later one. */
export interface DescribedRun {
  readonly ref: RunRef & { readonly runId: string };
  readonly workflowId: string;
  readonly isOpen: boolean;
  readonly description: WorkflowExecutionDescription;
}

/**
 * Finds the run that a reference means.
 *
 * @throws InvalidInputError (before any call), RunNotFoundError, TemporalUnreachableError
 */
export async function describeRun(context: ClientContext, ref: RunRef): Promise<DescribedRun> {
  checkRunRef(ref);
  const workflowId = workflowIdOf(ref);
  const handle = context.client.workflow.getHandle(workflowId, ref.runId);
  try {
    const description = await callTemporal(context, 'describe', () => handle.describe());
    const { runId, status } = description;
    const isOpen = isOpenStatus(status.name);
    const { taskQueue } = description;
    return { ref: { ...ref, runId, taskQueue }, workflowId, isOpen, description };
  } catch (error) {
    throw isNotFound(error) ? new RunNotFoundError(ref, workflowId) : error;
  }
}
