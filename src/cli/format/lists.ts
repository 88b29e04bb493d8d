/** Lists of runs and of maintenance runs, for people. */
import type { MaintenanceEntry, MaintenanceList, RunEntry, RunList } from '../../client.js';
import type { ObservedMaster } from '../../contract/index.js';
import { command, withCommands } from '../../domain/commands.js';
import { describeInstance, oneLine, shortId } from '../../domain/text.js';
import { clip } from '../../util.js';

import { totalOf } from './maintenance.js';
import type { Page } from './page.js';
import { table } from './table.js';
import type { Column } from './table.js';
import { formatAge, formatInstant, formatSpan } from './text.js';
import { stateCell } from './tones.js';
import type { Cell } from './tones.js';

/** Longest text of a cell that other people have written. */
const MAX_CELL = 24;

/** Runs as a table, the latest first, and what is missing in it. */
export function formatRunList({ runs, more }: RunList, nowMs = Date.now()): Page | string {
  if (runs.length === 0) return `No such run.${more ? ` ${MORE}` : ''}`;
  const isUnknown = runs.some(({ outcome, phase }) => outcome === 'UNKNOWN' || phase === 'HOLDING');
  return [
    table(runColumns(nowMs), runs),
    explainUnread(runs),
    more ? MORE : null,
    isUnknown
      ? withCommands('What is still unresolved', command(['list'], {}, { unresolved: true }))
      : null,
  ];
}

const MORE = 'There may be more: narrow it by --since, or raise --limit (at most 200).';

const runColumns = (nowMs: number): readonly Column<RunEntry>[] => [
  { title: 'STARTED (UTC)', rank: 7, cell: ({ startedAt }) => formatInstant(startedAt) },
  { title: 'WHEN', rank: 1, cell: ({ startedAt }) => formatAge(startedAt, nowMs) },
  {
    title: 'INSTANCE',
    rank: 0,
    min: 12,
    cell: ({ instanceId, instanceName }) =>
      instanceName === null ? shortId(instanceId) : describeInstance(instanceId, instanceName),
  },
  { title: 'OUTCOME', rank: 0, cell: stateOf },
  { title: 'MASTER', rank: 2, cell: describeMove },
  { title: 'BY', rank: 4, min: 8, cell: ({ requestedBy }) => cellOf(requestedBy) },
  { title: 'TOOK', rank: 5, cell: tookOf },
  {
    title: 'MAINTENANCE',
    rank: 6,
    min: 12,
    cell: ({ maintenanceId }) => cellOf(maintenanceId),
    isNeeded: ({ maintenanceId }) => maintenanceId !== null,
  },
];

/** The mode stands behind it where the run was no switchover. */
function stateOf({ problem, outcome, phase, mode }: RunEntry): Cell {
  const rest = mode === 'switch' ? '' : ` (${mode})`;
  return stateCell(problem === null ? (outcome ?? phase ?? 'open') : 'not read', rest);
}

/** By zone, or by node where the zones do not tell them apart. */
function describeMove({ from, to }: RunEntry): string {
  const seen = [from, to].filter((master) => master !== null);
  const [first, last = first] = seen;
  if (first === undefined || last === undefined) return '-';
  if (first.nodeId === last.nodeId) return zoneOf(first);
  const doZonesTell = first.availabilityZone !== last.availabilityZone;
  return seen.map(doZonesTell ? zoneOf : nodeOf).join(' > ');
}

function zoneOf(master: ObservedMaster): string {
  return master.availabilityZone ?? nodeOf(master);
}

function nodeOf({ nodeId }: ObservedMaster): string {
  return shortId(nodeId);
}

function tookOf({ startedAt, closedAt }: Pick<RunEntry, 'startedAt' | 'closedAt'>): string {
  return closedAt === null ? '-' : formatSpan(Date.parse(closedAt) - Date.parse(startedAt));
}

function cellOf(text: string | null): string {
  return text === null ? '-' : clip(oneLine(text), MAX_CELL);
}

/** Each reason once: a codec that is missing is the same for all. */
function explainUnread(entries: readonly { readonly problem: string | null }[]): string | null {
  const problems = [...new Set(entries.flatMap(({ problem }) => problem ?? []))];
  if (problems.length === 0) return null;
  return problems.map((problem) => `Not read: ${oneLine(problem)}`).join('\n');
}

/** Maintenance runs as a table, the latest first, and what is missing in it. */
export function formatMaintenanceList(
  { maintenances, more }: MaintenanceList,
  nowMs = Date.now(),
): Page | string {
  if (maintenances.length === 0) return 'No such maintenance.';
  return [
    table(maintenanceColumns(nowMs), maintenances),
    explainUnread(maintenances),
    more ? MORE : null,
  ];
}

/** Its name is needed whole: commands take it. */
const maintenanceColumns = (nowMs: number): readonly Column<MaintenanceEntry>[] => [
  { title: 'STARTED (UTC)', rank: 6, cell: ({ startedAt }) => formatInstant(startedAt) },
  { title: 'WHEN', rank: 3, cell: ({ startedAt }) => formatAge(startedAt, nowMs) },
  { title: 'MAINTENANCE', rank: 0, cell: ({ name }) => name },
  { title: 'STATE', rank: 0, cell: maintenanceState },
  { title: 'DONE', rank: 1, cell: doneOf },
  {
    title: 'WINDOW (UTC)',
    rank: 2,
    cell: ({ window }) => (window === null ? '-' : describeWindow(window.opensAt, window.closesAt)),
  },
  { title: 'BY', rank: 4, min: 8, cell: ({ requestedBy }) => cellOf(requestedBy) },
  { title: 'TOOK', rank: 5, cell: tookOf },
];

function maintenanceState({ outcome, phase, isPaused, mode }: MaintenanceEntry): Cell {
  const rest = `${isPaused ? ', paused' : ''}${mode === 'run' ? '' : ' (plan)'}`;
  return stateCell(outcome ?? phase ?? 'open', rest);
}

function doneOf({ counts }: MaintenanceEntry): string {
  return counts === null ? '-' : `${counts.done}/${totalOf(counts)}`;
}

/** `2026-12-05 02:00–06:00`; with both days where they differ. */
function describeWindow(opensAt: string, closesAt: string): string {
  const [from, to] = [opensAt, closesAt].map((at) => at.slice(0, 16).replace('T', ' '));
  const isSameDay = opensAt.slice(0, 10) === closesAt.slice(0, 10);
  return `${from ?? ''}–${(isSameDay ? to?.slice(11) : to) ?? ''}`;
}
