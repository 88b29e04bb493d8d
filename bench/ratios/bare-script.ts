import { setTimeout as sleep } from 'node:timers/promises';

import type { DcsClient } from '../../src/activities/index.js';
import { pollDelayMs } from '../../src/domain/polling.js';

/** Longer than any job here. */
const DEADLINE_MS = 60_000;

/**
 * What someone would write without this package, without its checks, its fence and its proof: call,
 * poll with the same cadence, read the roles once.
 */
export async function runBareScript(dcs: DcsClient, instanceId: string): Promise<void> {
  const { signal } = new AbortController();
  const put = await dcs.openSwap(instanceId, { signal });
  const { value: swap } = await put.send();
  put.close();
  const acceptedAt = Date.now();
  for (;;) {
    const elapsedMs = Date.now() - acceptedAt;
    await sleep(pollDelayMs(elapsedMs, DEADLINE_MS - elapsedMs));
    const { value: job } = await dcs.showJob(swap.jobId, { signal });
    if (job.status === 'SUCCESS') break;
  }
  await dcs.listNodes(instanceId, { signal });
}
