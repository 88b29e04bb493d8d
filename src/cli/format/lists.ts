/** Lists of runs and of maintenance runs, for people. */
import type { MaintenanceEntry, MaintenanceList, RunEntry, RunList } from '../../client.js';
import type { ObservedMaster } from '../../contract/index.js';
import { command, withCommands } from '../../domain/commands.js';
import { describeInstance, oneLine, shortId } from '../../domain/text.js';
import { clip } from '../../util.js';

import { totalOf } from './maintenance.js';
import { formatInstant, formatSpan, formatTable, joinSections } from './text.js';

/** Longest text of a cell that other people have written. */
const MAX_CELL = 24;

const RUN_COLUMNS = ['STARTED (UTC)', 'INSTANCE', 'OUTCOME', 'MASTER', 'BY', 'TOOK', 'MAINTENANCE'];

/** Runs as a table, the latest first, and what is missing in it. */
export function formatRunList({ runs, more }: RunList): string {
  if (runs.length === 0) return `No such run.${more ? ` ${MORE}` : ''}`;
  const isPart = runs.some(({ maintenanceId }) => maintenanceId !== null);
  const rows = [RUN_COLUMNS, ...runs.map(toRow)];
  const isUnknown = runs.some(({ outcome, phase }) => outcome === 'UNKNOWN' || phase === 'HOLDING');
  return joinSections(
    formatTable(isPart ? rows : rows.map((row) => row.slice(0, -1))),
    explainUnread(runs),
    more ? MORE : null,
    isUnknown
      ? withCommands('What is still unresolved', command(['list'], {}, { unresolved: true }))
      : null,
  );
}

const MORE = 'There may be more: narrow it by --since, or raise --limit (at most 200).';

function toRow(run: RunEntry): string[] {
  const { startedAt, instanceId, instanceName, requestedBy, maintenanceId } = run;
  return [
    formatInstant(startedAt),
    instanceName === null ? shortId(instanceId) : describeInstance(instanceId, instanceName),
    stateOf(run),
    describeMove(run),
    cellOf(requestedBy),
    tookOf(run),
    cellOf(maintenanceId),
  ];
}

/** The mode stands behind it where the run was no switchover. */
function stateOf({ problem, outcome, phase, mode }: RunEntry): string {
  const state = problem === null ? (outcome ?? phase ?? 'open') : 'not read';
  return mode === 'switch' ? state : `${state} (${mode})`;
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

const MAINTENANCE_COLUMNS = [
  'STARTED (UTC)',
  'MAINTENANCE',
  'STATE',
  'DONE',
  'WINDOW (UTC)',
  'BY',
  'TOOK',
];

/** Maintenance runs as a table, the latest first, and what is missing in it. */
export function formatMaintenanceList({ maintenances, more }: MaintenanceList): string {
  if (maintenances.length === 0) return 'No such maintenance.';
  return joinSections(
    formatTable([MAINTENANCE_COLUMNS, ...maintenances.map(toMaintenanceRow)]),
    explainUnread(maintenances),
    more ? MORE : null,
  );
}

function toMaintenanceRow(entry: MaintenanceEntry): string[] {
  const { startedAt, name, mode, counts, window, requestedBy } = entry;
  const state = `${entry.outcome ?? entry.phase ?? 'open'}${entry.isPaused ? ', paused' : ''}`;
  return [
    formatInstant(startedAt),
    name,
    mode === 'run' ? state : `${state} (plan)`,
    counts === null ? '-' : `${counts.done}/${totalOf(counts)}`,
    window === null ? '-' : describeWindow(window.opensAt, window.closesAt),
    cellOf(requestedBy),
    tookOf(entry),
  ];
}

/** `2026-12-05 02:00–06:00`; with both days where they differ. */
function describeWindow(opensAt: string, closesAt: string): string {
  const [from, to] = [opensAt, closesAt].map((at) => at.slice(0, 16).replace('T', ' '));
  const isSameDay = opensAt.slice(0, 10) === closesAt.slice(0, 10);
  return `${from ?? ''}–${(isSameDay ? to?.slice(11) : to) ?? ''}`;
}
