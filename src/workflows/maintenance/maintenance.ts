import { defineSearchAttributeKey } from '@temporalio/common';
import {
  ActivityFailure,
  CancellationScope,
  CancelledFailure,
  isCancellation,
  workflowInfo,
} from '@temporalio/workflow';

import type { Freeze, MaintenanceInput, MaintenanceResult } from '../../contract/index.js';
import { forwardRules, returnRules, shouldReturn } from '../../domain/maintenance/next-moves.js';
import type { PlanFindings, PlanReport } from '../../domain/maintenance/reports.js';
import { hasStarted, latest, stopOf, toRows } from '../../domain/maintenance/state.js';
import type { MaintenanceState, PlanFacts } from '../../domain/maintenance/state.js';
import { latestStartMs } from '../../domain/maintenance/window.js';
import { startOptions } from '../proxies.js';

import { isCancelled, passOnCancellations } from './child.js';
import { end, endInvalid, endPlanned, endUnread, tellCancelled } from './end.js';
import { switchAll } from './instances.js';
import { takeMessages } from './messages.js';
import { planMaintenance, readFreeze } from './proxies.js';
import { enter, openPlan, publish, show, stop, waitUntil, warn } from './run.js';
import type { PlanRun } from './run.js';

/** Set by Temporal on whatever a schedule starts. */
const NOMINAL_TIME = defineSearchAttributeKey('TemporalScheduledStartTime', 'DATETIME');

/**
 * Resolves window and instances, once and for all: time-zone data and instances change, a plan does not.
 *
 * @throws ApplicationFailure of type PARTIAL when that could not be carried out at all; CancelledFailure
 */
async function resolvePlan(plan: PlanRun, input: unknown): Promise<PlanReport> {
  const nominal = workflowInfo().typedSearchAttributes.get(NOMINAL_TIME);
  try {
    return await planMaintenance({
      ...{ input, ...startOptions() },
      startedAtMs: plan.state.startedAtMs,
      nominalAtMs: nominal === undefined ? null : new Date(nominal).getTime(),
    });
  } catch (error) {
    if (error instanceof ActivityFailure && !isCancellation(error))
      throw endUnread(plan, error.cause?.message ?? error.message);
    throw error;
  }
}

/** Takes over what was resolved. */
function begin(plan: PlanRun, findings: PlanFindings): void {
  const { request, window, instances, searchAttributes, warnings, freeze } = findings;
  const facts = { request, window, searchAttributes };
  plan.state = { ...plan.state, facts, rows: toRows(instances, request) };
  for (const warning of warnings) warn(plan, warning);
  if (freeze !== null)
    warn(plan, `A freeze is in force until ${freeze.until}, by ${freeze.by}: ${freeze.reason}`);
  publish(plan, 'RUNNING');
  show(plan);
}

/** What a plan waits for before it starts anything, and between its two ways. */

/** Waits for the approval that was asked for; without one by the latest safe start nothing starts. */
async function awaitApproval(plan: PlanRun, { request, window }: PlanFacts): Promise<void> {
  const latestMs = latestStartMs(window, request);
  const isSettled = (): boolean => isApproved(plan) || isStopped(plan);
  if (!request.requireApproval || isSettled() || Date.now() >= latestMs) return;
  if (plan.state.phase !== 'AWAITING_APPROVAL') {
    enter(plan, 'AWAITING_APPROVAL');
    publish(plan, 'AWAITING_APPROVAL');
  }
  await waitUntil(plan, isSettled, latestMs, 'Wait for approval, until the latest safe start');
  if (isApproved(plan)) publish(plan, 'RUNNING');
  else if (!isStopped(plan)) stop(plan, { cause: 'APPROVAL_MISSING', reason: 'nobody approved' });
}

/** Waits until the window is open; finds out whether it is over, or a freeze is in force. */
async function awaitWindow(plan: PlanRun, { request, window }: PlanFacts): Promise<void> {
  if (isStopped(plan) || plan.state.phase === 'SWITCHING') return;
  if (Date.now() < window.opensAtMs) enter(plan, 'AWAITING_WINDOW');
  await waitUntil(plan, () => isStopped(plan), window.opensAtMs, 'Wait until the window opens');
  if (isStopped(plan)) return;
  const latestMs = latestStartMs(window, request);
  if (Date.now() >= latestMs) {
    const reason = `the latest safe start was ${new Date(latestMs).toISOString()}`;
    stop(plan, { cause: 'WINDOW_OVER', reason });
    return;
  }
  const freeze = await lookForFreeze(plan);
  if (freeze === null) return;
  const reason = `frozen until ${freeze.until} by ${freeze.by}: ${freeze.reason}`;
  stop(plan, { cause: 'FROZEN', reason });
}

/** Each switchover looks for itself as well, so a plan that cannot look goes on. */
async function lookForFreeze(plan: PlanRun): Promise<Freeze | null> {
  try {
    return await readFreeze();
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    warn(plan, 'Whether a freeze is in force could not be read; each switchover looks for itself.');
    return null;
  }
}

/** Leaves the masters where they are for a while; gives the end of it, epoch milliseconds. */
async function soak(plan: PlanRun, { request }: PlanFacts): Promise<number> {
  const soakMs = (request.returnLeg?.soakSeconds ?? 0) * 1000;
  const soakEndsAtMs = plan.state.soakEndsAtMs ?? Date.now() + soakMs;
  plan.state = { ...plan.state, soakEndsAtMs };
  if (Date.now() < soakEndsAtMs) enter(plan, 'SOAKING');
  const isCalledOff = (): boolean => stopOf(plan.state, 'return') !== null;
  await waitUntil(plan, isCalledOff, soakEndsAtMs, 'Soak: leave the masters where they are');
  return soakEndsAtMs;
}

function isApproved({ state }: PlanRun): boolean {
  return latest(state, 'approved') !== null;
}

/** Nothing will start: somebody said so, or no instance is left. */
function isStopped({ state }: PlanRun): boolean {
  const hasPending = state.rows.some(({ forward }) => forward.state === 'PENDING');
  return !hasPending || stopOf(state, 'forward') !== null;
}

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
