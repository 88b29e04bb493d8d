import type { HistoryEntry, PendingActivity, RunStatus } from '../../client.js';
import { oneLine } from '../../domain/text.js';

import { formatRolesChange } from './result.js';
import { formatFields, formatInstant, formatSeconds, formatTable } from './text.js';

/** What a run is at, in one line for people. */
function describePending(pending: PendingActivity): string {
  const { type, attempt, maximumAttempts, isWaiting, lastFailure, nextAttemptAt } = pending;
  const { next, givesUpAt, lastRequestId } = pending;
  const of = maximumAttempts === null ? '' : ` of ${maximumAttempts}`;
  const isRetrying = lastFailure !== null;
  return [
    `${type}, attempt ${attempt}${of}${isWaiting && !isRetrying ? ', waiting for a worker' : ''}`,
    ...(isRetrying ? [`the attempt before failed: ${lastFailure}`] : []),
    ...(nextAttemptAt === null ? [] : [`next attempt at ${nextAttemptAt}`]),
    ...(next === null ? [] : [next]),
    ...(givesUpAt === null ? [] : [`gives up at ${givesUpAt}`]),
    ...(lastRequestId === null ? [] : [`last request id ${lastRequestId}`]),
  ].join('; ');
}

const SOURCES: Record<RunStatus['source'], string> = {
  worker: 'reported by the run itself',
  history: 'read from the history',
};

/** Where a run stands, for people. */
export function formatStatus(status: RunStatus, nowMs: number = Date.now()): string {
  const { execution, outcome, phase, since, closedAt, startedAt } = status;
  const age = formatSeconds(Math.max(0, nowMs - Date.parse(since)));
  const known = outcome === undefined ? '' : `outcome ${outcome}, `;
  const state = closedAt === null ? `${known}phase ${phase} for ${age}` : (outcome ?? 'no outcome');
  const sections = [
    formatFields([
      ['run', `${status.workflowId} ${status.runId}`],
      ['state', `${execution}, ${state}`],
      ['lock', status.lockedUntil === undefined ? null : `held until ${status.lockedUntil}`],
      ['since', `${since} (started ${startedAt})`],
      ['asked', formatAsked(status)],
      ['swap', status.putSummary],
      ['jobs', status.jobIds.join(', ') || null],
      ['next', status.next],
      ['at work', status.pending === null ? null : describePending(status.pending)],
      ['source', SOURCES[status.source]],
    ]),
    formatRolesChange(status.before ?? null, status.after ?? null),
  ];
  return sections.filter((section) => section !== null).join('\n\n');
}

function formatAsked({ asked }: RunStatus): string | null {
  const parts = [
    asked.goal,
    asked.requestedBy === null ? null : `by ${asked.requestedBy}`,
    asked.reason === null ? null : `because: ${asked.reason}`,
    asked.changeId === null ? null : `change ${asked.changeId}`,
    asked.requestId === null ? null : `request ${asked.requestId}`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(', ');
}

const HEADING = ['STARTED', 'MODE', 'OUTCOME', 'PUTS', 'BY', 'RUN', 'ABOUT'];

/** The runs of an instance as a table, latest first. */
export function formatHistory(entries: readonly HistoryEntry[]): string {
  if (entries.length === 0)
    return 'No run of this instance is known to Temporal: none was started, or its retention is over.';
  const rows = [HEADING, ...entries.map(toRow)];
  const hasAbout = entries.some(({ examinedRunId }) => examinedRunId !== null);
  return formatTable(hasAbout ? rows : rows.map((row) => row.slice(0, -1)));
}

function toRow(entry: HistoryEntry): string[] {
  const { startedAt, mode, outcome, cause, requestedBy, runId, examinedRunId } = entry;
  const why = cause === null ? '' : ` (${cause})`;
  return [
    formatInstant(startedAt),
    mode,
    outcome === null ? 'open' : `${outcome}${why}`,
    formatPuts(entry),
    requestedBy === null ? '-' : oneLine(requestedBy),
    runId,
    examinedRunId ?? '',
  ];
}

/** Sent and accepted: `1/1`; `1/0` is a PUT that was rejected, or that no one can vouch for. */
function formatPuts({ swapsSent, swapsAccepted }: HistoryEntry): string {
  return swapsSent === 0 ? '0' : `${swapsSent}/${swapsAccepted}`;
}
