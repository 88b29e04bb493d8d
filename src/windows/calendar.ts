/** Firings as our schedules describe them to Temporal: calendars in one zone, or an interval. */

/** Local times that match every list; `null` matches all. */
export interface CalendarRule {
  readonly years: readonly number[] | null;
  /** 1 to 12. */
  readonly months: readonly number[] | null;
  readonly daysOfMonth: readonly number[] | null;
  /** 0 is Sunday. */
  readonly daysOfWeek: readonly number[] | null;
  readonly hours: readonly number[] | null;
  readonly minutes: readonly number[] | null;
  readonly seconds: readonly number[];
}

/** What a schedule is compiled to; the preview and Temporal's server are given the same. */
export interface FiringRules {
  readonly timeZone: string;
  readonly calendars: readonly CalendarRule[];
  /** Local times at which none of the calendars fires. */
  readonly skip: readonly CalendarRule[];
  readonly interval: { readonly everySeconds: number; readonly offsetSeconds: number } | null;
}

/** Matches every minute; a rule states what it restricts. */
export const EVERY_MINUTE: CalendarRule = {
  years: null,
  months: null,
  daysOfMonth: null,
  daysOfWeek: null,
  hours: null,
  minutes: null,
  seconds: [0],
};

/** Whether the date of a clock reading matches. */
export function matchesDate(rule: CalendarRule, wallMs: number): boolean {
  const date = new Date(wallMs);
  return (
    has(rule.years, date.getUTCFullYear()) &&
    has(rule.months, date.getUTCMonth() + 1) &&
    has(rule.daysOfMonth, date.getUTCDate()) &&
    has(rule.daysOfWeek, date.getUTCDay())
  );
}

/** Whether a clock reading, in whole seconds, matches. */
export function matches(rule: CalendarRule, wallMs: number): boolean {
  const date = new Date(wallMs);
  return (
    matchesDate(rule, wallMs) &&
    has(rule.hours, date.getUTCHours()) &&
    has(rule.minutes, date.getUTCMinutes()) &&
    has(rule.seconds, date.getUTCSeconds())
  );
}

/** Whether a list has a value; `null` has every. */
export function has(list: readonly number[] | null, value: number): boolean {
  return list === null || list.includes(value);
}

/** Rules that match these clock readings and no other, days of one month in one rule. */
export function rulesFor(wallTimes: readonly number[]): CalendarRule[] {
  const rules = new Map<string, CalendarRule & { daysOfMonth: number[] }>();
  for (const wallMs of wallTimes) {
    const date = new Date(wallMs);
    const key = date.toISOString().replace(/-\d\dT/, ' ');
    const known = rules.get(key)?.daysOfMonth ?? [];
    rules.set(key, {
      years: [date.getUTCFullYear()],
      months: [date.getUTCMonth() + 1],
      daysOfMonth: [...new Set([...known, date.getUTCDate()])],
      daysOfWeek: null,
      hours: [date.getUTCHours()],
      minutes: [date.getUTCMinutes()],
      seconds: [date.getUTCSeconds()],
    });
  }
  return [...rules.values()];
}
