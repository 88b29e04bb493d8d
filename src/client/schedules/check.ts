import { MAINTENANCE_BOUNDS } from '../../contract/index.js';
import type { InputProblem, ScheduleInput } from '../../contract/index.js';
import { parseScheduleInput, SCHEDULE_BOUNDS } from '../../schema/index.js';
import type { WellFormedMaintenance, WellFormedSchedule } from '../../schema/index.js';
import { findLengthProblems, nextFirings } from '../../windows/index.js';
import { checkNumber, InvalidInputError } from '../errors.js';

import type { Firing } from './client.js';

/** How many firings are looked at for what holds of all: two weeks of hourly ones, a year of weekly ones. */
const LOOK_AHEAD = 50;

/** A schedule that can be created, with what follows from its firings. */
export interface CheckedSchedule {
  readonly input: WellFormedSchedule;
  /** The next ones, in order: at least one, and {@link LOOK_AHEAD} where there are so many. */
  readonly firings: readonly Firing[];
  /** How late a firing may start, at most: until the latest safe start of its window. */
  readonly catchUpSeconds: number;
}

/**
 * Checks a schedule: its fields, how they fit together, and whether what it fires finds a window. Calls nothing.
 *
 * @param nowMs epoch milliseconds
 * @throws InvalidInputError naming the field
 */
export function checkSchedule(asked: ScheduleInput, nowMs: number): CheckedSchedule {
  const parsed = parseScheduleInput(asked, nowMs);
  if (!parsed.ok) throw new InvalidInputError(parsed.problems);
  const { input } = parsed;
  const firings = nextFirings(input.schedule, input.maintenance.window, nowMs, LOOK_AHEAD);
  const marginsSeconds = firings
    .map((firing) => marginOf(firing, input.maintenance))
    .filter((margin) => margin > 0);
  const problems = findProblems(input, firings, marginsSeconds);
  if (problems.length > 0) throw new InvalidInputError(problems);
  const limit = limitOf(marginsSeconds);
  return { input, firings, catchUpSeconds: input.schedule.catchUpSeconds ?? limit };
}

/** Seconds from a firing to the latest safe start of its window; not above 0: it would start nothing. */
function marginOf({ at, window }: Firing, maintenance: WellFormedMaintenance): number {
  if (window === null) return 0;
  const lengthSeconds = (Date.parse(window.closesAt) - Date.parse(at)) / 1000;
  const { expectedDurationSeconds, compensationReserveSeconds } = needsOf(maintenance);
  return lengthSeconds - expectedDurationSeconds - compensationReserveSeconds;
}

function needsOf({ expectedDurationSeconds, compensationReserveSeconds }: WellFormedMaintenance) {
  return {
    expectedDurationSeconds:
      expectedDurationSeconds ?? MAINTENANCE_BOUNDS.expectedDurationSeconds.default,
    compensationReserveSeconds:
      compensationReserveSeconds ?? MAINTENANCE_BOUNDS.compensationReserveSeconds.default,
  };
}

function limitOf(marginsSeconds: readonly number[]): number {
  const { min, max } = SCHEDULE_BOUNDS.catchUpSeconds;
  return Math.max(min, Math.min(max, ...marginsSeconds.map(Math.floor)));
}

function findProblems(
  { schedule, maintenance }: WellFormedSchedule,
  firings: readonly Firing[],
  marginsSeconds: readonly number[],
): InputProblem[] {
  const [first] = firings;
  if (first === undefined) return [];
  const [found] = firings.flatMap(({ window }) => (window === null ? [] : [window]));
  if (found === undefined) return [findsNoWindow(first)];
  const [opensAtMs, closesAtMs] = [Date.parse(found.opensAt), Date.parse(found.closesAt)];
  const tooShort = findLengthProblems({ opensAtMs, closesAtMs }, needsOf(maintenance));
  if (tooShort.length > 0)
    return tooShort.map((problem) => ({ ...problem, field: `maintenance.${problem.field}` }));
  if (marginsSeconds.length === 0) return [startsTooLate(first)];
  const limit = limitOf(marginsSeconds);
  return [
    ...aboveLimit('catchUpSeconds', schedule.catchUpSeconds, limit),
    ...aboveLimit('jitterSeconds', schedule.jitterSeconds, limit),
  ];
}

function findsNoWindow({ at }: Firing): InputProblem {
  return {
    field: 'schedule',
    problem: `fires at ${at}, when the maintenance has no window any more`,
    remedy: 'Give a window that is still to come, or let it fire earlier.',
  };
}

function startsTooLate({ at, window }: Firing): InputProblem {
  return {
    field: 'schedule',
    problem: `fires at ${at}, too late for its window (until ${window?.closesAt ?? 'never'}) to start anything safely`,
    remedy: 'Let it fire earlier; leadSeconds and onWindow do so by themselves.',
  };
}

function aboveLimit(field: string, given: number | undefined, limit: number): InputProblem[] {
  if (given === undefined || given <= limit) return [];
  return [
    {
      field: `schedule.${field}`,
      problem: `reaches beyond the latest safe start of a window: ${limit} s are left there`,
      remedy: `Give at most ${limit}.`,
    },
  ];
}

const DEFAULT_COUNT = 10;
const MAX_COUNT = 1000;

/** Latest instant that a `Date` can hold, epoch milliseconds. */
const MAX_DATE_MS = 8_640_000_000_000_000;

/** Firings by calculation; see `SchedulesClient.preview`. */
export function previewFirings(
  asked: ScheduleInput,
  {
    count = DEFAULT_COUNT,
    fromMs = Date.now(),
  }: { readonly count?: number; readonly fromMs?: number } = {},
): Firing[] {
  checkNumber('fromMs', fromMs, { min: 0, max: MAX_DATE_MS });
  const { input, firings } = checkSchedule(asked, fromMs);
  const asMany = Math.trunc(checkNumber('count', count, { min: 1, max: MAX_COUNT }));
  if (asMany <= LOOK_AHEAD) return firings.slice(0, asMany);
  return nextFirings(input.schedule, input.maintenance.window, fromMs, asMany);
}
