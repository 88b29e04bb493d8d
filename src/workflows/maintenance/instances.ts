import { ActivityFailure, log, patched, workflowInfo } from '@temporalio/workflow';

import type { HookCall, Leg } from '../../contract/index.js';
import { holdsUntilMs, readHookAnswer } from '../../domain/maintenance/children.js';
import type { ReadAnswer } from '../../domain/maintenance/children.js';
import {
  hasMoved,
  isBudgetAtStake,
  nextMoves,
  putBack,
  describeTries,
} from '../../domain/maintenance/next-moves.js';
import type { Moves, Rules } from '../../domain/maintenance/next-moves.js';
import type { LegEnding } from '../../domain/maintenance/reports.js';
import { isDone } from '../../domain/maintenance/state.js';
import type { LegState, ItemState } from '../../domain/maintenance/state.js';
import { clip } from '../../util.js';

import { callHook } from '../proxies.js';

import { followSwitchover, runSwitchover } from './child.js';
import { change, isRollingOver, legOf, open, rest, stop, waitUntil, warn } from './run.js';
import type { MaintenanceRun } from './run.js';

// The user's own activities before and after a switchover.

/**
 * Asks the `before` hook. Where it says to go on, the item waits for its turn once more: whatever has been
 * decided meanwhile counts.
 */
async function askBefore(
  maintenance: MaintenanceRun,
  item: ItemState,
  leg: Leg['leg'],
): Promise<void> {
  const { instanceId } = item;
  change(maintenance, instanceId, leg, { stage: 'asking' });
  const askedAtMs = Date.now();
  const { answer, reason } = await ask(maintenance, item, leg);
  log.info('hook', { instanceId, leg, answer });
  if (answer === 'abort') {
    const why = `the hook said for ${instanceId}: ${reason}`;
    stop(maintenance, { cause: 'HOOK_ABORTED', reason: why });
  }
  // Someone may have skipped it meanwhile.
  const isPending = legOf(maintenance, instanceId, leg)?.state === 'PENDING';
  const { timeoutSeconds = 0 } = maintenance.state.facts?.request.hooks ?? {};
  const clearedUntilMs = holdsUntilMs(askedAtMs, timeoutSeconds, Date.now());
  const patch = isPending ? PATCHES[answer](reason) : {};
  change(maintenance, instanceId, leg, { stage: null, clearedUntilMs, ...patch });
}

/** Whether the hook has said to go on, not too long ago. */
function isCleared(leg: LegState | null): boolean {
  if (!leg?.isCleared) return false;
  // Runs from before answers aged have started such a switchover without asking again.
  return Date.now() <= (leg.clearedUntilMs ?? 0) || !patched('hook-answer-ages');
}

/** What an answer makes of the leg. */
const PATCHES: Readonly<Record<ReadAnswer['answer'], (reason: string) => Partial<LegState>>> = {
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

/** Longest error of a hook that is kept. */
const MAX_ERROR_LENGTH = 300;

async function ask(
  maintenance: MaintenanceRun,
  item: ItemState,
  leg: Leg['leg'],
): Promise<ReadAnswer> {
  const hooks = maintenance.state.facts?.request.hooks ?? null;
  const name = hooks?.before ?? null;
  if (hooks === null || name === null) return { answer: 'proceed', reason: '' };
  try {
    return readHookAnswer(await callHook(name, hooks, toCall(maintenance, item, leg, null)));
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return { answer: 'malformed', reason: explain(error) };
  }
}

function explain({ cause, message }: ActivityFailure): string {
  return clip(cause?.message ?? message, MAX_ERROR_LENGTH);
}

/** Calls the `after` hook; what becomes of that changes nothing but the warnings. */
async function callAfterHook(
  maintenance: MaintenanceRun,
  item: ItemState,
  leg: Leg['leg'],
  ending: LegEnding,
): Promise<void> {
  const hooks = maintenance.state.facts?.request.hooks ?? null;
  const name = hooks?.after ?? null;
  if (hooks === null || name === null) return;
  try {
    await callHook(name, hooks, toCall(maintenance, item, leg, ending));
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    const why = explain(error);
    warn(maintenance, `The after hook of ${item.instanceId} (${leg}) failed: ${why}`);
  }
}

function toCall(
  maintenance: MaintenanceRun,
  { instanceId }: ItemState,
  leg: Leg['leg'],
  ending: LegEnding | null,
): HookCall {
  const { maintenanceId, state } = maintenance;
  const { workflowId } = workflowInfo();
  const projectId = state.facts?.request.projectId ?? '';
  const reported = { outcome: ending?.outcome ?? null, message: ending?.message ?? null };
  return { maintenanceId, workflowId, projectId, instanceId, leg, ...reported };
}

// One instance of a maintenance on one of its legs: its hooks and its switchover.

/** How long an item waits, give or take a half, after a spent quota has ended its switchover. */
const THROTTLED_RETRY_MS = 60_000;

const PASSING_GOES_BACK = 'what-passes-goes-back-to-pending';

/** Asks the hook, or starts the switchover where the hook has lately said to go on. Returns at once. */
function launch(maintenance: MaintenanceRun, item: ItemState, leg: Leg['leg']): void {
  const hasHook = (maintenance.state.facts?.request.hooks?.before ?? null) !== null;
  const isAsked = hasHook && !isCleared(legOf(maintenance, item.instanceId, leg));
  watch(
    maintenance,
    isAsked ? askBefore(maintenance, item, leg) : finish(maintenance, item, leg, runSwitchover),
  );
}

/** Follows a switchover that an earlier run of the chain has started. Returns at once. */
function follow(maintenance: MaintenanceRun, item: ItemState, leg: Leg['leg']): void {
  watch(maintenance, finish(maintenance, item, leg, followSwitchover));
}

/** What goes wrong here beyond every rule is thrown by the main line: it fails the workflow task. */
function watch(maintenance: MaintenanceRun, work: Promise<void>): void {
  work.catch((error: unknown) => {
    maintenance.crash ??= { error };
  });
}

type Switchover = (
  maintenance: MaintenanceRun,
  item: ItemState,
  leg: Leg['leg'],
) => Promise<LegEnding | null>;

async function finish(
  maintenance: MaintenanceRun,
  item: ItemState,
  leg: Leg['leg'],
  switchOver: Switchover,
): Promise<void> {
  const ending = await switchOver(maintenance, item, leg);
  if (ending === null) return;
  if (isThrottled(ending)) {
    waitForQuota(maintenance, item, leg, ending);
    return;
  }
  if (goesBack(maintenance, item, leg, ending)) return;
  const { outcome, cause, swapsSent, master, figures } = ending;
  const message = describeTries(
    legOf(maintenance, item.instanceId, leg),
    ending.message,
    Date.now(),
  );
  const isFailure = !isDone({ state: 'ENDED', outcome });
  const from = ending.from?.nodeId === item.master?.nodeId ? null : (ending.from ?? null);
  change(maintenance, item.instanceId, leg, {
    ...{ state: 'ENDED', stage: 'reporting', outcome, cause, reason: message, swapsSent, master },
    ...{ isFailure, from, endedAt: new Date().toISOString() },
    ...(figures === undefined ? {} : { figures }),
  });
  await callAfterHook(maintenance, item, leg, ending);
  change(maintenance, item.instanceId, leg, { stage: null });
}

/** A spent quota says nothing of the instance: no failure, no canary that did not succeed. */
function isThrottled({ outcome, cause, swapsSent }: LegEnding): boolean {
  return outcome === 'REFUSED' && cause === 'THROTTLED' && swapsSent === 0;
}

/** What passes by itself says nothing of the instance, either, while there is patience left. */
function goesBack(
  maintenance: MaintenanceRun,
  item: ItemState,
  leg: Leg['leg'],
  ending: LegEnding,
): boolean {
  const now = legOf(maintenance, item.instanceId, leg);
  // Runs of earlier versions counted such a refusal as a failure.
  if (ending.mayPass !== true || now === null || !patched(PASSING_GOES_BACK)) return false;
  const at = { nowMs: Date.now(), random: Math.random() };
  const patch = putBack(maintenance.state, item, now, ending, at);
  if (patch !== null) change(maintenance, item.instanceId, leg, patch);
  return patch !== null;
}

function waitForQuota(
  maintenance: MaintenanceRun,
  { instanceId }: ItemState,
  leg: Leg['leg'],
  ending: LegEnding,
): void {
  const { cause, message: reason } = ending;
  const retryAtMs = Date.now() + THROTTLED_RETRY_MS * (0.5 + Math.random());
  change(maintenance, instanceId, leg, { state: 'PENDING', stage: null, cause, reason, retryAtMs });
}

/**
 * One leg of a maintenance: starts what may start, waits until something has changed, looks again; until nothing is
 * under way and nothing is left.
 */
export async function switchAll(maintenance: MaintenanceRun, rules: Rules): Promise<void> {
  prepare(maintenance, rules);
  for (;;) {
    const isHeld = isRollingOver() || awaitsUnresolved(maintenance, rules);
    const moves = nextMoves(maintenance.state, rules, Date.now(), isHeld);
    // A start may fail before it has begun: that, too, is something that has changed.
    const seen = maintenance.state;
    applyMoves(maintenance, rules, moves);
    if (moves.isOver) return;
    const hasChanged = (): boolean => maintenance.state !== seen;
    await waitUntil(maintenance, hasChanged, moves.wakeAtMs, 'See which instances may start now');
  }
}

function awaitsUnresolved({ state }: MaintenanceRun, { leg }: Rules): boolean {
  // Runs of earlier versions went on until the switchover had ended.
  return leg === 'forward' && isBudgetAtStake(state) && patched('unresolved-counts-at-once');
}

/** Opens the legs of the return leg; follows what an earlier run of the chain has left open. */
function prepare(maintenance: MaintenanceRun, { leg }: Rules): void {
  for (const item of maintenance.state.items)
    if (item[leg]?.stage === 'open') follow(maintenance, item, leg);
  if (leg === 'return')
    open(
      maintenance,
      maintenance.state.items.filter((item) => item.return === null && hasMoved(item)),
    );
}

function applyMoves(maintenance: MaintenanceRun, { leg }: Rules, moves: Moves): void {
  if (moves.stop !== null) {
    log.info('stopped', { ...moves.stop });
    stop(maintenance, moves.stop);
  }
  rest(maintenance, leg, moves.rests);
  for (const item of moves.starts)
    if (legOf(maintenance, item.instanceId, leg)?.state === 'PENDING')
      launch(maintenance, item, leg);
}
