/**
 * Time budgets inside one activity, in milliseconds. They belong together: the swap activity must
 * have closed before anybody may conclude from its silence that its PUT cannot leave any more.
 */

import { askedPauseMs } from './timing.js';

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
 * that was sent has been answered or given up before the workflow is told that the activity is lost.
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

/** Reading activities give up after this long; the run then ends REFUSED or UNKNOWN. */
export const PREFLIGHT_TIMEOUT_MS = 60_000;

/** The pre-flight activity may wait for turns until `notAfter`, but not for ever; its heartbeat tells that it lives. */
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

/** How long `verify`, and the last look of a run in doubt, look for the end of a job: they tell what is true now. */
export const VERIFY_JOB_SECONDS = 10;
