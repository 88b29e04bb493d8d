import { DAYS_OF_WEEK } from '../contract/index.js';
import type { LocalWindow, MaintenanceWindow, ScheduleSpec } from '../contract/index.js';

import { EVERY_MINUTE, rulesFor } from './calendar.js';
import type { CalendarRule, FiringRules } from './calendar.js';
import { parseCron } from './cron.js';
import { isLocalWindow } from './occurrences.js';
import { windowRules } from './window-rules.js';

/** Lists that are asked for as text. */
const DAY_NUMBER: Readonly<Record<string, number>> = Object.fromEntries(
  DAYS_OF_WEEK.map((day, index) => [day, (index + 1) % 7]),
);

/** The zone in which a schedule of a plan is read and shown: its own, else the window's, else UTC. */
export function zoneOf(spec: ScheduleSpec, window: MaintenanceWindow): string {
  return spec.timeZone ?? (isLocalWindow(window) ? window.timeZone : 'UTC');
}

/**
 * Compiles a schedule of a plan.
 *
 * @param spec a valid spec, see `findScheduleProblems`
 * @param nowMs epoch milliseconds; corrections for DST changes and blackout dates begin with this year
 */
export function compileSchedule(
  spec: ScheduleSpec,
  window: MaintenanceWindow,
  nowMs: number,
): FiringRules {
  const nothing = { timeZone: zoneOf(spec, window), calendars: [], skip: [], interval: null };
  const leadMs = (spec.leadSeconds ?? 0) * 1000;
  if (spec.onWindow === true) return windowRules(window as LocalWindow, leadMs, nowMs);
  if (typeof spec.at === 'string') {
    const firingMs = Math.floor((Date.parse(spec.at) - leadMs) / 1000) * 1000;
    return { ...nothing, timeZone: 'UTC', calendars: rulesFor([firingMs]) };
  }
  if (typeof spec.everySeconds === 'number') {
    const interval = { everySeconds: spec.everySeconds, offsetSeconds: spec.offsetSeconds ?? 0 };
    return { ...nothing, timeZone: 'UTC', interval };
  }
  const rule =
    typeof spec.cron === 'string' ? parseCron(spec.cron) : calendarRule(spec.calendar ?? {});
  return { ...nothing, calendars: [rule] };
}

function calendarRule(calendar: NonNullable<ScheduleSpec['calendar']>): CalendarRule {
  return {
    ...EVERY_MINUTE,
    months: calendar.month ?? null,
    daysOfMonth: calendar.dayOfMonth ?? null,
    daysOfWeek: calendar.dayOfWeek?.map((day) => DAY_NUMBER[day] ?? NaN) ?? null,
    hours: calendar.hour ?? null,
    minutes: calendar.minute ?? [0],
  };
}
