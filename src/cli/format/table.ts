/** Tables that know the width of the terminal. */
import { visible } from '../../util.js';

import { textOf } from './tones.js';
import type { Cell, Paint } from './tones.js';
import { fitWidth, padWidth, widthOf, wrapWords } from './text.js';

/** A column, and how much it matters. */
export interface Column<T> {
  readonly title: string;
  readonly cell: (row: T) => Cell;
  /** 0: always there. Where there is no room for all, the column with the highest number goes first. */
  readonly rank: number;
  /** As narrow as it may become, its end cut off; absent: never narrower than its widest text. */
  readonly min?: number;
  /** An id: it is shown whole or as `min`, because nothing between says more. */
  readonly isId?: true;
  /** Of the last column: long texts take several lines. */
  readonly wraps?: true;
  /** A column that no row needs is left out. */
  readonly isNeeded?: (row: T) => boolean;
}

/** As much of an id as tells apart those that stand under each other, and the mark that there is more. */
export const SHORT_ID = { min: 9, isId: true } as const;

/** Rows under headings; a table without any title has no line of them. */
export interface Table {
  readonly kind: 'table';
  readonly caption: string | null;
  readonly columns: readonly Omit<Column<never>, 'cell' | 'isNeeded'>[];
  readonly rows: readonly (readonly Cell[])[];
}

/** A table of such columns; the caption stands above it. */
export function table<T>(
  columns: readonly Column<T>[],
  rows: readonly T[],
  caption: string | null = null,
): Table {
  const needed = columns.filter(({ isNeeded }) => isNeeded === undefined || rows.some(isNeeded));
  return {
    kind: 'table',
    caption,
    columns: needed,
    rows: rows.map((row) => needed.map(({ cell }) => cell(row))),
  };
}

/** Between two columns. */
const GAP = 2;

/** What a table needs to know of where it is shown. */
export interface TableView {
  /** Room of a line; `null`: as much as there is. */
  readonly columns: number | null;
  readonly paint: Paint;
}

/** A table as lines, none of them longer than the terminal is wide where that can be. */
export function renderTable({ caption, columns, rows }: Table, view: TableView): string {
  const { paint } = view;
  // Under a caption.
  const indent = caption === null ? '' : '  ';
  const texts = rows.map((row) => row.map((cell) => visible(textOf(cell))));
  const natural = columns.map(({ title }, at) =>
    Math.max(widthOf(title), ...texts.map((row) => widthOf(row[at] ?? ''))),
  );
  const widths = fitColumns(
    columns.map((column, at) => ({ ...column, width: natural[at] ?? 0 })),
    (view.columns ?? Infinity) - indent.length,
  );
  const heading = columns.every(({ title }) => title === '')
    ? []
    : [layOut(columns.map(({ title }) => ({ text: title, tone: 'faint' })))];
  const above = caption === null ? [] : [paint('strong', visible(caption))];
  return [...above, ...heading, ...rows.map((row, at) => layOut(row, texts[at]))].join('\n');

  function layOut(cells: readonly Cell[], cleaned = cells.map(textOf)): string {
    const lines = widths.map((width, at) =>
      columns[at]?.wraps === true && width > 0
        ? wrapWords(cleaned[at] ?? '', width)
        : [fitWidth(cleaned[at] ?? '', width)],
    );
    const height = Math.max(1, ...lines.map(({ length }) => length));
    return Array.from({ length: height }, (_, line) =>
      cells
        .flatMap((cell, at) => {
          const width = widths[at] ?? 0;
          if (width === 0) return [];
          const text = lines[at]?.[line] ?? '';
          const tone = typeof cell === 'string' ? null : cell.tone;
          return [text === '' ? ' '.repeat(width) : padWidth(paint(tone, text), width, text)];
        })
        .join(' '.repeat(GAP))
        .replace(/^/, indent)
        .trimEnd(),
    ).join('\n');
  }
}

/** What decides how wide a column becomes. */
type Sized = Pick<Column<never>, 'title' | 'rank' | 'min' | 'isId' | 'wraps'> & {
  /** Of its widest text. */
  readonly width: number;
};

/** As narrow as a column whose texts take several lines may become. */
const MIN_WRAPPED = 24;

/** Widths of columns that fit into a line; 0: it is left out. */
export function fitColumns(columns: readonly Sized[], room: number): number[] {
  const least = ({ title, width, min, wraps }: Sized): number => {
    const asked = min ?? (wraps === true ? MIN_WRAPPED : width);
    return Math.min(width, Math.max(asked, widthOf(title)));
  };
  const needed = (some: readonly Sized[]): number =>
    some.reduce((sum, column) => sum + least(column) + GAP, -GAP);
  const byRank = [...columns].sort((one, other) => one.rank - other.rank);
  while (needed(byRank) > room && (byRank.at(-1)?.rank ?? 0) > 0) byRank.pop();
  let left = Math.max(0, room - needed(byRank));
  const widths = new Map<Sized, number>();
  for (const column of byRank) {
    const wanted = column.width - least(column);
    const extra = column.isId === true && wanted > left ? 0 : Math.min(wanted, left);
    widths.set(column, least(column) + extra);
    left -= extra;
  }
  return columns.map((column) => widths.get(column) ?? 0);
}
