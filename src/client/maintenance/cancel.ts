import { randomUUID } from 'node:crypto';

import type { MaintenanceMessage } from '../../contract/index.js';

import { InvalidInputError } from '../errors.js';
import { callTemporal, isNotFound } from '../../temporal/rpc.js';
import type { ClientContext } from '../../temporal/rpc.js';
import { parseMessage } from '../../schema/index.js';

import { MaintenanceClosedError } from './errors.js';
import { findMaintenance } from './find.js';
import type { MaintenanceRef } from './client.js';

/** Asks a plan and its switchovers to stop; see `MaintenanceClient.cancel`. */
export async function cancelMaintenance(
  context: ClientContext,
  ref: MaintenanceRef,
  message: MaintenanceMessage,
): Promise<void> {
  // The same two fields as of `approve`: who, and perhaps why.
  const parsed = parseMessage('approve', message);
  if (!parsed.ok) throw new InvalidInputError(parsed.problems);
  const { by, why } = parsed.message;
  const plan = await findMaintenance(context, ref);
  if (!plan.isOpen) throw new MaintenanceClosedError(plan.ref, plan.ref.runId);
  const { client } = context;
  try {
    // Raw, because the SDK's handle cannot carry a reason. Without a run id and with the chain's first one,
    // it reaches the plan even while it continues as new, and no other plan of this id.
    await callTemporal(context, 'cancel', () =>
      client.workflowService.requestCancelWorkflowExecution({
        namespace: client.options.namespace,
        workflowExecution: { workflowId: plan.workflowId },
        firstExecutionRunId: plan.ref.runId,
        identity: client.options.identity,
        requestId: randomUUID(),
        reason: typeof why === 'string' ? `${by}: ${why}` : by,
      }),
    );
  } catch (error) {
    throw isNotFound(error) ? new MaintenanceClosedError(plan.ref, plan.ref.runId) : error;
  }
}
