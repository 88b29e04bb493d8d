/**
 * What a maintenance knows and has decided. It travels from run to run as the second argument of the workflow, so
 * it is an API between versions: fields are only added, and `v` tells them apart.
 */
import type {
  Decision,
  Leg,
  MaintenanceCause,
  MaintenancePhase,
  MaintenanceRequest,
  ObservedMaster,
  SwitchoverHolding,
} from '../../contract/index.js';
import { isRecord } from '../../util.js';
import { withoutCommands } from '../commands.js';
import { clipBytes } from '../text.js';

import { clipMessage } from './ending.js';
import type { MaintenanceFacts, SelectedInstance, Span } from './reports.js';

/**
 * Room for the reasons of all legs, in bytes: the state of a maintenance, its progress and its result are each one
 * payload, and the server ends a run that makes one of more than 2 MB.
 */
const REASONS_BYTES = 350_000;

/** Room for warnings. */
const MAX_WARNINGS = 100;
const MAX_WARNING_BYTES = 600;

/** A leg, and what only its maintenance needs to know of it. */
export interface LegState extends Leg {
  /**
   * What is under way for it; `null`: nothing. `asking` and `reporting` are the caller's hooks, `starting` and
   * `open` the switchover.
   */
  readonly stage: 'asking' | 'starting' | 'open' | 'reporting' | null;
  /** Not to be started again before, epoch milliseconds: the lock was held, a quota spent, the instance not ready. */
  readonly retryAtMs: number | null;
  /** Whether the `before` hook has said to go on. */
  readonly isCleared: boolean;
  /** Until when that answer holds, epoch milliseconds; absent where it was given before answers aged. */
  readonly clearedUntilMs?: number;
  /** How often it has gone back to pending for what passes by itself. @default 0 */
  readonly returns?: number;
  /** When its first switchover began, epoch milliseconds; only where it has gone back. */
  readonly firstTriedAtMs?: number;
  /** Whether it counts against the error budget. */
  readonly isFailure: boolean;
  /** The master right before it, where that is another than the maintenance had seen; else `null`. */
  readonly from: ObservedMaster | null;
}

/** One instance of a maintenance. */
export interface ItemState {
  readonly instanceId: string;
  readonly name: string | null;
  readonly master: ObservedMaster | null;
  /** When its forward switchover may run, in order. */
  readonly spans: readonly Span[];
  readonly forward: LegState;
  readonly return: LegState | null;
}

/** Why nothing further starts. */
export interface Stop {
  readonly cause: MaintenanceCause;
  /** As text that fit behind "not started:". */
  readonly reason: string;
}

/** Everything that a maintenance carries from run to run. */
export interface MaintenanceState {
  readonly v: 1;
  /** Start of the first run of the chain, epoch milliseconds. */
  readonly startedAtMs: number;
  readonly facts: MaintenanceFacts | null;
  readonly phase: MaintenancePhase;
  readonly sinceMs: number;
  readonly decisions: readonly Decision[];
  readonly items: readonly ItemState[];
  readonly warnings: readonly string[];
  /** In the order in which they came; the first is the one that stopped the forward leg. */
  readonly stops: readonly Stop[];
  /** End of the soak, epoch milliseconds; `null` before it begins. */
  readonly soakEndsAtMs: number | null;
}

/** The state of a maintenance that begins. */
export function newState(startedAtMs: number): MaintenanceState {
  return {
    v: 1,
    startedAtMs,
    facts: null,
    phase: 'PLANNING',
    sinceMs: startedAtMs,
    decisions: [],
    items: [],
    warnings: [],
    stops: [],
    soakEndsAtMs: null,
  };
}

/** A leg that may start. */
export function pendingLeg(leg: Leg['leg']): LegState {
  return {
    ...{ leg, state: 'PENDING', outcome: null, cause: null, reason: null },
    ...{
      workflowId: null,
      runId: null,
      startedAt: null,
      endedAt: null,
      swapsSent: 0,
      master: null,
    },
    ...{ stage: null, retryAtMs: null, isCleared: false, isFailure: false, from: null },
  };
}

/** The items of a maintenance that has just been made; an instance that can never start says so from the beginning. */
export function toItems(
  instances: readonly SelectedInstance[],
  { mode, toggle, returnLeg }: Pick<MaintenanceRequest, 'mode' | 'toggle' | 'returnLeg'>,
): ItemState[] {
  return instances.map((instance) => {
    const { instanceId, name, master, spans } = instance;
    const obstacle = { ...refusalOf(instance, mode), ...obstacleOf(instance, toggle) };
    const forward = clipReason(
      { ...pendingLeg('forward'), ...obstacle },
      instances.length,
      returnLeg !== null,
    );
    return { instanceId, name, master, spans, forward, return: null };
  });
}

/** A maintenance that is only looked at shows how it is now; one that is carried out finds out when its turn has come. */
function refusalOf(
  { refusedNow }: SelectedInstance,
  mode: MaintenanceRequest['mode'],
): Partial<LegState> {
  if (mode !== 'plan' || refusedNow === undefined) return {};
  const reason = `it would be refused now: ${refusedNow}`;
  return { state: 'NOT_STARTED', cause: 'REFUSED_NOW', reason };
}

function obstacleOf(
  { obstacle, master, spans }: SelectedInstance,
  toggle: boolean,
): Partial<LegState> {
  const rest = (cause: string, reason: string) =>
    ({ state: 'NOT_STARTED', cause, reason }) as const;
  if (obstacle !== null) return rest('OBSTACLE', obstacle);
  if (toggle && master === null)
    return rest('MASTER_UNKNOWN', 'its master was not known when the maintenance was made');
  if (spans.length === 0)
    return rest('NO_TIME', 'its own maintenance window leaves no safe start within this window');
  return {};
}

/** The state with one leg changed. */
export function patchLeg(
  state: MaintenanceState,
  instanceId: string,
  leg: Leg['leg'],
  patch: Partial<LegState>,
): MaintenanceState {
  const hasReturnLeg = (state.facts?.request.returnLeg ?? null) !== null;
  const items = state.items.map((item) => {
    if (item.instanceId !== instanceId) return item;
    const patched = { ...(item[leg] ?? pendingLeg(leg)), ...patch };
    return { ...item, [leg]: clipReason(patched, state.items.length, hasReturnLeg) };
  });
  return { ...state, items };
}

/** The whole text stands in the switchover's own run. */
function clipReason(leg: LegState, items: number, hasReturnLeg: boolean): LegState {
  if (leg.reason === null) return leg;
  const maxBytes = Math.floor(REASONS_BYTES / (items * (hasReturnLeg ? 2 : 1)));
  return { ...leg, reason: clipText(leg.reason, maxBytes) };
}

/** What does not fit loses its commands first: half of one would be another command. */
function clipText(text: string, maxBytes: number): string {
  return clipBytes(text, maxBytes) === text ? text : clipBytes(withoutCommands(text), maxBytes);
}

/** The state with one more warning, once, as far as there is room. */
export function addWarning(state: MaintenanceState, warning: string): MaintenanceState {
  const { warnings } = state;
  const clipped = clipText(warning, MAX_WARNING_BYTES);
  if (warnings.includes(clipped) || warnings.length > MAX_WARNINGS) return state;
  const isLast = warnings.length === MAX_WARNINGS;
  return { ...state, warnings: [...warnings, isLast ? 'There were more warnings.' : clipped] };
}

/** The state with one more reason to start nothing. */
export function addStop(state: MaintenanceState, stop: Stop): MaintenanceState {
  const isKnown = state.stops.some(({ cause }) => cause === stop.cause);
  return isKnown ? state : { ...state, stops: [...state.stops, stop] };
}

/** Stops after which masters are brought back all the same, where a return leg was asked for. */
const FORWARD_ONLY: readonly MaintenanceCause[] = ['BUDGET_SPENT', 'CANARY_FAILED'];

/** What keeps legs of this kind from starting; `null` when nothing does. */
export function stopOf({ stops }: Pick<MaintenanceState, 'stops'>, leg: Leg['leg']): Stop | null {
  const counting = leg === 'forward' ? stops : stops.filter((s) => !FORWARD_ONLY.includes(s.cause));
  return counting[0] ?? null;
}

/** Whether a leg ended as it should. */
export function isDone({ state, outcome }: Pick<Leg, 'state' | 'outcome'>): boolean {
  return state === 'ENDED' && (outcome === 'SUCCEEDED' || outcome === 'NOOP');
}

/** Whether a leg's switchover is unresolved and keeps its lock until the settle period has passed. */
export function isHolding({ state, outcome }: Pick<Leg, 'state' | 'outcome'>): boolean {
  return state === 'RUNNING' && outcome === 'UNKNOWN';
}

/** Whether a switchover was ever started. */
export function hasStarted({ items }: Pick<MaintenanceState, 'items'>): boolean {
  return items.some(({ forward }) => forward.runId !== null);
}

/** The latest decision of one of these kinds. */
export function latest(
  { decisions }: Pick<MaintenanceState, 'decisions'>,
  ...what: readonly Decision['what'][]
): Decision | null {
  return decisions.filter((decision) => what.includes(decision.what)).at(-1) ?? null;
}

/** Who paused the maintenance; `null` when it is not paused. */
export function pausedBy(state: Pick<MaintenanceState, 'decisions'>): Decision | null {
  const decision = latest(state, 'paused', 'resumed');
  return decision?.what === 'paused' ? decision : null;
}

// When a run of a maintenance hands over to the next one of its chain.

/**
 * Events after which a run ends, long before the server suggests it (4,096): a worker that has lost its cache
 * replays all of them in one workflow task, whatever CPU it has. An instance takes 5 to 8.
 */
const MAX_EVENTS = 1_000;

/**
 * History size after which it ends, in bytes. Above the 2 MB that input and carried state of a thousand instances
 * may take, so that each run gets something done.
 */
const MAX_BYTES = 3 * 1024 * 1024;

/** What Temporal says of a run's history so far. */
export interface HistorySoFar {
  readonly historyLength: number;
  /** In bytes. */
  readonly historySize: number;
  readonly continueAsNewSuggested: boolean;
}

/** Whether the history has grown beyond what a slow worker replays in time, though the server would bear more. */
export function isLongHistory({ historyLength, historySize }: HistorySoFar): boolean {
  return historyLength >= MAX_EVENTS || historySize >= MAX_BYTES;
}

/**
 * The state once a switchover has reported that it is unresolved and keeps its lock.
 *
 * @param reported as it came: whoever may signal the maintenance may have sent it
 * @returns the state itself where it names no switchover that runs
 */
export function recordHolding(state: MaintenanceState, reported: unknown): MaintenanceState {
  if (!isHoldingRecorded(reported)) return state;
  const { workflowId, runId, lockedUntil, why } = reported;
  for (const { instanceId, forward, return: back } of state.items)
    for (const leg of [forward, back]) {
      if (leg?.state !== 'RUNNING' || leg.workflowId !== workflowId || leg.runId !== runId)
        continue;
      const reason = clipMessage(`its lock is held until ${lockedUntil}: ${why}`);
      return patchLeg(state, instanceId, leg.leg, { outcome: 'UNKNOWN', reason, lockedUntil });
    }
  return state;
}

function isHoldingRecorded(value: unknown): value is SwitchoverHolding {
  if (!isRecord(value)) return false;
  const { workflowId, runId, lockedUntil, why } = value;
  const areTexts = [workflowId, runId, lockedUntil, why].every((each) => typeof each === 'string');
  return areTexts && !Number.isNaN(Date.parse(lockedUntil as string));
}
