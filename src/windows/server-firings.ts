/**
 * When Temporal's server fires a schedule, without asking it. Where clocks change it has habits of its own, and a
 * preview has to show what will be: a time that is skipped does not fire; of one that occurs twice, zones east
 * of Greenwich fire the later and zones west of it both; the hour before it may fire again an hour later. Held
 * against the real server by test/e2e/firings.test.ts.
 */
import { has, matches } from './calendar.js';
import type { CalendarRule, FiringRules } from './calendar.js';
import { dateOf, DAY_MS, HOUR_MS, hourOf, MINUTE_MS, openZone } from './zone.js';
import type { Zone } from './zone.js';

/** Where the walk along the clock stands. */
interface Place {
  /** The hour by the clock. */
  readonly hourMs: number;
  /** The first reading in it that may fire. */
  readonly fromMs: number;
  /** An hour, while an hour is walked a second time because the next one occurs twice. */
  readonly shiftMs: number;
}

/** The server looks no further than this year. */
const MAX_YEAR = 2100;

/**
 * Every firing after an instant, in order and before jitter.
 *
 * @param afterMs epoch milliseconds
 */
export function* serverFirings(rules: FiringRules, afterMs: number): Generator<number> {
  const zone = openZone(rules.timeZone);
  for (let lastMs = afterMs; ;) {
    const next = rules.calendars.map((rule) => nextOfCalendar(rule, zone, lastMs));
    lastMs = Math.min(...next, nextOfInterval(rules.interval, lastMs));
    if (lastMs === Infinity) return;
    const wallMs = zone.wallAt(lastMs);
    if (!rules.skip.some((rule) => matches(rule, wallMs))) yield lastMs;
  }
}

function nextOfInterval(interval: FiringRules['interval'], afterMs: number): number {
  if (interval === null) return Infinity;
  const everyMs = interval.everySeconds * 1000;
  const offsetMs = interval.offsetSeconds * 1000;
  return (Math.floor((afterMs - offsetMs) / everyMs) + 1) * everyMs + offsetMs;
}

/** The next firing of one calendar; `Infinity` when there is none. */
function nextOfCalendar(rule: CalendarRule, zone: Zone, afterMs: number): number {
  let place: Place | null = firstPlace(zone, afterMs);
  while (place !== null) {
    const { hourMs, fromMs, shiftMs } = place;
    const elsewhere = misfit(rule, zone, place);
    if (elsewhere !== undefined) {
      place = elsewhere;
      continue;
    }
    const wallMs = firstInHour(rule, hourMs, fromMs);
    if (wallMs === null) {
      place = afterHour(zone, place);
      continue;
    }
    const firingMs = serverInstantOf(zone, wallMs);
    if (hourOf(zone.wallAt(firingMs)) === hourOf(wallMs)) return firingMs + shiftMs;
    place = { ...startOf(hourMs + HOUR_MS), shiftMs };
  }
  return Infinity;
}

function firstPlace(zone: Zone, afterMs: number): Place {
  const wallMs = Math.floor(zone.wallAt(afterMs) / 1000) * 1000;
  const isSecondRound = hourOf(zone.wallAt(afterMs - HOUR_MS)) === hourOf(wallMs);
  const hourMs = Math.floor(wallMs / HOUR_MS) * HOUR_MS;
  const place = { hourMs, fromMs: wallMs + 1000, shiftMs: isSecondRound ? HOUR_MS : 0 };
  return place.fromMs < hourMs + HOUR_MS ? place : afterHour(zone, place);
}

/** Where to go on when this hour is none of the rule's: `undefined` when it is, `null` when none will come. */
function misfit(
  rule: CalendarRule,
  zone: Zone,
  { hourMs, fromMs }: Place,
): Place | null | undefined {
  const date = new Date(hourMs);
  const year = date.getUTCFullYear();
  if (!has(rule.years, year)) {
    const nextYear = Math.min(...(rule.years ?? []).filter((one) => one > year));
    return nextYear > MAX_YEAR ? null : startOf(Date.UTC(nextYear, 0, 1));
  }
  if (year > MAX_YEAR) return null;
  if (!has(rule.months, date.getUTCMonth() + 1))
    return startOf(Date.UTC(year, date.getUTCMonth() + 1, 1));
  // Where midnight is skipped, the server takes the day before for the day of the week.
  const dayOfWeek = (): number => new Date(zone.wallAt(serverInstantOf(zone, fromMs))).getUTCDay();
  if (
    !has(rule.daysOfMonth, date.getUTCDate()) ||
    (rule.daysOfWeek && !has(rule.daysOfWeek, dayOfWeek()))
  )
    return startOf(dateOf(hourMs) + DAY_MS);
  if (has(rule.hours, date.getUTCHours())) return undefined;
  const later = (rule.hours ?? []).filter((hour) => hour > date.getUTCHours());
  return startOf(dateOf(hourMs) + Math.min(24, ...later) * HOUR_MS);
}

function startOf(hourMs: number): Place {
  return { hourMs, fromMs: hourMs, shiftMs: 0 };
}

function firstInHour(rule: CalendarRule, hourMs: number, fromMs: number): number | null {
  for (let minute = Math.floor((fromMs - hourMs) / MINUTE_MS); minute < 60; minute += 1) {
    if (!has(rule.minutes, minute)) continue;
    const minuteMs = hourMs + minute * MINUTE_MS;
    const second = rule.seconds.find((one) => minuteMs + one * 1000 >= fromMs);
    if (second !== undefined) return minuteMs + second * 1000;
  }
  return null;
}

/** The next hour; or the same again, an hour later, when the next one is two hours away. */
function afterHour(zone: Zone, { hourMs, shiftMs }: Place): Place {
  const nextMs = hourMs + HOUR_MS;
  const lengthMs = serverInstantOf(zone, nextMs) - serverInstantOf(zone, hourMs);
  if (shiftMs === 0 && lengthMs > HOUR_MS) return { ...startOf(hourMs), shiftMs: HOUR_MS };
  return startOf(nextMs);
}

/** The instant that the server takes a clock reading for: it begins with the offset at that time in UTC. */
function serverInstantOf(zone: Zone, wallMs: number): number {
  const offsetAt = (ms: number): number => zone.wallAt(ms) - ms;
  const guess = wallMs - offsetAt(wallMs);
  return wallMs - offsetAt(guess);
}
