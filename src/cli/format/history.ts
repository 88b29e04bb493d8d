import type { HistoryEntry } from '../../client.js';

import { formatTable } from './text.js';
import { formatInstant } from './time.js';

const HEADING = ['STARTED', 'MODE', 'OUTCOME', 'PUTS', 'BY', 'RUN', 'ABOUT'];

/** The runs of an instance as a table, latest first. */
export function formatHistory(entries: readonly HistoryEntry[]): string {
  if (entries.length === 0)
    return 'No run of this instance is known to Temporal: none was started, or its retention is over.';
  const rows = [HEADING, ...entries.map(toRow)];
  const hasAbout = entries.some(({ baselineRunId }) => baselineRunId !== null);
  return formatTable(hasAbout ? rows : rows.map((row) => row.slice(0, -1)));
}

function toRow(entry: HistoryEntry): string[] {
  const { startedAt, mode, outcome, cause, requestedBy, runId, baselineRunId } = entry;
  const why = cause === null ? '' : ` (${cause})`;
  return [
    formatInstant(startedAt),
    mode,
    outcome === null ? 'open' : `${outcome}${why}`,
    formatPuts(entry),
    requestedBy?.replace(/\s+/g, ' ') ?? '-',
    runId,
    baselineRunId ?? '',
  ];
}

/** Sent and accepted: `1/1`; `1/0` is a PUT that was rejected, or that nobody can vouch for. */
function formatPuts({ swapsSent, swapsAccepted }: HistoryEntry): string {
  return swapsSent === 0 ? '0' : `${swapsSent}/${swapsAccepted}`;
}
