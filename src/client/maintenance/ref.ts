import { makeMaintenanceWorkflowId } from '../../contract/index.js';
import { maintenanceLine } from '../../domain/maintenance/commands.js';

/** The tail of the workflow id of the maintenance that a reference means. */
function maintenanceName({ maintenanceId, nominalTime }: MaintenanceRef): string {
  return nominalTime === undefined ? maintenanceId : `${maintenanceId}-${nominalTime}`;
}

/** Workflow id of the maintenance that a reference means. */
export function maintenanceWorkflowIdOf(ref: MaintenanceRef): string {
  return makeMaintenanceWorkflowId(maintenanceName(ref));
}

/** A maintenance as text, for messages. */
export function describeMaintenance({ maintenanceId, nominalTime }: MaintenanceRef): string {
  return nominalTime === undefined
    ? `Maintenance ${maintenanceId}`
    : `Maintenance ${maintenanceId} of ${nominalTime}`;
}

/** A command that a person can paste, with everything that names this maintenance. */
export function maintenanceCommand(
  verb: 'progress' | 'wait' | 'report' | 'cancel' | 'abort',
  ref: MaintenanceRef,
): string {
  const { runId, taskQueue } = ref;
  return maintenanceLine({ verb, name: maintenanceName(ref), runId }, { taskQueue });
}

/** Which maintenance is meant: the latest run, unless `runId` names one. */
export interface MaintenanceRef {
  readonly maintenanceId: string;
  /** Nominal time of the firing, RFC 3339 as in the workflow id, for a maintenance that a schedule started. */
  readonly nominalTime?: string | undefined;
  readonly runId?: string | undefined;
  /** Named in the commands of texts where it is not the default; a maintenance is found without it. */
  readonly taskQueue?: string | undefined;
}

/** A maintenance that does what was asked. */
export interface StartedMaintenance extends MaintenanceRef {
  readonly runId: string;
  readonly workflowId: string;
  /**
   * `null`: started now. Otherwise nothing was started: a maintenance of this id with the same input is open, or has
   * ended after it had started a switchover (`closed`): its result is the answer, and another id repeats it.
   */
  readonly reused: 'open' | 'closed' | null;
}

/** A maintenance, named permanently: by the first run of its chain. */
export type PinnedMaintenance = MaintenanceRef & {
  readonly runId: string;
  readonly workflowId: string;
};
