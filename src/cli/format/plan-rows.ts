import type { Leg, MaintenanceRow } from '../../contract/index.js';

import { describeMaster, isDoneRow, legState, oneLine } from './plan-words.js';
import { formatTable } from './table.js';

/** Longest text of a cell; the whole stands in the report and in `--json`. */
const MAX_CELL = 90;

/**
 * The instances of a plan as a table, those that are not done first.
 *
 * @param limit most rows; the last line tells how many are left out
 */
export function formatPlanRows(rows: readonly MaintenanceRow[], limit: number): string | null {
  if (rows.length === 0) return null;
  const ordered = [...rows.filter((row) => !isDoneRow(row)), ...rows.filter(isDoneRow)];
  const shown = ordered.slice(0, limit);
  const hasReturn = rows.some((row) => row.return !== null);
  const heading = [
    ...['INSTANCE', 'NAME', 'MASTER', 'STATE', 'MASTER AFTER'],
    ...(hasReturn ? ['WAY BACK'] : []),
    'WHY',
  ];
  const table = formatTable([heading, ...shown.map((row) => toCells(row, hasReturn))]);
  const more = rows.length - shown.length;
  return more === 0 ? table : `${table}\n… and ${more} more; --json and the report have them all`;
}

function toCells(row: MaintenanceRow, hasReturn: boolean): string[] {
  const { instanceId, name, master, forward } = row;
  const last = row.return?.master ?? forward.master;
  return [
    instanceId,
    name ?? '-',
    describeMaster(master),
    describeState(forward),
    describeMaster(last),
    ...(hasReturn ? [row.return === null ? '-' : describeState(row.return)] : []),
    describeWhy(row),
  ];
}

/** State and cause; the cause of what went well is no news. */
export function describeState(leg: Leg): string {
  const word = legState(leg);
  return leg.cause === null || word === 'SUCCEEDED' ? word : `${word} (${leg.cause})`;
}

/** Why a row is not done, in one line; empty where it is. */
export function describeWhy(row: MaintenanceRow, maxLength: number = MAX_CELL): string {
  if (isDoneRow(row)) return '';
  const leg = row.return ?? row.forward;
  const text = oneLine(leg.reason ?? '');
  return text.length > maxLength ? `${text.slice(0, maxLength - 1)}…` : text;
}
