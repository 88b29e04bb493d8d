/** When each instance of a maintenance was switched, as a picture, from its result alone. Pure. */
import type { Leg, MaintenanceItem, MaintenanceResult } from '../../contract/index.js';
import { legState } from '../../domain/maintenance/progress.js';
import { iso } from '../../util.js';
import { formatInstant, formatSpan } from '../format/text.js';

import { drawAxis, drawBar, drawPicture, RIGHT, stepFor, xOf } from './chart.js';
import type { Picture, Scale } from './chart.js';
import { toneOf } from './document.js';
import type { Tone } from './style.js';
import { el } from './markup.js';
import type { Markup } from './markup.js';

/** A leg that was started, and when. */
interface Work {
  readonly item: MaintenanceItem;
  readonly leg: Leg;
  readonly fromMs: number;
  readonly toMs: number;
}

const LEFT = 76;
const TOP = 26;
const LANE = 14;
const BAR = 11;
const MIN_BAR = 1.5;

/** Legs side by side: as many lanes as were at work at once. `null` where none was started. */
export function drawSwitchovers(result: MaintenanceResult): Picture | null {
  const work = findWork(result.items, Date.parse(result.endedAt));
  if (work.length === 0) return null;
  const fromMs = Math.min(...work.map((each) => each.fromMs));
  const toMs = Math.max(...work.map((each) => each.toMs));
  const roomMs = Math.max(1_000, (toMs - fromMs) * 0.02);
  const scale = { fromMs: fromMs - roomMs, toMs: toMs + roomMs, left: LEFT };
  const lanes = toLanes(work);
  const bottom = TOP + lanes.length * LANE + 4;
  const stepMs = stepFor(scale.toMs - scale.fromMs);
  const tones = [...new Set(work.map(({ leg }) => toneOfLeg(leg)))];
  const since = formatInstant(iso(fromMs));
  return drawPicture(
    {
      height: bottom + 44,
      description: `${work.length} switchovers from ${since} on, at most ${lanes.length} at a time`,
    },
    drawAxis(
      scale,
      { top: TOP, bottom },
      { firstMs: Math.ceil(scale.fromMs / stepMs) * stepMs, label: clockLabel(stepMs) },
    ),
    el('text.faint', { x: 0, y: TOP + 10 }, 'at a time'),
    ...lanes.map((lane, at) => drawLane(lane, TOP + at * LANE, scale)),
    ...drawBounds(result, scale, bottom),
    ...drawLegend(tones, bottom + 30),
  );
}

function findWork(items: readonly MaintenanceItem[], endMs: number): Work[] {
  const work = items.flatMap((item) =>
    [item.forward, item.return].flatMap((leg) => {
      if (leg?.startedAt === null || leg === null) return [];
      const fromMs = Date.parse(leg.startedAt);
      const toMs = leg.endedAt === null ? endMs : Date.parse(leg.endedAt);
      return Number.isNaN(fromMs + toMs)
        ? []
        : [{ item, leg, fromMs, toMs: Math.max(fromMs, toMs) }];
    }),
  );
  return work.sort((one, other) => one.fromMs - other.fromMs);
}

/** Each leg goes into the first lane that is free. */
function toLanes(work: readonly Work[]): Work[][] {
  const lanes: Work[][] = [];
  for (const each of work) {
    const free = lanes.find((lane) => (lane.at(-1)?.toMs ?? 0) <= each.fromMs);
    if (free === undefined) lanes.push([each]);
    else free.push(each);
  }
  return lanes;
}

/** Of an instance that was not switched as it should, the bar must not vanish between its neighbours. */
const MIN_STRIKING_BAR = 4;

function drawLane(lane: readonly Work[], y: number, scale: Scale): Markup {
  const bars = lane.map(({ item, leg, fromMs, toMs }) => {
    const tone = toneOfLeg(leg);
    const x = xOf(scale, fromMs);
    const least = tone === 'good' || tone === 'plain' ? MIN_BAR : MIN_STRIKING_BAR;
    // A hair between two bars that follow one another.
    const width = Math.max(least, xOf(scale, toMs) - x - 0.7);
    const back = leg.leg === 'return' ? ' back' : '';
    const title = `${item.name ?? item.instanceId}${back}: ${legState(leg)}, ${formatSpan(toMs - fromMs)}`;
    return { tone, bar: drawBar(tone, { x, y, width, height: BAR }, title) };
  });
  const striking = bars.filter(({ tone }) => tone !== 'good');
  const others = bars.filter(({ tone }) => tone === 'good');
  return el(
    'g',
    {},
    [...others, ...striking].map(({ bar }) => bar),
  );
}

function toneOfLeg(leg: Leg): Tone {
  return toneOf(legState(leg));
}

function drawBounds({ window }: MaintenanceResult, scale: Scale, bottom: number): Markup[] {
  if (window === null) return [];
  const bounds: readonly (readonly [string, string])[] = [
    [window.opensAt, 'opens'],
    [window.latestStartAt, 'latest start'],
    [window.closesAt, 'closes'],
  ];
  return bounds.flatMap(([at, label]) => {
    const atMs = Date.parse(at);
    if (!(atMs >= scale.fromMs && atMs <= scale.toMs)) return [];
    const x = xOf(scale, atMs);
    const anchor = x > (LEFT + RIGHT) / 2 ? 'end' : 'start';
    return [
      el('line.bound', { x1: x, x2: x, y1: TOP - 8, y2: bottom }),
      el('text', { x, y: TOP - 12, 'text-anchor': anchor }, `${label} ${clockLabel(1)(atMs)}`),
    ];
  });
}

const LEGEND: readonly (readonly [Tone, string])[] = [
  ['good', 'done'],
  ['caution', 'refused or cancelled'],
  ['bad', 'failed or swapped back'],
  ['alarm', 'UNKNOWN'],
];

const LEGEND_WIDTH = 190;

function drawLegend(tones: readonly Tone[], y: number): Markup[] {
  return LEGEND.filter(([tone]) => tones.includes(tone)).map(([tone, label], at) => {
    const x = LEFT + at * LEGEND_WIDTH;
    return el(
      'g',
      {},
      drawBar(tone, { x, y, width: 18, height: BAR }, label),
      el('text', { x: x + 24, y: y + 10 }, label),
    );
  });
}

/** The time of day, as fine as the step needs; of days their date. */
function clockLabel(stepMs: number): (ms: number) => string {
  return (ms) => {
    const instant = iso(ms);
    if (stepMs >= 86_400_000) return instant.slice(0, 10);
    return stepMs % 60_000 === 0 ? `${instant.slice(11, 16)}Z` : `${instant.slice(11, 19)}Z`;
  };
}
