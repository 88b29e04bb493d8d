import type { MaintenanceClient, MaintenanceRef, StartedMaintenance } from '../../client.js';
import { EXIT_CODES } from '../../contract/index.js';
import type {
  MaintenanceInput,
  MaintenanceOutcome,
  MaintenanceResult,
} from '../../contract/index.js';
import { joinText, withCommands } from '../../domain/commands.js';
import { follow } from '../follow.js';
import { formatMaintenanceResult } from '../format/maintenance-result.js';
import type { ResultSource } from '../format/maintenance.js';
import type { CliIo } from '../io.js';
import type { QueueOptions, WaitOptions } from '../options.js';
import type { Output } from '../output.js';
import { toMaintenanceDocument } from '../report/maintenance-report.js';
import { printReport, reportBase, tryReport } from '../report/write.js';
import type { Report, ReportOption } from '../report/write.js';
import { messageOf } from '../../util.js';

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
  { paint }: Pick<Output, 'paint'>,
  client: MaintenanceFollower,
  ref: MaintenanceRef,
  { waitTimeout = DEFAULT_WAIT_SECONDS, startedRunId = ref.runId }: FollowOptions = {},
): Promise<MaintenanceResult> {
  const progress = createProgressDisplay(io, paint);
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
    if (!signal.aborted) progress.trouble(messageOf(error));
    return 0;
  }
}

/** What one says who stops looking at an open maintenance. */
export function detachedText(ref: MaintenanceRef): string {
  return joinText([
    `Detached; maintenance ${maintenanceName(ref)} continues.`,
    withCommands('Look', maintenanceCommand('progress', ref)),
    withCommands('Wait again', maintenanceCommand('wait', ref)),
    withCommands('Stop new starts', maintenanceCommand('abort', ref)),
  ]);
}

/** A result as data: with the run that it came from, as `-o json` and the report have it. */
function withRun(
  result: MaintenanceResult,
  { workflowId, runId }: ResultSource,
): MaintenanceResult & { readonly run: Pick<ResultSource, 'workflowId' | 'runId'> } {
  return { ...result, run: { workflowId, runId } };
}

/** Exit code of a maintenance's end: a maintenance of which some instance would not be switched is no good one. */
export function exitCodeOf({
  outcome,
  counts,
}: Pick<MaintenanceResult, 'counts'> & { readonly outcome: MaintenanceOutcome }): number {
  if (outcome === 'INVALID_INPUT') return EXIT_CODES.usage;
  return outcome === 'PARTIAL' || (outcome === 'PLANNED' && counts.notStarted > 0)
    ? EXIT_CODES.partial
    : EXIT_CODES.success;
}

/** A result as people read it now, where that differs from what the maintenance reported. */
interface ReadNow {
  readonly now?: MaintenanceResult;
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
  { report, now = result }: ReportOption & ReadNow,
): Promise<number> {
  const source = sourceOf(ref);
  output.data(withRun(result, source), () => formatMaintenanceResult(now, source));
  const code = exitCodeOf(result);
  if (report === undefined) return code;
  const isDone = await tryReport(output, toReport(result, now, source), report, elsewhere(ref));
  return isDone || code !== EXIT_CODES.success ? code : EXIT_CODES.other;
}

/** Prints the report of a maintenance, or writes it. It judges nothing: 0, unless it cannot be written. */
export function printMaintenanceReport(
  output: Output,
  ref: MaintenanceRef,
  result: MaintenanceResult,
  { now = result, ...options }: ReportOption & ReadNow & Pick<QueueOptions, 'output'>,
): Promise<number> {
  return printReport(output, toReport(result, now, sourceOf(ref)), options, elsewhere(ref));
}

function toReport(result: MaintenanceResult, now: MaintenanceResult, source: ResultSource): Report {
  return {
    data: withRun(result, source),
    document: toMaintenanceDocument(now, source),
    base: reportBase(source.name, result.startedAt),
  };
}

function elsewhere(ref: MaintenanceRef): string {
  return maintenanceCommand('report', ref, './report');
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
