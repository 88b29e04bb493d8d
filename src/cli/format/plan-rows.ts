import type { Leg, MaintenanceRow, SeenMaster } from '../../contract/index.js';

import { legState } from '../../domain/maintenance/leg-state.js';
import { isDoneRow, oneLine } from './plan.js';
import { formatTable } from './text.js';

/** Longest text of a cell; the whole stands in the report and in `--json`. */
const MAX_CELL = 90;

/** As much of a node id as tells nodes of one instance apart. */
const SHORT_ID = 8;

/**
 * The instances of a plan as a table, those that are not done first.
 *
 * @param limit most rows; the last line tells how many are left out
 */
export function formatPlanRows(rows: readonly MaintenanceRow[], limit: number): string | null {
  if (rows.length === 0) return null;
  const ordered = [...rows.filter((row) => !isDoneRow(row)), ...rows.filter(isDoneRow)];
  const shown = ordered.slice(0, limit);
  const columns = COLUMNS.filter(({ isNeeded }) => rows.some(isNeeded));
  const table = formatTable([
    columns.map(({ heading }) => heading),
    ...shown.map((row) => columns.map(({ toCell }) => toCell(row))),
  ]);
  const more = rows.length - shown.length;
  return more === 0 ? table : `${table}\n… and ${more} more; --json and the report have them all`;
}

interface Column {
  readonly heading: string;
  readonly toCell: (row: MaintenanceRow) => string;
  /** A column that no row needs is left out. */
  readonly isNeeded: (row: MaintenanceRow) => boolean;
}

const COLUMNS: readonly Column[] = [
  { heading: 'INSTANCE', toCell: ({ instanceId }) => instanceId, isNeeded: () => true },
  { heading: 'NAME', toCell: ({ name }) => name ?? '-', isNeeded: ({ name }) => name !== null },
  { heading: 'STATE', toCell: ({ forward }) => describeState(forward), isNeeded: () => true },
  {
    heading: 'WAY BACK',
    toCell: (row) => (row.return === null ? '-' : describeState(row.return)),
    isNeeded: (row) => row.return !== null,
  },
  { heading: 'MASTER', toCell: describeMove, isNeeded: () => true },
  { heading: 'WHY', toCell: (row) => describeWhy(row), isNeeded: (row) => describeWhy(row) !== '' },
];

/** Where the master was and is: by zone, and by node where the zone does not tell them apart. */
function describeMove({ master, forward, ...row }: MaintenanceRow): string {
  const seen = [master, forward.master, row.return?.master ?? null].filter((one) => one !== null);
  const zones = seen.map(({ availabilityZone }) => availabilityZone);
  const isToldByZone = zones.every((zone, index) => zone !== null && zone !== zones[index - 1]);
  const words = seen.map((one) => (isToldByZone ? zoneOf(one) : shortMaster(one)));
  return words.length === 0 ? '-' : words.join(' > ');
}

function zoneOf({ availabilityZone }: SeenMaster): string {
  return availabilityZone ?? '?';
}

function shortMaster({ nodeId, availabilityZone }: SeenMaster): string {
  return `${nodeId.slice(0, SHORT_ID)} (${availabilityZone ?? '?'})`;
}

/** State and cause, where the cause says more. */
export function describeState(leg: Leg): string {
  const word = legState(leg);
  if (leg.cause === null || leg.cause === word || word === 'SUCCEEDED') return word;
  return `${word} (${leg.cause})`;
}

/** Why a row is not done, in one line; empty where it is. */
export function describeWhy(row: MaintenanceRow, maxLength: number = MAX_CELL): string {
  if (isDoneRow(row)) return '';
  const leg = row.return ?? row.forward;
  const text = oneLine(leg.reason ?? '');
  return text.length > maxLength ? `${text.slice(0, maxLength - 1)}…` : text;
}
