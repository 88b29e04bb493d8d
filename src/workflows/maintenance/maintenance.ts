import { CancellationScope, CancelledFailure, isCancellation } from '@temporalio/workflow';

import type { MaintenanceInput, MaintenanceResult } from '../../contract/index.js';
import { forwardRules, returnRules, shouldReturn } from '../../domain/maintenance/rules.js';
import { hasStarted, stopOf } from '../../domain/maintenance/state.js';
import type { MaintenanceState } from '../../domain/maintenance/state.js';

import { awaitApproval, awaitWindow, soak } from './before-start.js';
import { isCancelled, passOnCancellations } from './cancellation.js';
import { end, endInvalid, endPlanned, endUnread, tellCancelled } from './end.js';
import { takeMessages } from './messages.js';
import { enter, openPlan } from './run.js';
import type { PlanRun } from './run.js';
import { begin, resolvePlan } from './resolve-plan.js';
import { switchAll } from './instances.js';

/**
 * Workflow `dcsMaintenance`: switches many instances inside a window, each by a child `dcsSwitchover`.
 *
 * MUST: nothing starts outside the window or after its latest safe start; every instance is visited at most
 * once per way; a plan sends nothing itself. Children are never ended with their plan: a cancellation is
 * passed on to them, and each is waited for.
 *
 * @param input see `MaintenanceInput`; validated by the first activity, whoever starts the run
 * @param carried what an earlier run of the chain had come to; a caller's is ignored
 * @throws ApplicationFailure, non-retryable, of type PARTIAL (`details[0]` is the result) or INVALID_INPUT;
 * CancelledFailure when it was cancelled before it had started anything
 */
export async function dcsMaintenance(
  input: MaintenanceInput,
  carried?: MaintenanceState,
): Promise<MaintenanceResult> {
  const plan = openPlan(input, carried);
  takeMessages(plan);
  try {
    const early = plan.state.facts === null ? await makePlan(plan) : null;
    if (early !== null) return early;
    // From here on a cancellation stops starts and is passed on; it interrupts nothing.
    return await CancellationScope.nonCancellable(() => carryOut(plan));
  } catch (error) {
    if (isCancellation(error)) tellCancelled(plan);
    throw error;
  }
}

/** PLANNING; the result where there is nothing more to do. */
async function makePlan(plan: PlanRun): Promise<MaintenanceResult | null> {
  const report = await resolvePlan(plan, plan.input);
  plan.searchAttributes = report.searchAttributes;
  switch (report.verdict) {
    case 'invalid':
      throw endInvalid(plan, report.problems);
    case 'unreadable':
      throw endUnread(plan, report.detail);
    case 'planned':
      begin(plan, report);
      return report.request.mode === 'plan' ? endPlanned(plan) : null;
  }
}

/** Each step finds in the plan's state whether it is behind it already: runs of a chain begin anywhere. */
async function carryOut(plan: PlanRun): Promise<MaintenanceResult> {
  const { facts } = plan.state;
  if (facts === null) throw new Error('a plan may not be carried out before it is made');
  passOnCancellations(plan);

  if (plan.state.soakEndsAtMs === null) {
    await awaitApproval(plan, facts);
    await awaitWindow(plan, facts);
    if (stopOf(plan.state, 'forward') === null) enter(plan, 'SWITCHING');
    await switchAll(plan, forwardRules(facts));
  }
  if (plan.state.soakEndsAtMs !== null || shouldReturn(plan.state)) {
    const soakEndsAtMs = await soak(plan, facts);
    enter(plan, 'RETURNING');
    await switchAll(plan, returnRules(facts, soakEndsAtMs));
  }

  if (isCancelled(plan) && !hasStarted(plan.state))
    throw new CancelledFailure('cancelled before anything was started; nothing was sent');
  return end(plan);
}
