/** What the switchovers of a maintenance cost the clients of their instances, as far as it was measured. Pure. */
import type { Leg, LegFigures, MaintenanceItem, SwitchoverResult } from '../../contract/index.js';
import { formatRange, longestOf } from '../data-plane-text.js';
import { countOf } from '../text.js';

/** What a maintenance keeps of a measurement; nothing where there was none. */
export function keptFigures({
  dataPlane,
}: Pick<SwitchoverResult, 'dataPlane'>): Pick<Leg, 'figures'> {
  const lane = dataPlane?.write ?? dataPlane?.read ?? null;
  if (dataPlane?.state !== 'measured' || lane === null) return {};
  const { minMs, maxMs } = longestOf(lane.interruptions) ?? { minMs: 0, maxMs: 0 };
  const { lostWrites, coverage } = dataPlane;
  return { figures: { minMs, maxMs, lostWrites: lostWrites?.count ?? null, coverage } };
}

/** `0.36–0.71 s, 0 lost`. */
export function describeFigures(figures: LegFigures): string {
  return `${lengthOf(figures)}${describeRest([figures])}`;
}

/** The figures of an item, forward leg first: `0.36–0.71 s / none, 0 lost`; `null` where none was measured. */
export function figuresOfItem({
  forward,
  return: back,
}: Pick<MaintenanceItem, 'forward' | 'return'>): string | null {
  const measured = figuresOf([forward, back]);
  if (measured.length === 0) return null;
  const isOfReturnAlone = forward.figures === undefined;
  const lengths = [...(isOfReturnAlone ? ['-'] : []), ...measured.map(lengthOf)];
  return `${lengths.join(' / ')}${describeRest(measured)}`;
}

function lengthOf({ minMs, maxMs }: LegFigures): string {
  return maxMs === 0 ? 'none' : formatRange({ minMs, maxMs });
}

/** What follows the lengths, once for all of them. */
function describeRest(figures: readonly LegFigures[]): string {
  const counted = figures.map(({ lostWrites }) => lostWrites).filter((lost) => lost !== null);
  const sum = counted.reduce((all, lost) => all + lost, 0);
  const lost = counted.length === 0 ? '' : `, ${sum} lost`;
  const isWhole = figures.every(({ coverage }) => coverage === 'whole');
  return `${lost}${isWhole ? '' : ' (not all seen)'}`;
}

/** All of a maintenance in a line: `longest 0.36–0.71 s, 0 test writes lost, 12 of 13 switchovers measured`. */
export function describeTotalFigures(items: readonly MaintenanceItem[]): string | null {
  const legs = items.flatMap((item) => [item.forward, item.return]);
  const figures = figuresOf(legs);
  const longest = longestOf(figures);
  if (longest === null) return null;
  const sent = legs.filter((leg) => leg !== null && leg.swapsSent > 0).length;
  const lost = figures.reduce((sum, { lostWrites }) => sum + (lostWrites ?? 0), 0);
  return [
    longest.maxMs === 0 ? 'none' : `longest ${formatRange(longest)}`,
    `${countOf(lost, 'test write')} lost`,
    `${figures.length} of ${countOf(Math.max(sent, figures.length), 'switchover')} measured`,
  ].join(', ');
}

function figuresOf(legs: readonly (Leg | null)[]): LegFigures[] {
  return legs.flatMap((leg) => leg?.figures ?? []);
}
