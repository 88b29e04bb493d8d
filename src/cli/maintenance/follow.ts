import { access, constants, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { MaintenanceClient, MaintenanceRef, StartedMaintenance } from '../../client.js';
import { EXIT_CODES } from '../../contract/index.js';
import type { MaintenanceInput, MaintenanceResult } from '../../contract/index.js';
import { joinText, withCommands } from '../../domain/commands.js';
import { visible } from '../../util.js';
import { UsageError } from '../errors.js';
import { follow } from '../follow.js';
import { formatMaintenanceReport, formatMaintenanceResult } from '../format/maintenance-result.js';
import type { ResultSource } from '../format/maintenance.js';
import type { CliIo } from '../io.js';
import type { WaitOptions } from '../options.js';
import type { Output } from '../output.js';

import { createProgressDisplay } from './live.js';
import type { ProgressDisplay } from './live.js';
import { maintenanceCommand, maintenanceName, maintenanceWorkflowId } from './ref.js';

/** Pause between two looks; each is a query, which a worker answers. */
const LOOK_EVERY_MS = 1_000;

/** On top for each instance: the answer carries them all. */
const LOOK_MS_PER_ROW = 5;

/** A maintenance may wait for its window for days: a week. */
const DEFAULT_WAIT_SECONDS = 604_800;

/** What following needs of the client. */
export type MaintenanceFollower = Pick<MaintenanceClient, 'result' | 'progress'>;

/** Options of {@link followMaintenance}. */
export interface FollowOptions extends WaitOptions {
  readonly startedRunId?: string;
}

/**
 * Follows a maintenance: how its instances stand.
 *
 * @param ref a run of it is followed only where it names one: a long maintenance goes on in runs of the same id
 * @param startedRunId the run that was started, whose result is meant whatever is started later
 * @throws DetachedError, and whatever `result` throws
 */
export function followMaintenance(
  io: CliIo,
  client: MaintenanceFollower,
  ref: MaintenanceRef,
  { waitTimeout = DEFAULT_WAIT_SECONDS, startedRunId = ref.runId }: FollowOptions = {},
): Promise<MaintenanceResult> {
  const progress = createProgressDisplay(io);
  return follow(io, {
    result: (options) => client.result({ ...ref, runId: startedRunId }, options),
    look: async (signal) => {
      const items = await lookOnce(client, ref, progress, signal);
      return LOOK_EVERY_MS + items * LOOK_MS_PER_ROW;
    },
    progress,
    detachedText: detachedText(ref),
    waitTimeout,
  });
}

/** @returns how many items there were to look at */
async function lookOnce(
  client: MaintenanceFollower,
  ref: MaintenanceRef,
  progress: ProgressDisplay,
  signal: AbortSignal,
): Promise<number> {
  try {
    const answer = await client.progress(ref);
    // A look that came back late must not draw over the result.
    if (!signal.aborted && answer.phase !== 'ENDED') progress.show(answer);
    return answer.items.length;
  } catch (error) {
    if (!signal.aborted) progress.trouble(error instanceof Error ? error.message : String(error));
    return 0;
  }
}

function detachedText(ref: MaintenanceRef): string {
  return joinText([
    `Detached; maintenance ${maintenanceName(ref)} continues.`,
    withCommands('Look', maintenanceCommand('progress', ref)),
    withCommands('Wait again', maintenanceCommand('wait', ref)),
    withCommands('Stop new starts', maintenanceCommand('abort', ref)),
  ]);
}

/** Makes sure that a report can be written before anything is started for it. @throws UsageError */
export async function prepareReportFolder({ report: folder }: ReportOption): Promise<void> {
  if (folder === undefined) return;
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (error) {
    throw new UsageError(`--report: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/**
 * Writes a maintenance's end as Markdown and as JSON, for a change ticket. One maintenance's files are the same however
 * often they are written; two runs of one id do not overwrite each other.
 *
 * @returns their paths
 */
async function writeReport(
  folder: string,
  result: MaintenanceResult,
  source: ResultSource,
): Promise<string[]> {
  // Colons are not allowed in file names everywhere.
  const startedAt = result.startedAt.replace(/\.\d+/, '').replaceAll(':', '');
  const base = path.join(folder, `${source.name.replaceAll(':', '')}.${startedAt}`);
  const texts = [
    [`${base}.md`, formatMaintenanceReport(result, source)],
    [`${base}.json`, `${JSON.stringify(withRun(result, source), null, 2)}\n`],
  ] as const;
  for (const [file, text] of texts) await writeFile(file, visible(text));
  return texts.map(([file]) => file);
}

/** A result as data: with the run that it came from, as `-o json` and the report have it. */
function withRun(
  result: MaintenanceResult,
  { workflowId, runId }: ResultSource,
): MaintenanceResult & { readonly run: Pick<ResultSource, 'workflowId' | 'runId'> } {
  return { ...result, run: { workflowId, runId } };
}

/** Exit code of a maintenance's end: a maintenance of which some instance would not be switched is no good one. */
function exitCodeOf({ outcome, counts }: MaintenanceResult): number {
  return outcome === 'PARTIAL' || (outcome === 'PLANNED' && counts.notStarted > 0)
    ? EXIT_CODES.partial
    : EXIT_CODES.success;
}

/** Options of everything that prints a maintenance's end. */
export interface ReportOption {
  /** Folder for the report. */
  readonly report?: string;
}

/**
 * Prints how a maintenance ended, the same whichever command led to it, and writes its report where asked.
 *
 * @returns the exit code of its outcome; 1 for a good one whose report could not be written
 */
export async function printMaintenanceResult(
  output: Output,
  ref: MaintenanceRef,
  result: MaintenanceResult,
  { report }: ReportOption,
): Promise<number> {
  const source = sourceOf(ref);
  output.data(withRun(result, source), () => formatMaintenanceResult(result, source));
  const code = exitCodeOf(result);
  if (report === undefined || (await tryReport(output, ref, result, report))) return code;
  return code === EXIT_CODES.success ? EXIT_CODES.other : code;
}

/** Writes a report and shows where. @returns whether that was possible */
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
        withCommands('Write it elsewhere', maintenanceCommand('report', ref, './report')),
      ]),
    );
    return false;
  }
}

/** Prints the report of a maintenance, or writes it. It judges nothing: 0, unless it cannot be written. */
export async function printMaintenanceReport(
  output: Output,
  ref: MaintenanceRef,
  result: MaintenanceResult,
  { report }: ReportOption,
): Promise<number> {
  const source = sourceOf(ref);
  output.data(withRun(result, source), () => formatMaintenanceReport(result, source).trimEnd());
  const isDone = report === undefined || (await tryReport(output, ref, result, report));
  return isDone ? EXIT_CODES.success : EXIT_CODES.other;
}

/** The maintenance as results and reports name it. */
function sourceOf(ref: MaintenanceRef): ResultSource {
  const { runId = null, taskQueue } = ref;
  return { name: maintenanceName(ref), workflowId: maintenanceWorkflowId(ref), runId, taskQueue };
}

/** Prints that a maintenance was started (or found) and is not waited for. */
export function printMaintenanceStarted(
  output: Output,
  chosen: StartedMaintenance,
  { requireApproval }: Pick<MaintenanceInput, 'requireApproval'>,
): number {
  const { maintenanceId, workflowId, runId, reused, taskQueue } = chosen;
  return output.data({ maintenanceId, workflowId, runId, reused }, () =>
    joinText([
      `${workflowId} ${runId}`,
      ...(requireApproval === true
        ? [withCommands('Approve it', maintenanceCommand('approve', chosen))]
        : []),
      withCommands('Look', maintenanceCommand('progress', { maintenanceId, taskQueue })),
      withCommands('Wait for it', maintenanceCommand('wait', { maintenanceId, taskQueue })),
    ]),
  );
}
