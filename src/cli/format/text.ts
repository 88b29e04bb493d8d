import { stripVTControlCharacters } from 'node:util';

import { withoutCommands } from '../../domain/commands.js';
import { oneLine } from '../../domain/text.js';
import { visible } from '../../util.js';

/** Characters that take two cells of a terminal, as East Asian Width (Unicode TR 11) says: names may be Chinese. */
const WIDE =
  /[\p{Emoji_Presentation}\p{Ideographic}\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2fb}\u{20000}-\u{3fffd}]/u;

/** Marks that are drawn over the character before them take no cell. */
const MARK = /\p{M}|\u200d|[\ufe00-\ufe0f]/u;

/** Cells of a terminal that one character takes. */
function cellsOf(character: string): number {
  if (MARK.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** Cells of a terminal that a text takes. */
export function widthOf(text: string): number {
  let cells = 0;
  for (const character of text) cells += cellsOf(character);
  return cells;
}

/** The same of a line that may have codes of colours in it. */
export function shownWidth(line: string): number {
  return widthOf(stripVTControlCharacters(line));
}

/** Rows of a terminal that one line takes: a long one goes on in the next. */
export function rowsOf(line: string, columns: number): number {
  return Math.max(1, Math.ceil(shownWidth(line) / columns));
}

/** Cuts a line so that it takes at most so many cells of a terminal; `…` shows that something is missing. */
export function fitWidth(line: string, cells: number): string {
  let used = 0;
  let length = 0;
  let cutAt = 0;
  for (const character of line) {
    used += cellsOf(character);
    if (used > cells) return `${line.slice(0, cutAt)}…`;
    length += character.length;
    // What still leaves a cell for the mark.
    if (used < cells) cutAt = length;
  }
  return line;
}

/** A text with blanks behind it, up to so many cells. `shown` has its width where the text itself has codes in it. */
export function padWidth(text: string, cells: number, shown = text): string {
  return text + ' '.repeat(Math.max(0, cells - widthOf(shown)));
}

/** What is pasted as it stands: commands, what they need, and tables of Markdown. */
const WHOLE = /^ *(?:(?:dcs-switchover|temporal|tcld|export) |\|)/;

/** A line that is to be pasted into a shell. */
export function isPastedWhole(line: string): boolean {
  return WHOLE.test(line) && !line.trimStart().startsWith('|');
}

/** What later lines of a text stand under: the label before it, or the mark of a list. */
const LEAD = /^ *(?:\S+(?: \S+)* {2,})*(?:(?:-|\d+\.) )?/;

/** Largest share of a line that such a lead may take. */
const MAX_LEAD_SHARE = 0.6;

/** Breaks lines between words, where a terminal would break them anywhere; commands stay whole. */
export function wrapLines(text: string, columns: number): string {
  return text
    .split('\n')
    .flatMap((line) => (WHOLE.test(line) ? [line] : wrapLine(line, columns)))
    .join('\n');
}

function wrapLine(line: string, columns: number): string[] {
  const [lead = ''] = LEAD.exec(line.slice(0, Math.floor(columns * MAX_LEAD_SHARE))) ?? [];
  const lines = wrapWords(line.slice(lead.length), columns - widthOf(lead));
  return lines.map((text, at) => (at === 0 ? lead : ' '.repeat(widthOf(lead))) + text);
}

/** Breaks one line between words. */
export function wrapWords(line: string, columns: number): string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of line.trimEnd().split(/(?<=[^ ])(?= )/)) {
    if (current !== '' && widthOf(current + word) > columns) {
      lines.push(current);
      current = word.trimStart();
    } else current += word;
  }
  return [...lines, current];
}

/** The parts of a text that are there; `null` where none is. */
export function joinPresent(parts: readonly (string | null)[], separator = ', '): string | null {
  const present = parts.filter((part) => part !== null);
  return present.length === 0 ? null : present.join(separator);
}

/** A duration for people: `43 ms`, `0.3 s`, `12.4 s`, `3 min 20 s`. */
export function formatSeconds(ms: number): string {
  if (ms > 0 && ms < 100) return `${ms} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** A longer span for people, in two units at most: `40 s`, `12 min`, `3 h 5 min`, `2 d 4 h`. */
export function formatSpan(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return minutes < 10 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 24
    ? `${hours} h ${minutes % 60} min`
    : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** An instant without its milliseconds: they are noise to people. */
export function formatInstant(instant: string): string {
  return instant.replace(/\.\d+(?=Z$)/, '');
}

/** How long ago an instant is, or in what time: `12 min ago`, `in 3 h`, `now`. */
export function formatAge(instant: string, nowMs: number): string {
  const ms = nowMs - Date.parse(instant);
  const text = formatRounded(Math.abs(ms));
  if (text === null) return 'now';
  return ms < 0 ? `in ${text}` : `${text} ago`;
}

/** An instant, and how far it is away. */
export function withAge(instant: string, nowMs: number): string {
  return `${formatInstant(instant)} (${formatAge(instant, nowMs)})`;
}

const UNITS = [
  { ms: 86_400_000, unit: 'd' },
  { ms: 3_600_000, unit: 'h' },
  { ms: 60_000, unit: 'min' },
  { ms: 1_000, unit: 's' },
] as const;

/** Of two of a unit on in that unit alone, because more would not be read; `null`: less than a second. */
function formatRounded(ms: number): string | null {
  const size = UNITS.find((each) => ms >= 2 * each.ms) ?? UNITS[3];
  const count = Math.round(ms / size.ms);
  return count === 0 ? null : `${count} ${size.unit}`;
}

/** From when to when, and how long it took. */
export function describePeriod(startedAt: string, endedAt: string, took: string): string {
  return `${formatInstant(startedAt)} to ${formatInstant(endedAt)} (${took})`;
}

// Texts of other people inside a document of ours: they must not become its structure.

/** Characters that mean something to Markdown or HTML. */
const SPECIAL = /[\\`*_{}[\]<>|#~]/g;

/** A text as plain words, on one line, without the commands that it leads to: on one line they would be no more. */
export function escapeMarkdown(text: string): string {
  return visible(oneLine(withoutCommands(text))).replace(SPECIAL, '\\$&');
}

/** An id or a command as code; texts with backquotes of their own are escaped instead. */
export function inlineCode(text: string): string {
  return /[`|\n]/.test(text) ? escapeMarkdown(text) : `\`${text}\``;
}

/** A table; cells are Markdown already. */
export function markdownTable(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(heading), line(heading.map(() => '---')), ...rows.map(line)].join('\n');
}
