import { makeWorkflowId } from '../../contract/index.js';
import type { InstanceRef, Mode } from '../../contract/index.js';
import { instanceCommand } from '../../domain/commands.js';

/** Which run is meant: the latest of an instance, unless `runId` names one. */
export interface RunRef extends InstanceRef {
  /** Only `plan` makes a difference: plans run under an id of their own. @default "switch" */
  readonly mode?: Mode | undefined;
  readonly runId?: string | undefined;
  /** Named in the commands of texts where it is not the default; a run is found without it. */
  readonly taskQueue?: string | undefined;
}

/** Workflow id of the runs that a reference is about. */
export function workflowIdOf(ref: RunRef): string {
  return makeWorkflowId(ref.mode ?? 'switch', ref);
}

/** A command that a person can paste, with everything that names this run. */
export function commandLine(
  verb: 'status' | 'wait' | 'cancel' | 'plan' | 'switch' | 'history',
  ref: RunRef,
): string {
  const isAboutRun = verb === 'status' || verb === 'wait' || verb === 'cancel';
  const pick = isAboutRun ? { plan: ref.mode === 'plan', run: ref.runId } : {};
  return instanceCommand(verb, ref, pick);
}
