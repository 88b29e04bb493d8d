/** Windows as instants: whether a switchover may start now. Where a zone or a date counts, see `src/windows/`. */
import type { MaintenanceRequest, ResolvedWindow } from '../../contract/index.js';
import { iso } from '../../util.js';

import type { Span } from './reports.js';

/** What one switchover may take, of which a maintenance leaves room before its window closes. */
export type Reserve = Pick<
  MaintenanceRequest,
  'expectedDurationSeconds' | 'compensationReserveSeconds'
>;

const DAY_MS = 86_400_000;

const TIME_OF_DAY = /^([01]\d|2[0-3]):([0-5]\d):([0-5]\d)$/;

/**
 * The latest safe start, epoch milliseconds: the end of a span − expected duration − compensation reserve.
 * Nothing starts at it or later.
 */
export function latestStartMs(span: Span, reserve: Reserve): number {
  const neededSeconds = reserve.expectedDurationSeconds + reserve.compensationReserveSeconds;
  return span.closesAtMs - neededSeconds * 1000;
}

/** The spans, in order, in which something may start at all: the others close too soon after they open. */
export function usableSpans(spans: readonly Span[], reserve: Reserve): Span[] {
  return spans.filter((span) => span.opensAtMs < latestStartMs(span, reserve));
}

/** Where an instant lies: before a span, inside one, or past the latest safe start of the last. */
export type TimeVerdict =
  | { readonly when: 'before'; readonly span: Span; readonly latestStartMs: number }
  | { readonly when: 'open'; readonly span: Span; readonly latestStartMs: number }
  | { readonly when: 'over' };

/**
 * Judges an instant by the spans of an instance. `open`: a switchover may start now, in this span. `before`:
 * this is the next span; nothing starts before it opens. `over`: nothing starts any more, or there is no span.
 *
 * @param spans in order; those too short for a start do not count
 * @param nowMs epoch milliseconds
 */
export function judgeTime(spans: readonly Span[], reserve: Reserve, nowMs: number): TimeVerdict {
  const span = usableSpans(spans, reserve).find((one) => nowMs < latestStartMs(one, reserve));
  if (span === undefined) return { when: 'over' };
  const when = nowMs < span.opensAtMs ? 'before' : 'open';
  return { when, span, latestStartMs: latestStartMs(span, reserve) };
}

/**
 * What a span has in common with an instance's own daily window (`maintain_begin` to `maintain_end`, UTC, may
 * cross midnight): the parts, in order; empty when there are none.
 *
 * @param begin `HH:MM:SS`
 * @param end `HH:MM:SS`
 * @returns `null` when begin and end report no window: they are equal, or no times
 */
export function intersectDaily(span: Span, begin: string, end: string): Span[] | null {
  const beginMs = parseTimeOfDay(begin);
  const endMs = parseTimeOfDay(end);
  if (beginMs === null || endMs === null || beginMs === endMs) return null;
  const lengthMs = (endMs - beginMs + DAY_MS) % DAY_MS;
  const parts: Span[] = [];
  const firstDayMs = Math.floor(span.opensAtMs / DAY_MS) * DAY_MS - DAY_MS;
  for (let dayMs = firstDayMs; dayMs + beginMs < span.closesAtMs; dayMs += DAY_MS) {
    const opensAtMs = Math.max(span.opensAtMs, dayMs + beginMs);
    const closesAtMs = Math.min(span.closesAtMs, dayMs + beginMs + lengthMs);
    if (opensAtMs < closesAtMs) parts.push({ opensAtMs, closesAtMs });
  }
  return parts;
}

/** The contract's form of a maintenance's window. */
export function toResolvedWindow(span: Span, reserve: Reserve): ResolvedWindow {
  return {
    opensAt: iso(span.opensAtMs),
    closesAt: iso(span.closesAtMs),
    latestStartAt: iso(latestStartMs(span, reserve)),
  };
}

function parseTimeOfDay(text: string): number | null {
  const [, hours, minutes, seconds] = TIME_OF_DAY.exec(text) ?? [];
  if (hours === undefined) return null;
  return (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
}
