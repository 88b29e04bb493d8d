import { DAYS_OF_WEEK } from '../contract/index.js';
import type {
  FixedWindow,
  InputProblem,
  LocalWindow,
  MaintenanceWindow,
} from '../contract/index.js';
import type { Span } from '../domain/maintenance/reports.js';
import { isInstant } from '../domain/text.js';

import { isLocalWindow } from './occurrences.js';
import { isTimeZone, parseClock, parseDate } from './zone.js';

/** Something wrong with a field of a window or a schedule; the field `''` is the whole. */
export type FieldProblem = readonly [field: string, problem: string, remedy: string];

/** The finding, unless it is right. */
export function unless(isRight: boolean, ...finding: FieldProblem): FieldProblem[] {
  return isRight ? [] : [finding];
}

/**
 * Findings in the contract's form.
 *
 * @param path what the names of the fields begin with
 */
export function toProblems(findings: readonly FieldProblem[], path: string): InputProblem[] {
  return findings.map(([field, problem, remedy]) => ({
    field: field === '' ? path : `${path}.${field}`,
    problem,
    remedy,
  }));
}

/** Most dates in `dates` and in `blackoutDates`. */
const MAX_WINDOW_DATES = 366;

const REMEDIES = {
  timeZone: 'Write it like Europe/Zurich or UTC.',
  clock: 'Write it like 02:00, from 00:00 to 23:59.',
  dates: 'Write them like 2026-12-05.',
  instant: 'Write it like 2026-11-24T02:00:00Z or 2026-11-24T03:00:00+01:00.',
} as const;

/** What is wrong with a window whose fields have the right types; empty when it can be resolved. */
export function findWindowProblems(window: MaintenanceWindow): InputProblem[] {
  const problems = isLocalWindow(window) ? localProblems(window) : fixedProblems(window);
  return toProblems(problems, 'window');
}

/**
 * What is wrong with the length of a resolved window: nothing may start in one that is not longer than what a
 * switchover and its swap back may take.
 */
export function findLengthProblems(
  span: Span,
  request: {
    readonly expectedDurationSeconds: number;
    readonly compensationReserveSeconds: number;
  },
): InputProblem[] {
  const neededSeconds = request.expectedDurationSeconds + request.compensationReserveSeconds;
  const lengthSeconds = (span.closesAtMs - span.opensAtMs) / 1000;
  if (lengthSeconds > neededSeconds) return [];
  return [
    {
      field: 'window',
      problem: `is ${lengthSeconds} s long; a switchover and its swap back may take ${neededSeconds} s`,
      remedy: 'Widen it, or lower expectedDurationSeconds or compensationReserveSeconds.',
    },
  ];
}

function localProblems(window: LocalWindow): FieldProblem[] {
  const { timeZone, start, end } = window;
  return [
    ...unless(isTimeZone(timeZone), 'timeZone', 'is not an IANA time zone', REMEDIES.timeZone),
    ...unless(parseClock(start) !== null, 'start', 'is not a time', REMEDIES.clock),
    ...unless(parseClock(end) !== null, 'end', 'is not a time', REMEDIES.clock),
    ...unless(start !== end, 'end', 'is equal to start', 'Give the time at which it closes.'),
    ...dayProblems(window),
    ...dateProblems('dates', window.dates),
    ...dateProblems('blackoutDates', window.blackoutDates),
  ];
}

function dayProblems({ daysOfWeek, dates }: LocalWindow): FieldProblem[] {
  const isTwofold = Array.isArray(daysOfWeek) && Array.isArray(dates);
  const known: readonly string[] = DAYS_OF_WEEK;
  return [
    ...unless(!isTwofold, 'dates', 'stands beside daysOfWeek', 'Give one of the two.'),
    ...unless(
      daysOfWeek?.length !== 0 && (daysOfWeek ?? []).every((day) => known.includes(day)),
      'daysOfWeek',
      'is not a list of days',
      `Give one or more of ${DAYS_OF_WEEK.join(', ')}; leave it out for every day.`,
    ),
    ...unless(
      dates?.length !== 0,
      'dates',
      'is empty',
      'Give a date, or leave it out for every day.',
    ),
  ];
}

function dateProblems(field: string, dates: readonly string[] | null | undefined): FieldProblem[] {
  const texts = dates ?? [];
  return [
    ...unless(
      texts.every((date) => parseDate(date) !== null),
      field,
      'has an entry that is not a date',
      REMEDIES.dates,
    ),
    ...unless(
      texts.length <= MAX_WINDOW_DATES,
      field,
      `has more than ${MAX_WINDOW_DATES} dates`,
      'Leave out those that are over.',
    ),
  ];
}

function fixedProblems({ opensAt, closesAt }: FixedWindow): FieldProblem[] {
  const isOpening = typeof opensAt !== 'string' || isInstant(opensAt);
  const isClosing = isInstant(closesAt);
  const isOrdered =
    typeof opensAt !== 'string' ||
    !isOpening ||
    !isClosing ||
    Date.parse(opensAt) < Date.parse(closesAt);
  return [
    ...unless(isOpening, 'opensAt', 'is not an instant with zone', REMEDIES.instant),
    ...unless(isClosing, 'closesAt', 'is not an instant with zone', REMEDIES.instant),
    ...unless(
      isOrdered,
      'closesAt',
      'is not after opensAt',
      'Give the instant at which it closes.',
    ),
  ];
}
