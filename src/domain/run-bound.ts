import { DEFAULT_TIMING } from '../contract/index.js';
import type { SwitchoverRequest, Timing } from '../contract/index.js';

import { PREFLIGHT_TIMEOUT_MS, SWAP_START_TO_CLOSE_MS, VERIFY_JOB_SECONDS } from './budgets.js';

/** Room for scheduling and for workers that are being replaced. */
const SLACK_SECONDS = 300;

/** A longer cool-down keeps the lock no longer: `previous-run-resolved` bars the next switchover by then. */
const MAX_COOL_DOWN_HOLD_SECONDS = 300;

/** How long a run in doubt keeps the lock after its last PUT may have left, in seconds. */
export function holdSeconds({ settleSeconds, coolDownSeconds }: Timing): number {
  return Math.max(settleSeconds, Math.min(coolDownSeconds, MAX_COOL_DOWN_HOLD_SECONDS));
}

/**
 * How long to watch after a job that says FAIL, in seconds. As long as after one that says SUCCESS, because
 * the roles may show either one late: a shorter look would call unchanged what changes a moment later. A PUT
 * without an answer is no such case: without a trace it leaves a doubt, however long one looks.
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

/** Longest time that the last look of a run in doubt takes, in seconds, with room for workers that are replaced. */
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
 * than a doubt. A timeout of the run leaves time to tell the doubt.
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
