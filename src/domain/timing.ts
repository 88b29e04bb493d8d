import { DEFAULT_TIMING } from '../contract/index.js';
import type { SwitchoverRequest, Timing } from '../contract/index.js';

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

/** The window of a quota that no one has reported (API gateway: one minute unless configured otherwise). */
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

// Time budgets inside one activity, in milliseconds. They belong together: the swap activity must
// have closed before anyone may conclude from its silence that its PUT cannot leave any more.

/** Longest time one reading call may take, connect to last byte. */
export const READ_TIMEOUT_MS = 10_000;

/** The swap activity's reads and the PUT's connection must be done this long after it began, or nothing is sent. */
export const SWAP_PREPARE_MS = 15_000;

/** Bytes may be handed to the socket until this long after the last questions, for a freeze and the fence, began. */
export const SEND_WINDOW_MS = 3_000;

/** Longest time the PUT may take once its bytes have left. */
export const SWAP_TIMEOUT_MS = 15_000;

/** Longest time one RPC to Temporal may take inside an activity. */
export const TEMPORAL_RPC_TIMEOUT_MS = 5_000;

/**
 * `startToCloseTimeout` of the swap activity: exceeds prepare + send window + PUT, so that a PUT
 * that was sent has been answered or given up before the workflow is informed that the activity is lost.
 */
export const SWAP_START_TO_CLOSE_MS = 40_000;

/**
 * Least time to look for what a PUT did whose activity did not report. The server measures the activity's time
 * from when a worker took it; that worker may have been frozen then, and have passed its fence right before the
 * server gave it up. Its PUT may leave within the send window after that, and may be answered for as long as one may.
 */
export const LOST_PUT_SETTLE_MS = SEND_WINDOW_MS + SWAP_TIMEOUT_MS;

/**
 * Time of one workflow task of a maintenance. A worker that has lost its cache replays a whole run within it; with
 * Temporal's 10 s one with little CPU never gets through a large one.
 */
export const MAINTENANCE_TASK_TIMEOUT_MS = 60_000;

/** A worker that stays silent for this long while it watches is replaced. */
export const HEARTBEAT_TIMEOUT_MS = 10_000;

/** Pause between heartbeats of a watching activity. */
export const HEARTBEAT_INTERVAL_MS = 2_500;

/**
 * Beats reach the server no further apart than this. The SDK would send one every 80 % of the timeout, 8 s, which
 * leaves 2 s for a busy machine or a slow server before a worker that works is taken for lost.
 */
export const HEARTBEAT_THROTTLE_MS = 4_000;

/**
 * How long the end of a run waits for its measurement, in milliseconds: until the next beat has reported that it is to
 * end, and its last look at a Redis that does not answer is over.
 */
export const MEASURE_WAIT_MS = 15_000;

/** A measurement that no worker takes up within this is none: a busy queue must not make it begin in the middle. */
export const MEASURE_SCHEDULE_TO_START_MS = 5_000;

/** How long before its timeout a measurement gives up by itself, in milliseconds. */
export const MEASURE_SLACK_MS = 30_000;

/** Reading activities give up after this long; the run then ends REFUSED or UNKNOWN. */
export const PREFLIGHT_TIMEOUT_MS = 60_000;

/** The pre-flight activity may wait for turns until `notAfter`, but not for ever; its heartbeat reports that it lives. */
export const PREFLIGHT_START_TO_CLOSE_MS = 24 * 3_600_000;

/** Attempts of the pre-flight readings; the last one reports what stayed unreadable. */
export const MAX_PREFLIGHT_ATTEMPTS = 5;

/** Longest pause between two attempts of the pre-flight readings, in milliseconds. */
export const MAX_PREFLIGHT_PAUSE_MS = 30_000;

/**
 * Until when at the latest the pre-flight readings are tried again, epoch milliseconds.
 *
 * @param attempt the one that has just failed, from 1
 */
export function preflightGivesUpAtMs(nowMs: number, attempt: number): number {
  const left = Math.max(0, MAX_PREFLIGHT_ATTEMPTS - attempt);
  const longestPauseMs = askedPauseMs(MAX_PREFLIGHT_PAUSE_MS, MAX_PREFLIGHT_PAUSE_MS, 1);
  return nowMs + left * (longestPauseMs + PREFLIGHT_TIMEOUT_MS);
}

/** How long `verify`, and the last look of an unresolved run, look for the end of a job: they show the state now. */
export const VERIFY_JOB_SECONDS = 10;

/** Room for scheduling and for workers that are being replaced. */
const SLACK_SECONDS = 300;

/** A longer cool-down keeps the lock no longer: `previous-run-resolved` bars the next switchover by then. */
const MAX_COOL_DOWN_HOLD_SECONDS = 300;

/** How long an unresolved run keeps the lock after its last PUT may have left, in seconds. */
export function holdSeconds({ settleSeconds, coolDownSeconds }: Timing): number {
  return Math.max(settleSeconds, Math.min(coolDownSeconds, MAX_COOL_DOWN_HOLD_SECONDS));
}

/**
 * How long to watch after a job that says FAIL, in seconds. As long as after one that says SUCCESS, because
 * the roles may show either one late: a shorter look would call unchanged what changes a moment later. A PUT
 * without an answer is no such case: without a trace it leaves an unresolved outcome, however long one looks.
 */
export function failureWatchSeconds({ settleSeconds, verifyTimeoutSeconds }: Timing): number {
  return Math.max(settleSeconds, verifyTimeoutSeconds);
}

/**
 * How long a watch of so many seconds may take, without the readings themselves: it makes at least
 * `verifySamples` of them, and as many again where the last ones do not agree.
 */
export function watchBoundSeconds(seconds: number, timing: Timing): number {
  return seconds + 2 * timing.verifySamples * timing.verifyIntervalSeconds;
}

/** Longest time that the last look of an unresolved run takes, in seconds, with room for workers that are replaced. */
export function lastLookBoundSeconds(timing: Timing): number {
  const watch = watchBoundSeconds(failureWatchSeconds(timing), timing);
  const verify = watchBoundSeconds(timing.verifyTimeoutSeconds, timing);
  return VERIFY_JOB_SECONDS + watch + verify + SLACK_SECONDS / 2;
}

/**
 * Longest time a run can need, in seconds: forward swap, job, the watches before and after it,
 * verification, the same again for a compensation, and the time an UNKNOWN run holds the lock. A run or
 * execution timeout below it would cut a run off mid-swap and is refused.
 *
 * Not counted is the time in which a quota of the API is spent: a run with a timeout waits less, see
 * {@link lastTurnMs} and {@link settlingTurnsEndMs}. Nor is the last look after the hold, for which a tight timeout leaves no time.
 */
export function runBoundSeconds(timing: Timing): number {
  const swap = timing.busyWaitSeconds + (2 * SWAP_START_TO_CLOSE_MS) / 1000;
  const trace = watchBoundSeconds(timing.settleSeconds, timing);
  const failure = watchBoundSeconds(failureWatchSeconds(timing), timing);
  const verify = watchBoundSeconds(timing.verifyTimeoutSeconds, timing);
  const settle = trace + timing.jobTimeoutSeconds + failure + verify;
  return PREFLIGHT_TIMEOUT_MS / 1000 + 2 * (swap + settle) + holdSeconds(timing) + SLACK_SECONDS;
}

/** How long readings after a PUT wait for turns; a request of an earlier version does not say. */
export function quotaPatienceSeconds(timing: Timing): number {
  return timing.quotaPatienceSeconds ?? DEFAULT_TIMING.quotaPatienceSeconds ?? 0;
}

/**
 * Until when a run that has sent nothing may wait for a turn, epoch milliseconds: until `notAfter`, unless a
 * timeout of the run would then leave too little time for the rest.
 *
 * @param timeoutMs of the run or its execution; `null` without one
 */
export function lastTurnMs(
  { notAfterMs, timing }: Pick<SwitchoverRequest, 'notAfterMs' | 'timing'>,
  startedAtMs: number,
  timeoutMs: number | null,
): number {
  if (timeoutMs === null) return notAfterMs;
  const restMs = runBoundSeconds(timing) * 1000 - PREFLIGHT_TIMEOUT_MS;
  return Math.min(notAfterMs, startedAtMs + Math.max(0, timeoutMs - restMs));
}

/**
 * Until when readings after a PUT wait for turns, epoch milliseconds: the run is the lock, and waiting is better
 * than an unresolved outcome. A timeout of the run leaves time to report it.
 *
 * @param sentAtMs when the PUT left, or the present where none did
 * @param timeoutMs of the run or its execution; `null` without one
 */
export function settlingTurnsEndMs(
  timing: Timing,
  sentAtMs: number,
  { startedAtMs, timeoutMs }: { readonly startedAtMs: number; readonly timeoutMs: number | null },
): number {
  const wantedMs = sentAtMs + (timing.jobTimeoutSeconds + quotaPatienceSeconds(timing)) * 1000;
  if (timeoutMs === null) return wantedMs;
  const { settleSeconds, verifyTimeoutSeconds } = timing;
  const restSeconds =
    settleSeconds + verifyTimeoutSeconds + holdSeconds(timing) + SLACK_SECONDS / 2;
  return Math.min(wantedMs, startedAtMs + timeoutMs - restSeconds * 1000);
}
