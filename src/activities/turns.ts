/** How long activities wait for a turn while a quota of the API is spent. */
import { activityInfo, cancellationSignal, heartbeat, sleep } from '@temporalio/activity';

import { DcsReadLimitError } from '../dcs/index.js';
import type { DcsError, TurnOptions } from '../dcs/index.js';
import type { PutSent } from '../domain/reports.js';
import { classifyRead } from '../domain/retry-classification.js';
import { HEARTBEAT_INTERVAL_MS } from '../domain/timing.js';

import { startStopwatch } from './clock.js';

/** Who goes first where there are not turns enough. */
const PRIORITIES = { settling: 0, lastLook: 1, preCheck: 2, planning: 3 } as const;

/** Readings of one last look: roles, by either way, instance, tags and tasks. They belong together. */
const READINGS_OF_A_LOOK = 5;

/** A turn that is waited for until an instant of Temporal's clock, epoch milliseconds. */
export function turnUntil(purpose: keyof typeof PRIORITIES, atMs: number): TurnOptions {
  return turnWithin(purpose, atMs - activityInfo().currentAttemptScheduledTimestampMs);
}

/** A turn that is waited for so long from now on. */
export function turnWithin(purpose: keyof typeof PRIORITIES, ms: number): TurnOptions {
  const sinceMs = startStopwatch();
  const ahead = purpose === 'lastLook' ? READINGS_OF_A_LOOK : 0;
  return { priority: PRIORITIES[purpose], ahead, leftMs: () => ms - sinceMs().atLeastMs };
}

/** Turns whose waits are counted, so that they need not count against another limit. */
export interface CountedTurns {
  readonly turn: TurnOptions;
  /** How long readings have waited so far, in milliseconds; several at a time count once. */
  readonly waitedMs: () => number;
}

/**
 * Turns of a run whose PUT has left.
 *
 * @param patienceMs until when from now on readings wait
 * @param earlierMs how long a lost worker had waited
 */
export function settlingTurns(patienceMs: number, earlierMs = 0): CountedTurns {
  return countTurns(turnWithin('settling', patienceMs), earlierMs);
}

/** Counts how long readings wait for their turns. @param earlierMs how long a lost worker had waited */
export function countTurns(turn: TurnOptions, earlierMs = 0): CountedTurns {
  let endedMs = earlierMs;
  let waiting = 0;
  let sinceMs = startStopwatch();
  const timed = async <T>(wait: () => Promise<T>): Promise<T> => {
    if (waiting === 0) sinceMs = startStopwatch();
    waiting += 1;
    try {
      return await wait();
    } finally {
      waiting -= 1;
      if (waiting === 0) endedMs += sinceMs().atLeastMs;
    }
  };
  return {
    waitedMs: () => endedMs + (waiting > 0 ? sinceMs().atLeastMs : 0),
    turn: { ...turn, timed },
  };
}

/** How much of the run's patience is left, by Temporal's clock; none where an older workflow reports none. */
export function patienceMs({ turnsUntilMs }: { readonly turnsUntilMs?: number }): number {
  return Math.max(0, (turnsUntilMs ?? 0) - activityInfo().currentAttemptScheduledTimestampMs);
}

/** Whether a reading failed for want of a turn: a quota of the API, or the client's own limit. */
export function isWithoutTurn(error: DcsError): boolean {
  return error instanceof DcsReadLimitError || classifyRead(error) === 'THROTTLED';
}

/** What every heartbeat reports as text, for the Temporal UI and for `status`. */
export interface BeatText {
  readonly next: string;
  /** RFC 3339. */
  readonly givesUpAt: string;
  /** Of the last answer of the DCS API, for a support case. */
  readonly lastRequestId: string | null;
  readonly putSent: PutSent;
}

/**
 * Runs a watching activity with a heartbeat every few seconds, so that the server notices a dead
 * worker and hands the watch to another one.
 *
 * @param details what the UI shows and a successor resumes from; read at every beat
 */
export async function withHeartbeats<T>(details: () => unknown, run: () => Promise<T>): Promise<T> {
  heartbeat(details());
  const timer = setInterval(() => {
    heartbeat(details());
  }, HEARTBEAT_INTERVAL_MS);
  try {
    return await run();
  } catch (error) {
    // The HTTP client's own word for "aborted" would count as an ordinary failure.
    const signal = cancellationSignal();
    if (signal.aborted) throw signal.reason as Error;
    throw error;
  } finally {
    clearInterval(timer);
  }
}

/** Waits, in milliseconds, unless the worker shuts down first. */
export async function pause(ms: number): Promise<void> {
  if (ms > 0) await sleep(ms);
}
