import type { MaintenanceCounts, MaintenanceResult } from '../../contract/index.js';

import { withCommands } from '../../domain/commands.js';

import { nextPlanCommands } from './plan-next.js';
import { formatPlanRows } from './plan-rows.js';
import { countPuts, describeCounts, describeDecision, describeWindow, totalOf } from './plan.js';
import { formatFields } from './text.js';
import { formatInstant, formatSpan } from './time.js';

/** Rows of a result on a terminal; the report has them all. */
const MAX_ROWS = 100;

/** Where a plan's result comes from. */
export interface PlanSource {
  /** As commands take it. */
  readonly name: string;
  readonly workflowId: string;
  readonly runId: string | null;
  readonly taskQueue?: string | undefined;
}

/** How a plan ended, for people: outcome, what is true, the instances, who decided what, what next. */
export function formatPlanResult(result: MaintenanceResult, source: PlanSource): string {
  const { outcome, cause, message, counts, decisions, warnings, rows } = result;
  const sections = [
    `${outcome} (${cause})\n${message}`,
    formatFields([
      ['plan', source.name],
      ['window', describeWindow(result.window)],
      ['instances', describeInstances(counts)],
      ['PUTs', result.mode === 'plan' ? null : String(countPuts(rows))],
      ['time', describeTime(result)],
      ['asked', describeAsked(result)],
      ['decisions', decisions.map(describeDecision).join('\n') || null],
      ['warnings', warnings.join('\n') || null],
      ['run', [source.workflowId, source.runId].filter((part) => part !== null).join(' ')],
    ]),
    formatPlanRows(rows, MAX_ROWS),
    formatNext(nextPlanCommands(result, source)),
  ];
  return sections.filter((section) => section !== null).join('\n\n');
}

/** How many there are, and in which state. */
export function describeInstances(counts: MaintenanceCounts): string {
  const total = totalOf(counts);
  return total === 0 ? 'none' : `${total}: ${describeCounts(counts)}`;
}

/** When it ran, and how long. */
export function describeTime({ startedAt, endedAt }: MaintenanceResult): string {
  const span = formatSpan(Date.parse(endedAt) - Date.parse(startedAt));
  return `${formatInstant(startedAt)} to ${formatInstant(endedAt)} (${span})`;
}

function describeAsked({ requestedBy, reason, changeId }: MaintenanceResult): string | null {
  const parts = [
    requestedBy === null ? null : `by ${requestedBy}`,
    reason === null ? null : `because: ${reason}`,
    changeId === null ? null : `change ${changeId}`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(', ');
}

function formatNext(commands: readonly string[]): string | null {
  return commands.length === 0 ? null : withCommands('Next', ...commands);
}
