import type { Leg, MaintenanceProgress, MaintenanceRow } from '../../contract/index.js';

import { describeTimeLeft } from '../format/plan-progress.js';
import { isHolding, legState } from '../../domain/maintenance/leg-state.js';
import {
  currentLeg,
  describeCounts,
  isDoneLeg,
  isFailedLeg,
  oneLine,
  totalOf,
} from '../format/plan.js';
import { formatSpan } from '../format/time.js';
import { printable } from '../output.js';

import { fitWidth } from './fit-width.js';

/** Space of the terminal. */
export interface BlockSize {
  readonly columns: number;
  readonly rows: number;
}

/** Cells of the bar. */
const BAR_WIDTH = 24;
const STATE_WIDTH = 16;
const ID_WIDTH = 36;

/** Lines beside those of the instances: head, bar, time, next, and one that the cursor needs. */
const OTHER_LINES = 5;
const MAX_INSTANCE_LINES = 16;

/**
 * Where a plan stands, as lines for a block that is rewritten. None is wider than the terminal, and all fit
 * on it, because a line that wraps or scrolls away cannot be rewritten.
 */
export function toBlock(progress: MaintenanceProgress, size: BlockSize, nowMs: number): string[] {
  const { maintenanceId, phase, since, isPaused, rows, next } = progress;
  const room = Math.max(1, Math.min(MAX_INSTANCE_LINES, size.rows - OTHER_LINES));
  const paused = isPaused ? '  PAUSED' : '';
  const timeLeft = describeTimeLeft(progress, nowMs);
  return [
    `${maintenanceId}  ${phase} for ${formatSpan(nowMs - Date.parse(since))}${paused}`,
    ...(rows.length === 0 ? [] : [barLine(progress)]),
    ...(timeLeft === null ? [] : [`window: ${timeLeft}`]),
    ...instanceLines(rows, room, nowMs),
    `next: ${oneLine(next)}`,
  ].map((line) => fitWidth(printable(line), size.columns - 1));
}

function barLine({ counts, rows, phase }: MaintenanceProgress): string {
  if (phase === 'RETURNING') {
    const legs = rows.flatMap((row) => (row.return === null ? [] : [row.return]));
    const back = legs.filter(isDoneLeg).length;
    return `${bar(back, 0, legs.length)} ${back} of ${legs.length} back`;
  }
  const total = totalOf(counts);
  const rest = describeCounts({ ...counts, done: 0 });
  const words = `${counts.done} of ${total} done${rest === 'none' ? '' : `, ${rest}`}`;
  return `${bar(counts.done, counts.failed, total)} ${words}`;
}

function bar(done: number, failed: number, total: number): string {
  const cells = (count: number): number =>
    total === 0 ? 0 : Math.floor((count * BAR_WIDTH) / total);
  const drawn = '#'.repeat(cells(done)) + '!'.repeat(cells(failed));
  return `[${drawn.padEnd(BAR_WIDTH, '.')}]`;
}

/** At work first, then what failed, latest first, then what comes next. */
function instanceLines(rows: readonly MaintenanceRow[], room: number, nowMs: number): string[] {
  const running = rows.filter((row) => currentLeg(row).state === 'RUNNING');
  const failed = rows.filter((row) => isFailedLeg(currentLeg(row))).reverse();
  const pending = rows.filter((row) => currentLeg(row).state === 'PENDING');
  const all = [...running, ...failed, ...pending];
  if (all.length <= room) return all.map((row) => instanceLine(row, nowMs));
  const shown = all.slice(0, room - 1).map((row) => instanceLine(row, nowMs));
  return [...shown, `  … and ${all.length - shown.length} more`];
}

function instanceLine(row: MaintenanceRow, nowMs: number): string {
  const leg = currentLeg(row);
  const id = row.instanceId.padEnd(ID_WIDTH);
  const told = describeTime(leg, nowMs);
  return `  ${legState(leg).padEnd(STATE_WIDTH)} ${id} ${told} ${row.name ?? ''}`.trimEnd();
}

/** How long it has run, how long it still keeps its lock, or why it failed. */
function describeTime(leg: Leg, nowMs: number): string {
  const { state, startedAt, cause, lockedUntil } = leg;
  if (isHolding(leg) && lockedUntil !== undefined)
    return `${formatSpan(Math.max(0, Date.parse(lockedUntil) - nowMs))} left`;
  return state === 'RUNNING' && startedAt !== null
    ? formatSpan(nowMs - Date.parse(startedAt))
    : (cause ?? '');
}
