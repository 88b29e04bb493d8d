import { getExternalWorkflowHandle, log, patched, sleep, workflowInfo } from '@temporalio/workflow';

import { HOLDING_SIGNAL, makeMaintenanceWorkflowId } from '../contract/index.js';
import type { SwitchoverHolding, Timing } from '../contract/index.js';
import { describeCause } from '../domain/messages.js';
import { holdSeconds } from '../domain/run-bound.js';
import type { SwapPlan } from '../domain/swap-plan.js';

import { decide, enter, publish } from './run.js';
import type { Run } from './run.js';

/** Runs of earlier versions kept the lock for the whole cool-down, a day of it included. */
const BOUNDED_HOLD = 'the-hold-is-bounded';

/** Runs of earlier versions told their plan nothing before their end. */
const TOLD_HOLD = 'the-plan-is-told-of-the-hold';

/**
 * The run is the lock: it stays until a late effect of its PUT would have shown. Its outcome is told at once.
 *
 * @param cause why the outcome is UNKNOWN
 */
export async function hold(run: Run, { request }: SwapPlan, cause: string): Promise<void> {
  const sinceSentMs = Date.now() - (run.lastSentAtMs ?? Date.now());
  const leftMs = heldSeconds(request.timing) * 1000 - sinceSentMs;
  if (leftMs <= 0) return;
  decide(run, 'UNKNOWN');
  publish(run, 'UNKNOWN');
  run.lockedUntil = new Date(Date.now() + leftMs).toISOString();
  enter(
    run,
    'HOLDING',
    `Outcome unknown: ${describeCause(cause)}. The lock is held until ${run.lockedUntil}, when a late effect would have shown; then the run ends`,
  );
  tellPlan(run.lockedUntil, describeCause(cause));
  await sleep(leftMs, { summary: 'Outcome UNKNOWN: keep the lock until the doubt has aged' });
  run.lockedUntil = null;
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
