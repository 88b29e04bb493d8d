import { getExternalWorkflowHandle, log } from '@temporalio/workflow';

import type { Stop } from '../../domain/maintenance/state.js';

import { stop } from './run.js';
import type { PlanRun } from './run.js';

const CANCELLED: Stop = { cause: 'CANCELLED', reason: 'the plan was cancelled' };

/** Whether the plan has been cancelled, in this run of the chain or before. */
export function isCancelled({ state, root }: PlanRun): boolean {
  return root.consideredCancelled || state.stops.some(({ cause }) => cause === 'CANCELLED');
}

/**
 * From now on a cancellation of the plan stops further starts and is passed on to what runs. One that the run
 * before has heard of is passed on again: it may not have come that far.
 */
export function passOnCancellations(plan: PlanRun): void {
  const react = (): void => {
    stop(plan, CANCELLED);
    for (const { forward, return: back } of plan.state.rows)
      for (const leg of [forward, back])
        if (leg?.stage === 'open') cancelSwitchover(leg.workflowId, leg.runId);
  };
  if (isCancelled(plan)) react();
  else plan.root.cancelRequested.catch(react);
}

/** Asks a switchover to end without a PUT, where that is still possible; it decides by its own rules. */
export function cancelSwitchover(workflowId: string | null, runId: string | null): void {
  if (workflowId === null || runId === null) return;
  getExternalWorkflowHandle(workflowId, runId)
    .cancel()
    // It has ended meanwhile.
    .catch((error: unknown) => {
      log.info('cancellation not passed on', { workflowId, error: String(error) });
    });
}
