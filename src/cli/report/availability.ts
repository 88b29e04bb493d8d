/** Whether the instance answered while it was switched, as a picture, from the report of a run alone. Pure. */
import type { SwitchoverReport } from '../../client.js';
import type { DataPlaneReport, LaneReport } from '../../contract/index.js';
import { describeLane, formatRange, longestOf } from '../../domain/data-plane-text.js';

import { cellPattern, CELLS, drawCell, drawCells, lengthOf, parseStrip } from './cells.js';
import type { CellKind, Stretch } from './cells.js';
import { drawAxis, drawPicture, formatOffset, RIGHT, round, xOf } from './chart.js';
import type { Picture, Scale } from './chart.js';
import { el } from './markup.js';
import type { Child, Markup } from './markup.js';
import { phaseSpans } from './timeline.js';

/** What a picture of a run's availability is drawn from. */
export type MeasuredRun = Pick<SwitchoverReport, 'timings' | 'puts' | 'dataPlane'>;

/** A lane, and its cells. */
interface Row {
  readonly label: string;
  readonly lane: LaneReport;
  readonly cells: readonly Stretch[];
}

/** The rows of a measured run, and where on the clock their cells are. */
interface Measurement {
  readonly report: DataPlaneReport;
  readonly rows: readonly Row[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly periodMs: number;
  /** Whether the clock of the worker that measured fits that of Temporal, by which phases and PUTs are known. */
  readonly isAligned: boolean;
}

const LEFT = 92;
const TOP = 22;
const ROW = 26;
const CELL = 17;

/** The lanes of a run, placed in time; `null` where nothing was measured. */
export function readMeasurement({ dataPlane, timings }: MeasuredRun): Measurement | null {
  if (dataPlane === undefined) return null;
  const { armedAt, periodMs } = dataPlane.quality;
  const fromMs = Date.parse(armedAt ?? '');
  const rows = (['write', 'read'] as const).flatMap((name) => {
    const lane = dataPlane[name];
    return lane === null ? [] : [{ label: `${name}s`, lane, cells: parseStrip(lane.strip) }];
  });
  const longest = Math.max(0, ...rows.map(({ cells }) => lengthOf(cells)));
  if (longest === 0 || Number.isNaN(fromMs) || !(periodMs > 0)) return null;
  const toMs = fromMs + longest * periodMs;
  const isAligned = fromMs < Date.parse(timings.endedAt) && toMs > Date.parse(timings.startedAt);
  return { report: dataPlane, rows, fromMs, toMs, periodMs, isAligned };
}

/**
 * Draws phases, PUTs and lanes over time, and below that once more what is around the longest interruption; `null`
 * where nothing was measured.
 */
export function drawAvailability(run: MeasuredRun): Picture | null {
  const measurement = readMeasurement(run);
  if (measurement === null) return null;
  const { rows, report } = measurement;
  const scale = wholeScale(run, measurement);
  const bottom = TOP + (rows.length + 1) * ROW;
  const zoom = zoomOf(measurement, scale);
  const zoomTop = bottom + 68;
  const end = zoom === null ? bottom + 26 : zoomTop + rows.length * ROW + 26;
  const kinds = CELLS.filter(({ kind }) =>
    rows.some(({ cells }) => cells.some((each) => each.kind === kind)),
  );
  const startMs = measurement.isAligned ? Date.parse(run.timings.startedAt) : measurement.fromMs;
  const description = rows.map(({ label, lane }) => `${label} ${describeLane(lane, report)}`);
  return drawPicture(
    {
      height: end + 28,
      description: `Availability while it was switched: ${description.join('; ')}`,
      patterns: kinds.map(({ kind }) => cellPattern(kind)),
    },
    zoom === null ? null : drawLens(zoom, scale, { top: TOP + ROW - 3, bottom, zoomTop }),
    drawAxis(
      scale,
      { top: TOP, bottom },
      { firstMs: startMs, label: (ms) => formatOffset(ms - startMs) },
    ),
    measurement.isAligned ? drawPhases(run, scale) : null,
    drawRows(measurement, scale, TOP + ROW),
    measurement.isAligned ? drawPuts(run, scale, bottom) : null,
    zoom === null ? null : drawZoom(measurement, zoom, zoomTop),
    drawLegend(kinds, end + 8),
  );
}

/** The run and the measurement, as far as their clocks fit. */
function wholeScale({ timings }: MeasuredRun, { fromMs, toMs, isAligned }: Measurement): Scale {
  const startMs = isAligned ? Math.min(fromMs, Date.parse(timings.startedAt)) : fromMs;
  const endMs = isAligned ? Math.max(toMs, Date.parse(timings.endedAt)) : toMs;
  return { fromMs: startMs, toMs: endMs, left: LEFT };
}

function drawRows({ rows, fromMs, periodMs }: Measurement, scale: Scale, top: number): Markup[] {
  const width = ((RIGHT - LEFT) * periodMs) / (scale.toMs - scale.fromMs);
  return rows.map(({ label, cells }, at) => {
    const y = top + at * ROW + (ROW - CELL) / 2;
    const shown = within(cells, scale, { fromMs, periodMs });
    const edgeOf = (index: number): number => xOf(scale, fromMs + index * periodMs);
    return el(
      'g',
      {},
      el('text', { x: 0, y: y + CELL - 4 }, label),
      drawCells(shown, { xOf: edgeOf, width, y, height: CELL }),
    );
  });
}

/** As much of the cells as lies inside a picture. */
function within(
  cells: readonly Stretch[],
  scale: Scale,
  { fromMs, periodMs }: Pick<Measurement, 'fromMs' | 'periodMs'>,
): Stretch[] {
  const [first, last] = [
    Math.floor((scale.fromMs - fromMs) / periodMs + 1e-6),
    Math.ceil((scale.toMs - fromMs) / periodMs - 1e-6),
  ];
  return cells.flatMap(({ kind, at, count }) => {
    const from = Math.max(at, first);
    const to = Math.min(at + count, last);
    return to > from ? [{ kind, at: from, count: to - from }] : [];
  });
}

/** Of a character of a small label, about. */
const CHARACTER = 6.6;

function drawPhases(run: MeasuredRun, scale: Scale): Markup {
  const y = TOP + (ROW - CELL) / 2;
  return el(
    'g',
    {},
    el('text', { x: 0, y: y + CELL - 4 }, 'phases'),
    phaseSpans(run).map(({ phase, text, fromMs, tookMs }) => {
      const x = xOf(scale, fromMs);
      const width = round(xOf(scale, fromMs + tookMs) - x);
      const label = [phase, text].find((each) => each.length * CHARACTER < width - 8);
      return el(
        'g',
        {},
        el('title', {}, `${phase}: ${text}`),
        el('rect.phase', { x, y, width, height: CELL }),
        label === undefined
          ? null
          : el(
              'text.faint',
              { x: round(x + width / 2), y: y + 12, 'text-anchor': 'middle' },
              label,
            ),
      );
    }),
  );
}

/** A line for each PUT that may have left, where its activity had ended: it left shortly before that. */
function drawPuts({ puts }: MeasuredRun, scale: Scale, bottom: number): Markup[] {
  return puts
    .filter(({ state }) => state !== 'not-sent')
    .map(({ purpose, scheduledAt, endedAt }) => {
      const x = xOf(scale, Date.parse(endedAt ?? scheduledAt));
      const label = purpose === 'forward' ? 'PUT' : 'PUT (swap back)';
      return el(
        'g',
        {},
        el('line.bound', { x1: x, x2: x, y1: TOP - 4, y2: bottom }),
        el('text', { x, y: TOP - 9, 'text-anchor': 'middle' }, label),
      );
    });
}

/** The stretch of time that is drawn once more. */
interface Zoom {
  readonly scale: Scale;
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** Cells that are shown before and after an interruption, at least. */
const AROUND = 8;

/** A stretch that takes more than this share of the whole is large enough there. */
const MAX_ZOOM = 0.5;

function zoomOf({ rows, fromMs, toMs, periodMs }: Measurement, whole: Scale): Zoom | null {
  const all = rows.flatMap((row) => row.lane.interruptions.map((each) => ({ row, ...each })));
  const longest = longestOf(all);
  const from = Date.parse(longest?.from ?? '');
  if (longest === null || Number.isNaN(from)) return null;
  const { row, maxMs } = longest;
  const room = Math.max(AROUND * periodMs, maxMs / 5);
  const scale = {
    fromMs: onGrid(Math.max(fromMs, from - room), fromMs, periodMs),
    toMs: Math.min(toMs, from + maxMs + room),
    left: LEFT,
  };
  const share = (scale.toMs - scale.fromMs) / (whole.toMs - whole.fromMs);
  if (!(share > 0 && share <= MAX_ZOOM)) return null;
  const text = `${row.label} interrupted ${formatRange(longest)}`;
  return { scale, from, to: from + maxMs, text };
}

function onGrid(ms: number, fromMs: number, periodMs: number): number {
  return fromMs + Math.floor((ms - fromMs) / periodMs) * periodMs;
}

/** What ties a stretch to its enlargement. */
function drawLens(
  { scale }: Zoom,
  whole: Scale,
  { top, bottom, zoomTop }: Readonly<Record<'top' | 'bottom' | 'zoomTop', number>>,
): Markup {
  const [left, right] = [xOf(whole, scale.fromMs), xOf(whole, scale.toMs)];
  const panelTop = zoomTop - 24;
  return el(
    'g',
    {},
    el('rect.lens', { x: left, y: top, width: round(right - left), height: bottom - top }),
    el('path.lens', { d: `M${left} ${bottom}L${LEFT} ${panelTop}H${RIGHT}L${right} ${bottom}z` }),
  );
}

function drawZoom(measurement: Measurement, { scale, from, to, text }: Zoom, top: number): Markup {
  const [left, right] = [xOf(scale, from), xOf(scale, to)];
  const bottom = top + measurement.rows.length * ROW;
  return el(
    'g',
    {},
    drawAxis(scale, { top, bottom }, { firstMs: from, label: (ms) => formatMs(ms - from) }),
    drawRows(measurement, scale, top),
    el('path.span', { d: `M${left} ${top + 2}v-6H${right}v6` }),
    el('text', { x: round((left + right) / 2), y: top - 9, 'text-anchor': 'middle' }, text),
  );
}

/** As fine as the periods are. */
function formatMs(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${ms / 1_000} s`;
}

const KEY_WIDTH = 18;

function drawLegend(
  kinds: readonly { readonly kind: CellKind; readonly label: string }[],
  y: number,
): Child {
  return kinds.map(({ kind, label }, at) => {
    const x = LEFT + at * 142;
    return el(
      'g',
      {},
      drawCell(kind, `M${x} ${y}h${KEY_WIDTH}v11h-${KEY_WIDTH}z`, label),
      el('text', { x: x + KEY_WIDTH + 6, y: y + 10 }, label),
    );
  });
}
