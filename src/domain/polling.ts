/** When a job is polled. */
import { askedPauseMs } from './timing.js';

/**
 * When a young job is polled, in milliseconds after it was first waited for. Swap jobs take seconds (the
 * documented sample 2.9 s): these five instants notice the end of one that takes 1–8 s 0.7 s late on
 * average, hardly more than five can (durations spread evenly over their ratio), and that of the sample soon.
 */
const FIRST_POLLS_MS: readonly number[] = [1_900, 3_100, 4_500, 6_100, 8_050];

/** How long the swap jobs of an account took, shortest and longest, in milliseconds. */
export interface JobTimes {
  readonly shortestMs: number;
  readonly longestMs: number;
}

/** Learnt times count within these bounds, in milliseconds: a job that ends early is noticed no later than the last. */
const LEARNT_BOUNDS_MS = { min: 1_000, max: 30_000 } as const;

/** Polls around the end of a job whose time is known: up to half as long again as the longest. */
const LEARNT_POLLS = 5;
const LEARNT_MARGIN = 1.5;

/**
 * When a young job is polled, where it is known how long jobs take: first, as ever, for what fails at once, then from the
 * shortest time on in even ratios. In milliseconds after it was first waited for.
 */
export function learntPollsMs({ shortestMs, longestMs }: JobTimes): readonly number[] {
  const { min, max } = LEARNT_BOUNDS_MS;
  const within = (ms: number): number => Math.min(Math.max(ms, min), max);
  const first = within(shortestMs);
  const ratio = (LEARNT_MARGIN * Math.max(first, within(longestMs))) / first;
  const learnt = Array.from({ length: LEARNT_POLLS }, (_, index) =>
    Math.round(first * ratio ** (index / (LEARNT_POLLS - 1))),
  );
  const early = FIRST_POLLS_MS.slice(0, 1).filter((atMs) => atMs < first / 2);
  return [...early, ...learnt];
}

/** Steps afterwards: they widen only when the job is clearly slow, because backing off early notices late. */
const LATER_STEPS: readonly { readonly untilMs: number; readonly stepMs: number }[] = [
  { untilMs: 30_000, stepMs: 2_000 },
  { untilMs: 120_000, stepMs: 5_000 },
  { untilMs: Infinity, stepMs: 10_000 },
];

/** Shortest pause, in milliseconds: after a slow answer the next instant may be close, or over. */
const MIN_PAUSE_MS = 500;

/** The last poll happens this long before the deadline, so that its answer still counts. */
const LAST_POLL_BEFORE_DEADLINE_MS = 500;

/** Longest pause that a `Retry-After` may ask for between two polls, in milliseconds. */
const MAX_RETRY_AFTER_MS = 30_000;

/**
 * Pause before the next poll, in milliseconds.
 *
 * @param elapsedMs time since the job was first waited for
 * @param leftMs time until the deadline
 * @param retryAfterMs what the API asked for, if it did
 * @param random from 0 to 1; matters only where it did
 * @param firstPollsMs {@link learntPollsMs}, where something was learnt
 */
export function pollDelayMs(
  elapsedMs: number,
  leftMs: number,
  retryAfterMs: number | null = null,
  random = 0,
  firstPollsMs = FIRST_POLLS_MS,
): number {
  const askedMs = askedPauseMs(retryAfterMs ?? 0, MAX_RETRY_AFTER_MS, random);
  const wanted = Math.max(stepMs(elapsedMs, firstPollsMs), askedMs);
  const lastChance = Math.max(0, leftMs - LAST_POLL_BEFORE_DEADLINE_MS);
  return Math.min(wanted, lastChance);
}

function stepMs(elapsedMs: number, firstPollsMs: readonly number[]): number {
  const instantMs = firstPollsMs.find((atMs) => atMs >= elapsedMs + MIN_PAUSE_MS);
  if (instantMs !== undefined) return instantMs - elapsedMs;
  return LATER_STEPS.find(({ untilMs }) => elapsedMs < untilMs)?.stepMs ?? 0;
}
