import type { RunStatus } from '../../client.js';

import { describePending } from './pending.js';
import { formatRolesChange } from './roles.js';
import { formatFields } from './text.js';
import { formatSeconds } from './time.js';

const SOURCES: Record<RunStatus['source'], string> = {
  worker: 'told by the run itself',
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
      ['swap', status.putInWords],
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
