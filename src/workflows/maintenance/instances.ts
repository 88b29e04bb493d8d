import { ActivityFailure, log, patched, workflowInfo } from '@temporalio/workflow';

import type { HookCall, Leg } from '../../contract/index.js';
import { holdsUntilMs, readHookAnswer } from '../../domain/maintenance/children.js';
import type { ReadAnswer } from '../../domain/maintenance/children.js';
import { hasMoved, nextMoves, putBack, tellTries } from '../../domain/maintenance/next-moves.js';
import type { Moves, Rules } from '../../domain/maintenance/next-moves.js';
import type { LegEnding } from '../../domain/maintenance/reports.js';
import { isDone } from '../../domain/maintenance/state.js';
import type { PlanLeg, PlanRow } from '../../domain/maintenance/state.js';

import { followSwitchover, runSwitchover } from './child.js';
import { callHook } from './proxies.js';
import { change, isRollingOver, legOf, open, rest, stop, waitUntil, warn } from './run.js';
import type { PlanRun } from './run.js';

/** The user's own activities before and after a switchover. */

/**
 * Asks the `before` hook. Where it says to go on, the row waits for its turn once more: whatever has been
 * decided meanwhile counts.
 */
async function askBefore(plan: PlanRun, row: PlanRow, leg: Leg['leg']): Promise<void> {
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
function isCleared(leg: PlanLeg | null): boolean {
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
async function tellAfter(
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

/** One instance of a plan on one of its ways: its hooks and its switchover. */

/** How long a row waits, give or take a half, after a spent quota has ended its switchover. */
const THROTTLED_RETRY_MS = 60_000;

const PASSING_GOES_BACK = 'what-passes-goes-back-to-pending';

/** Asks the hook, or starts the switchover where the hook has lately said to go on. Returns at once. */
function launch(plan: PlanRun, row: PlanRow, leg: Leg['leg']): void {
  const hasHook = (plan.state.facts?.request.hooks?.before ?? null) !== null;
  const isAsked = hasHook && !isCleared(legOf(plan, row.instanceId, leg));
  watch(plan, isAsked ? askBefore(plan, row, leg) : finish(plan, row, leg, runSwitchover));
}

/** Follows a switchover that an earlier run of the chain has started. Returns at once. */
function follow(plan: PlanRun, row: PlanRow, leg: Leg['leg']): void {
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

/**
 * One way of a plan: starts what may start, waits until something has changed, looks again; until nothing is
 * under way and nothing is left.
 */
export async function switchAll(plan: PlanRun, rules: Rules): Promise<void> {
  prepare(plan, rules);
  for (;;) {
    const moves = nextMoves(plan.state, rules, Date.now(), isRollingOver());
    // A start may fail before it has begun: that, too, is something that has changed.
    const seen = plan.state;
    carryOut(plan, rules, moves);
    if (moves.isOver) return;
    const hasChanged = (): boolean => plan.state !== seen;
    await waitUntil(plan, hasChanged, moves.wakeAtMs, 'Look again which instances may start');
  }
}

/** Opens the legs of the way back; follows what an earlier run of the chain has left open. */
function prepare(plan: PlanRun, { leg }: Rules): void {
  for (const row of plan.state.rows) if (row[leg]?.stage === 'open') follow(plan, row, leg);
  if (leg === 'return')
    open(
      plan,
      plan.state.rows.filter((row) => row.return === null && hasMoved(row)),
    );
}

function carryOut(plan: PlanRun, { leg }: Rules, moves: Moves): void {
  if (moves.stop !== null) {
    log.info('stopped', { ...moves.stop });
    stop(plan, moves.stop);
  }
  rest(plan, leg, moves.rests);
  for (const row of moves.starts)
    if (legOf(plan, row.instanceId, leg)?.state === 'PENDING') launch(plan, row, leg);
}
