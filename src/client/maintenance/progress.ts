import { PROGRESS_QUERY } from '../../contract/index.js';
import type { MaintenanceProgress, MaintenanceResult } from '../../contract/index.js';

import type { ClientContext } from '../../temporal/rpc.js';

import { askWorker } from './answers.js';
import { readMaintenanceEnding } from './ending.js';
import { findMaintenance } from './find.js';
import type { FoundMaintenance } from './find.js';
import type { MaintenanceRef } from './client.js';
import { resultOf } from './result.js';

/** Looks where a plan stands; see `MaintenanceClient.progress`. */
export async function readProgress(
  context: ClientContext,
  ref: MaintenanceRef,
): Promise<MaintenanceProgress> {
  const plan = await findMaintenance(context, ref);
  if (plan.isOpen) return query(context, plan);
  const ending = await readMaintenanceEnding(context, plan, context.rpcTimeoutMs);
  switch (ending.kind) {
    case 'told':
      return fromResult(ending.result);
    case 'invalid-input':
      return fromResult(resultOf(plan, ending));
    case 'cancelled':
    case 'untold':
      // It told nothing of its rows; only its own replay still knows them.
      return query(context, plan);
  }
}

function query(context: ClientContext, plan: FoundMaintenance): Promise<MaintenanceProgress> {
  const handle = context.client.workflow.getHandle(plan.workflowId, plan.latestRunId);
  return askWorker(context, plan, 'progress', () =>
    handle.query<MaintenanceProgress>(PROGRESS_QUERY),
  );
}

/** An ended plan is read without any worker. */
function fromResult(result: MaintenanceResult): MaintenanceProgress {
  const { maintenanceId, endedAt, message, outcome, cause } = result;
  const { window, decisions, counts, rows, warnings } = result;
  return {
    maintenanceId,
    phase: 'ENDED',
    since: endedAt,
    next: message,
    isPaused: false,
    ...{ outcome, cause, window },
    needsApproval: false,
    ...{ decisions, counts, rows, warnings },
  };
}
