import type { Timing } from '../contract/index.js';

import { PREFLIGHT_TIMEOUT_MS, SWAP_START_TO_CLOSE_MS } from './budgets.js';

/** Room for scheduling and for workers that are being replaced. */
const SLACK_SECONDS = 300;

/** A longer cool-down keeps the lock no longer: `previous-run-resolved` bars the next switchover by then. */
const MAX_COOL_DOWN_HOLD_SECONDS = 300;

/** How long a run in doubt keeps the lock after its last PUT may have left, in seconds. */
export function holdSeconds({ settleSeconds, coolDownSeconds }: Timing): number {
  return Math.max(settleSeconds, Math.min(coolDownSeconds, MAX_COOL_DOWN_HOLD_SECONDS));
}

/**
 * Longest time a run can need, in seconds: forward swap, job, reconciliation, verification, the same
 * again for a compensation, and the time an UNKNOWN run holds the lock. A run or execution timeout
 * below it would cut a run off mid-swap and is refused.
 */
export function runBoundSeconds(timing: Timing): number {
  const swap = timing.busyWaitSeconds + (2 * SWAP_START_TO_CLOSE_MS) / 1000;
  const settle = timing.jobTimeoutSeconds + timing.settleSeconds + timing.verifyTimeoutSeconds;
  return PREFLIGHT_TIMEOUT_MS / 1000 + 2 * (swap + settle) + holdSeconds(timing) + SLACK_SECONDS;
}
