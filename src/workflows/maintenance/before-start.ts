/** What a plan waits for before it starts anything, and between its two ways. */
import { ActivityFailure } from '@temporalio/workflow';

import type { Freeze } from '../../contract/index.js';
import { latest, stopOf } from '../../domain/maintenance/state.js';
import type { PlanFacts } from '../../domain/maintenance/state.js';
import { latestStartMs } from '../../domain/maintenance/window.js';

import { enter, publish, stop, warn } from './run.js';
import type { PlanRun } from './run.js';
import { readFreeze } from './proxies.js';
import { waitUntil } from './wait.js';

/** Waits for the approval that was asked for; without one by the latest safe start nothing starts. */
export async function awaitApproval(plan: PlanRun, { request, window }: PlanFacts): Promise<void> {
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
export async function awaitWindow(plan: PlanRun, { request, window }: PlanFacts): Promise<void> {
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
export async function soak(plan: PlanRun, { request }: PlanFacts): Promise<number> {
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
