/** Words for the parts of a maintenance, the same in table, text and report. */
import type {
  Decision,
  Leg,
  LegOutcome,
  MaintenanceCounts,
  MaintenanceResult,
  MaintenanceItem,
  ResolvedWindow,
  ObservedMaster,
} from '../../contract/index.js';
import { commandsOf, withoutCommands } from '../../domain/commands.js';
import type { CommandPlace } from '../../domain/commands.js';
import { remainderLine, unresolvedLegsStep } from '../../domain/maintenance/commands.js';
import type { UnresolvedLeg } from '../../domain/maintenance/commands.js';
import { figuresOfItem } from '../../domain/maintenance/figures.js';
import { legState, nameOfItem } from '../../domain/maintenance/progress.js';
import { oneLine, shortId } from '../../domain/text.js';
import { clip } from '../../util.js';

import { SHORT_ID, table } from './table.js';
import type { Column, Table } from './table.js';
import { formatInstant } from './text.js';
import { stateCell } from './tones.js';
import type { Cell } from './tones.js';

const DONE: readonly (LegOutcome | null)[] = ['SUCCEEDED', 'NOOP'];

/** The leg that an item is at: the return leg once that has begun. */
export function currentLeg(item: MaintenanceItem): Leg {
  return item.return ?? item.forward;
}

/** Whether a leg has done what was asked. */
export function isDoneLeg({ state, outcome }: Leg): boolean {
  return state === 'ENDED' && DONE.includes(outcome);
}

/** Whether a leg ended, and not as asked. */
export function isFailedLeg(leg: Leg): boolean {
  return leg.state === 'ENDED' && !isDoneLeg(leg);
}

/** Whether nothing of an item is left to do. */
export function isDoneItem(item: MaintenanceItem): boolean {
  return isDoneLeg(item.forward) && (item.return === null || isDoneLeg(item.return));
}

/** `node (zone)`; `-` where it was not read. */
export function describeMaster(master: ObservedMaster | null): string {
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
    [pending, 'pending'],
    [skipped, 'skipped'],
    [notStarted, 'not started'],
  ];
  const reported = parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return reported.length === 0 ? 'none' : reported.join(', ');
}

/** How many instances there are. */
export function totalOf(counts: MaintenanceCounts): number {
  const { done, running, pending, failed, skipped, notStarted } = counts;
  return done + running + pending + failed + skipped + notStarted;
}

/** From when to when, and from when on nothing starts. */
export function describeWindow(window: ResolvedWindow | null): string | null {
  if (window === null) return null;
  const { opensAt, closesAt, latestStartAt } = window;
  return (
    `${formatInstant(opensAt)} to ${formatInstant(closesAt)}; ` +
    `nothing starts from ${formatInstant(latestStartAt)} on`
  );
}

/** `02:01:00 approved by bob: looks fine`, with the whole instant; an instance by its name. */
export function describeDecisions(
  decisions: readonly Decision[],
  items: readonly MaintenanceItem[],
): readonly string[] {
  return decisions.map(({ what, by, why, at, instanceId }) => {
    const which = instanceId === undefined ? '' : ` ${nameOfItem(items, instanceId)}`;
    const because = why === null ? '' : `: ${firstLine(why)}`;
    return `${formatInstant(at)} ${what}${which} by ${by}${because}`;
  });
}

/** PUTs of a whole maintenance, both ways. */
export function countPuts(items: readonly MaintenanceItem[]): number {
  return items.reduce(
    (sum, item) => sum + item.forward.swapsSent + (item.return?.swapsSent ?? 0),
    0,
  );
}

/** Text of other people, for a place of one line; what it leads to is reported elsewhere. */
export function firstLine(text: string): string {
  return oneLine(withoutCommands(text));
}

/** Longest text of a cell; the whole stands in the report and in `-o json`. */
const MAX_CELL = 90;

/**
 * The instances of a maintenance as a table, those that are not done first.
 *
 * @param limit most items; the last line shows how many are left out
 */
export function formatItems(
  items: readonly MaintenanceItem[],
  limit: number,
): readonly (Table | string)[] {
  if (items.length === 0) return [];
  const ordered = [...items.filter((item) => !isDoneItem(item)), ...items.filter(isDoneItem)];
  const more = items.length - Math.min(items.length, limit);
  const shown = table(COLUMNS, ordered.slice(0, limit));
  return more === 0 ? [shown] : [shown, `… and ${more} more; -o json and the report have them all`];
}

/** The name stands first: it is what people know. An id without it is shown as it is. */
const COLUMNS: readonly Column<MaintenanceItem>[] = [
  {
    title: 'NAME',
    rank: 0,
    min: 12,
    cell: ({ name }) => name ?? '-',
    isNeeded: ({ name }) => name !== null,
  },
  { title: 'INSTANCE', rank: 4, cell: ({ instanceId }) => instanceId, ...SHORT_ID },
  { title: 'STATE', rank: 0, min: 16, cell: ({ forward }) => stateOf(forward) },
  {
    title: 'RETURN LEG',
    rank: 1,
    min: 16,
    cell: (item) => (item.return === null ? '-' : stateOf(item.return)),
    isNeeded: (item) => item.return !== null,
  },
  { title: 'MASTER', rank: 2, min: 14, cell: describeMove },
  {
    title: 'INTERRUPTED',
    // Whoever asks for it wants to see it, before the places of the master.
    rank: 1,
    cell: (item) => figuresOfItem(item) ?? '-',
    isNeeded: (item) => figuresOfItem(item) !== null,
  },
  {
    title: 'WHY',
    rank: 3,
    min: 20,
    cell: (item) => describeWhy(item),
    isNeeded: (item) => describeWhy(item) !== '',
  },
];

function stateOf(leg: Leg): Cell {
  const word = legState(leg);
  return stateCell(word, describeState(leg).slice(word.length));
}

function describeMove({ master, forward, ...item }: MaintenanceItem): string {
  const seen = [master, forward.master, item.return?.master ?? null];
  return describeMasters(seen.filter((one) => one !== null));
}

/**
 * Where a master was and is: by zone, of which only the first has its region; by node where the zones do not tell them
 * apart.
 */
export function describeMasters(seen: readonly ObservedMaster[]): string {
  const [first, ...later] = seen.filter((one, at) => one.nodeId !== seen[at - 1]?.nodeId);
  if (first === undefined) return '-';
  const zones = [first, ...later].map(({ availabilityZone }) => availabilityZone);
  const isShownByZone = zones.every((zone, index) => zone !== null && zone !== zones[index - 1]);
  if (!isShownByZone) return [first, ...later].map(({ nodeId }) => shortId(nodeId)).join(' > ');
  const [, region = ''] = /^(.*-)\w+$/.exec(zones[0] ?? '') ?? [];
  const short = (zone: string): string =>
    zone.startsWith(region) ? zone.slice(region.length) : zone;
  return [zones[0] ?? '', ...zones.slice(1).map((zone) => short(zone ?? ''))].join(' > ');
}

/** State and cause, where the cause says more. */
export function describeState(leg: Leg): string {
  return hasTellingCause(leg) ? `${legState(leg)} (${leg.cause})` : legState(leg);
}

/** Whether the cause of a leg says more than its state. */
export function hasTellingCause(leg: Leg): leg is Leg & { readonly cause: string } {
  const word = legState(leg);
  return leg.cause !== null && leg.cause !== word && word !== 'SUCCEEDED';
}

/** Why an item is not done, in one line; empty where it is. */
function describeWhy(item: MaintenanceItem): string {
  if (isDoneItem(item)) return '';
  const leg = item.return ?? item.forward;
  return clip(firstLine(leg.reason ?? ''), MAX_CELL);
}

/**
 * The commands to run next, most urgent first: what is unresolved, then what is left. Empty when everything is
 * done, or where the message of the result has them all.
 */
export function nextMaintenanceCommands(
  result: MaintenanceResult,
  { name, taskQueue }: Pick<ResultSource, 'name' | 'taskQueue'>,
): string[] {
  const place = { projectId: result.projectId, taskQueue };
  const unresolved = unresolvedLegsStep(result.items.flatMap(unresolvedLegsOf), place);
  const next = [...(unresolved === null ? [] : [unresolved.command]), ...goOn(result, name, place)];
  // The message knows the task queue of the maintenance, this command only that of its own options.
  const reported = commandsOf(result.message).map(withoutQueue);
  return next.filter((line) => !reported.includes(withoutQueue(line)));
}

function withoutQueue(line: string): string {
  return line.replace(/ --task-queue .*$/, '');
}

/** Nothing where the forward leg is done: what a return leg left is for a person to decide, as the message says. */
function goOn({ outcome, items }: MaintenanceResult, name: string, place: CommandPlace): string[] {
  // Of one that could not even be made all is left.
  const isLeft =
    outcome === 'PARTIAL' &&
    (items.length === 0 || !items.every(({ forward }) => isDoneLeg(forward)));
  return isLeft ? [remainderLine(name, place)] : [];
}

/** Cause of a leg, as it is shown, that someone has found out about since. */
export const RESOLVED_SINCE = 'RESOLVED_SINCE';

function unresolvedLegsOf({ instanceId, ...item }: MaintenanceItem): UnresolvedLeg[] {
  return [item.forward, item.return].flatMap((leg) =>
    leg !== null &&
    leg.runId !== null &&
    legState(leg) === 'UNKNOWN' &&
    leg.cause !== RESOLVED_SINCE
      ? [{ instanceId, runId: leg.runId, cause: leg.cause }]
      : [],
  );
}

/** Where a maintenance's result comes from. */
export interface ResultSource {
  /** As commands take it. */
  readonly name: string;
  readonly workflowId: string;
  readonly runId: string | null;
  readonly taskQueue?: string | undefined;
}
