/** A maintenance as Markdown for the "current details" of the Temporal UI. */
import type {
  MaintenancePhase,
  MaintenanceProgress,
  MaintenanceItem,
} from '../../contract/index.js';
import { clip } from '../../util.js';
import { codeBlock, commandsAsCode, commandsOf, withoutCommands } from '../commands.js';
import type { CommandPlace } from '../commands.js';
import { oneLine, plainMarkdown } from '../text.js';

import { maintenanceLine, remainderLine } from './commands.js';
import type { MaintenanceVerb } from './commands.js';
import { legState, nameOfItem } from './progress.js';
import { isDone } from './state.js';

/** How many instances are listed; the query `progress` has them all. */
const SHOWN_ITEMS = 40;
/** How many of the latest decisions and warnings are listed. */
const SHOWN_LINES = 8;
/** Longest reason in a line. */
const MAX_REASON_LENGTH = 160;

/**
 * Lists, because the UI sets the cells of a table without any room between them; commands as code, because
 * elsewhere it makes one dash of two hyphens.
 *
 * @param maintenanceName the maintenance as commands take it: the tail of the workflow id
 */
export function toMaintenanceMarkdown(
  progress: MaintenanceProgress,
  maintenanceName: string,
  place: CommandPlace = {},
): string {
  const { phase, outcome, since, next, isPaused, counts, window } = progress;
  const { pending, running, done, failed, skipped, notStarted } = counts;
  return [
    `**${outcome ?? phase}**${isPaused ? ' · **paused**' : ''} since ${since}`,
    `**Next:** ${prose(next)}`,
    ...(window === null
      ? []
      : [
          `**Window:** ${window.opensAt} to ${window.closesAt}, latest safe start ${window.latestStartAt}`,
        ]),
    `**Instances:** ${done} done · ${running} running · ${pending} pending · ${failed} failed · ${skipped} skipped · ${notStarted} not started`,
    ...advice(progress, maintenanceName, place),
    ...itemList(progress.items),
    ...list('Warnings', progress.warnings),
    ...list(
      'Decisions',
      progress.decisions.map(
        ({ what, by, why, at, instanceId }) =>
          `${at} ${what}${instanceId === undefined ? '' : ` ${nameOfItem(progress.items, instanceId)}`} by ${by}${why === null ? '' : `: ${why}`}`,
      ),
    ),
  ].join('\n\n');
}

/** What a person may send, by phase. */
const COMMANDS: Readonly<Record<MaintenancePhase, readonly MaintenanceVerb[]>> = {
  PLANNING: [],
  AWAITING_APPROVAL: ['approve', 'reject', 'pause', 'skip', 'abort'],
  AWAITING_WINDOW: ['pause', 'skip', 'abort'],
  SWITCHING: ['pause', 'skip', 'abort'],
  SOAKING: ['pause', 'skip', 'abort'],
  RETURNING: ['pause', 'skip', 'abort'],
  ENDED: [],
};

function advice(
  { phase, isPaused, outcome }: MaintenanceProgress,
  name: string,
  place: CommandPlace,
): string[] {
  if (phase === 'ENDED')
    return outcome === 'PARTIAL' ? [codeBlock([remainderLine(name, place)])] : [];
  const verbs = COMMANDS[phase].map((verb) => (verb === 'pause' && isPaused ? 'resume' : verb));
  const lines = (['progress', ...verbs] as const).map((verb) =>
    maintenanceLine({ verb, name }, place),
  );
  return [
    '**You may:** cancel the maintenance, or send one of these. Never Terminate or Reset it.',
    codeBlock(lines),
  ];
}

/** Who runs comes first, then who went wrong, then the order of the maintenance. */
function itemList(items: readonly MaintenanceItem[]): string[] {
  if (items.length === 0) return [];
  const ranked: Readonly<Record<Rank, MaintenanceItem[]>> = { running: [], bad: [], other: [] };
  for (const item of items) ranked[rankOf(item)].push(item);
  const shown = [...ranked.running, ...ranked.bad, ...ranked.other].slice(0, SHOWN_ITEMS);
  const more = items.length - shown.length;
  const lines = [...shown.map(toLine), ...(more > 0 ? [`… and ${more} more`] : [])];
  return [`**Per instance**\n\n${lines.map((line) => `- ${line}`).join('\n')}`];
}

type Rank = 'running' | 'bad' | 'other';

function rankOf({ forward, return: back }: MaintenanceItem): Rank {
  if (forward.state === 'RUNNING' || back?.state === 'RUNNING') return 'running';
  return isBad(forward) || (back !== null && isBad(back)) ? 'bad' : 'other';
}

function isBad(leg: MaintenanceItem['forward']): boolean {
  return leg.state === 'ENDED' && !isDone(leg);
}

function toLine({ instanceId, name, master, forward, return: back }: MaintenanceItem): string {
  const where = forward.master ?? master;
  const legs = [
    `**${legState(forward)}**${reason(forward)}`,
    ...(back === null ? [] : [`back: **${legState(back)}**${reason(back)}`]),
  ];
  const title = name === null ? '' : ` ${plainMarkdown(name)}`;
  const code = where?.availabilityZone ?? null;
  const zone = code === null ? '' : `, master in ${plainMarkdown(code)}`;
  return `\`${instanceId}\`${title}${zone}: ${legs.join('; ')}`;
}

/** A success needs no explanation. */
function reason(leg: MaintenanceItem['forward']): string {
  if (leg.reason === null || isDone(leg)) return '';
  const line = oneLine(withoutCommands(leg.reason));
  return ` (${plainMarkdown(clip(line, MAX_REASON_LENGTH))})`;
}

function list(title: string, items: readonly string[]): string[] {
  if (items.length === 0) return [];
  const shown = items
    .slice(-SHOWN_LINES)
    .map((item) => `- ${plainMarkdown(oneLine(withoutCommands(item)))}`);
  return [`**${title}**\n\n${shown.join('\n')}`];
}

/** A text whose commands are code, where nothing is escaped. */
function prose(text: string): string {
  return text
    .split('\n')
    .map((line) => (commandsOf(line).length > 0 ? commandsAsCode(line) : plainMarkdown(line)))
    .join('\n');
}
