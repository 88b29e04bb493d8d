import { DAYS_OF_WEEK } from '../contract/index.js';
import type { DayOfWeek } from '../contract/index.js';

/** `Area/Place`, as Temporal's server knows it too; ICU's short names (`PST`, `ACT`) it does not. */
const AREA_AND_PLACE = /^[A-Z][A-Za-z]+(?:\/[A-Z][A-Za-z0-9+_-]*){1,2}$/;

/** Names that only ICU knows. */
const ICU_ONLY = /^SystemV\/|^US\/Pacific-New$/;

/** A time zone that can be asked. */
export interface Zone {
  /** The clock reading at an instant. */
  readonly wallAt: (ms: number) => number;
  /**
   * Every instant that has this clock reading, in order: none where a change skips it, two where it occurs
   * twice.
   */
  readonly instantsOf: (wallMs: number) => readonly number[];
  /** The instant of a clock reading; one that is skipped is moved forward by the length of the gap. */
  readonly instantOf: (wallMs: number, ofTwo: 'earlier' | 'later') => number;
}

/**
 * Whether this is an IANA name that both this process and Temporal know: `UTC`, or `Area/Place` in the usual
 * spelling. Offsets such as `+02:00` are none.
 */
export function isTimeZone(name: string): boolean {
  if (name === 'UTC') return true;
  if (!AREA_AND_PLACE.test(name) || ICU_ONLY.test(name) || name === name.toUpperCase())
    return false;
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/**
 * Opens a time zone. Doing so takes a fifth of a millisecond: ask one zone for many times.
 *
 * @throws RangeError when there is no such zone; ask {@link isTimeZone} before
 */
export function openZone(name: string): Zone {
  const wallAt = name === 'UTC' ? (ms: number) => ms : rememberDays(readClock(name));
  const instantsOf = (wallMs: number): number[] => {
    const candidates = offsetsAround(wallAt, wallMs).map((offsetMs) => wallMs - offsetMs);
    return [...new Set(candidates)]
      .filter((ms) => wallAt(ms) === wallMs)
      .sort((one, other) => one - other);
  };
  return {
    wallAt,
    instantsOf,
    instantOf: (wallMs, ofTwo) => {
      const instants = instantsOf(wallMs);
      const found = ofTwo === 'earlier' ? instants[0] : instants.at(-1);
      return found ?? wallMs - offsetsAround(wallAt, wallMs)[0];
    },
  };
}

/** The zone's offsets a day before and a day after: around any change there is one of each. */
function offsetsAround(wallAt: Zone['wallAt'], wallMs: number): readonly [number, number] {
  const offsetAt = (ms: number): number => wallAt(ms) - ms;
  return [offsetAt(wallMs - DAY_MS), offsetAt(wallMs + DAY_MS)];
}

/** Asks once per day of UTC: where its two ends have the same offset, so has all of it. */
function rememberDays(wallAt: Zone['wallAt']): Zone['wallAt'] {
  const offsetAtMidnight = new Map<number, number>();
  const offsetOf = (day: number): number => {
    const known = offsetAtMidnight.get(day);
    if (known !== undefined) return known;
    const offsetMs = wallAt(day * DAY_MS) - day * DAY_MS;
    offsetAtMidnight.set(day, offsetMs);
    return offsetMs;
  };
  return (ms) => {
    const day = Math.floor(ms / DAY_MS);
    const offsetMs = offsetOf(day);
    return offsetMs === offsetOf(day + 1) ? ms + offsetMs : wallAt(ms);
  };
}

function readClock(timeZone: string): Zone['wallAt'] {
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  return (ms) => {
    const [month = 0, day, year = 0, hour, minute, second] =
      clock.format(ms).match(/\d+/g)?.map(Number) ?? [];
    return Date.UTC(year, month - 1, day, hour, minute, second) + (((ms % 1000) + 1000) % 1000);
  };
}

/** `2026-12-05 02:00 +01:00`; with seconds where there are any. */
export function formatLocal(ms: number, timeZone: string): string {
  const wallMs = openZone(timeZone).wallAt(ms);
  const [date = '', time = ''] = new Date(wallMs).toISOString().split('T');
  const clock = time.startsWith('00', 6) ? time.slice(0, 5) : time.slice(0, 8);
  return `${date} ${clock} ${formatOffset(wallMs - ms)}`;
}

function formatOffset(offsetMs: number): string {
  const minutes = Math.round(Math.abs(offsetMs) / 60_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${offsetMs < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

// Clock readings and dates as numbers, see `wallMs` in zone.ts.

/** Milliseconds of a day by the clock. */
export const DAY_MS = 86_400_000;

/** Milliseconds of an hour and a minute by the clock. */
export const HOUR_MS = 3_600_000;
/** See {@link HOUR_MS}. */
export const MINUTE_MS = 60_000;

const CLOCK = /^([01]\d|2[0-3]):([0-5]\d)$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** Milliseconds since midnight of `HH:MM`; `null` when it is none. */
export function parseClock(text: string): number | null {
  const [, hours, minutes] = CLOCK.exec(text) ?? [];
  if (hours === undefined || minutes === undefined) return null;
  return (Number(hours) * 60 + Number(minutes)) * 60_000;
}

/** Midnight of a date `YYYY-MM-DD`; `null` when the calendar does not have it. */
export function parseDate(text: string): number | null {
  if (!DATE.test(text)) return null;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(ms) || formatDate(ms) !== text ? null : ms;
}

/** `YYYY-MM-DD` of a clock reading. */
function formatDate(wallMs: number): string {
  return new Date(wallMs).toISOString().slice(0, 10);
}

/** Midnight of the day of a clock reading. */
export function dateOf(wallMs: number): number {
  return Math.floor(wallMs / DAY_MS) * DAY_MS;
}

/** Day of week of a clock reading. */
export function dayOfWeekOf(wallMs: number): DayOfWeek {
  const sunday0 = new Date(wallMs).getUTCDay();
  return DAYS_OF_WEEK[(sunday0 + 6) % 7] ?? 'MONDAY';
}

/** Hour of a clock reading, 0 to 23. */
export function hourOf(wallMs: number): number {
  return new Date(wallMs).getUTCHours();
}
