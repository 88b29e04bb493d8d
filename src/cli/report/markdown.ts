/** A report as Markdown, for a change ticket. */
import { codeBlock } from '../../domain/commands.js';
import { escapeMarkdown, inlineCode, markdownTable } from '../format/text.js';

import type {
  Block,
  Fact,
  NextStep,
  ReportDocument,
  ReportTable,
  Section,
  Span,
  Text,
} from './document.js';

/** Writes a report as Markdown. */
export function toMarkdownReport(document: ReportDocument): string {
  const { title, state, about, happened, now, next, sections, note } = document;
  const outcome = `${state.word}${state.cause === null ? '' : ` (${state.cause})`}`;
  const parts = [
    `# ${escapeMarkdown(title)}: ${escapeMarkdown(state.word)}`,
    happened.map(escapeMarkdown).join('\n\n'),
    writeFacts([['Outcome', outcome], ...about, ...now]),
    ...(next === null ? [] : [`## Next\n\n${writeStep(next)}`]),
    ...sections.map(writeSection),
    escapeMarkdown(note),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function writeSection({ title, blocks }: Section): string {
  const written = blocks.map(writeBlock).filter((block) => block !== '');
  return written.length === 0 ? '' : [`## ${title}`, ...written].join('\n\n');
}

function writeBlock(block: Block): string {
  switch (block.kind) {
    case 'facts':
      return writeFacts(block.facts);
    case 'list':
      return block.items.map((item) => `- ${writeText(item, ' ')}`).join('\n');
    case 'steps':
      return block.steps.map(writeStep).join('\n\n');
    case 'picture':
      return writeTable(block.table);
    case 'table':
      return writeTable(block);
  }
}

function writeFacts(facts: readonly Fact[]): string {
  const rows = facts.flatMap(([label, text]) => (text === null ? [] : [[label, writeText(text)]]));
  return markdownTable(['', ''], rows);
}

function writeStep({ purpose, commands }: NextStep): string {
  return `${escapeMarkdown(purpose)}:\n\n${codeBlock(commands)}`;
}

function writeTable({ columns, rows }: ReportTable): string {
  if (rows.length === 0) return '';
  return markdownTable(
    columns.map(({ title }) => title),
    rows.map((row) => row.map((text) => writeText(text))),
  );
}

/** On one line: cells and list items of Markdown have no other. */
function writeText(text: Text, separator = ' · '): string {
  const spans: readonly Span[] = isList(text) ? text : [text];
  return spans.map(writeSpan).join(separator);
}

function isList(text: Text): text is readonly Span[] {
  return Array.isArray(text);
}

function writeSpan(span: Span): string {
  if (typeof span === 'string') return escapeMarkdown(span);
  if ('state' in span) return escapeMarkdown(span.state);
  const { label, code } = span;
  return `${label === undefined ? '' : `${label} `}${inlineCode(code)}`;
}
