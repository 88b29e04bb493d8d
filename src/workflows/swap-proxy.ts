/** The one activity that sends. Lint lets `send.ts` import it and nobody else. */
import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';

import type { Activities } from '../activities/index.js';
import { SWAP_START_TO_CLOSE_MS } from '../domain/budgets.js';

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
