import type {
  Leg,
  MaintenanceCause,
  MaintenanceCounts,
  MaintenanceOutcome,
  MaintenancePhase,
  MaintenanceProgress,
  MaintenanceItem,
  MaintenanceRequest,
  MaintenanceResult,
} from '../../contract/index.js';
import { iso } from '../../util.js';
import { describeInstance } from '../text.js';

import { hasMoved, isBudgetAtStake } from './next-moves.js';
import type { MaintenanceFacts } from './reports.js';
import { isDone, isHolding, pausedBy, stopOf } from './state.js';
import type { MaintenanceState, LegState, ItemState } from './state.js';
import { latestStartMs, toResolvedWindow } from './window.js';

/** What a maintenance does next, in plain text. */
function nextStep(state: MaintenanceState): string {
  const pause = pausedBy(state);
  const held = pause === null || state.phase === 'ENDED' ? '' : `paused by ${pause.by}; then `;
  return `${held}${STEPS[state.phase](state)}`;
}

const STEPS: Readonly<Record<MaintenancePhase, (state: MaintenanceState) => string>> = {
  PLANNING: () => 'read the instances and resolve the window; nothing is sent',
  AWAITING_APPROVAL: ({ facts }) =>
    `wait for approval; without it by ${latestStart(facts)} nothing starts`,
  AWAITING_WINDOW: ({ facts }) => `wait until the window opens at ${opening(facts)}`,
  SWITCHING: (state) => {
    const stop = stopOf(state, 'forward');
    if (stop !== null) return `start nothing further (${stop.reason}); wait for what runs`;
    if (isBudgetAtStake(state))
      return 'start nothing further until the unresolved have ended; they may spend the error budget';
    return `switch the instances in order; nothing starts from ${latestStart(state.facts)} on`;
  },
  SOAKING: ({ soakEndsAtMs }) => `wait until ${instant(soakEndsAtMs)}, then bring them back`,
  RETURNING: () => 'bring each master that was moved back to where it was',
  ENDED: () => 'nothing',
};

function opening(facts: MaintenanceFacts | null): string {
  return instant(facts?.window.opensAtMs ?? null);
}

function latestStart(facts: MaintenanceFacts | null): string {
  return instant(facts === null ? null : latestStartMs(facts.window, facts.request));
}

function instant(ms: number | null): string {
  return ms === null ? 'an instant not known yet' : iso(ms);
}

/** State of a leg in a word: its outcome once that is known. */
export function legState(leg: Pick<Leg, 'state' | 'outcome'>): string {
  if (isHolding(leg)) return 'UNKNOWN, HOLDING';
  return leg.state === 'ENDED' ? (leg.outcome ?? 'UNKNOWN') : leg.state;
}

/** How a maintenance has ended. */
export interface LegEnd {
  readonly outcome: MaintenanceOutcome;
  readonly cause: MaintenanceCause | null;
  readonly message: string;
}

/** The answer of the query `progress`. */
export function toProgress(
  maintenanceId: string,
  state: MaintenanceState,
  ending: LegEnd | null,
): MaintenanceProgress {
  return { ...toView(maintenanceId, state, ending), items: state.items.map(toItem) };
}

/** The same to look at, made at each change: the items are those of the state, with all that stands in them. */
export function toView(
  maintenanceId: string,
  state: MaintenanceState,
  ending: LegEnd | null,
): MaintenanceProgress {
  const { facts, phase, decisions, warnings } = state;
  return {
    ...{ maintenanceId, phase },
    since: iso(state.sinceMs),
    next: ending?.message ?? nextStep(state),
    isPaused: pausedBy(state) !== null,
    ...{ outcome: ending?.outcome ?? null, cause: ending?.cause ?? null },
    window: facts === null ? null : toResolvedWindow(facts.window, facts.request),
    needsApproval: phase === 'AWAITING_APPROVAL',
    ...{ decisions, counts: countItems(state.items), items: state.items, warnings },
  };
}

/** An item without what only its maintenance needs to know. */
export function toItem({
  instanceId,
  name,
  master,
  forward,
  return: back,
}: ItemState): MaintenanceItem {
  return {
    instanceId,
    name,
    master,
    forward: toLeg(forward),
    return: back === null ? null : toLeg(back),
  };
}

/** Field by field: of a thousand items, objects put together by spreading take ten times as long. */
function toLeg(leg: LegState): Leg {
  return {
    leg: leg.leg,
    state: leg.state,
    outcome: leg.outcome,
    cause: leg.cause,
    reason: leg.reason,
    workflowId: leg.workflowId,
    runId: leg.runId,
    startedAt: leg.startedAt,
    endedAt: leg.endedAt,
    swapsSent: leg.swapsSent,
    ...(isHolding(leg) ? { lockedUntil: leg.lockedUntil } : null),
    master: leg.master,
    ...(leg.figures === undefined ? null : { figures: leg.figures }),
  };
}

/** How many items are in which state of the forward leg. */
export function countItems(items: readonly ItemState[]): MaintenanceCounts {
  const counts = { pending: 0, running: 0, done: 0, failed: 0, skipped: 0, notStarted: 0 };
  for (const { forward } of items) {
    if (forward.state === 'ENDED') counts[isDone(forward) ? 'done' : 'failed'] += 1;
    else counts[COUNTED_AS[forward.state]] += 1;
  }
  return counts;
}

const COUNTED_AS = {
  PENDING: 'pending',
  RUNNING: 'running',
  SKIPPED: 'skipped',
  NOT_STARTED: 'notStarted',
} as const;

/** Outcome and cause of a maintenance of which nothing is under way any more. */
export interface Conclusion {
  readonly outcome: Exclude<MaintenanceResult['outcome'], 'PLANNED'>;
  readonly cause: MaintenanceCause;
}

/**
 * COMPLETED only where every instance ended SUCCEEDED or NOOP, and every master that was moved is back where a
 * return leg was asked for. Otherwise PARTIAL, by what stopped the maintenance first.
 */
export function conclude(state: MaintenanceState): Conclusion {
  const { items, stops, facts } = state;
  // A maintenance that was stopped before it had anything to do was stopped all the same.
  if (items.length === 0 && stops.length === 0)
    return {
      outcome: mayBeEmpty(facts?.request) ? 'COMPLETED' : 'PARTIAL',
      cause: 'NOTHING_SELECTED',
    };
  if (items.length > 0 && isAllDone(state)) return { outcome: 'COMPLETED', cause: 'ALL_DONE' };
  const [stop] = stops;
  if (stop !== undefined) return { outcome: 'PARTIAL', cause: stop.cause };
  const isLate = items.some(({ forward }) => forward.cause === 'WINDOW_OVER');
  return { outcome: 'PARTIAL', cause: isLate ? 'WINDOW_OVER' : 'INSTANCES_NOT_DONE' };
}

/** A selector that fits nothing is mistyped more often than meant. */
export function mayBeEmpty(request: Pick<MaintenanceRequest, 'allowEmpty'> | undefined): boolean {
  return request?.allowEmpty !== false;
}

function isAllDone({ items, facts }: MaintenanceState): boolean {
  const hasReturnLeg = (facts?.request.returnLeg ?? null) !== null;
  return items.every((item) => {
    if (!isDone(item.forward)) return false;
    return !hasReturnLeg || !hasMoved(item) || (item.return !== null && isDone(item.return));
  });
}

/** How people know one of its instances: by name where it has one. */
export function nameOfItem(
  items: readonly Pick<MaintenanceItem, 'instanceId' | 'name'>[],
  instanceId: string,
): string {
  return describeInstance(instanceId, items.find((item) => item.instanceId === instanceId)?.name);
}
