/** One instance of a plan on one of its ways: its hooks and its switchover. */
import { patched } from '@temporalio/workflow';

import type { Leg } from '../../contract/index.js';
import { putBack, tellTries } from '../../domain/maintenance/put-back.js';
import type { LegEnding } from '../../domain/maintenance/reports.js';
import { isDone } from '../../domain/maintenance/state.js';
import type { PlanRow } from '../../domain/maintenance/state.js';

import { followSwitchover, runSwitchover } from './child.js';
import { askBefore, isCleared, tellAfter } from './hooks.js';
import { change, legOf } from './run.js';
import type { PlanRun } from './run.js';

/** How long a row waits, give or take a half, after a spent quota has ended its switchover. */
const THROTTLED_RETRY_MS = 60_000;

const PASSING_GOES_BACK = 'what-passes-goes-back-to-pending';

/** Asks the hook, or starts the switchover where the hook has lately said to go on. Returns at once. */
export function launch(plan: PlanRun, row: PlanRow, leg: Leg['leg']): void {
  const hasHook = (plan.state.facts?.request.hooks?.before ?? null) !== null;
  const isAsked = hasHook && !isCleared(legOf(plan, row.instanceId, leg));
  watch(plan, isAsked ? askBefore(plan, row, leg) : finish(plan, row, leg, runSwitchover));
}

/** Follows a switchover that an earlier run of the chain has started. Returns at once. */
export function follow(plan: PlanRun, row: PlanRow, leg: Leg['leg']): void {
  watch(plan, finish(plan, row, leg, followSwitchover));
}

/** What goes wrong here beyond every rule is thrown by the main line: it fails the workflow task. */
function watch(plan: PlanRun, work: Promise<void>): void {
  work.catch((error: unknown) => {
    plan.crash ??= { error };
  });
}

type Switchover = (plan: PlanRun, row: PlanRow, leg: Leg['leg']) => Promise<LegEnding | null>;

async function finish(
  plan: PlanRun,
  row: PlanRow,
  leg: Leg['leg'],
  switchOver: Switchover,
): Promise<void> {
  const ending = await switchOver(plan, row, leg);
  if (ending === null) return;
  if (isThrottled(ending)) {
    waitForQuota(plan, row, leg, ending);
    return;
  }
  if (goesBack(plan, row, leg, ending)) return;
  const { outcome, cause, swapsSent, master } = ending;
  const message = tellTries(legOf(plan, row.instanceId, leg), ending.message, Date.now());
  const isFailure = !isDone({ state: 'ENDED', outcome });
  const from = ending.from?.nodeId === row.master?.nodeId ? null : (ending.from ?? null);
  change(plan, row.instanceId, leg, {
    ...{ state: 'ENDED', stage: 'telling', outcome, cause, reason: message, swapsSent, master },
    ...{ isFailure, from, endedAt: new Date().toISOString() },
  });
  await tellAfter(plan, row, leg, ending);
  change(plan, row.instanceId, leg, { stage: null });
}

/** A spent quota says nothing of the instance: no failure, no canary that did not succeed. */
function isThrottled({ outcome, cause, swapsSent }: LegEnding): boolean {
  return outcome === 'REFUSED' && cause === 'THROTTLED' && swapsSent === 0;
}

/** What passes by itself says nothing of the instance, either, while there is patience left. */
function goesBack(plan: PlanRun, row: PlanRow, leg: Leg['leg'], ending: LegEnding): boolean {
  const now = legOf(plan, row.instanceId, leg);
  // Runs of earlier versions counted such a refusal as a failure.
  if (ending.mayPass !== true || now === null || !patched(PASSING_GOES_BACK)) return false;
  const at = { nowMs: Date.now(), random: Math.random() };
  const patch = putBack(plan.state, row, now, ending, at);
  if (patch !== null) change(plan, row.instanceId, leg, patch);
  return patch !== null;
}

function waitForQuota(
  plan: PlanRun,
  { instanceId }: PlanRow,
  leg: Leg['leg'],
  ending: LegEnding,
): void {
  const { cause, message: reason } = ending;
  const retryAtMs = Date.now() + THROTTLED_RETRY_MS * (0.5 + Math.random());
  change(plan, instanceId, leg, { state: 'PENDING', stage: null, cause, reason, retryAtMs });
}
