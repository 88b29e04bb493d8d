/** One instance of a plan on one of its ways: its hooks and its switchover. */
import type { Leg } from '../../contract/index.js';
import type { LegEnding } from '../../domain/maintenance/reports.js';
import { isDone } from '../../domain/maintenance/state.js';
import type { PlanRow } from '../../domain/maintenance/state.js';

import { followSwitchover, runSwitchover } from './child.js';
import { askBefore, isCleared, tellAfter } from './hooks.js';
import { change, legOf } from './plan-run.js';
import type { PlanRun } from './plan-run.js';

/** How long a row waits, give or take a half, after a spent quota has ended its switchover. */
const THROTTLED_RETRY_MS = 60_000;

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
    putBack(plan, row, leg, ending);
    return;
  }
  const { outcome, cause, message, swapsSent, master } = ending;
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

function putBack(plan: PlanRun, { instanceId }: PlanRow, leg: Leg['leg'], ending: LegEnding): void {
  const { cause, message: reason } = ending;
  const retryAtMs = Date.now() + THROTTLED_RETRY_MS * (0.5 + Math.random());
  change(plan, instanceId, leg, { state: 'PENDING', stage: null, cause, reason, retryAtMs });
}
