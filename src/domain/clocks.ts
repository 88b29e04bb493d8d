/**
 * Whose time it is. Three clocks meet in a run and may differ by minutes: Temporal's (histories, the workflow's
 * `Date.now()`), the API's (the `Date` of its answers, the stamps of its rows) and the worker's. This module is
 * the only place where instants are compared that may be of different clocks, each time on its safe side. Pure.
 */
import { MAX_SKEW_MS } from '../util.js';

/** Epoch milliseconds by the clock of the DCS API. */
export type ApiMs = number & { readonly clock?: 'api' };

/** Epoch milliseconds by the clock of the Temporal server. */
export type TemporalMs = number & { readonly clock?: 'temporal' };

/** Epoch milliseconds by the clock of the machine that runs this code. */
export type WorkerMs = number & { readonly clock?: 'worker' };

/** The present as one clock reports it. No clock is read without delay, so it lies between two instants. */
export interface ClockReading {
  readonly clock: 'api' | 'temporal' | 'worker';
  readonly atLeastMs: number;
  readonly atMostMs: number;
}

/** The present, by every clock that is known where the question is asked. */
export type Present = readonly ClockReading[];

/** Time that has passed, in milliseconds, by whichever measures less and more of it. */
export interface Elapsed {
  readonly atLeastMs: number;
  readonly atMostMs: number;
}

/** An HTTP `Date` has whole seconds (RFC 9110, 5.6.7), so the clock may have been nearly one further. */
const DATE_STEP_MS = 1_000;

/** The present by the clock of this machine, which is read at once. */
export function byWorker(nowMs: WorkerMs): ClockReading {
  return { clock: 'worker', atLeastMs: nowMs, atMostMs: nowMs };
}

/**
 * The present by the API's clock.
 *
 * @param dateMs the `Date` of an answer
 * @param sinceAnswered time since it arrived, at least, and since it was asked for, at most
 */
export function byApi(dateMs: ApiMs, sinceAnswered: Elapsed): ClockReading {
  return {
    clock: 'api',
    atLeastMs: dateMs + sinceAnswered.atLeastMs,
    atMostMs: dateMs + DATE_STEP_MS + sinceAnswered.atMostMs,
  };
}

/**
 * The present by Temporal's clock, as an activity knows it: it was scheduled then and has run for so long. How
 * long it waited for a worker is not known, so Temporal's clock may be further.
 */
export function byTemporal(scheduledMs: TemporalMs, sinceBegun: Elapsed): ClockReading {
  return {
    clock: 'temporal',
    atLeastMs: scheduledMs + sinceBegun.atLeastMs,
    atMostMs: scheduledMs + sinceBegun.atMostMs,
  };
}

/**
 * Whether something that holds back, such as a freeze, is over: by every clock, that is by the earliest. Not over
 * where no clock is known.
 *
 * @param endMs the end as people gave it, epoch milliseconds
 */
export function isOver(endMs: number, present: Present): boolean {
  return present.length > 0 && present.every(({ atLeastMs }) => atLeastMs >= endMs);
}

/**
 * Time left, in milliseconds, in which something may still be done that must not be done after `endMs`, such as
 * before `notAfter`: by the latest clock, negative once it is over. None where no clock is known.
 *
 * @param endMs the end as people gave it, epoch milliseconds
 */
export function timeLeftMs(endMs: number, present: Present): number {
  if (present.length === 0) return 0;
  return endMs - Math.max(...present.map(({ atMostMs }) => atMostMs));
}

/**
 * Age of what the API listed, in milliseconds, by its own clock alone. What it stamps with a time to come is new.
 *
 * @param answeredAtMs the `Date` of the answer that listed it; `null` where it reported none
 * @param stampMs when it happened
 * @returns the least that it can be; `null`: the age is not known
 */
export function ageMs(answeredAtMs: ApiMs | null, stampMs: ApiMs | null): number | null {
  if (answeredAtMs === null || stampMs === null) return null;
  return Math.max(0, answeredAtMs - stampMs);
}

interface Stamped {
  readonly createdAtMs: ApiMs | null;
}

function withoutTimes<T extends Stamped>(
  rows: readonly T[],
  cannotBe: (stampMs: ApiMs) => boolean,
): readonly T[] {
  return rows.map((row) =>
    row.createdAtMs !== null && cannotBe(row.createdAtMs) ? { ...row, createdAtMs: null } : row,
  );
}

/**
 * Rows without times that cannot be: none has begun after it was listed. What lies further ahead than clocks differ is
 * the time of another zone, so how long ago it was no one knows.
 *
 * @param listedAtMs the `Date` of the answer that listed them; `null` where it reported none
 */
export function withoutTimesAhead<T extends Stamped>(
  rows: readonly T[],
  listedAtMs: ApiMs | null,
): readonly T[] {
  if (listedAtMs === null) return rows;
  return withoutTimes(rows, (stampMs) => stampMs > listedAtMs + MAX_SKEW_MS);
}

/** Servers of the API differ by a little, and what they report are whole seconds in part, in milliseconds. */
export const API_CLOCK_TOLERANCE_MS = 2_000;

/**
 * An instant of the API's clock, as long as that says what was before it. `null` where an answer shows an earlier time:
 * the clock was set back, and what it has stamped since may look older.
 *
 * @param shownMs what the clock showed later; `null`: not known
 */
export function unlessSetBack(instantMs: ApiMs | null, shownMs: ApiMs | null): ApiMs | null {
  if (instantMs === null || shownMs === null) return instantMs;
  return shownMs < instantMs - API_CLOCK_TOLERANCE_MS ? null : instantMs;
}

/** Zones west of UTC are whole or half hours behind it; in milliseconds. */
const WESTERN_ZONES = { stepMs: 30 * 60_000, leastSteps: 2, mostSteps: 24 } as const;

/**
 * New rows without times that are local ones of a zone west of UTC: read as UTC, such a time lies so many hours before
 * one at which the row can have begun.
 *
 * @param sinceMs what is new has begun no earlier; `null`: not known
 * @param listedAtMs the `Date` of the answer that listed them; `null` where it reported none
 */
export function withoutTimesBehind<T extends Stamped>(
  rows: readonly T[],
  sinceMs: ApiMs | null,
  listedAtMs: ApiMs | null,
): readonly T[] {
  if (sinceMs === null || listedAtMs === null) return rows;
  const { stepMs, leastSteps, mostSteps } = WESTERN_ZONES;
  return withoutTimes(rows, (stampMs) => {
    const steps = Math.ceil((sinceMs - API_CLOCK_TOLERANCE_MS - stampMs) / stepMs);
    const inUtcMs = stampMs + steps * stepMs;
    return (
      steps >= leastSteps && steps <= mostSteps && inUtcMs <= listedAtMs + API_CLOCK_TOLERANCE_MS
    );
  });
}

/** An instant by the clock of the worker that an activity ran on. */
export interface StampedByWorker {
  readonly atMs: WorkerMs;
  /**
   * How far that clock was ahead of Temporal's when the activity began, in milliseconds, the time included in which it
   * waited for a worker. `null`: not known.
   */
  readonly aheadMs: number | null;
  /** Of the process whose clock it is. Absent: not known. */
  readonly clockId?: string | undefined;
}

/** Two workers whose clocks are as far from Temporal's, within this, are taken to have the same time; in milliseconds. */
const SAME_CLOCK_MS = 250;

/** Whether the instants of two activities, perhaps of two workers, can be compared. Not where that is not known. */
export function isSameClock(one: StampedByWorker, other: StampedByWorker): boolean {
  if (one.clockId !== undefined && one.clockId === other.clockId) return true;
  if (one.aheadMs === null || other.aheadMs === null) return false;
  return Math.abs(one.aheadMs - other.aheadMs) <= SAME_CLOCK_MS;
}

/** Whether one instant was before another of another activity. Not where they cannot be compared. */
export function isSurelyBefore(one: StampedByWorker, other: StampedByWorker): boolean {
  return isSameClock(one, other) && one.atMs < other.atMs;
}

/** An HTTP `Date` has whole seconds, so on average the clock was half of one further, in milliseconds. */
const DATE_CUT_MS = 500;

/**
 * How long after its end a job was observed to have ended, in milliseconds, by the clock of DCS alone: to half a
 * second, never negative.
 *
 * @param endTimeMs the job's end
 * @param answeredAtMs the `Date` of the answer that reported the end
 */
export function noticeLagMs(endTimeMs: ApiMs, answeredAtMs: ApiMs): number {
  return Math.max(0, answeredAtMs + DATE_CUT_MS - endTimeMs);
}
