/** The user's own activities before and after a switchover. */
import { ActivityFailure, log, patched, workflowInfo } from '@temporalio/workflow';

import type { HookCall, Leg } from '../../contract/index.js';
import { holdsUntilMs, readHookAnswer } from '../../domain/maintenance/hook-answer.js';
import type { ReadAnswer } from '../../domain/maintenance/hook-answer.js';
import type { LegEnding } from '../../domain/maintenance/reports.js';
import type { PlanLeg, PlanRow } from '../../domain/maintenance/state.js';

import { change, legOf, stop, warn } from './run.js';
import type { PlanRun } from './run.js';
import { callHook } from './proxies.js';

/**
 * Asks the `before` hook. Where it says to go on, the row waits for its turn once more: whatever has been
 * decided meanwhile counts.
 */
export async function askBefore(plan: PlanRun, row: PlanRow, leg: Leg['leg']): Promise<void> {
  const { instanceId } = row;
  change(plan, instanceId, leg, { stage: 'asking' });
  const askedAtMs = Date.now();
  const { answer, reason } = await ask(plan, row, leg);
  log.info('hook', { instanceId, leg, answer });
  if (answer === 'abort') {
    const why = `the hook said for ${instanceId}: ${reason}`;
    stop(plan, { cause: 'HOOK_ABORTED', reason: why });
  }
  // Somebody may have skipped it meanwhile.
  const isPending = legOf(plan, instanceId, leg)?.state === 'PENDING';
  const { timeoutSeconds = 0 } = plan.state.facts?.request.hooks ?? {};
  const clearedUntilMs = holdsUntilMs(askedAtMs, timeoutSeconds, Date.now());
  const patch = isPending ? PATCHES[answer](reason) : {};
  change(plan, instanceId, leg, { stage: null, clearedUntilMs, ...patch });
}

/** Whether the hook has said to go on, not too long ago. */
export function isCleared(leg: PlanLeg | null): boolean {
  if (!leg?.isCleared) return false;
  // Runs from before answers aged have started such a switchover without asking again.
  return Date.now() <= (leg.clearedUntilMs ?? 0) || !patched('hook-answer-ages');
}

/** What an answer makes of the leg. */
const PATCHES: Readonly<Record<ReadAnswer['answer'], (reason: string) => Partial<PlanLeg>>> = {
  proceed: () => ({ isCleared: true }),
  skip: (reason) => ({
    state: 'SKIPPED',
    cause: 'HOOK_SKIPPED',
    reason: `the hook said: ${reason}`,
  }),
  abort: () => ({}),
  malformed: (reason) => ({
    ...{ state: 'NOT_STARTED', cause: 'HOOK_FAILED', isFailure: true },
    reason: `the before hook gave no usable answer: ${reason}`,
  }),
};

async function ask(plan: PlanRun, row: PlanRow, leg: Leg['leg']): Promise<ReadAnswer> {
  const hooks = plan.state.facts?.request.hooks ?? null;
  const name = hooks?.before ?? null;
  if (hooks === null || name === null) return { answer: 'proceed', reason: '' };
  try {
    return readHookAnswer(await callHook(name, hooks, toCall(plan, row, leg, null)));
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return { answer: 'malformed', reason: (error.cause?.message ?? error.message).slice(0, 300) };
  }
}

/** Tells the `after` hook; what becomes of that changes nothing but the warnings. */
export async function tellAfter(
  plan: PlanRun,
  row: PlanRow,
  leg: Leg['leg'],
  ending: LegEnding,
): Promise<void> {
  const hooks = plan.state.facts?.request.hooks ?? null;
  const name = hooks?.after ?? null;
  if (hooks === null || name === null) return;
  try {
    await callHook(name, hooks, toCall(plan, row, leg, ending));
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    const why = (error.cause?.message ?? error.message).slice(0, 300);
    warn(plan, `The after hook of ${row.instanceId} (${leg}) failed: ${why}`);
  }
}

function toCall(
  plan: PlanRun,
  { instanceId }: PlanRow,
  leg: Leg['leg'],
  ending: LegEnding | null,
): HookCall {
  const { maintenanceId, state } = plan;
  const { workflowId } = workflowInfo();
  const projectId = state.facts?.request.projectId ?? '';
  const told = { outcome: ending?.outcome ?? null, message: ending?.message ?? null };
  return { maintenanceId, workflowId, projectId, instanceId, leg, ...told };
}
