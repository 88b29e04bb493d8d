import { describeFigures } from '../../domain/maintenance/figures.js';
import type {
  Leg,
  MaintenancePhase,
  MaintenanceProgress,
  MaintenanceResult,
  MaintenanceItem,
} from '../../contract/index.js';
import { legState } from '../../domain/maintenance/progress.js';
import { isHolding } from '../../domain/maintenance/state.js';
import { describeInstance, oneLine } from '../../domain/text.js';
import { visible } from '../../util.js';
import { createBlock } from '../block.js';
import { describeTimeLeft } from '../format/maintenance-result.js';
import {
  currentLeg,
  describeCounts,
  describeDecisions,
  describeMaster,
  isDoneLeg,
  isFailedLeg,
  firstLine,
  totalOf,
} from '../format/maintenance.js';
import { fitWidth, formatInstant, formatSpan, padWidth, widthOf } from '../format/text.js';
import { PLAIN, paintWord } from '../format/tones.js';
import type { Paint } from '../format/tones.js';
import type { CliIo } from '../io.js';

/** Space of the terminal. */
export interface BlockSize {
  readonly columns: number;
  readonly rows: number;
}

/** Cells of the bar. */
const BAR_WIDTH = 24;
const STATE_WIDTH = 16;

/** Lines beside those of the instances: head, bar, time, next, and one that the cursor needs. */
const OTHER_LINES = 5;
const MAX_INSTANCE_LINES = 16;

/**
 * Where a maintenance stands, as lines for a block that is rewritten. None is wider than the terminal, and all fit
 * on it, because a line that wraps or scrolls away cannot be rewritten.
 */
export function toBlock(
  progress: MaintenanceProgress,
  size: BlockSize,
  nowMs: number,
  paint: Paint = PLAIN,
): string[] {
  const { maintenanceId, phase, since, isPaused, items, next } = progress;
  const room = Math.max(1, Math.min(MAX_INSTANCE_LINES, size.rows - OTHER_LINES));
  const paused = isPaused ? '  PAUSED' : '';
  const timeLeft = describeTimeLeft(progress, nowMs);
  const lines: readonly (string | Stated)[] = [
    [`${maintenanceId}  ${phase} for ${formatSpan(nowMs - Date.parse(since))}${paused}`, phase],
    ...(items.length === 0 ? [] : [barLine(progress)]),
    ...(timeLeft === null ? [] : [`window: ${timeLeft}`]),
    ...instanceLines(items, room, nowMs),
    `next: ${firstLine(next)}`,
  ];
  return lines.map((line) => {
    const [text, word] = typeof line === 'string' ? [line, ''] : line;
    return paintWord(paint, fitWidth(visible(text), size.columns - 1), word);
  });
}

/** A line, and the word in it that says how something stands. */
type Stated = readonly [line: string, word: string];

function barLine({ counts, items, phase }: MaintenanceProgress): string {
  if (phase === 'RETURNING') {
    const legs = items.flatMap((item) => (item.return === null ? [] : [item.return]));
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
function instanceLines(
  items: readonly MaintenanceItem[],
  room: number,
  nowMs: number,
): (string | Stated)[] {
  const running = items.filter((item) => currentLeg(item).state === 'RUNNING');
  const failed = items.filter((item) => isFailedLeg(currentLeg(item))).reverse();
  const pending = items.filter((item) => currentLeg(item).state === 'PENDING');
  const all = [...running, ...failed, ...pending];
  const shown = all.length <= room ? all : all.slice(0, room - 1);
  const width = Math.max(...shown.map((item) => widthOf(titleOf(item))));
  const lines = shown.map((item) => instanceLine(item, width, nowMs));
  return all.length === shown.length
    ? lines
    : [...lines, `  … and ${all.length - shown.length} more`];
}

function instanceLine(item: MaintenanceItem, width: number, nowMs: number): Stated {
  const leg = currentLeg(item);
  const state = legState(leg);
  const line = `  ${state.padEnd(STATE_WIDTH)} ${padWidth(titleOf(item), width)}  ${describeTime(leg, nowMs)}`;
  return [line.trimEnd(), state];
}

function titleOf({ instanceId, name }: MaintenanceItem): string {
  return visible(oneLine(describeInstance(instanceId, name)));
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

/** What of a maintenance changes while one waits; a result has it as well. */
interface MaintenanceView extends Pick<MaintenanceProgress, 'items' | 'decisions' | 'warnings'> {
  /** Absent in a result, whose outcome says more. */
  readonly phase?: MaintenancePhase;
  readonly since?: string;
  readonly next?: string;
}

/** More instances than this that share a reason share a line. */
const MAX_ALIKE = 3;

/** What has changed between two looks at a maintenance, one line each, as a log keeps them. */
export function describeChanges(before: MaintenanceView | null, after: MaintenanceView): string[] {
  const decided = after.decisions.slice(before?.decisions.length ?? 0);
  const warnings = after.warnings.slice(before?.warnings.length ?? 0);
  return [
    ...describeDecisions(decided, after.items),
    ...describePhase(before, after),
    ...describeItems(before, after),
    ...warnings.map((text) => `warning: ${firstLine(text)}`),
  ];
}

function describePhase(
  before: MaintenanceView | null,
  { phase, since, next }: MaintenanceView,
): string[] {
  if (phase === undefined || phase === before?.phase) return [];
  return [`${formatInstant(since ?? '')} ${phase}: ${firstLine(next ?? '')}`.trim()];
}

interface Change {
  readonly item: MaintenanceItem;
  readonly leg: Leg;
}

function describeItems(before: MaintenanceView | null, after: MaintenanceView): string[] {
  const earlier = new Map(before?.items.map((item) => [item.instanceId, item]));
  const changes = after.items.flatMap((item) => changesOf(earlier.get(item.instanceId), item));
  const left = changes.filter(({ leg }) => leg.state === 'NOT_STARTED');
  const reported = changes.filter(({ leg }) => leg.state !== 'NOT_STARTED').map(describeChange);
  return [...reported, ...describeLeft(left)];
}

function changesOf(before: MaintenanceItem | undefined, item: MaintenanceItem): Change[] {
  const legs: readonly (readonly [Leg | null | undefined, Leg | null])[] = [
    [before?.forward, item.forward],
    [before?.return, item.return],
  ];
  return legs.flatMap(([was, is]) =>
    is === null || is.state === 'PENDING' || (was && legState(is) === legState(was))
      ? []
      : [{ item, leg: is }],
  );
}

function describeChange({ item, leg }: Change): string {
  const { state, startedAt, endedAt, reason, cause, master, figures } = leg;
  const at = state === 'RUNNING' ? startedAt : endedAt;
  const word = legState(leg);
  const isFine = ['SUCCEEDED', 'NOOP', 'RUNNING'].includes(word);
  return [
    at === null || isHolding(leg) ? '' : `${formatInstant(at)} `,
    `${describeInstance(item.instanceId, item.name)}${leg.leg === 'return' ? ' back' : ''} ${word}`,
    isFine || cause === null ? '' : ` (${cause})`,
    state === 'ENDED' && master !== null ? `, master is ${describeMaster(master)}` : '',
    figures === undefined ? '' : `; interrupted: ${describeFigures(figures)}`,
    isFine || reason === null ? '' : `: ${firstLine(reason)}`,
  ].join('');
}

/** An abort leaves hundreds not started for one reason. */
function describeLeft(changes: readonly Change[]): string[] {
  const byReason = new Map<string, Change[]>();
  for (const change of changes) {
    const reason = firstLine(change.leg.reason ?? 'no reason reported');
    byReason.set(reason, [...(byReason.get(reason) ?? []), change]);
  }
  return [...byReason].flatMap(([reason, alike]) =>
    alike.length > MAX_ALIKE
      ? [`${alike.length} instances NOT_STARTED: ${reason}`]
      : alike.map(describeChange),
  );
}

/** Shows where a maintenance stands while one waits. */
export interface ProgressDisplay {
  show(progress: MaintenanceProgress): void;
  /** It could not be asked; reported once until it could again. */
  trouble(message: string): void;
  /** The maintenance has ended: the result is printed next. */
  finish(result: MaintenanceResult): void;
  /** One stops waiting: what is shown stays. */
  end(): void;
}

/** On a terminal a block that is rewritten; elsewhere one line per change. */
export function createProgressDisplay(
  io: CliIo,
  paint: Paint = PLAIN,
  now: () => number = Date.now,
): ProgressDisplay {
  return io.isTerminal ? createRewritten(io, paint, now) : createLog(io);
}

function createRewritten(io: CliIo, paint: Paint, now: () => number): ProgressDisplay {
  const block = createBlock(io);
  let last: MaintenanceProgress | null = null;
  const draw = (...notes: readonly string[]): void => {
    const size = io.terminalSize();
    // The time goes on where a maintenance cannot be asked, so what was last heard is drawn again.
    const lines = last === null ? [] : toBlock(last, size, now(), paint);
    const remarks = notes.map((text) => fitWidth(visible(firstLine(text)), size.columns - 1));
    const all = [...lines, ...remarks.map((text) => paint('caution', text))];
    block.draw({ rendered: all.map((line) => `${line}\n`).join('') });
  };
  return {
    show: (progress) => {
      last = progress;
      draw();
    },
    trouble: (message) => {
      draw(message);
    },
    finish: () => {
      block.draw({ rendered: '' });
    },
    end: () => {
      block.keep();
    },
  };
}

function createLog(io: CliIo): ProgressDisplay {
  let last: MaintenanceView | null = null;
  let reported: string | null = null;
  const tell = (view: MaintenanceView): void => {
    for (const line of describeChanges(last, view)) io.err(`${line}\n`);
    last = view;
  };
  return {
    show: (progress) => {
      reported = null;
      tell(progress);
    },
    trouble: (message) => {
      if (message !== reported) io.err(`${message}\n`);
      reported = message;
    },
    finish: ({ items, decisions, warnings }) => {
      tell({ items, decisions, warnings });
    },
    end: () => undefined,
  };
}
