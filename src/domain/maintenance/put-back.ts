/** Switchovers that were refused for what passes by itself: their rows go back to pending. Pure. */
import type { Leg } from '../../contract/index.js';

import type { LegEnding } from './reports.js';
import { forwardRules, returnRules } from './rules.js';
import type { MaintenanceState, PlanLeg, PlanRow } from './state.js';

/** `cause` of a leg that waits, or has waited to its end, for what passes by itself. */
export const NOT_READY = 'NOT_READY';

/** How often a row goes back at the most: with the waits below that is some twenty minutes. */
const MOST_RETURNS = 6;

/** Wait before the first further try, give or take a half, in milliseconds; doubled each time. */
const FIRST_WAIT_MS = 30_000;
const LONGEST_WAIT_MS = 300_000;

/** Less time than this before the last safe start is none, in milliseconds. */
const LEAST_WAIT_MS = 5_000;

/** What becomes of a leg that goes back to pending. */
export type PutBack = Pick<
  PlanLeg,
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
  row: PlanRow,
  leg: PlanLeg,
  { message }: Pick<LegEnding, 'message'>,
  { nowMs, random }: { readonly nowMs: number; readonly random: number },
): PutBack | null {
  const returns = (leg.returns ?? 0) + 1;
  const firstTriedAtMs = leg.firstTriedAtMs ?? startOf(leg, nowMs);
  const wishedMs = Math.min(FIRST_WAIT_MS * 2 ** (returns - 1), LONGEST_WAIT_MS) * (0.5 + random);
  // Where the time is short, half of it: so that there is a further try.
  const waitMs = Math.round(Math.min(wishedMs, (lastStartMs(state, row, leg.leg) - nowMs) / 2));
  if (returns > MOST_RETURNS || waitMs < LEAST_WAIT_MS) return null;
  const retryAtMs = nowMs + waitMs;
  const reason =
    `refused ${times(returns)} since ${iso(firstTriedAtMs)} for what passes by itself, ` +
    `tried again at ${iso(retryAtMs)}: ${message}`;
  const waiting = { state: 'PENDING', stage: null, cause: NOT_READY } as const;
  return { ...waiting, reason, retryAtMs, returns, firstTriedAtMs };
}

/** The message of a leg that has ended, with how often and how long it was tried. */
export function tellTries(leg: PlanLeg | null, message: string, nowMs: number): string {
  const returns = leg?.returns ?? 0;
  if (returns === 0) return message;
  const minutes = Math.max(1, Math.round((nowMs - (leg?.firstTriedAtMs ?? nowMs)) / 60_000));
  return `Tried ${times(returns + 1)} within ${minutes} min. The last time: ${message}`;
}

function startOf({ startedAt }: PlanLeg, nowMs: number): number {
  return startedAt === null ? nowMs : Date.parse(startedAt);
}

/** The latest instant at which the leg may start. */
function lastStartMs({ facts, soakEndsAtMs }: MaintenanceState, row: PlanRow, leg: Leg['leg']) {
  if (facts === null) return 0;
  const rules = leg === 'forward' ? forwardRules(facts) : returnRules(facts, soakEndsAtMs ?? 0);
  return Math.max(0, ...rules.timesOf(row).map(({ untilMs }) => untilMs));
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
