import { DAYS_OF_WEEK } from '../contract/index.js';
import type {
  CalendarSpec,
  InputProblem,
  MaintenanceWindow,
  ScheduleSpec,
} from '../contract/index.js';
import { isInstant } from '../domain/text.js';

import { CronError, parseCron } from './calendar.js';
import { nextFirings } from './firings.js';
import { findOccurrences, isLocalWindow, resolveWindow } from './occurrences.js';
import { toProblems, unless } from './window-problems.js';
import type { FieldProblem } from './window-problems.js';
import { isTimeZone } from './zone.js';

/** Of these exactly one says when a schedule fires. */
const KINDS = ['onWindow', 'cron', 'calendar', 'everySeconds', 'at'] as const;

/** Shortest interval, in seconds. */
const MIN_INTERVAL_SECONDS = 60;

/**
 * How many openings are looked at for a lead that reaches into the window before: six years of daily ones, as far as
 * firings are compiled. Only on the day on which clocks go forward two windows may be too close to each other.
 */
const CHECKED_OPENINGS = 6 * 366;

const INSTANT_REMEDY = 'Write it like 2026-11-24T02:00:00Z or 2026-11-24T03:00:00+01:00.';

/**
 * What is wrong with a schedule whose fields have the right types; empty when it can be compiled and fires at
 * least once.
 *
 * @param window a valid window, see `findWindowProblems`
 * @param nowMs epoch milliseconds
 */
export function findScheduleProblems(
  spec: ScheduleSpec,
  window: MaintenanceWindow,
  nowMs: number,
): InputProblem[] {
  const shape = shapeProblems(spec, window);
  const findings = shape.length > 0 ? shape : timeProblems(spec, window, nowMs);
  return toProblems(findings, 'schedule');
}

function shapeProblems(spec: ScheduleSpec, window: MaintenanceWindow): FieldProblem[] {
  const given = KINDS.filter((kind) => (spec[kind] ?? false) !== false);
  if (given.length !== 1)
    return [['', 'has not exactly one kind of firing', `Give one of ${KINDS.join(', ')}.`]];
  return [
    ...zoneProblems(spec),
    ...cronProblems(spec.cron),
    ...calendarProblems(spec.calendar ?? {}),
    ...intervalProblems(spec),
    ...instantProblems(spec),
    ...leadProblems(spec, window),
  ];
}

function zoneProblems({ timeZone, onWindow, at, everySeconds }: ScheduleSpec): FieldProblem[] {
  if (typeof timeZone !== 'string') return [];
  const hasUse = onWindow !== true && typeof at !== 'string' && typeof everySeconds !== 'number';
  return hasUse
    ? unless(
        isTimeZone(timeZone),
        'timeZone',
        'is not an IANA time zone',
        'Write it like Europe/Zurich or UTC.',
      )
    : [['timeZone', 'has a meaning with cron and calendar only', 'Leave it out.']];
}

function cronProblems(cron: string | null | undefined): FieldProblem[] {
  if (typeof cron !== 'string') return [];
  try {
    parseCron(cron);
    return [];
  } catch (error) {
    if (!(error instanceof CronError)) throw error;
    return [['cron', error.message, error.remedy]];
  }
}

/** Bounds of the lists of a calendar. */
const CALENDAR_BOUNDS = {
  month: [1, 12],
  dayOfMonth: [1, 31],
  hour: [0, 23],
  minute: [0, 59],
} as const satisfies Partial<Record<keyof CalendarSpec, readonly [number, number]>>;

function calendarProblems(calendar: CalendarSpec): FieldProblem[] {
  const fields = Object.keys(CALENDAR_BOUNDS) as (keyof typeof CALENDAR_BOUNDS)[];
  const known: readonly string[] = DAYS_OF_WEEK;
  const days = calendar.dayOfWeek ?? known;
  return [
    ...fields.flatMap((field) => {
      const [min, max] = CALENDAR_BOUNDS[field];
      const isRight = isListWithin(calendar[field] ?? [min], min, max);
      const remedy = `Give whole numbers from ${min} to ${max}.`;
      return unless(isRight, `calendar.${field}`, 'is not a list of its values', remedy);
    }),
    ...unless(
      days.length > 0 && days.every((day) => known.includes(day)),
      'calendar.dayOfWeek',
      'is not a list of days',
      `Give one or more of ${DAYS_OF_WEEK.join(', ')}.`,
    ),
  ];
}

function isListWithin(list: readonly number[], min: number, max: number): boolean {
  return list.length > 0 && list.every((one) => Number.isInteger(one) && one >= min && one <= max);
}

function intervalProblems({ everySeconds, offsetSeconds }: ScheduleSpec): FieldProblem[] {
  if (typeof everySeconds !== 'number')
    return unless(
      (offsetSeconds ?? 0) === 0,
      'offsetSeconds',
      'has a meaning with everySeconds only',
      'Leave it out.',
    );
  const offset = offsetSeconds ?? 0;
  return [
    ...unless(
      Number.isInteger(everySeconds) && everySeconds >= MIN_INTERVAL_SECONDS,
      'everySeconds',
      `is less than ${MIN_INTERVAL_SECONDS}`,
      `Give whole seconds, at least ${MIN_INTERVAL_SECONDS}.`,
    ),
    ...unless(
      Number.isInteger(offset) && offset >= 0 && offset < everySeconds,
      'offsetSeconds',
      'does not lie within the interval',
      'Give whole seconds from 0 to less than everySeconds.',
    ),
  ];
}

function instantProblems({ at }: ScheduleSpec): FieldProblem[] {
  if (typeof at !== 'string') return [];
  return unless(isInstant(at), 'at', 'is not an instant with zone', INSTANT_REMEDY);
}

function leadProblems(spec: ScheduleSpec, window: MaintenanceWindow): FieldProblem[] {
  const isOnWindow = spec.onWindow === true;
  const hasLead = (spec.leadSeconds ?? 0) !== 0;
  const takesLead = isOnWindow || typeof spec.at === 'string';
  return [
    ...unless(
      !isOnWindow || isLocalWindow(window),
      'onWindow',
      'needs a window that is given in local time',
      'Give the window start, end and timeZone; or schedule it once with at.',
    ),
    ...unless(
      takesLead || !hasLead,
      'leadSeconds',
      'has a meaning with onWindow and at only',
      'Leave it out.',
    ),
  ];
}

/** What only the calculated times show. */
function timeProblems(
  spec: ScheduleSpec,
  window: MaintenanceWindow,
  nowMs: number,
): FieldProblem[] {
  const kind = KINDS.find((one) => (spec[one] ?? false) !== false) ?? '';
  if (nextFirings(spec, window, nowMs, 1).length === 0)
    return [[kind, 'never fires from now on', 'Check the dates, the time and leadSeconds.']];
  const leadMs = (spec.leadSeconds ?? 0) * 1000;
  return unless(
    !reachesIntoEarlier(spec, window, leadMs, nowMs),
    'leadSeconds',
    'reaches into the window before: its maintenance would take that one',
    'Lower it to less than the time between two windows.',
  );
}

function reachesIntoEarlier(
  { at, onWindow }: ScheduleSpec,
  window: MaintenanceWindow,
  leadMs: number,
  nowMs: number,
): boolean {
  if (typeof at === 'string') {
    const [found, meant] = [Date.parse(at) - leadMs, Date.parse(at)].map(
      (ms) => resolveWindow(window, ms)?.closesAtMs,
    );
    return meant !== undefined && found !== meant;
  }
  if (onWindow !== true) return false;
  const openings = findOccurrences(window, nowMs, CHECKED_OPENINGS);
  return openings.some(({ opensAtMs }, index) => {
    const before = openings[index - 1];
    return before !== undefined && opensAtMs - leadMs < before.closesAtMs;
  });
}
