import type {
  CalendarSpec as TemporalCalendar,
  ScheduleSpec as TemporalScheduleSpec,
} from '@temporalio/client';

import type { MaintenanceWindow, ScheduleSpec } from '../contract/index.js';

import type { CalendarRule } from './calendar.js';
import { compileSchedule } from './schedule-rules.js';

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

/** Neighbours become one range: a schedule that somebody reads in the UI is short. */
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
