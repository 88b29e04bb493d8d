import { getExternalWorkflowHandle, log, patched, sleep, workflowInfo } from '@temporalio/workflow';

import { HOLDING_SIGNAL, makeMaintenanceWorkflowId } from '../contract/index.js';
import type { SwitchoverHolding, Timing } from '../contract/index.js';
import type { Finding } from '../domain/examination.js';
import { describeCause } from '../domain/messages.js';
import { holdSeconds } from '../domain/run-bound.js';
import type { SwapPlan } from '../domain/swap.js';

import { hasTimeToLook, lookOnceMore } from './look-once-more.js';
import { decide, enter, publish } from './run.js';
import type { Run } from './run.js';
import type { Settlement } from './settle.js';

/** Runs of earlier versions kept the lock for the whole cool-down, a day of it included. */
const BOUNDED_HOLD = 'the-hold-is-bounded';

/** Runs of earlier versions told their plan nothing before their end. */
const TOLD_HOLD = 'the-plan-is-told-of-the-hold';

/** Runs of earlier versions ended with their doubt, whatever had become of it meanwhile. */
const LAST_LOOK = 'a-last-look-after-the-hold';

/**
 * The run is the lock: it stays until a late effect of its PUT would have shown. Its outcome is told at once. Then it
 * looks once more, which only reads: most doubts have cleared by then.
 *
 * @param settlement what is known of the swap in doubt
 * @param doubt why its outcome is UNKNOWN
 * @returns how the run ends
 */
export async function hold(
  run: Run,
  plan: SwapPlan,
  settlement: Settlement,
  doubt: Pick<Finding, 'cause'>,
): Promise<Finding> {
  const { cause } = doubt;
  const sinceSentMs = Date.now() - (run.lastSentAtMs ?? Date.now());
  const leftMs = heldSeconds(plan.request.timing) * 1000 - sinceSentMs;
  if (leftMs <= 0) return { outcome: 'UNKNOWN', cause };
  decide(run, 'UNKNOWN');
  publish(run, 'UNKNOWN');
  const toldAt = new Date().toISOString();
  run.lockedUntil = new Date(Date.now() + leftMs).toISOString();
  enter(
    run,
    'HOLDING',
    `Outcome unknown: ${describeCause(cause)}. The lock is held until ${run.lockedUntil}, when a late effect would have shown; then the run looks once more, reads only, and ends`,
  );
  tellPlan(run.lockedUntil, describeCause(cause));
  await sleep(leftMs, { summary: 'Outcome UNKNOWN: keep the lock until the doubt has aged' });
  run.lockedUntil = null;
  if (!hasTimeToLook(plan.request.timing) || !patched(LAST_LOOK))
    return { outcome: 'UNKNOWN', cause };
  return lookOnceMore(run, plan, settlement, { cause, toldAt });
}

/** Only a run whose cool-down is longer than the bound has to ask which version began it. */
function heldSeconds(timing: Timing): number {
  const bounded = holdSeconds(timing);
  if (timing.coolDownSeconds <= bounded) return bounded;
  return patched(BOUNDED_HOLD) ? bounded : timing.coolDownSeconds;
}

/**
 * A plan waits for the end of its switchover; until then its row would say no more than RUNNING. Only a plan is told:
 * another caller's parent does not know the signal.
 */
function tellPlan(lockedUntil: string, why: string): void {
  const { parent, workflowId, firstExecutionRunId: runId } = workflowInfo();
  if (parent?.workflowId.startsWith(makeMaintenanceWorkflowId('')) !== true) return;
  if (!patched(TOLD_HOLD)) return;
  const told: SwitchoverHolding = { workflowId, runId, lockedUntil, why };
  // Without a run id: the plan may have gone on in another run of its chain.
  getExternalWorkflowHandle(parent.workflowId)
    .signal(HOLDING_SIGNAL, told)
    // It has ended meanwhile.
    .catch((error: unknown) => {
      log.info('the plan is not told of the hold', { error: String(error) });
    });
}
