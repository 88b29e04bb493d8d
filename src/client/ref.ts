import { makeMaintenanceWorkflowId, makeWorkflowId } from '../contract/index.js';
import type { InstanceRef, Mode } from '../contract/index.js';
import { toGoal } from '../domain/goal.js';
import { maintenanceLine } from '../domain/maintenance/commands.js';
import { describeAsked } from '../domain/run-texts.js';
import { parseInput } from '../schema/index.js';
import type { WellFormedInput } from '../schema/index.js';
import { fieldsOf, textOf } from '../util.js';

/** Which run is meant: the latest of an instance, unless `runId` names one. */
export interface RunRef extends InstanceRef {
  /** Only `plan` makes a difference: dry runs have an id of their own. @default "switch" */
  readonly mode?: Mode | undefined;
  readonly runId?: string | undefined;
  /** Named in the commands of texts where it is not the default; a run is found without it. */
  readonly taskQueue?: string | undefined;
}

/** Workflow id of the runs that a reference is about. */
export function workflowIdOf(ref: RunRef): string {
  return makeWorkflowId(ref.mode ?? 'switch', ref);
}

/** What a run was asked to do, and by whom; `null` where its input does not say. */
export interface Asked {
  /** As text, such as `switch so that the master is in AZ az2`. */
  readonly goal: string | null;
  /** `switch` where the input does not say. */
  readonly mode: Mode;
  /** The run that it is about (`verify`, `adopt`). */
  readonly examinedRunId: string | null;
  readonly requestId: string | null;
  readonly requestedBy: string | null;
  readonly reason: string | null;
  readonly changeId: string | null;
}

/** Reads the argument of a run, no matter who started it; nothing of it is taken for granted. */
export function readAsked(rawInput: unknown): Asked {
  const parsed = parseInput(rawInput);
  const input = fieldsOf(rawInput);
  return {
    goal: parsed.ok ? describeAsked(parsed.input) : null,
    mode: parsed.ok ? parsed.input.mode : 'switch',
    examinedRunId: textOf(input['examinedRunId']),
    requestId: textOf(input['requestId']),
    requestedBy: textOf(input['requestedBy']),
    reason: textOf(input['reason']),
    changeId: textOf(input['changeId']),
  };
}

/** Whether two inputs ask for the same, so that one run may serve both. */
export function isSameGoal(a: WellFormedInput, b: WellFormedInput): boolean {
  return JSON.stringify(goalOf(a)) === JSON.stringify(goalOf(b));
}

function goalOf(input: WellFormedInput) {
  const { mode, resolution, examinedRunId, jobId } = input;
  return [mode, toGoal(input), resolution, examinedRunId, jobId];
}

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
