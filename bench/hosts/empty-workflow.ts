/** What a run is compared with: as many activities, each doing nothing. */
import { proxyActivities } from '@temporalio/workflow';

import type { EmptyActivities } from './empty-activities.js';

const { nothing, forever } = proxyActivities<EmptyActivities>({
  startToCloseTimeout: '1 hour',
  retry: { maximumAttempts: 1 },
});

/** As many activities as a successful switchover. */
export async function empty(): Promise<void> {
  for (let count = 0; count < 4; count += 1) await nothing();
}

/** Waits in its third activity, where a switchover waits for its job. */
export async function parked(): Promise<void> {
  await nothing();
  await nothing();
  await forever();
}
