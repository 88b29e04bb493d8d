import type {
  MaintenanceCounts,
  MaintenanceProgress,
  MaintenanceResult,
} from '../../contract/index.js';
import { asSentence, joinText, withCommands } from '../../domain/commands.js';
import { maintenanceLine } from '../../domain/maintenance/commands.js';
import type { MaintenanceVerb } from '../../domain/maintenance/commands.js';
import { describeTotalFigures } from '../../domain/maintenance/figures.js';

import {
  countPuts,
  describeCounts,
  describeDecisions,
  describeWindow,
  formatItems,
  nextMaintenanceCommands,
  totalOf,
} from './maintenance.js';
import type { ResultSource } from './maintenance.js';
import { fields, headline } from './page.js';
import type { Page } from './page.js';
import { describePeriod, formatSpan, joinPresent, withAge } from './text.js';

/** Rows of a result on a terminal; the report has them all. */
const MAX_ROWS = 100;

/** How a maintenance ended, for people: outcome, the verified state and what next, the instances, who decided what. */
export function formatMaintenanceResult(result: MaintenanceResult, source: ResultSource): Page {
  const { outcome, cause, message, counts, decisions, warnings, items } = result;
  return [
    headline(outcome, cause, joinText([message, ...nextSteps(result, source)])),
    ...formatItems(items, MAX_ROWS),
    fields(
      ['maintenance', source.name],
      ['window', describeWindow(result.window)],
      ['instances', describeInstances(counts)],
      ['PUTs', result.mode === 'plan' ? null : String(countPuts(items))],
      ['interrupted', describeTotalFigures(items)],
      ['time', describeTime(result)],
      ['asked', describeAsked(result)],
      ['decisions', describeDecisions(decisions, items).join('\n') || null],
      ['warnings', warnings.join('\n') || null],
      ['run', source.runId],
      ['workflow', source.workflowId, 'wide'],
    ),
  ];
}

/** How many there are, and in which state. */
function describeInstances(counts: MaintenanceCounts): string {
  const total = totalOf(counts);
  return total === 0 ? 'none' : `${total}: ${describeCounts(counts)}`;
}

/** When it ran, and how long. */
function describeTime({ startedAt, endedAt }: MaintenanceResult): string {
  const span = formatSpan(Date.parse(endedAt) - Date.parse(startedAt));
  return describePeriod(startedAt, endedAt, span);
}

function describeAsked({ requestedBy, reason, changeId }: MaintenanceResult): string | null {
  return joinPresent([
    requestedBy === null ? null : `by ${requestedBy}`,
    reason === null ? null : `because: ${reason}`,
    changeId === null ? null : `change ${changeId}`,
  ]);
}

function nextSteps(result: MaintenanceResult, source: ResultSource): string[] {
  const commands = nextMaintenanceCommands(result, source);
  return commands.length === 0 ? [] : [withCommands('Next', ...commands)];
}

/** Rows of an open maintenance on a terminal. */
const MAX_LIVE_ROWS = 40;

/** The maintenance that a progress is of, as commands name it. */
type ProgressSource = Pick<ResultSource, 'name' | 'taskQueue'>;

/**
 * Where a maintenance stands, for people.
 *
 * @param maxRows where there is room for so many instances; those that are done are left out first
 */
export function formatMaintenanceProgress(
  progress: MaintenanceProgress,
  source: ProgressSource,
  nowMs = Date.now(),
  maxRows = Infinity,
): Page {
  const { counts, decisions, warnings, items, outcome, cause, phase } = progress;
  const awaited = awaitedDecision(progress, source);
  const stands = outcome === null ? describePhase(progress, nowMs) : cause;
  return [
    headline(outcome ?? phase, stands, joinText([asSentence(progress.next), ...awaited])),
    ...formatItems(items, Math.min(maxRows, MAX_LIVE_ROWS)),
    fields(
      ['maintenance', progress.maintenanceId],
      ['since', withAge(progress.since, nowMs)],
      ['window', describeWindow(progress.window)],
      ['time left', outcome === null ? describeTimeLeft(progress, nowMs) : null],
      ['approval', describeApproval(progress)],
      ['instances', describeInstances(counts)],
      ['interrupted', describeTotalFigures(items)],
      ['decisions', describeDecisions(decisions, items).join('\n') || null],
      ['warnings', warnings.join('\n') || null],
    ),
  ];
}

/** What someone has to decide before anything goes on. */
function awaitedDecision(
  { phase, isPaused, outcome }: MaintenanceProgress,
  { name, taskQueue }: ProgressSource,
): string[] {
  if (outcome !== null) return [];
  const line = (verb: MaintenanceVerb): string => maintenanceLine({ verb, name }, { taskQueue });
  return [
    ...(phase === 'AWAITING_APPROVAL'
      ? [withCommands('Approve it', line('approve')), withCommands('Reject it', line('reject'))]
      : []),
    ...(isPaused ? [withCommands('Go on', line('resume'))] : []),
  ];
}

function describePhase({ since, isPaused }: MaintenanceProgress, nowMs: number): string {
  const age = formatSpan(nowMs - Date.parse(since));
  return `for ${age}${isPaused ? ', PAUSED: nothing starts before "resume"' : ''}`;
}

/** What a person at night would have to calculate: how long until it opens, or until nothing starts any more. */
export function describeTimeLeft(
  { window, phase }: Pick<MaintenanceProgress, 'window' | 'phase'>,
  nowMs: number,
): string | null {
  if (window === null || ['SOAKING', 'RETURNING', 'ENDED'].includes(phase)) return null;
  const opensInMs = Date.parse(window.opensAt) - nowMs;
  if (opensInMs > 0) return `opens in ${formatSpan(opensInMs)}`;
  const leftMs = Date.parse(window.latestStartAt) - nowMs;
  return leftMs > 0 ? `${formatSpan(leftMs)} to start in` : 'nothing starts any more';
}

function describeApproval({ needsApproval, decisions }: MaintenanceProgress): string | null {
  const given = decisions.findLast(({ what }) => what === 'approved' || what === 'rejected');
  if (given !== undefined) return `${given.what} by ${given.by}`;
  return needsApproval ? 'required, not given yet' : null;
}
