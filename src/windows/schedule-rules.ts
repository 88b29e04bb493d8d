import { DAYS_OF_WEEK } from '../contract/index.js';
import type { LocalWindow, MaintenanceWindow, ScheduleSpec } from '../contract/index.js';
import type { Span } from '../domain/maintenance/reports.js';

import { EVERY_MINUTE, parseCron, rulesFor } from './calendar.js';
import type { CalendarRule, FiringRules } from './calendar.js';
import { isLocalWindow, occurrencesFrom } from './occurrences.js';
import { serverFirings } from './server-firings.js';
import { dateOf, DAY_MS, HOUR_MS, MINUTE_MS, openZone, parseClock } from './zone.js';
import type { Zone } from './zone.js';

// Firings of a schedule that follows its maintenance's window: each opening, a while earlier. A recurring calendar alone
// would miss the nights on which its time is skipped, fire twice on those on which it occurs twice, and fire
// for blackout dates. So each of these, for some years, is taken out and put in by its date.

/** Years that are corrected, the current one included; `ensure` extends them. */
const CORRECTED_YEARS = 6;

/**
 * No clock changes this long before and after a firing by date, so that no habit of the server touches it. Two hours
 * are the longest change, and the hour before a doubled time may fire twice.
 */
const QUIET_MS = 3 * HOUR_MS + 15 * MINUTE_MS;

/**
 * @param leadMs how long before the opening
 * @param nowMs epoch milliseconds
 */
function windowRules(window: LocalWindow, leadMs: number, nowMs: number): FiringRules {
  const year = new Date(nowMs).getUTCFullYear();
  const fromMs = Date.UTC(year, 0, 1);
  const untilMs = Date.UTC(year + CORRECTED_YEARS, 0, 1);
  if (Array.isArray(window.dates)) return datedRules(window, leadMs, fromMs);
  const calendars = [recurringRule(window, leadMs)];
  const base = { timeZone: window.timeZone, calendars, skip: [], interval: null };
  const zone = openZone(window.timeZone);
  const fired = takeUntil(serverFirings(base, fromMs - 1000), untilMs);
  const wanted = wantedFirings(window, zone, leadMs, { fromMs, untilMs, fired: new Set(fired) });
  const wallTimes = (times: number[]): number[] => times.map((ms) => zone.wallAt(ms));
  return {
    ...base,
    calendars: [...calendars, ...rulesFor(wallTimes(without(wanted, fired)))],
    skip: rulesFor(wallTimes(without(fired, wanted))),
  };
}

/** Named dates fire once each: as instants, in UTC, where nothing is skipped or doubled. */
function datedRules(window: LocalWindow, leadMs: number, fromMs: number): FiringRules {
  const firings = [...occurrencesFrom(window, fromMs)].map(({ opensAtMs }) => opensAtMs - leadMs);
  return { timeZone: 'UTC', calendars: rulesFor(firings), skip: [], interval: null };
}

/** The opening by the clock, `leadMs` earlier by the clock: at another time, perhaps on another day. */
function recurringRule({ start, daysOfWeek }: LocalWindow, leadMs: number): CalendarRule {
  const wallMs = (parseClock(start) ?? NaN) - leadMs;
  const daysEarlier = -dateOf(wallMs) / DAY_MS;
  const clock = new Date(wallMs);
  const days = daysOfWeek?.map((day) => DAYS_OF_WEEK.indexOf(day) + 1 - daysEarlier);
  return {
    ...EVERY_MINUTE,
    daysOfWeek: days?.map((day) => ((day % 7) + 7) % 7) ?? null,
    hours: [clock.getUTCHours()],
    minutes: [clock.getUTCMinutes()],
    seconds: [clock.getUTCSeconds()],
  };
}

interface Years {
  readonly fromMs: number;
  readonly untilMs: number;
  /** What the recurring calendar alone would fire. */
  readonly fired: ReadonlySet<number>;
}

function wantedFirings(window: LocalWindow, zone: Zone, leadMs: number, years: Years): number[] {
  const wanted: number[] = [];
  let before: Span | null = null;
  for (const span of occurrencesFrom(window, years.fromMs)) {
    const dueMs = span.opensAtMs - leadMs;
    if (dueMs >= years.untilMs) break;
    const quietMs = isClear(zone, dueMs, years) ? dueMs : quietBefore(zone, dueMs);
    // A maintenance that starts while the window before is open would take that one.
    const firingMs = quietMs < (before?.closesAtMs ?? -Infinity) ? dueMs : quietMs;
    if (firingMs >= years.fromMs) wanted.push(firingMs);
    before = span;
  }
  return wanted;
}

/** Whether the recurring calendar fires then, and its clock reading occurs only then. */
function isClear(zone: Zone, ms: number, { fired }: Years): boolean {
  return fired.has(ms) && zone.instantsOf(zone.wallAt(ms)).length === 1;
}

/** The last quarter of an hour before, or the time itself, around which no clock changes. */
function quietBefore(zone: Zone, ms: number): number {
  const offsetAt = (at: number): number => zone.wallAt(at) - at;
  const isQuiet = (at: number): boolean => offsetAt(at - QUIET_MS) === offsetAt(at + QUIET_MS);
  let quietMs = ms;
  while (!isQuiet(quietMs)) quietMs -= 15 * MINUTE_MS;
  return quietMs;
}

function takeUntil(times: Iterable<number>, untilMs: number): number[] {
  const taken: number[] = [];
  for (const ms of times) {
    if (ms >= untilMs) break;
    taken.push(ms);
  }
  return taken;
}

function without(times: readonly number[], others: readonly number[]): number[] {
  const left = new Set(others);
  return times.filter((ms) => !left.has(ms));
}

/** Lists that are asked for as text. */
const DAY_NUMBER: Readonly<Record<string, number>> = Object.fromEntries(
  DAYS_OF_WEEK.map((day, index) => [day, (index + 1) % 7]),
);

/** The zone in which a schedule of a maintenance is read and shown: its own, else the window's, else UTC. */
export function zoneOf(spec: ScheduleSpec, window: MaintenanceWindow): string {
  return spec.timeZone ?? (isLocalWindow(window) ? window.timeZone : 'UTC');
}

/**
 * Compiles a schedule of a maintenance.
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
