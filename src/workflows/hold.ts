import { sleep } from '@temporalio/workflow';

import type { SwapPlan } from '../domain/swap-plan.js';

import { decide, enter, publish } from './run.js';
import type { Run } from './run.js';

/** The run is the lock: it stays until a late effect of its PUT would have shown. */
export async function hold(run: Run, { request }: SwapPlan): Promise<void> {
  const { settleSeconds, coolDownSeconds } = request.timing;
  const sinceSentMs = Date.now() - (run.lastSentAtMs ?? Date.now());
  const leftMs = Math.max(settleSeconds, coolDownSeconds) * 1000 - sinceSentMs;
  if (leftMs <= 0) return;
  decide(run, 'UNKNOWN');
  publish(run, 'UNKNOWN');
  const until = new Date(Date.now() + leftMs).toISOString();
  enter(
    run,
    'HOLDING',
    `keep the lock until ${until}, when a late effect would have shown, then end UNKNOWN`,
  );
  await sleep(leftMs, { summary: 'Outcome UNKNOWN: keep the lock until the doubt has aged' });
}
