/** Which switchovers of a maintenance may start now. Pure: items, rules and the time in, moves out. */
import type { Leg, MaintenanceRequest, ObservedMaster } from '../../contract/index.js';
import { iso } from '../../util.js';

import type { LegEnding, MaintenanceFacts } from './reports.js';
import { isDone, isHolding, pausedBy, stopOf } from './state.js';
import type { MaintenanceState, LegState, ItemState, Stop } from './state.js';
import { latestStartMs } from './window.js';
import { countOf, describeInstance } from '../text.js';

/** Limits of the forward leg: inside each item's own times, up to its latest safe start. */
export function forwardRules({ request }: MaintenanceFacts): Rules {
  const { maxConcurrent, canaryCount, maxFailures } = request;
  const timesOf = ({ spans }: ItemState) =>
    spans.map((span) => ({ fromMs: span.opensAtMs, untilMs: latestStartMs(span, request) }));
  return { leg: 'forward', maxConcurrent, canaryCount, maxFailures, timesOf };
}

/** Limits of the return leg: within its own time after the soak, whatever the window says. */
export function returnRules({ request }: MaintenanceFacts, soakEndsAtMs: number): Rules {
  const time = { fromMs: soakEndsAtMs, untilMs: returnNotAfterMs(request, soakEndsAtMs) };
  const { maxConcurrent } = request;
  const limits = { canaryCount: 0, maxFailures: null };
  return { leg: 'return', maxConcurrent, ...limits, timesOf: () => [time] };
}

/** Last instant at which a PUT of the return leg may leave, epoch milliseconds. */
export function returnNotAfterMs({ returnLeg }: MaintenanceRequest, soakEndsAtMs: number): number {
  return soakEndsAtMs + (returnLeg?.withinSeconds ?? 0) * 1000;
}

/** Whether some master has been moved that the return leg brings back. */
export function shouldReturn(state: MaintenanceState): boolean {
  const isAsked = (state.facts?.request.returnLeg ?? null) !== null;
  return isAsked && stopOf(state, 'return') === null && state.items.some(hasMoved);
}

/**
 * Where the master of an item was before this maintenance moved it. The maintenance may have seen it days ago, elsewhere or not at
 * all; the switchover has read it right before its PUT.
 */
export function returnTargetOf({ master, forward }: ItemState): ObservedMaster | null {
  return forward.from ?? master;
}

/** Whether this maintenance has moved the master of an item. */
export function hasMoved({ forward }: ItemState): boolean {
  return isDone(forward) && forward.outcome === 'SUCCEEDED';
}

// Switchovers that were refused for what passes by itself: their items go back to pending. Pure.

/** `cause` of a leg that waits, or has waited to its end, for what passes by itself. */
const NOT_READY = 'NOT_READY';

/** How often an item goes back at the most: with the waits below that is some twenty minutes. */
const MOST_RETURNS = 6;

/** Wait before the first further try, give or take a half, in milliseconds; doubled each time. */
const FIRST_WAIT_MS = 30_000;
const LONGEST_WAIT_MS = 300_000;

/** Less time than this before the last safe start is none, in milliseconds. */
const LEAST_WAIT_MS = 5_000;

/** What becomes of a leg that goes back to pending. */
export type PutBack = Pick<
  LegState,
  'state' | 'stage' | 'cause' | 'reason' | 'retryAtMs' | 'returns' | 'firstTriedAtMs'
>;

/**
 * What becomes of a leg whose switchover was refused for what passes by itself.
 *
 * @param random from 0 to 1
 * @returns `null` where its patience or its time is over: then it has ended as it is
 */
export function putBack(
  state: MaintenanceState,
  item: ItemState,
  leg: LegState,
  { message }: Pick<LegEnding, 'message'>,
  { nowMs, random }: { readonly nowMs: number; readonly random: number },
): PutBack | null {
  const returns = (leg.returns ?? 0) + 1;
  const firstTriedAtMs = leg.firstTriedAtMs ?? startOf(leg, nowMs);
  const wishedMs = Math.min(FIRST_WAIT_MS * 2 ** (returns - 1), LONGEST_WAIT_MS) * (0.5 + random);
  // Where the time is short, half of it: so that there is a further try.
  const waitMs = Math.round(Math.min(wishedMs, (lastStartMs(state, item, leg.leg) - nowMs) / 2));
  if (returns > MOST_RETURNS || waitMs < LEAST_WAIT_MS) return null;
  const retryAtMs = nowMs + waitMs;
  const reason =
    `refused ${times(returns)} since ${iso(firstTriedAtMs)} for what passes by itself, ` +
    `tried again at ${iso(retryAtMs)}: ${message}`;
  const waiting = { state: 'PENDING', stage: null, cause: NOT_READY } as const;
  return { ...waiting, reason, retryAtMs, returns, firstTriedAtMs };
}

/** The message of a leg that has ended, with how often and how long it was tried. */
export function describeTries(leg: LegState | null, message: string, nowMs: number): string {
  const returns = leg?.returns ?? 0;
  if (returns === 0) return message;
  const minutes = Math.max(1, Math.round((nowMs - (leg?.firstTriedAtMs ?? nowMs)) / 60_000));
  return `Tried ${times(returns + 1)} within ${minutes} min. The last time: ${message}`;
}

function startOf({ startedAt }: LegState, nowMs: number): number {
  return startedAt === null ? nowMs : Date.parse(startedAt);
}

/** The latest instant at which the leg may start. */
function lastStartMs({ facts, soakEndsAtMs }: MaintenanceState, item: ItemState, leg: Leg['leg']) {
  if (facts === null) return 0;
  const rules = leg === 'forward' ? forwardRules(facts) : returnRules(facts, soakEndsAtMs ?? 0);
  return Math.max(0, ...rules.timesOf(item).map(({ untilMs }) => untilMs));
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

/** When a leg may start: not before `fromMs`, and before `untilMs`. Epoch milliseconds. */
interface StartTime {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Limits of one kind of leg. */
export interface Rules {
  readonly leg: Leg['leg'];
  readonly maxConcurrent: number;
  readonly canaryCount: number;
  /** `null`: no budget. */
  readonly maxFailures: number | null;
  /** Times at which an item may start, in order. */
  readonly timesOf: (item: ItemState) => readonly StartTime[];
}

/** An item that never starts, and why. */
export interface Rest {
  readonly instanceId: string;
  readonly cause: string;
  readonly reason: string;
  /** Whether it counts against the error budget. @default false */
  readonly isFailure?: true;
}

/** What is to be done now. */
export interface Moves {
  /** Start these, in this order. */
  readonly starts: readonly ItemState[];
  /** These never start. */
  readonly rests: readonly Rest[];
  /** Newly found: nothing further starts. */
  readonly stop: Stop | null;
  /** When to look again though nothing has happened, epoch milliseconds; `null`: only when something has. */
  readonly wakeAtMs: number | null;
  /** Nothing is under way and nothing is left. */
  readonly isOver: boolean;
}

interface Waiting {
  readonly item: ItemState;
  readonly leg: LegState;
}

/**
 * Decides what starts now. A leg starts only inside one of its times, while the maintenance is neither paused nor
 * stopped, in order, with at most `maxConcurrent` under way; behind the canaries only when they are done.
 *
 * @param isHeld whether nothing may start for a reason of the maintenance's own (it is about to continue as new)
 */
export function nextMoves(
  state: MaintenanceState,
  rules: Rules,
  nowMs: number,
  isHeld = false,
): Moves {
  const legs = state.items.flatMap((item) => {
    const leg = item[rules.leg];
    return leg === null ? [] : [{ item, leg }];
  });
  const busy = legs.filter(({ leg }) => leg.stage !== null).length;
  const waiting = legs.filter(({ leg }) => leg.state === 'PENDING' && leg.stage === null);
  const newStop = findStop(state, legs, rules);
  const stop = stopOf(state, rules.leg) ?? newStop;
  if (stop !== null) {
    const rests = waiting.map(({ item }) => skipRemaining(item, stop.cause, stop.reason));
    return { starts: [], rests, stop: newStop, wakeAtMs: null, isOver: busy === 0 };
  }
  const late = waiting.filter(({ item }) => timeOf(item, rules, nowMs) === null);
  const left = waiting.filter((each) => !late.includes(each));
  const mayStart = isHeld || pausedBy(state) !== null ? [] : inTurn(left, legs, rules);
  const isReady = (each: Waiting): boolean => readyAtMs(each, rules, nowMs) <= nowMs;
  const room = Math.max(0, rules.maxConcurrent - busy);
  const starts = mayStart.filter(isReady).slice(0, room);
  const isFull = starts.length === room;
  const later = isFull ? [] : mayStart.filter((each) => !isReady(each));
  return {
    starts: starts.map(({ item }) => item),
    rests: late.map((each) => skipLate(state, each)),
    stop: null,
    wakeAtMs: soonest([
      ...later.map((each) => readyAtMs(each, rules, nowMs)),
      // Whatever is under way wakes the maintenance when it ends, which is soon enough to show who is too late.
      ...(busy + starts.length > 0 ? [] : left.map(({ item }) => untilMs(item, rules, nowMs))),
    ]),
    isOver: busy === 0 && left.length === 0,
  };
}

/** A canary that failed, or a budget that is spent. */
function findStop(state: MaintenanceState, legs: readonly Waiting[], rules: Rules): Stop | null {
  const has = (cause: Stop['cause']) => state.stops.some((stop) => stop.cause === cause);
  const bad = canariesOf(legs, rules).find(({ leg }) => leg.isFailure);
  if (bad !== undefined && !has('CANARY_FAILED')) {
    const { instanceId, name } = bad.item;
    const canary = describeInstance(instanceId, name);
    return { cause: 'CANARY_FAILED', reason: `canary ${canary} did not succeed` };
  }
  const { maxFailures } = rules;
  if (maxFailures === null || has('BUDGET_SPENT')) return null;
  const failures = legs.filter(({ leg }) => leg.isFailure).length;
  if (failures <= maxFailures) return null;
  const reason = `stopped after ${countOf(failures, 'failure')} where ${maxFailures} may be`;
  return { cause: 'BUDGET_SPENT', reason };
}

/**
 * Whether the budget of the forward leg is spent if what is unresolved ends so. That is known minutes before its
 * switchover ends, which still may find out otherwise: until then nothing further starts, and nothing is stopped.
 */
export function isBudgetAtStake({ facts, items }: MaintenanceState): boolean {
  const bad = items.filter(({ forward }) => forward.isFailure || isHolding(forward));
  return facts !== null && bad.length > facts.request.maxFailures;
}

/** The first items; one that was left out without being tried is replaced by the next. */
function canariesOf(legs: readonly Waiting[], { canaryCount }: Rules): readonly Waiting[] {
  const isOut = ({ leg }: Waiting): boolean =>
    leg.state === 'SKIPPED' || (leg.state === 'NOT_STARTED' && !leg.isFailure);
  return legs.filter((each) => !isOut(each)).slice(0, canaryCount);
}

function inTurn(left: readonly Waiting[], legs: readonly Waiting[], rules: Rules) {
  const canaries = canariesOf(legs, rules);
  const areDone = canaries.every(({ leg }) => isDone(leg) && leg.stage === null);
  return areDone ? left : left.filter(({ item }) => canaries.some((each) => each.item === item));
}

/** The first of an item's times that is not over; `null` when all are. */
function timeOf(item: ItemState, { timesOf }: Rules, nowMs: number): StartTime | null {
  return timesOf(item).find((time) => nowMs < time.untilMs && time.fromMs < time.untilMs) ?? null;
}

function readyAtMs({ item, leg }: Waiting, rules: Rules, nowMs: number): number {
  const fromMs = timeOf(item, rules, nowMs)?.fromMs ?? Number.POSITIVE_INFINITY;
  return Math.max(fromMs, leg.retryAtMs ?? 0);
}

function untilMs(item: ItemState, rules: Rules, nowMs: number): number {
  return timeOf(item, rules, nowMs)?.untilMs ?? nowMs;
}

function skipLate(state: MaintenanceState, { item, leg }: Waiting): Rest {
  const pause = pausedBy(state);
  const isPaused = pause === null ? null : `the maintenance was paused by ${pause.by}`;
  // While it was paused nothing was tried: what had held it up may have passed meanwhile.
  const until = isPaused === null ? ' until' : `, then ${isPaused} until`;
  if (leg.cause === 'THROTTLED')
    return skipRemaining(
      item,
      'THROTTLED',
      `a quota of the API was spent${until} its latest safe start: ${leg.reason ?? ''}`,
    );
  if (leg.cause === NOT_READY) {
    const then = isPaused === null ? '; then' : `; then ${isPaused} until`;
    const reason = `${leg.reason ?? 'not ready'}${then} its time was over`;
    const rest = skipRemaining(item, NOT_READY, reason);
    // Refused until its time was over is no better than refused once.
    return isPaused === null ? { ...rest, isFailure: true } : rest;
  }
  if (leg.retryAtMs !== null)
    return skipRemaining(
      item,
      'LOCK_HELD',
      `${leg.reason ?? 'its lock was held'}${until} its time was over`,
    );
  const why = isPaused === null ? '' : `; ${isPaused}`;
  return skipRemaining(item, 'WINDOW_OVER', `its latest safe start had passed${why}`);
}

function skipRemaining({ instanceId }: ItemState, cause: string, reason: string): Rest {
  return { instanceId, cause, reason };
}

function soonest(instants: readonly number[]): number | null {
  const finite = instants.filter((ms) => Number.isFinite(ms));
  return finite.length === 0 ? null : Math.min(...finite);
}
