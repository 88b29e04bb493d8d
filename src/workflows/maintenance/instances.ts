import { ActivityFailure, log, patched, workflowInfo } from '@temporalio/workflow';

import type { HookCall, Leg } from '../../contract/index.js';
import { holdsUntilMs, readHookAnswer } from '../../domain/maintenance/children.js';
import type { ReadAnswer } from '../../domain/maintenance/children.js';
import {
  hasMoved,
  nextMoves,
  putBack,
  describeTries,
} from '../../domain/maintenance/next-moves.js';
import type { Moves, Rules } from '../../domain/maintenance/next-moves.js';
import type { LegEnding } from '../../domain/maintenance/reports.js';
import { isDone } from '../../domain/maintenance/state.js';
import type { LegState, ItemState } from '../../domain/maintenance/state.js';

import { followSwitchover, runSwitchover } from './child.js';
import { callHook } from './proxies.js';
import { change, isRollingOver, legOf, open, rest, stop, waitUntil, warn } from './run.js';
import type { MaintenanceRun } from './run.js';

// The user's own activities before and after a switchover.

/**
 * Asks the `before` hook. Where it says to go on, the row waits for its turn once more: whatever has been
 * decided meanwhile counts.
 */
async function askBefore(
  maintenance: MaintenanceRun,
  row: ItemState,
  leg: Leg['leg'],
): Promise<void> {
  const { instanceId } = row;
  change(maintenance, instanceId, leg, { stage: 'asking' });
  const askedAtMs = Date.now();
  const { answer, reason } = await ask(maintenance, row, leg);
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

async function ask(
  maintenance: MaintenanceRun,
  row: ItemState,
  leg: Leg['leg'],
): Promise<ReadAnswer> {
  const hooks = maintenance.state.facts?.request.hooks ?? null;
  const name = hooks?.before ?? null;
  if (hooks === null || name === null) return { answer: 'proceed', reason: '' };
  try {
    return readHookAnswer(await callHook(name, hooks, toCall(maintenance, row, leg, null)));
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return { answer: 'malformed', reason: (error.cause?.message ?? error.message).slice(0, 300) };
  }
}

/** Calls the `after` hook; what becomes of that changes nothing but the warnings. */
async function callAfterHook(
  maintenance: MaintenanceRun,
  row: ItemState,
  leg: Leg['leg'],
  ending: LegEnding,
): Promise<void> {
  const hooks = maintenance.state.facts?.request.hooks ?? null;
  const name = hooks?.after ?? null;
  if (hooks === null || name === null) return;
  try {
    await callHook(name, hooks, toCall(maintenance, row, leg, ending));
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    const why = (error.cause?.message ?? error.message).slice(0, 300);
    warn(maintenance, `The after hook of ${row.instanceId} (${leg}) failed: ${why}`);
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

/** How long a row waits, give or take a half, after a spent quota has ended its switchover. */
const THROTTLED_RETRY_MS = 60_000;

const PASSING_GOES_BACK = 'what-passes-goes-back-to-pending';

/** Asks the hook, or starts the switchover where the hook has lately said to go on. Returns at once. */
function launch(maintenance: MaintenanceRun, row: ItemState, leg: Leg['leg']): void {
  const hasHook = (maintenance.state.facts?.request.hooks?.before ?? null) !== null;
  const isAsked = hasHook && !isCleared(legOf(maintenance, row.instanceId, leg));
  watch(
    maintenance,
    isAsked ? askBefore(maintenance, row, leg) : finish(maintenance, row, leg, runSwitchover),
  );
}

/** Follows a switchover that an earlier run of the chain has started. Returns at once. */
function follow(maintenance: MaintenanceRun, row: ItemState, leg: Leg['leg']): void {
  watch(maintenance, finish(maintenance, row, leg, followSwitchover));
}

/** What goes wrong here beyond every rule is thrown by the main line: it fails the workflow task. */
function watch(maintenance: MaintenanceRun, work: Promise<void>): void {
  work.catch((error: unknown) => {
    maintenance.crash ??= { error };
  });
}

type Switchover = (
  plan: MaintenanceRun,
  row: ItemState,
  leg: Leg['leg'],
) => Promise<LegEnding | null>;

async function finish(
  maintenance: MaintenanceRun,
  row: ItemState,
  leg: Leg['leg'],
  switchOver: Switchover,
): Promise<void> {
  const ending = await switchOver(maintenance, row, leg);
  if (ending === null) return;
  if (isThrottled(ending)) {
    waitForQuota(maintenance, row, leg, ending);
    return;
  }
  if (goesBack(maintenance, row, leg, ending)) return;
  const { outcome, cause, swapsSent, master } = ending;
  const message = describeTries(
    legOf(maintenance, row.instanceId, leg),
    ending.message,
    Date.now(),
  );
  const isFailure = !isDone({ state: 'ENDED', outcome });
  const from = ending.from?.nodeId === row.master?.nodeId ? null : (ending.from ?? null);
  change(maintenance, row.instanceId, leg, {
    ...{ state: 'ENDED', stage: 'reporting', outcome, cause, reason: message, swapsSent, master },
    ...{ isFailure, from, endedAt: new Date().toISOString() },
  });
  await callAfterHook(maintenance, row, leg, ending);
  change(maintenance, row.instanceId, leg, { stage: null });
}

/** A spent quota says nothing of the instance: no failure, no canary that did not succeed. */
function isThrottled({ outcome, cause, swapsSent }: LegEnding): boolean {
  return outcome === 'REFUSED' && cause === 'THROTTLED' && swapsSent === 0;
}

/** What passes by itself says nothing of the instance, either, while there is patience left. */
function goesBack(
  maintenance: MaintenanceRun,
  row: ItemState,
  leg: Leg['leg'],
  ending: LegEnding,
): boolean {
  const now = legOf(maintenance, row.instanceId, leg);
  // Runs of earlier versions counted such a refusal as a failure.
  if (ending.mayPass !== true || now === null || !patched(PASSING_GOES_BACK)) return false;
  const at = { nowMs: Date.now(), random: Math.random() };
  const patch = putBack(maintenance.state, row, now, ending, at);
  if (patch !== null) change(maintenance, row.instanceId, leg, patch);
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
    const moves = nextMoves(maintenance.state, rules, Date.now(), isRollingOver());
    // A start may fail before it has begun: that, too, is something that has changed.
    const seen = maintenance.state;
    applyMoves(maintenance, rules, moves);
    if (moves.isOver) return;
    const hasChanged = (): boolean => maintenance.state !== seen;
    await waitUntil(
      maintenance,
      hasChanged,
      moves.wakeAtMs,
      'Look again which instances may start',
    );
  }
}

/** Opens the legs of the return leg; follows what an earlier run of the chain has left open. */
function prepare(maintenance: MaintenanceRun, { leg }: Rules): void {
  for (const row of maintenance.state.rows)
    if (row[leg]?.stage === 'open') follow(maintenance, row, leg);
  if (leg === 'return')
    open(
      maintenance,
      maintenance.state.rows.filter((row) => row.return === null && hasMoved(row)),
    );
}

function applyMoves(maintenance: MaintenanceRun, { leg }: Rules, moves: Moves): void {
  if (moves.stop !== null) {
    log.info('stopped', { ...moves.stop });
    stop(maintenance, moves.stop);
  }
  rest(maintenance, leg, moves.rests);
  for (const row of moves.starts)
    if (legOf(maintenance, row.instanceId, leg)?.state === 'PENDING') launch(maintenance, row, leg);
}
