import { withoutCommands } from '../../domain/commands.js';
import { oneLine } from '../../domain/text.js';
import { visible } from '../../util.js';

/** Characters that take two cells of a terminal: names may be Chinese. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

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

/** What is pasted as it stands: commands, what they need, and tables of Markdown. */
const WHOLE = /^ *(?:(?:dcs-switchover|temporal|tcld|export) |\|)/;

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
  // Columns beyond it make it the row of a table, which would fall apart.
  if (/\S {2,}\S/.test(line.slice(lead.length))) return [line];
  const indent = ' '.repeat(widthOf(lead));
  const lines: string[] = [];
  let current = lead;
  const words = line
    .slice(lead.length)
    .trimEnd()
    .split(/(?<=[^ ])(?= )/);
  for (const word of words) {
    const isFirst = current.trim() === '' || current === lead;
    if (!isFirst && widthOf(current + word) > columns) {
      lines.push(current);
      current = indent + word.trimStart();
    } else current += word;
  }
  return [...lines, current];
}

/** Rows as aligned columns, two spaces apart; the first row is the heading. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => widthOf(row[column] ?? ''))),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Labelled lines; entries without a text are left out. */
export function formatFields(fields: readonly (readonly [string, string | null])[]): string {
  const present = fields.filter((field): field is [string, string] => field[1] !== null);
  const width = Math.max(0, ...present.map(([label]) => label.length));
  return present
    .map(
      ([label, text]) =>
        `${label.padEnd(width)}  ${text.replaceAll('\n', `\n${' '.repeat(width + 2)}`)}`,
    )
    .join('\n');
}

/** The parts of a text that are there; `null` where none is. */
export function joinPresent(parts: readonly (string | null)[], separator = ', '): string | null {
  const present = parts.filter((part) => part !== null);
  return present.length === 0 ? null : present.join(separator);
}

/** The sections of a text that are there, with an empty line between them. */
export function joinSections(...sections: readonly (string | null)[]): string {
  return joinPresent(sections, '\n\n') ?? '';
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
