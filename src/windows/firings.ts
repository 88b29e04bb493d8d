import type {
  CalendarSpec as TemporalCalendar,
  ScheduleSpec as TemporalScheduleSpec,
} from '@temporalio/client';

import type { MaintenanceWindow, ScheduleSpec } from '../contract/index.js';

import type { CalendarRule } from './calendar.js';
import { resolveWindow } from './occurrences.js';
import { compileSchedule, zoneOf } from './schedule-rules.js';
import { serverFirings } from './server-firings.js';
import { formatLocal } from './zone.js';

/** One firing to come, before jitter. */
export interface NextFiring {
  /** RFC 3339, UTC. */
  readonly at: string;
  /** In the schedule's zone, such as `2026-12-05 02:00 +01:00`. */
  readonly local: string;
  /** The window that its maintenance would use, UTC; `null` when there is none. */
  readonly window: { readonly opensAt: string; readonly closesAt: string } | null;
}

/**
 * The next firings of a schedule as Temporal's server will compute them, jitter apart; fewer where there are no
 * more.
 *
 * @param spec a valid spec, see `findScheduleProblems`
 * @param fromMs epoch milliseconds; firings after it, by a schedule that is created then
 */
export function nextFirings(
  spec: ScheduleSpec,
  window: MaintenanceWindow,
  fromMs: number,
  count: number,
): NextFiring[] {
  const timeZone = zoneOf(spec, window);
  const firings: NextFiring[] = [];
  for (const ms of serverFirings(compileSchedule(spec, window, fromMs), fromMs)) {
    if (firings.length >= count) break;
    firings.push({
      at: format(ms),
      local: formatLocal(ms, timeZone),
      window: windowOf(window, ms),
    });
    if (typeof spec.at === 'string') break;
  }
  return firings;
}

function windowOf(window: MaintenanceWindow, firingMs: number): NextFiring['window'] {
  const span = resolveWindow(window, firingMs);
  return span && { opensAt: format(span.opensAtMs), closesAt: format(span.closesAtMs) };
}

/** RFC 3339 without the fraction that no firing has. */
function format(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}

const MONTHS = [
  ...(['JANUARY', 'FEBRUARY', 'MARCH', 'APRIL', 'MAY', 'JUNE', 'JULY', 'AUGUST'] as const),
  ...(['SEPTEMBER', 'OCTOBER', 'NOVEMBER', 'DECEMBER'] as const),
];
const DAYS = [
  ...(['SUNDAY', 'MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY'] as const),
];

/**
 * The spec with which Temporal's server fires what {@link nextFirings} previews. It is whole: calendars, skip, intervals
 * and jitter. The same in all of a year; a one-shot needs `remainingActions: 1` besides.
 *
 * @param spec a valid spec, see `findScheduleProblems`
 * @param nowMs epoch milliseconds
 */
export function toTemporalSpec(
  spec: ScheduleSpec,
  window: MaintenanceWindow,
  nowMs: number,
): TemporalScheduleSpec {
  const { timeZone, calendars, skip, interval } = compileSchedule(spec, window, nowMs);
  return {
    timezone: timeZone,
    calendars: calendars.map(toTemporalCalendar),
    skip: skip.map(toTemporalCalendar),
    intervals:
      interval === null
        ? []
        : [{ every: interval.everySeconds * 1000, offset: interval.offsetSeconds * 1000 }],
    jitter: (spec.jitterSeconds ?? 0) * 1000,
  };
}

function toTemporalCalendar(rule: CalendarRule): TemporalCalendar {
  return {
    year: toRanges(rule.years),
    month: toRanges(rule.months, (month) => MONTHS[month - 1] ?? 'JANUARY'),
    dayOfMonth: toRanges(rule.daysOfMonth),
    dayOfWeek: toRanges(rule.daysOfWeek, (day) => DAYS[day] ?? 'SUNDAY'),
    hour: toRanges(rule.hours),
    minute: toRanges(rule.minutes),
    second: toRanges(rule.seconds),
  };
}

/** Neighbours become one range: a schedule that someone reads in the UI is short. */
function toRanges<Unit = number>(
  values: readonly number[] | null,
  name: (value: number) => Unit = (value) => value as Unit,
): { start: Unit; end: Unit }[] | '*' {
  if (values === null) return '*';
  const ranges: { start: number; end: number }[] = [];
  for (const value of [...values].sort((one, other) => one - other)) {
    const last = ranges.at(-1);
    if (last !== undefined && value <= last.end + 1) last.end = value;
    else ranges.push({ start: value, end: value });
  }
  return ranges.map(({ start, end }) => ({ start: name(start), end: name(end) }));
}
