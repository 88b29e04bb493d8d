import { makeMaintenanceWorkflowId } from '../../contract/index.js';
import { maintenanceLine } from '../../domain/maintenance/commands.js';

import type { MaintenanceRef } from './client.js';

/** Workflow id of the plan that a reference means. */
export function maintenanceWorkflowIdOf({ maintenanceId, nominalTime }: MaintenanceRef): string {
  const workflowId = makeMaintenanceWorkflowId(maintenanceId);
  return nominalTime === undefined ? workflowId : `${workflowId}-${nominalTime}`;
}

/** A plan in words, for messages. */
export function describePlan({ maintenanceId, nominalTime }: MaintenanceRef): string {
  return nominalTime === undefined
    ? `Plan ${maintenanceId}`
    : `Plan ${maintenanceId} of ${nominalTime}`;
}

/** A command that a person can paste, with everything that names this plan. */
export function maintenanceCommand(
  verb: 'progress' | 'wait' | 'report' | 'cancel' | 'abort',
  { maintenanceId, nominalTime, runId, taskQueue }: MaintenanceRef,
): string {
  return maintenanceLine({ verb, name: maintenanceId, firing: nominalTime, runId }, { taskQueue });
}
