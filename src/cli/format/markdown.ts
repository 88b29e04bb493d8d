/** Texts of other people inside a document of ours: they must not become its structure. */

import { withoutCommands } from '../../domain/commands.js';

/** Characters that mean something to Markdown or HTML. */
const SPECIAL = /[\\`*_{}[\]<>|#~]/g;

/** A text as plain words, on one line, without the commands that it leads to: on one line they would be no more. */
export function escapeMarkdown(text: string): string {
  const plain = withoutCommands(text)
    .replace(/[^\P{Cc}\n\t]/gu, '?')
    .replace(/\s+/g, ' ');
  return plain.trim().replace(SPECIAL, '\\$&');
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
