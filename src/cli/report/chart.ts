/** What pictures over time have in common: a scale, an axis, and fills that differ without colour. Pure. */
import { formatSeconds } from '../format/text.js';

import type { Tone } from './style.js';
import { el, fragment } from './markup.js';
import type { Attributes, Child, Markup } from './markup.js';
import { PICTURE_STYLE } from './style.js';

/** Width of every picture; it is scaled to the width of the page. */
const WIDTH = 960;

/** The right edge of every plot: half of an axis label has room beside it. */
export const RIGHT = WIDTH - 24;

/** Where instants lie between the left edge of a plot and {@link RIGHT}. */
export interface Scale {
  readonly fromMs: number;
  readonly toMs: number;
  readonly left: number;
}

/** Where an instant lies; what is outside of the plot lies at its edge. */
export function xOf({ fromMs, toMs, left }: Scale, ms: number): number {
  const share = toMs === fromMs ? 0 : (ms - fromMs) / (toMs - fromMs);
  return round(left + Math.min(1, Math.max(0, share)) * (RIGHT - left));
}

/** Enough for a picture, and it keeps the file small. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Steps that people count in, in milliseconds. */
const STEPS_MS = [
  ...[10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000],
  ...[120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 43_200_000],
];

const DAY_MS = 86_400_000;

/** More marks than this stand in one another's way. */
const MAX_MARKS = 7;

/** A step of which at most so many fit. */
export function stepFor(spanMs: number): number {
  const fits = STEPS_MS.find((step) => spanMs / step <= MAX_MARKS);
  return fits ?? Math.ceil(spanMs / MAX_MARKS / DAY_MS) * DAY_MS;
}

/** Lines and labels at even steps. @param label of an instant */
export function drawAxis(
  scale: Scale,
  { top, bottom }: { readonly top: number; readonly bottom: number },
  { firstMs, label }: { readonly firstMs: number; readonly label: (ms: number) => string },
): Markup {
  const stepMs = stepFor(scale.toMs - scale.fromMs);
  const count = Math.floor((scale.toMs - firstMs) / stepMs) + 1;
  const marks = Array.from({ length: Math.max(0, count) }, (_, at) => firstMs + at * stepMs);
  return fragment(
    marks.map((ms) => {
      const x = xOf(scale, ms);
      return [
        el('line.grid', { x1: x, x2: x, y1: top, y2: bottom }),
        el('text.faint', { x, y: bottom + 15, 'text-anchor': 'middle' }, label(ms)),
      ];
    }),
  );
}

/** Since the beginning, without needless zeros. */
export function formatOffset(ms: number): string {
  if (ms === 0) return '0';
  return ms % 1000 === 0 && ms < 60_000 ? `${ms / 1000} s` : formatSeconds(ms);
}

/** The patterns of the fills, of which each tone has its own; colours come from the page. */
const PATTERNS: Markup = fragment(
  pattern('caution', el('circle', { cx: 3, cy: 3, r: 1.2 })),
  pattern('bad', el('path', { d: 'M-1 7L7 -1' })),
  pattern('alarm', el('path', { d: 'M0 0L6 6M6 0L0 6' })),
);

function pattern(tone: Tone, mark: Markup): Markup {
  return el(
    'pattern',
    { id: `on-${tone}`, width: 6, height: 6, patternUnits: 'userSpaceOnUse' },
    el(`g.mark`, {}, mark),
  );
}

/** Whether a tone has a pattern on its colour. */
const HATCHED: readonly Tone[] = ['caution', 'bad', 'alarm'];

/** A bar from one place to another. @param title what a pointer that rests on it says */
export function drawBar(
  tone: Tone,
  at: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
  title: string,
): Markup {
  const place = { ...at, width: round(at.width) };
  return el(
    'g',
    {},
    el('title', {}, title),
    el(`rect.bar.${tone}`, place),
    HATCHED.includes(tone) ? el('rect', { ...place, fill: `url(#on-${tone})` }) : null,
  );
}

/** What stands around the shapes of a picture. */
interface PictureFrame {
  readonly height: number;
  /** What it shows, for those who cannot see it. */
  readonly description: string;
  /** Patterns of its fills. @default those of the tones */
  readonly patterns?: Child;
}

/** A picture, for a page or for a file of its own. */
export interface Picture extends Omit<PictureFrame, 'patterns'> {
  readonly shapes: Markup;
}

/** A picture. */
export function drawPicture(
  { height, description, patterns = PATTERNS }: PictureFrame,
  ...shapes: Child[]
): Picture {
  return { height, description, shapes: fragment(el('defs', {}, patterns), ...shapes) };
}

/** A picture inside of a page, which brings its colours. */
export function inlineSvg({ height, description, shapes }: Picture): Markup {
  return el('svg', frameOf(`0 0 ${WIDTH} ${height}`, description), shapes);
}

/** Around a picture that stands by itself. */
const MARGIN = 16;

/** A picture as a file, which needs nothing else: no script, no network, light and dark. */
export function svgFile({ height, description, shapes }: Picture): string {
  const size = `${WIDTH + 2 * MARGIN} ${height + 2 * MARGIN}`;
  const frame = frameOf(`-${MARGIN} -${MARGIN} ${size}`, description);
  const style = el('style', {}, PICTURE_STYLE);
  return `${el('svg', { xmlns: SVG_NAMESPACE, ...frame }, style, shapes).markup}\n`;
}

const SVG_NAMESPACE = 'http://www.w3.org/2000/svg';

function frameOf(viewBox: string, description: string): Attributes {
  return { viewBox, role: 'img', 'aria-label': description };
}
