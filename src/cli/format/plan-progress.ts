import type { MaintenanceProgress } from '../../contract/index.js';

import { formatPlanRows } from './plan-rows.js';
import { describeDecision, describeWindow } from './plan.js';
import { describeInstances } from './plan-result.js';
import { formatFields } from './text.js';
import { formatInstant, formatSpan } from './time.js';

/** Rows of an open plan on a terminal. */
const MAX_ROWS = 40;

/** Where a plan stands, for people. */
export function formatPlanProgress(progress: MaintenanceProgress, nowMs = Date.now()): string {
  const { counts, decisions, warnings, rows, outcome, cause } = progress;
  const ended = outcome === null ? null : `${outcome}${cause === null ? '' : ` (${cause})`}`;
  const sections = [
    formatFields([
      ['plan', progress.maintenanceId],
      ['phase', ended === null ? describePhase(progress, nowMs) : `ENDED: ${ended}`],
      ['window', describeWindow(progress.window)],
      ['time left', outcome === null ? describeTimeLeft(progress, nowMs) : null],
      ['approval', describeApproval(progress)],
      ['instances', describeInstances(counts)],
      ['next', progress.next],
      ['decisions', decisions.map(describeDecision).join('\n') || null],
      ['warnings', warnings.join('\n') || null],
    ]),
    formatPlanRows(rows, MAX_ROWS),
  ];
  return sections.filter((section) => section !== null).join('\n\n');
}

function describePhase({ phase, since, isPaused }: MaintenanceProgress, nowMs: number): string {
  const age = formatSpan(nowMs - Date.parse(since));
  const paused = isPaused ? ', PAUSED: nothing starts before "resume"' : '';
  return `${phase} for ${age} (since ${formatInstant(since)})${paused}`;
}

/** What a person at night would have to calculate: how long until it opens, or until nothing starts any more. */
export function describeTimeLeft(
  { window, phase }: Pick<MaintenanceProgress, 'window' | 'phase'>,
  nowMs: number,
): string | null {
  if (window === null || phase === 'SOAKING' || phase === 'RETURNING') return null;
  const opensInMs = Date.parse(window.opensAt) - nowMs;
  if (opensInMs > 0) return `opens in ${formatSpan(opensInMs)}`;
  const leftMs = Date.parse(window.latestStartAt) - nowMs;
  return leftMs > 0 ? `${formatSpan(leftMs)} to start in` : 'nothing starts any more';
}

function describeApproval({ needsApproval, decisions, phase }: MaintenanceProgress): string | null {
  const given = decisions.find(({ what }) => what === 'approved' || what === 'rejected');
  if (given !== undefined) return `${given.what} by ${given.by}`;
  if (!needsApproval) return null;
  return phase === 'ENDED' ? 'never given' : 'required, not given yet';
}
