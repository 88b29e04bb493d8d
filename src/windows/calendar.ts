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
function matchesDate(rule: CalendarRule, wallMs: number): boolean {
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

/** One field of a cron expression. */
interface CronField {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Names in place of numbers, the first stands for `min`. */
  readonly names: readonly string[];
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

const FIELDS: readonly CronField[] = [
  { name: 'minute', min: 0, max: 59, names: [] },
  { name: 'hour', min: 0, max: 23, names: [] },
  { name: 'day of month', min: 1, max: 31, names: [] },
  { name: 'month', min: 1, max: 12, names: MONTHS },
  // 7 is Sunday too.
  { name: 'day of week', min: 0, max: 7, names: DAYS },
];

/** Thrown by {@link parseCron}: its message says what is wrong and follows the name of the field. */
export class CronError extends Error {
  override readonly name = 'CronError';

  constructor(
    message: string,
    public readonly remedy: string,
  ) {
    super(message);
  }
}

/**
 * Reads a cron expression: five fields, each any value (an asterisk), or
 * numbers, ranges and steps (`1-5`, `0-59/15`), months and days of the week also by their first three letters.
 *
 * Day of month and day of week restrict each other in Temporal and add up in classic cron, so naming both is refused.
 *
 * @throws CronError
 */
export function parseCron(text: string): CalendarRule {
  const texts = text.trim().split(/\s+/);
  if (texts.length !== FIELDS.length)
    throw new CronError(
      'has not five fields',
      'Give minute, hour, day of month, month, day of week, like `0 2 * * SUN`.',
    );
  const [minutes = null, hours = null, daysOfMonth = null, months = null, days = null] = FIELDS.map(
    (field, index) => parseField(field, texts[index] ?? ''),
  );
  if (daysOfMonth !== null && days !== null)
    throw new CronError(
      'names both a day of month and a day of week',
      'Leave one of them *; to have both match, use calendar.',
    );
  const daysOfWeek = days && [...new Set(days.map((day) => day % 7))].sort((a, b) => a - b);
  return { ...EVERY_MINUTE, minutes, hours, daysOfMonth, months, daysOfWeek };
}

function parseField(field: CronField, text: string): number[] | null {
  if (text === '*') return null;
  const values = text.split(',').flatMap((part) => parsePart(field, part));
  return [...new Set(values)].sort((one, other) => one - other);
}

/** `5`, `1-5`, `1-30/5` or `3/15`: from 3 on. */
function parsePart(field: CronField, part: string): number[] {
  const [, range = '', step] = /^([^/]+)(?:\/(\d{1,2}))?$/.exec(part) ?? [];
  const everyNth = step === undefined ? 1 : Number(step);
  const [first, last] = parseRange(field, range, step !== undefined);
  if (everyNth < 1 || first > last) throw fieldError(field);
  const length = Math.floor((last - first) / everyNth) + 1;
  return Array.from({ length }, (_, index) => first + index * everyNth);
}

function parseRange(field: CronField, range: string, isOpen: boolean): [number, number] {
  // `*` of the day of week is 0 to 6: with 7, steps would count Sunday twice.
  const max = field.names === DAYS ? 6 : field.max;
  if (range === '*') return [field.min, max];
  const [first = '', last, ...more] = range.split('-');
  if (more.length > 0) throw fieldError(field);
  const from = parseValue(field, first);
  if (last !== undefined) return [from, parseValue(field, last)];
  return [from, isOpen ? max : from];
}

function parseValue(field: CronField, text: string): number {
  const index = field.names.indexOf(text.toUpperCase());
  const value = index === -1 ? Number(/^\d{1,2}$/.exec(text)?.[0] ?? NaN) : field.min + index;
  if (!(value >= field.min && value <= field.max)) throw fieldError(field);
  return value;
}

function fieldError({ name, min, max, names }: CronField): CronError {
  const named = names.length === 0 ? '' : `, or ${names[0] ?? ''} to ${names.at(-1) ?? ''}`;
  return new CronError(
    `has a ${name} that cannot be read`,
    `Give *, numbers from ${min} to ${max}${named}, ranges or steps.`,
  );
}
