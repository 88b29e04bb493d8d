import type { FixedWindow, LocalWindow, MaintenanceWindow } from '../contract/index.js';
import type { Span } from '../domain/maintenance/reports.js';

import { dateOf, DAY_MS, dayOfWeekOf, openZone, parseClock, parseDate } from './zone.js';
import type { Zone } from './zone.js';

/** How many days are looked through for the next occurrence; it also reaches every day of the week and date. */
const SEARCH_DAYS = 400;

/** Whether a window recurs in local time. */
export function isLocalWindow(window: MaintenanceWindow): window is LocalWindow {
  return 'timeZone' in window;
}

/**
 * The window of a maintenance: the first occurrence that ends after an instant. So a maintenance that comes late finds the
 * window that it was meant for, however little is left of it.
 *
 * @param window a valid window, see `findWindowProblems`
 * @param referenceMs nominal time of the firing, or start of the maintenance; epoch milliseconds
 * @returns `null` when there is none: its dates are over, or every occurrence of the next 400 days is blacked out
 */
export function resolveWindow(window: MaintenanceWindow, referenceMs: number): Span | null {
  return findOccurrences(window, referenceMs, 1)[0] ?? null;
}

/**
 * The next occurrences that end after an instant, in order; fewer where there are no more. One that has no
 * length, because a DST change skips all of it, is none.
 *
 * @param window a valid window, see `findWindowProblems`
 * @param fromMs epoch milliseconds
 */
export function findOccurrences(window: MaintenanceWindow, fromMs: number, count: number): Span[] {
  const found: Span[] = [];
  for (const span of occurrencesFrom(window, fromMs)) {
    if (found.length >= count) break;
    found.push(span);
  }
  return found;
}

/** All that {@link findOccurrences} may find, one after the other; without an end where a window recurs. */
export function* occurrencesFrom(window: MaintenanceWindow, fromMs: number): Generator<Span> {
  if (!isLocalWindow(window)) {
    yield* fixedOccurrences(window, fromMs);
    return;
  }
  let lastOpensAtMs = NaN;
  for (const span of localOccurrences(window, openZone(window.timeZone), fromMs)) {
    // A whole day may be skipped: then its window is that of the day after.
    if (span.opensAtMs !== lastOpensAtMs) yield span;
    lastOpensAtMs = span.opensAtMs;
  }
}

function fixedOccurrences({ opensAt, closesAt }: FixedWindow, fromMs: number): Span[] {
  const opensAtMs = typeof opensAt === 'string' ? Date.parse(opensAt) : fromMs;
  const closesAtMs = Date.parse(closesAt);
  return closesAtMs > fromMs && opensAtMs < closesAtMs ? [{ opensAtMs, closesAtMs }] : [];
}

/** Every occurrence that ends after an instant; given up after {@link SEARCH_DAYS} days without one. */
function* localOccurrences(window: LocalWindow, zone: Zone, fromMs: number): Generator<Span> {
  const blackouts = new Set((window.blackoutDates ?? []).map(parseDate));
  // A window that started the day before may still be open, and no zone is off by more than a day.
  const firstDate = dateOf(zone.wallAt(fromMs)) - 2 * DAY_MS;
  let lastFoundDate = firstDate;
  for (const date of datesFrom(window, firstDate)) {
    if (!hasDates(window.dates) && date - lastFoundDate > SEARCH_DAYS * DAY_MS) return;
    if (window.daysOfWeek?.includes(dayOfWeekOf(date)) === false) continue;
    const span = occurrenceOn(window, zone, date);
    if (span.opensAtMs >= span.closesAtMs || span.closesAtMs <= fromMs) continue;
    if (touchesAny(span, zone, blackouts)) continue;
    lastFoundDate = date;
    yield span;
  }
}

/** The dates that the window names, in order, or every day for ever. */
function* datesFrom({ dates }: LocalWindow, firstDate: number): Generator<number> {
  if (hasDates(dates)) {
    const named = dates.map((date) => parseDate(date) ?? NaN).sort((one, other) => one - other);
    yield* named.filter((date) => date >= firstDate);
    return;
  }
  for (let date = firstDate; ; date += DAY_MS) yield date;
}

function hasDates(dates: LocalWindow['dates']): dates is readonly string[] {
  return Array.isArray(dates);
}

/** A skipped time moves forward by the gap; of a doubled one the start is the earlier, the end the later. */
function occurrenceOn({ start, end }: LocalWindow, zone: Zone, date: number): Span {
  const startMs = parseClock(start) ?? NaN;
  const endMs = parseClock(end) ?? NaN;
  const endDate = endMs <= startMs ? date + DAY_MS : date;
  return {
    opensAtMs: zone.instantOf(date + startMs, 'earlier'),
    closesAtMs: zone.instantOf(endDate + endMs, 'later'),
  };
}

/** Whether any part of a span lies on one of the local dates. */
function touchesAny(span: Span, zone: Zone, dates: ReadonlySet<number | null>): boolean {
  if (dates.size === 0) return false;
  const lastDate = dateOf(zone.wallAt(span.closesAtMs - 1));
  for (let date = dateOf(zone.wallAt(span.opensAtMs)); date <= lastDate; date += DAY_MS)
    if (dates.has(date)) return true;
  return false;
}
