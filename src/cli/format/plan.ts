/** Words for the parts of a plan, the same in table, text and report. */
import type {
  Decision,
  Leg,
  LegOutcome,
  MaintenanceCounts,
  MaintenanceRow,
  PlannedWindow,
  SeenMaster,
} from '../../contract/index.js';

import { withoutCommands } from '../../domain/commands.js';

import { formatInstant } from './time.js';

const DONE: readonly (LegOutcome | null)[] = ['SUCCEEDED', 'NOOP'];

/** The leg that a row is at: the way back once that has begun. */
export function currentLeg(row: MaintenanceRow): Leg {
  return row.return ?? row.forward;
}

/** Whether a leg has done what was asked. */
export function isDoneLeg({ state, outcome }: Leg): boolean {
  return state === 'ENDED' && DONE.includes(outcome);
}

/** Whether a leg ended, and not as asked. */
export function isFailedLeg(leg: Leg): boolean {
  return leg.state === 'ENDED' && !isDoneLeg(leg);
}

/** Whether nothing of a row is left to do. */
export function isDoneRow(row: MaintenanceRow): boolean {
  return isDoneLeg(row.forward) && (row.return === null || isDoneLeg(row.return));
}

/** `node (zone)`; `-` where it was not read. */
export function describeMaster(master: SeenMaster | null): string {
  if (master === null) return '-';
  const { nodeId, availabilityZone } = master;
  return availabilityZone === null ? nodeId : `${nodeId} (${availabilityZone})`;
}

/** `12 done, 2 running, …`; what is zero is left out. */
export function describeCounts(counts: MaintenanceCounts): string {
  const { done, running, pending, failed, skipped, notStarted } = counts;
  const parts: readonly (readonly [number, string])[] = [
    [done, 'done'],
    [running, 'running'],
    [failed, 'failed'],
    [pending, 'to go'],
    [skipped, 'skipped'],
    [notStarted, 'not started'],
  ];
  const told = parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return told.length === 0 ? 'none' : told.join(', ');
}

/** How many instances there are. */
export function totalOf(counts: MaintenanceCounts): number {
  const { done, running, pending, failed, skipped, notStarted } = counts;
  return done + running + pending + failed + skipped + notStarted;
}

/** From when to when, and from when on nothing starts. */
export function describeWindow(window: PlannedWindow | null): string | null {
  if (window === null) return null;
  const { opensAt, closesAt, latestStartAt } = window;
  return (
    `${formatInstant(opensAt)} to ${formatInstant(closesAt)}; ` +
    `nothing starts from ${formatInstant(latestStartAt)} on`
  );
}

/** `02:01:00 approved by bob: looks fine`, with the whole instant. */
export function describeDecision({ what, by, why, at, instanceId }: Decision): string {
  const which = instanceId === undefined ? '' : ` ${instanceId}`;
  return `${formatInstant(at)} ${what}${which} by ${by}${why === null ? '' : `: ${oneLine(why)}`}`;
}

/** PUTs of a whole plan, both ways. */
export function countPuts(rows: readonly MaintenanceRow[]): number {
  return rows.reduce((sum, row) => sum + row.forward.swapsSent + (row.return?.swapsSent ?? 0), 0);
}

/** Text of other people, for a place of one line; what it leads to is told elsewhere. */
export function oneLine(text: string): string {
  return withoutCommands(text).replace(/\s+/g, ' ').trim();
}
