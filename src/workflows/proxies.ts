import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';

import type { Activities } from '../activities/index.js';
import type { Timing } from '../contract/index.js';
import {
  HEARTBEAT_TIMEOUT_MS,
  MAX_PREFLIGHT_ATTEMPTS,
  PREFLIGHT_TIMEOUT_MS,
  SWAP_START_TO_CLOSE_MS,
} from '../domain/budgets.js';

/** Attempts of a watching activity: each further one replaces a lost worker. */
const MAX_WATCH_ATTEMPTS = 10;

/** Room in a watching activity's timeout for its last readings, in milliseconds. */
const WATCH_SLACK_MS = 60_000;

/** Readings before anything is sent: repeating them costs nothing, so Temporal retries them. */
export const { preflight } = proxyActivities<Activities>({
  startToCloseTimeout: PREFLIGHT_TIMEOUT_MS,
  retry: { maximumAttempts: MAX_PREFLIGHT_ATTEMPTS, maximumInterval: '30s' },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  summary: 'Read the instance and evaluate every check; sends nothing',
});

/**
 * The irreversible one. `maximumAttempts: 1` is half of "at most one PUT"; the other half is the
 * activity's own guards. On cancellation the workflow waits for its report, because only the report
 * says whether the PUT had left.
 */
export const { requestSwap } = proxyActivities<Activities>({
  startToCloseTimeout: SWAP_START_TO_CLOSE_MS,
  // Only so that the server takes the fence's heartbeat; the start-to-close timeout bounds the activity.
  heartbeatTimeout: SWAP_START_TO_CLOSE_MS,
  retry: { maximumAttempts: 1 },
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  summary: 'Re-read, pass the fence, send one PUT async-swap',
});

/** Polls after a swap; a lost worker is noticed by its heartbeat and replaced. */
export function pollWithin({ jobTimeoutSeconds }: Timing): Pick<Activities, 'awaitJob'> {
  return proxyActivities<Activities>(
    watchOptions(jobTimeoutSeconds, 'Poll the swap job until it ends'),
  );
}

/** Verification of roles that should have changed. */
export function verifyWithin({ verifyTimeoutSeconds }: Timing): Pick<Activities, 'verifyRoles'> {
  return proxyActivities<Activities>(
    watchOptions(verifyTimeoutSeconds, 'Read the roles until they are stable, changed and healthy'),
  );
}

/** The watch over roles that should not change, and over traces of a PUT without an answer. */
export function watchWithin(seconds: number): Pick<Activities, 'watchRoles'> {
  return proxyActivities<Activities>(
    watchOptions(seconds, 'Watch roles and swap tasks for a trace; sends nothing'),
  );
}

function watchOptions(seconds: number, summary: string) {
  return {
    startToCloseTimeout: seconds * 1000 + WATCH_SLACK_MS,
    heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
    retry: { maximumAttempts: MAX_WATCH_ATTEMPTS, maximumInterval: '10s' as const },
    summary,
  };
}
