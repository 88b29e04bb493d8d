/** Lists of runs and of maintenance runs, for people. */
import type { MaintenanceEntry, MaintenanceList, RunEntry, RunList } from '../../client.js';
import { command, withCommands } from '../../domain/commands.js';
import { describeInstance, oneLine, shortId } from '../../domain/text.js';
import { clip, iso } from '../../util.js';

import { describeMasters, totalOf } from './maintenance.js';
import type { Page } from './page.js';
import { stateWord } from './run.js';
import { table } from './table.js';
import type { Column } from './table.js';
import { formatAge, formatInstant, formatSpan } from './text.js';
import { stateCell, textOf } from './tones.js';
import type { Cell } from './tones.js';

/** Longest text of a cell that other people have written. */
const MAX_CELL = 24;

/**
 * Runs as a table, the latest first, and what is missing in it.
 *
 * @param maxRows what is open or unresolved is left out last, and named then
 */
export function formatRunList(
  { runs, more }: RunList,
  nowMs = Date.now(),
  maxRows = Infinity,
): Page | string {
  if (runs.length === 0) return `No such run.${more ? ` ${MORE}` : ''}`;
  const isUnknown = runs.some(isUnresolved);
  const { shown, rest } = selectRows(runs, maxRows, isPressing);
  return [
    table(runColumns(nowMs), shown),
    describeRest(rest, isPressing, toName),
    explainUnread(runs),
    more ? MORE : null,
    isUnknown
      ? withCommands(
          'Which of them still are unresolved',
          command(['list'], {}, { unresolved: true }),
        )
      : null,
  ];
}

function isUnresolved({ outcome, phase, resolved }: RunEntry): boolean {
  return (outcome === 'UNKNOWN' && resolved === undefined) || phase === 'HOLDING';
}

/** What one watches for: what is under way, and what no one knows. */
function isPressing(run: RunEntry): boolean {
  return isUnresolved(run) || run.phase !== null || run.problem !== null;
}

/** As many rows as there is room for, in their order; those that press are left out last. */
function selectRows<T>(
  rows: readonly T[],
  maxRows: number,
  isPressing: (row: T) => boolean,
): { readonly shown: readonly T[]; readonly rest: readonly T[] } {
  const byUrgency = [...rows.filter(isPressing), ...rows.filter((row) => !isPressing(row))];
  const chosen = new Set(byUrgency.slice(0, maxRows));
  return { shown: rows.filter((row) => chosen.has(row)), rest: byUrgency.slice(maxRows) };
}

/** How many rows are left out; those that press by their names. `null`: none is. */
function describeRest<T>(
  rest: readonly T[],
  isPressing: (row: T) => boolean,
  toName: (row: T) => string,
): string | null {
  if (rest.length === 0) return null;
  const pressing = rest.filter(isPressing).map(toName);
  return `… ${rest.length} more${pressing.length === 0 ? '' : `, to look at: ${pressing.join(', ')}`}`;
}

/** What has changed between two looks, a line a run; at the first look how each stands, the earliest first. */
export function describeRunChanges(
  before: RunList | null,
  now: RunList,
  nowMs: number,
): readonly string[] {
  return changedLines(before?.runs ?? [], now.runs, nowMs, (run) =>
    [toName(run), textOf(stateOf(run)), describeMove(run)].join(' '),
  );
}

/** What tells listed runs apart, and when something happened to one. */
type Listed = Pick<RunEntry, 'runId' | 'startedAt' | 'closedAt'>;

/** @param describe how a run stands, without what changes by itself */
function changedLines<T extends Listed>(
  before: readonly T[],
  now: readonly T[],
  nowMs: number,
  describe: (run: T) => string,
): string[] {
  const earlier = new Map(before.map((run) => [run.runId, describe(run)]));
  return [...now].reverse().flatMap((run) => {
    const [was, is] = [earlier.get(run.runId), describe(run)];
    if (was === is) return [];
    const at = run.closedAt ?? (was === undefined ? run.startedAt : iso(nowMs));
    return [`${formatInstant(at)} ${oneLine(is)}`];
  });
}

const MORE = 'There may be more: narrow it by --since, or raise --limit (at most 200).';

const runColumns = (nowMs: number): readonly Column<RunEntry>[] => [
  { title: 'STARTED (UTC)', rank: 7, cell: ({ startedAt }) => formatInstant(startedAt) },
  { title: 'WHEN', rank: 1, cell: ({ startedAt }) => formatAge(startedAt, nowMs) },
  {
    title: 'INSTANCE',
    rank: 0,
    min: 12,
    cell: toName,
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

function toName({ instanceId, instanceName }: RunEntry): string {
  return instanceName === null ? shortId(instanceId) : describeInstance(instanceId, instanceName);
}

/** The mode stands behind it where the run was no switchover. */
function stateOf({ problem, outcome, phase, mode, ...run }: RunEntry): Cell {
  const rest = mode === 'switch' ? '' : ` (${mode})`;
  const word = problem === null ? (outcome ?? phase ?? 'open') : 'not read';
  return stateCell(stateWord(word, run), rest);
}

function describeMove({ from, to }: RunEntry): string {
  return describeMasters([from, to].filter((master) => master !== null));
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
  maxRows = Infinity,
): Page | string {
  if (maintenances.length === 0) return 'No such maintenance.';
  const isOpen = ({ closedAt }: MaintenanceEntry): boolean => closedAt === null;
  const { shown, rest } = selectRows(maintenances, maxRows, isOpen);
  return [
    table(maintenanceColumns(nowMs), shown),
    describeRest(rest, isOpen, ({ name }) => name),
    explainUnread(maintenances),
    more ? MORE : null,
  ];
}

/** The same as {@link describeRunChanges}. */
export function describeMaintenanceChanges(
  before: MaintenanceList | null,
  now: MaintenanceList,
  nowMs: number,
): readonly string[] {
  return changedLines(before?.maintenances ?? [], now.maintenances, nowMs, (run) =>
    [run.name, textOf(maintenanceState(run)), doneOf(run)].join(' '),
  );
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
