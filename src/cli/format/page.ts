/**
 * What a command shows to people, as parts: the formatters say what there is, and only here it is put in order, made
 * to fit the terminal and coloured.
 */
import { commandsOf } from '../../domain/commands.js';
import { visible } from '../../util.js';

import { renderTable } from './table.js';
import type { Table, TableView } from './table.js';
import { isPastedWhole, widthOf, wrapLines } from './text.js';
import { stateCell, textOf } from './tones.js';
import type { Cell } from './tones.js';

/** Parts with an empty line between them; `null` is none. A text stands as it is. */
export type Page = readonly (Part | null)[];

type Part = string | Table | Fields | Headline;

/** Labelled lines. */
export interface Fields {
  readonly kind: 'fields';
  readonly fields: readonly Field[];
}

/** A label and its text; without a text it is left out. `wide`: also where it does not fit into a line. */
export type Field = readonly [label: string, text: Cell | null, when?: 'wide'];

/** What matters: how it ended or stands, what is the case now, and what to do. */
export interface Headline {
  readonly kind: 'headline';
  readonly state: string;
  /** Behind the state, such as its cause in brackets. */
  readonly about: string;
  readonly message: string;
}

/** Labelled lines; entries without a text are left out. */
export function fields(...all: readonly Field[]): Fields {
  return { kind: 'fields', fields: all };
}

/** @param cause of the state, where there is one */
export function headline(state: string, cause: string | null, message: string): Headline {
  return { kind: 'headline', state, about: cause === null ? '' : ` (${cause})`, message };
}

/** Text of which every part was made visible before it was coloured; made here alone. */
export interface Rendered {
  readonly rendered: string;
}

/**
 * A page as text. On a terminal the headline is last, with one command, because that is what stays in sight; elsewhere
 * parts stand as they were given.
 */
export function renderPage(page: Page | string, view: TableView): Rendered {
  const parts = (typeof page === 'string' ? [page] : page).filter((part) => part !== null);
  const ordered = view.columns === null ? parts : withHeadlineLast(parts);
  return { rendered: `${ordered.map((part) => renderPart(part, view)).join('\n\n')}\n` };
}

function withHeadlineLast(parts: readonly Part[]): readonly Part[] {
  const [last] = parts.filter(isHeadline);
  if (last === undefined) return parts;
  const { first, rest } = splitSteps(last.message);
  const others = parts.filter((part) => part !== last);
  return [...others, ...(rest === '' ? [] : [rest]), { ...last, message: first }];
}

function isHeadline(part: Part): part is Headline {
  return typeof part === 'object' && part.kind === 'headline';
}

/** A message up to its first command, and what comes after that. */
function splitSteps(message: string): { readonly first: string; readonly rest: string } {
  const [command = ''] = commandsOf(message);
  const lines = message.split('\n');
  const end = lines.findIndex((line) => line.trim() === command) + 1;
  if (command === '' || end === 0) return { first: message, rest: '' };
  return { first: lines.slice(0, end).join('\n'), rest: lines.slice(end).join('\n') };
}

function renderPart(part: Part, view: TableView): string {
  if (typeof part === 'string') return renderText(part, view);
  if (part.kind === 'table') return renderTable(part, view);
  if (part.kind === 'fields') return renderFields(part, view);
  const { text, tone } = stateCell(part.state);
  return `${view.paint(tone ?? 'strong', text)}${part.about}\n${renderText(part.message, view)}`;
}

function renderText(text: string, { columns, paint }: TableView): string {
  if (columns === null) return visible(text);
  return wrapLines(visible(text), columns)
    .split('\n')
    .map((line) => (isPastedWhole(line) ? paint('strong', line) : line))
    .join('\n');
}

function renderFields({ fields }: Fields, view: TableView): string {
  const { columns, paint } = view;
  const present = fields.flatMap(([label, cell, when]) => {
    const fits =
      cell !== null && (columns === null || label.length + 2 + widthOf(textOf(cell)) <= columns);
    return cell === null || (when === 'wide' && !fits) ? [] : [{ label, cell }];
  });
  const width = Math.max(0, ...present.map(({ label }) => label.length));
  const indent = ' '.repeat(width + 2);
  return present
    .map(({ label, cell }) => {
      const text = visible(textOf(cell)).replaceAll('\n', `\n${indent}`);
      const line = `${label.padEnd(width)}  ${text}`;
      const wrapped = columns === null ? line : wrapLines(line, columns);
      const tone = typeof cell === 'string' ? null : cell.tone;
      const value = wrapped.slice(width + 2);
      return `${paint('faint', wrapped.slice(0, width + 2))}${tone === null ? value : paint(tone, value)}`;
    })
    .join('\n');
}
