/** The cells of a lane: what a strip says, and how it is drawn. Each kind differs by hatching as well as by colour. Pure. */
import { round } from './chart.js';
import { el } from './markup.js';
import type { Markup } from './markup.js';

/** What a cell says of its period. */
export type CellKind = 'o' | 'r' | 't' | 'x' | 'e' | 'u';

/** Periods in a row of which the same is said. */
export interface Stretch {
  readonly kind: CellKind;
  /** Index of the first one. */
  readonly at: number;
  readonly count: number;
}

/** Marks on a fill; what answered has none. */
const HATCHES: Readonly<Record<Exclude<CellKind, 'o'>, Markup>> = {
  r: el('circle', { cx: 3, cy: 3, r: 1.2 }),
  t: el('path', { d: 'M-1 7L7 -1' }),
  x: el('path', { d: 'M0 0L6 6M6 0L0 6' }),
  e: el('path', { d: 'M0 3H6' }),
  u: el('path', { d: 'M3 0V6' }),
};

/** The kinds in the order of a legend, which is that in which they are drawn: what is worse covers what is not. */
export const CELLS: readonly { readonly kind: CellKind; readonly label: string }[] = [
  { kind: 'o', label: 'answered' },
  { kind: 'u', label: 'not observed' },
  { kind: 'r', label: 'read-only' },
  { kind: 't', label: 'no answer' },
  { kind: 'x', label: 'refused or reset' },
  { kind: 'e', label: 'another error' },
];

/** Reads a strip such as `45o3t2r`. A kind that is not known counts as not observed: never as answered. */
export function parseStrip(strip: string): Stretch[] {
  let at = 0;
  return [...strip.matchAll(/(\d{1,9})(\D)/g)].map(([, digits = '', letter = '']) => {
    const stretch = { kind: kindOf(letter), at, count: Number(digits) };
    at += stretch.count;
    return stretch;
  });
}

function kindOf(letter: string): CellKind {
  return CELLS.find(({ kind }) => kind === letter)?.kind ?? 'u';
}

/** Periods of a whole strip. */
export function lengthOf(cells: readonly Stretch[]): number {
  return cells.reduce((sum, { count }) => sum + count, 0);
}

/** Where cells stand in a picture. */
export interface CellPlace {
  /** Of the edge before a cell, by its index. */
  readonly xOf: (index: number) => number;
  /** Width of one cell. */
  readonly width: number;
  readonly y: number;
  readonly height: number;
}

/** From this width on each cell is drawn by itself; narrower ones would be nothing but gaps. */
const MIN_SINGLE = 8;

/** Between cells that are drawn one by one. */
const HAIR = 1;

/** What is not an answer must not vanish between its neighbours. */
const MIN_STRIKING = 1.5;

/** Draws the cells of a lane, a path for each kind: few bytes however many there are. */
export function drawCells(cells: readonly Stretch[], place: CellPlace): Markup[] {
  const isSingle = place.width >= MIN_SINGLE;
  return CELLS.flatMap(({ kind, label }) => {
    const same = cells.filter((each) => each.kind === kind);
    if (same.length === 0) return [];
    const path = isSingle
      ? same.flatMap(({ at, count }) =>
          Array.from({ length: count }, (_, step) => boxOf(at + step, 1, place, HAIR)),
        )
      : same.map(({ at, count }) => boxOf(at, count, place, 0, kind === 'o' ? 0 : MIN_STRIKING));
    const title = `${label}: ${lengthOf(same)} periods`;
    return [drawCell(kind, path.join(''), title)];
  });
}

/** One shape of a kind. @param title what a pointer that rests on it says */
export function drawCell(kind: CellKind, path: string, title: string): Markup {
  const fill = kind === 'o' ? null : `url(#cell-${kind})`;
  return el(`path.cell.${kind}`, { d: path, fill }, el('title', {}, title));
}

function boxOf(
  at: number,
  count: number,
  { xOf, y, height }: CellPlace,
  gap: number,
  least = 0,
): string {
  const left = xOf(at);
  const width = Math.max(least, xOf(at + count) - left - gap);
  return width <= 0 ? '' : `M${round(left)} ${y}h${round(width)}v${height}h${round(-width)}z`;
}

/** The fill of a kind, for the head of a picture; `null` where it is one colour. */
export function cellPattern(kind: CellKind): Markup | null {
  if (kind === 'o') return null;
  return el(
    'pattern',
    { id: `cell-${kind}`, width: 6, height: 6, patternUnits: 'userSpaceOnUse' },
    el(`rect.fill.${kind}`, { width: 6, height: 6 }),
    el('g.mark', {}, HATCHES[kind]),
  );
}
