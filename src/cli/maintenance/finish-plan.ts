import type { MaintenanceRef, StartedMaintenance } from '../../client.js';
import { EXIT_CODES } from '../../contract/index.js';
import type { MaintenanceInput, MaintenanceResult } from '../../contract/index.js';
import { joinText, withCommands } from '../../domain/commands.js';

import { formatPlanReport } from '../format/plan-report.js';
import { formatPlanResult } from '../format/plan-result.js';
import type { PlanSource } from '../format/plan-result.js';
import type { Output } from '../output.js';

import { planCommand, planName, planWorkflowId } from './ref.js';
import { withRun, writeReport } from './report-files.js';

/** Exit code of a plan's end: a plan of which some instance would not be switched is no good one. */
function exitCodeOf({ outcome, counts }: MaintenanceResult): number {
  return outcome === 'PARTIAL' || (outcome === 'PLANNED' && counts.notStarted > 0)
    ? EXIT_CODES.partial
    : EXIT_CODES.success;
}

/** Options of everything that prints a plan's end. */
export interface ReportOption {
  /** Folder for the report. */
  readonly report?: string;
}

/**
 * Prints how a plan ended, the same whichever command led to it, and writes its report where asked.
 *
 * @returns the exit code of its outcome; 1 for a good one whose report could not be written
 */
export async function printPlanResult(
  output: Output,
  ref: MaintenanceRef,
  result: MaintenanceResult,
  { report }: ReportOption,
): Promise<number> {
  const source = sourceOf(ref);
  output.data(withRun(result, source), () => formatPlanResult(result, source));
  const code = exitCodeOf(result);
  if (report === undefined || (await tryReport(output, ref, result, report))) return code;
  return code === EXIT_CODES.success ? EXIT_CODES.other : code;
}

/** Writes a report and tells where. @returns whether that was possible */
async function tryReport(
  output: Output,
  ref: MaintenanceRef,
  result: MaintenanceResult,
  folder: string,
): Promise<boolean> {
  try {
    const files = await writeReport(folder, result, sourceOf(ref));
    output.note(`Report: ${files.join(' and ')}`);
    return true;
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    output.note(
      joinText([
        `No report: ${problem}.`,
        withCommands('Write it elsewhere', planCommand('report', ref, './report')),
      ]),
    );
    return false;
  }
}

/** Prints the report of a plan, or writes it. It judges nothing: 0, unless it cannot be written. */
export async function printPlanReport(
  output: Output,
  ref: MaintenanceRef,
  result: MaintenanceResult,
  { report }: ReportOption,
): Promise<number> {
  const source = sourceOf(ref);
  output.data(withRun(result, source), () => formatPlanReport(result, source).trimEnd());
  const isDone = report === undefined || (await tryReport(output, ref, result, report));
  return isDone ? EXIT_CODES.success : EXIT_CODES.other;
}

/** The plan as results and reports name it. */
export function sourceOf(ref: MaintenanceRef): PlanSource {
  const { runId = null, taskQueue } = ref;
  return { name: planName(ref), workflowId: planWorkflowId(ref), runId, taskQueue };
}

/** Prints that a plan was started (or found) and is not waited for. */
export function printPlanStarted(
  output: Output,
  plan: StartedMaintenance,
  { requireApproval }: Pick<MaintenanceInput, 'requireApproval'>,
): number {
  const { maintenanceId, workflowId, runId, reused, taskQueue } = plan;
  output.data({ maintenanceId, workflowId, runId, reused }, () =>
    joinText([
      `${workflowId} ${runId}`,
      ...(requireApproval === true
        ? [withCommands('Approve it', planCommand('approve', plan))]
        : []),
      withCommands('Look', planCommand('progress', { maintenanceId, taskQueue })),
      withCommands('Wait for it', planCommand('wait', { maintenanceId, taskQueue })),
    ]),
  );
  return EXIT_CODES.success;
}
