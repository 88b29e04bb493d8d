/**
 * When a young job is polled, in milliseconds after it was first waited for. Swap jobs take seconds (the
 * documented sample 2.9 s): these five instants notice the end of one that takes 1–8 s 0.7 s late on
 * average, hardly more than five can (durations spread evenly over their ratio), and that of the sample soon.
 */
const FIRST_POLLS_MS: readonly number[] = [1_900, 3_100, 4_500, 6_100, 8_050];

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

/** Share of a pause that chance adds to, or takes from it. */
const JITTER = 1 / 4;

/**
 * Pause that the API has asked for, in milliseconds: as long at least, and up to a quarter longer, so that those who
 * were turned away together do not come back together, nor always to the same part of a quota's window.
 *
 * @param maxMs what it may ask for
 * @param random from 0 to 1
 */
export function askedPauseMs(askedMs: number, maxMs: number, random: number): number {
  return Math.round(Math.min(askedMs, maxMs) * (1 + JITTER * random));
}

/**
 * Pause before the next poll, in milliseconds.
 *
 * @param elapsedMs time since the job was first waited for
 * @param leftMs time until the deadline
 * @param retryAfterMs what the API asked for, if it did
 * @param random from 0 to 1; matters only where it did
 */
export function pollDelayMs(
  elapsedMs: number,
  leftMs: number,
  retryAfterMs: number | null = null,
  random = 0,
): number {
  const askedMs = askedPauseMs(retryAfterMs ?? 0, MAX_RETRY_AFTER_MS, random);
  const wanted = Math.max(stepMs(elapsedMs), askedMs);
  const lastChance = Math.max(0, leftMs - LAST_POLL_BEFORE_DEADLINE_MS);
  return Math.min(wanted, lastChance);
}

function stepMs(elapsedMs: number): number {
  const instantMs = FIRST_POLLS_MS.find((atMs) => atMs >= elapsedMs + MIN_PAUSE_MS);
  if (instantMs !== undefined) return instantMs - elapsedMs;
  return LATER_STEPS.find(({ untilMs }) => elapsedMs < untilMs)?.stepMs ?? 0;
}

const FIRST_RESEND_DELAY_MS = 2_000;
const MAX_RESEND_DELAY_MS = 15_000;

/**
 * Pause before the roles are re-read and a PUT that was *not applied* may be tried again, in
 * milliseconds: doubling from 2 s to 15 s, up to a quarter less, or what the API asked for, up to a quarter more.
 *
 * @param attempt 1 after the first attempt
 * @param random from 0 to 1
 */
export function resendDelayMs(
  attempt: number,
  retryAfterMs: number | null,
  random: number,
): number {
  const doubling = Math.min(FIRST_RESEND_DELAY_MS * 2 ** (attempt - 1), MAX_RESEND_DELAY_MS);
  const askedMs = askedPauseMs(retryAfterMs ?? 0, Infinity, random);
  return Math.max(Math.round(doubling * (1 - JITTER * random)), askedMs);
}

/** The window of a quota that nobody has told (API gateway: one minute unless configured otherwise). */
const DEFAULT_WINDOW_MS = 60_000;

/** Share of the window before the first further try; doubled each time. */
const FIRST_WINDOW_SHARE = 1 / 12;

/** Largest share of the window, before jitter. */
const MAX_WINDOW_SHARE = 1 / 2;

/** What is known of a throttled try. */
export interface ThrottledTry {
  /** How many in a row were throttled, from 1. */
  readonly tries: number;
  /** What the API asked to wait, in milliseconds. */
  readonly askedMs: number | null;
  /** Length of the quota's window, in milliseconds. */
  readonly windowMs: number | null;
}

/**
 * Pause after a throttled try, in milliseconds. Never the same share of the window twice in a row: a quota
 * that others spend at the begin of each window would otherwise be met spent every time.
 *
 * @param random from 0 to 1
 */
export function throttleDelayMs(
  { tries, askedMs, windowMs }: ThrottledTry,
  random: number,
): number {
  const share = Math.min(FIRST_WINDOW_SHARE * 2 ** (tries - 1), MAX_WINDOW_SHARE);
  const shareMs = (windowMs ?? DEFAULT_WINDOW_MS) * share * (0.5 + random);
  // Its word is good, until it turns out that it was not.
  const isAsked = askedMs !== null && askedMs > 0 && tries === 1;
  return Math.round((askedMs ?? 0) + (isAsked ? (askedMs * random) / 2 : shareMs));
}
