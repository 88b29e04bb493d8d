import { WorkflowContinuedAsNewError } from '@temporalio/client';
import type { WorkflowExecutionDescription } from '@temporalio/client';

import { isOpenStatus } from '../../temporal/run-list.js';

import { callTemporal, isNotFound } from '../../temporal/rpc.js';
import type { ClientContext } from '../../temporal/rpc.js';

import { checkMaintenanceRef } from './check-ref.js';
import { MaintenanceNotFoundError } from './errors.js';
import type { MaintenanceRef } from './client.js';
import { maintenanceWorkflowIdOf } from './ref.js';

/** A plan continues as new once in thousands of events; more links than this are no plan of ours. */
const MAX_LINKS = 1000;

/** One plan, pinned: the chain of runs that it is, and the run of it that is the latest. */
export interface FoundMaintenance {
  /** With the chain's first run, which names the plan for good. */
  readonly ref: MaintenanceRef & { readonly runId: string };
  readonly workflowId: string;
  /** The chain's latest run: the one that can be asked. */
  readonly latestRunId: string;
  readonly isOpen: boolean;
  readonly description: WorkflowExecutionDescription;
}

/**
 * Finds the plan that a reference means, wherever its chain has come to.
 *
 * @throws InvalidInputError (before any call), MaintenanceNotFoundError, TemporalUnreachableError
 */
export async function findMaintenance(
  context: ClientContext,
  ref: MaintenanceRef,
): Promise<FoundMaintenance> {
  checkMaintenanceRef(ref);
  const workflowId = maintenanceWorkflowIdOf(ref);
  try {
    const description = await describeLatest(context, workflowId, ref.runId);
    const { runId: latestRunId, status, taskQueue } = description;
    return {
      ref: { ...ref, runId: firstRunIdOf(description), taskQueue },
      workflowId,
      latestRunId,
      isOpen: isOpenStatus(status.name),
      description,
    };
  } catch (error) {
    throw isNotFound(error) ? new MaintenanceNotFoundError(ref, workflowId) : error;
  }
}

function firstRunIdOf({ raw, runId }: WorkflowExecutionDescription): string {
  const first = raw.workflowExecutionInfo?.firstRunId ?? '';
  return first === '' ? runId : first;
}

/** The latest run of the chain that `runId` belongs to; of the latest chain where none is given. */
async function describeLatest(
  context: ClientContext,
  workflowId: string,
  runId: string | undefined,
): Promise<WorkflowExecutionDescription> {
  let description = await describe(context, workflowId, runId);
  for (let link = 0; link < MAX_LINKS; link += 1) {
    if (description.status.name !== 'CONTINUED_AS_NEW') return description;
    const next = await readSuccessor(context, workflowId, description.runId);
    if (next === null) return description;
    description = await describe(context, workflowId, next);
  }
  return description;
}

function describe(
  context: ClientContext,
  workflowId: string,
  runId: string | undefined,
): Promise<WorkflowExecutionDescription> {
  const handle = context.client.workflow.getHandle(workflowId, runId);
  return callTemporal(context, 'describe', () => handle.describe());
}

async function readSuccessor(
  context: ClientContext,
  workflowId: string,
  runId: string,
): Promise<string | null> {
  const handle = context.client.workflow.getHandle(workflowId, runId, { followRuns: false });
  try {
    await callTemporal(context, 'read the history', () => handle.result());
    return null;
  } catch (error) {
    if (error instanceof WorkflowContinuedAsNewError) return error.newExecutionRunId;
    throw error;
  }
}
