import { defineSearchAttributeKey } from '@temporalio/common';
import {
  ActivityFailure,
  CancellationScope,
  CancelledFailure,
  isCancellation,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';

import { NOTIFICATION_TYPES } from '../../contract/index.js';
import type { Freeze, MaintenanceInput, MaintenanceResult } from '../../contract/index.js';
import { joinText, withCommands } from '../../domain/commands.js';
import { maintenanceLine } from '../../domain/maintenance/commands.js';
import { forwardRules, returnRules, shouldReturn } from '../../domain/maintenance/next-moves.js';
import type {
  MaintenanceFacts,
  MaintenanceFindings,
  PlanMaintenanceReport,
} from '../../domain/maintenance/reports.js';
import { hasStarted, latest, stopOf, toItems } from '../../domain/maintenance/state.js';
import type { MaintenanceState } from '../../domain/maintenance/state.js';
import { latestStartMs } from '../../domain/maintenance/window.js';
import { countOf } from '../../domain/text.js';
import { iso } from '../../util.js';
import { planMaintenance, readFreeze, startOptions } from '../proxies.js';

import { isCancelled, passOnCancellations } from './child.js';
import { endMaintenance, endInvalid, endPlanned, endUnread, reportCancelled } from './end.js';
import { switchAll } from './instances.js';
import { takeMessages } from './messages.js';
import {
  enter,
  handOver,
  openMaintenance,
  publishStatus,
  show,
  stop,
  subject,
  waitUntil,
  warn,
} from './run.js';
import type { MaintenanceRun } from './run.js';

/** Set by Temporal on whatever a schedule starts. */
const NOMINAL_TIME = defineSearchAttributeKey('TemporalScheduledStartTime', 'DATETIME');

/**
 * Resolves window and instances, once and for all: time-zone data and instances change, a maintenance does not.
 *
 * @throws ApplicationFailure of type PARTIAL when that could not be carried out at all; CancelledFailure
 */
async function resolveMaintenance(
  maintenance: MaintenanceRun,
  input: unknown,
): Promise<PlanMaintenanceReport> {
  const nominal = workflowInfo().typedSearchAttributes.get(NOMINAL_TIME);
  try {
    return await planMaintenance({
      ...{ input, ...startOptions() },
      startedAtMs: maintenance.state.startedAtMs,
      nominalAtMs: nominal === undefined ? null : new Date(nominal).getTime(),
    });
  } catch (error) {
    if (error instanceof ActivityFailure && !isCancellation(error))
      throw endUnread(maintenance, error.cause?.message ?? error.message);
    throw error;
  }
}

/** Takes over what was resolved. */
function beginMaintenance(maintenance: MaintenanceRun, findings: MaintenanceFindings): void {
  const { request, window, instances, searchAttributes, deliveries, warnings, freeze } = findings;
  const delivering = deliveries === undefined ? {} : { deliveries };
  const facts = { request, window, searchAttributes, ...delivering };
  maintenance.state = { ...maintenance.state, facts, items: toItems(instances, request) };
  for (const warning of warnings) warn(maintenance, warning);
  if (freeze !== null)
    warn(
      maintenance,
      `A freeze is in force until ${freeze.until}, by ${freeze.by}: ${freeze.reason}`,
    );
  publishStatus(maintenance, 'RUNNING');
  show(maintenance);
}

// What a maintenance waits for before it starts anything, and between its two legs.

/** Waits for the approval that was asked for; without one by the latest safe start nothing starts. */
async function awaitApproval(
  maintenance: MaintenanceRun,
  { request, window }: MaintenanceFacts,
): Promise<void> {
  const latestMs = latestStartMs(window, request);
  const isSettled = (): boolean => isApproved(maintenance) || isStopped(maintenance);
  if (!request.requireApproval || isSettled() || Date.now() >= latestMs) return;
  if (maintenance.state.phase !== 'AWAITING_APPROVAL') {
    enter(maintenance, 'AWAITING_APPROVAL');
    publishStatus(maintenance, 'AWAITING_APPROVAL');
    await askForApproval(maintenance, latestMs);
  }
  await waitUntil(
    maintenance,
    isSettled,
    latestMs,
    'Wait for approval, until the latest safe start',
  );
  if (isApproved(maintenance)) publishStatus(maintenance, 'RUNNING');
  else if (!isStopped(maintenance))
    stop(maintenance, { cause: 'APPROVAL_MISSING', reason: 'not approved in time' });
}

/** Notifies whoever may approve. */
function askForApproval(maintenance: MaintenanceRun, latestMs: number): Promise<void> {
  const { maintenanceName, state, notifier } = maintenance;
  const approveBy = iso(latestMs);
  const { taskQueue } = workflowInfo();
  const lineOf = (verb: 'progress' | 'approve'): string =>
    maintenanceLine({ verb, name: maintenanceName }, { taskQueue });
  const message = joinText([
    `${countOf(state.items.length, 'instance')} to switch. Without approval by ${approveBy} nothing starts.`,
    withCommands('Look', lineOf('progress')),
    withCommands('Approve', lineOf('approve')),
  ]);
  const data = { ...subject(maintenance), approveBy, message };
  notifier.notify(NOTIFICATION_TYPES.maintenanceApproval, data);
  return handOver(maintenance);
}

/** Waits until the window is open; finds out whether it is over, or a freeze is in force. */
async function awaitWindow(
  maintenance: MaintenanceRun,
  { request, window }: MaintenanceFacts,
): Promise<void> {
  if (isStopped(maintenance) || maintenance.state.phase === 'SWITCHING') return;
  if (Date.now() < window.opensAtMs) enter(maintenance, 'AWAITING_WINDOW');
  await waitUntil(
    maintenance,
    () => isStopped(maintenance),
    window.opensAtMs,
    'Wait until the window opens',
  );
  if (isStopped(maintenance)) return;
  const latestMs = latestStartMs(window, request);
  if (Date.now() >= latestMs) {
    const reason = `the latest safe start was ${iso(latestMs)}`;
    stop(maintenance, { cause: 'WINDOW_OVER', reason });
    return;
  }
  const freeze = await lookForFreeze(maintenance);
  if (freeze === null) return;
  const reason = `frozen until ${freeze.until} by ${freeze.by}: ${freeze.reason}`;
  stop(maintenance, { cause: 'FROZEN', reason });
}

/** Each switchover looks for itself as well, so a maintenance that cannot look goes on. */
async function lookForFreeze(maintenance: MaintenanceRun): Promise<Freeze | null> {
  try {
    return await readFreeze();
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    warn(
      maintenance,
      'Whether a freeze is in force could not be read; each switchover looks for itself.',
    );
    return null;
  }
}

/** Leaves the masters where they are for a while; gives the end of it, epoch milliseconds. */
async function soak(maintenance: MaintenanceRun, { request }: MaintenanceFacts): Promise<number> {
  const soakMs = (request.returnLeg?.soakSeconds ?? 0) * 1000;
  const soakEndsAtMs = maintenance.state.soakEndsAtMs ?? Date.now() + soakMs;
  maintenance.state = { ...maintenance.state, soakEndsAtMs };
  if (Date.now() < soakEndsAtMs) enter(maintenance, 'SOAKING');
  const isCalledOff = (): boolean => stopOf(maintenance.state, 'return') !== null;
  await waitUntil(maintenance, isCalledOff, soakEndsAtMs, 'Soak: leave the masters where they are');
  return soakEndsAtMs;
}

function isApproved({ state }: MaintenanceRun): boolean {
  return latest(state, 'approved') !== null;
}

/** Nothing will start: someone said so, or no instance is left. */
function isStopped({ state }: MaintenanceRun): boolean {
  const hasPending = state.items.some(({ forward }) => forward.state === 'PENDING');
  return !hasPending || stopOf(state, 'forward') !== null;
}

/**
 * Workflow `dcsMaintenance`: switches many instances inside a window, each by a child `dcsSwitchover`.
 *
 * MUST: nothing starts outside the window or after its latest safe start; every instance is visited at most
 * once per leg; a maintenance sends nothing itself. Children are never ended with their maintenance: a cancellation is
 * passed on to them, and each is waited for.
 *
 * @param input see `MaintenanceInput`; validated by the first activity, whoever starts the run
 * @param carried what an earlier run of the chain had come to; a caller's makes the input invalid
 * @throws ApplicationFailure, non-retryable, of type PARTIAL (`details[0]` is the result) or INVALID_INPUT;
 * CancelledFailure when it was cancelled before it had started anything
 */
export async function dcsMaintenance(
  input: MaintenanceInput,
  carried?: MaintenanceState,
): Promise<MaintenanceResult> {
  const maintenance = openMaintenance(input, carried);
  takeMessages(maintenance);
  try {
    const early = maintenance.state.facts === null ? await planItems(maintenance) : null;
    // From here on a cancellation stops starts and is passed on; it interrupts nothing.
    const result =
      early ?? (await CancellationScope.nonCancellable(() => runMaintenance(maintenance)));
    await handOver(maintenance);
    return result;
  } catch (error) {
    if (isCancellation(error)) reportCancelled(maintenance);
    if (error instanceof TemporalFailure) await handOver(maintenance);
    throw error;
  }
}

/** PLANNING; the result where there is nothing more to do. */
async function planItems(maintenance: MaintenanceRun): Promise<MaintenanceResult | null> {
  const report = await resolveMaintenance(maintenance, maintenance.input);
  maintenance.searchAttributes = report.searchAttributes;
  maintenance.deliveries = report.deliveries ?? null;
  switch (report.verdict) {
    case 'invalid':
      throw endInvalid(maintenance, report.problems);
    case 'unreadable':
      throw endUnread(maintenance, report.detail);
    case 'planned':
      beginMaintenance(maintenance, report);
      return report.request.mode === 'plan' ? endPlanned(maintenance) : null;
  }
}

/** Each step finds in the maintenance's state whether it is behind it already: runs of a chain begin anywhere. */
async function runMaintenance(maintenance: MaintenanceRun): Promise<MaintenanceResult> {
  const { facts } = maintenance.state;
  if (facts === null) throw new Error('a maintenance may not be carried out before it is made');
  passOnCancellations(maintenance);

  if (maintenance.state.soakEndsAtMs === null) {
    await awaitApproval(maintenance, facts);
    await awaitWindow(maintenance, facts);
    if (stopOf(maintenance.state, 'forward') === null) enter(maintenance, 'SWITCHING');
    await switchAll(maintenance, forwardRules(facts));
  }
  if (maintenance.state.soakEndsAtMs !== null || shouldReturn(maintenance.state)) {
    const soakEndsAtMs = await soak(maintenance, facts);
    enter(maintenance, 'RETURNING');
    await switchAll(maintenance, returnRules(facts, soakEndsAtMs));
  }

  if (isCancelled(maintenance) && !hasStarted(maintenance.state))
    throw new CancelledFailure('cancelled before anything was started; nothing was sent');
  return endMaintenance(maintenance);
}
