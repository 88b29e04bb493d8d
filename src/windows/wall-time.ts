/** Clock readings and dates as numbers, see `wallMs` in zone.ts. */
import { DAYS_OF_WEEK } from '../contract/index.js';
import type { DayOfWeek } from '../contract/index.js';

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
export function formatDate(wallMs: number): string {
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
