import {
  allHandlersFinished,
  condition,
  makeContinueAsNewFunc,
  patched,
  workflowInfo,
} from '@temporalio/workflow';

import { MAINTENANCE_TASK_TIMEOUT_MS } from '../../domain/budgets.js';
import { isLongHistory } from '../../domain/maintenance/roll-over.js';

import type { PlanRun } from './run.js';

/** Whether a new run with a fresh history is to go on. */
export function isRollingOver(): boolean {
  const info = workflowInfo();
  if (info.continueAsNewSuggested) return true;
  // Runs from before that rule have gone on.
  return isLongHistory(info) && patched('rolls-over-early');
}

/**
 * Waits until something is so, or until an instant. Continues as new on the way where the server asks for it;
 * the next run comes back here by the plan's state.
 *
 * @param untilMs epoch milliseconds; `null`: however long it takes
 * @param summary of the timer, for people who look at the run
 */
export async function waitUntil(
  plan: PlanRun,
  isSo: () => boolean,
  untilMs: number | null,
  summary: string,
): Promise<void> {
  const isEnough = (): boolean => isSo() || plan.crash !== null || mayRollOver(plan);
  const isOver = (): boolean => untilMs !== null && Date.now() >= untilMs;
  while (!isSo() && !isOver()) {
    if (plan.crash !== null) throw plan.crash.error;
    if (mayRollOver(plan)) await rollOver(plan);
    else if (untilMs === null) await condition(isEnough);
    else await condition(isEnough, untilMs - Date.now(), { summary });
  }
  if (plan.crash !== null) throw plan.crash.error;
}

/** Not while a hook is asked or a switchover is being started: the next run would not know of it. */
function mayRollOver({ state }: PlanRun): boolean {
  if (!isRollingOver()) return false;
  const stages = state.rows.flatMap(({ forward, return: back }) => [
    forward.stage,
    back?.stage ?? null,
  ]);
  return stages.every((stage) => stage === null || stage === 'open');
}

/** Switchovers that are open are followed by the next run, and messages reach it as they reached this one. */
async function rollOver(plan: PlanRun): Promise<void> {
  await condition(allHandlersFinished);
  // A switchover may have ended meanwhile, and its hook may have been called.
  if (!mayRollOver(plan)) return;
  // Whoever started the first run, and with whatever task timeout.
  const goOn = makeContinueAsNewFunc({ workflowTaskTimeout: MAINTENANCE_TASK_TIMEOUT_MS });
  await goOn(plan.input, plan.state);
}
