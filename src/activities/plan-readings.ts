import { setTimeout as sleep } from 'node:timers/promises';

import { activityInfo } from '@temporalio/activity';

import { DcsError } from '../dcs/index.js';
import { askedPauseMs } from '../domain/timing.js';
import { classifyRead } from '../domain/retry-classification.js';

import { startStopwatch } from './clock.js';
import { isWithoutTurn } from './turns.js';

/** Attempts of one reading; each is one HTTP call. */
const MAX_ATTEMPTS = 4;

/** Pause before the second attempt, doubled before each further one, in milliseconds. */
const FIRST_PAUSE_MS = 1_000;

/** Longest pause that the API may ask for, in milliseconds. */
const MAX_PAUSE_MS = 30_000;

/** The part of the activity's own time that readings may take; the rest is for reporting. */
export const SHARE = 0.8;

/** Repeats single readings, so that one throttled call out of hundreds does not repeat all of them. */
export interface Patience {
  /** @throws DcsError the last failure, when it will not pass or time is over */
  readonly repeat: <T>(read: () => Promise<T>) => Promise<T>;
}

/** Patience for one activity execution; ends before the activity's own timeout does, and with the signal. */
export function createPatience(signal: AbortSignal): Patience {
  const elapsed = startStopwatch();
  const patienceMs = activityInfo().startToCloseTimeoutMs * SHARE;
  return {
    repeat: async (read) => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await read();
        } catch (error) {
          const pauseMs = pauseBefore(error, attempt);
          if (pauseMs === null || elapsed().atMostMs + pauseMs >= patienceMs) throw error;
          await sleep(pauseMs, undefined, { signal });
        }
      }
    },
  };
}

/** How long to wait before the next attempt; `null`: there is none. */
function pauseBefore(error: unknown, attempt: number): number | null {
  if (!(error instanceof DcsError) || attempt >= MAX_ATTEMPTS || !mayPass(error)) return null;
  // Its turns were waited for already.
  if (isWithoutTurn(error)) return null;
  const pauseMs = error.retryAfterMs ?? FIRST_PAUSE_MS * 2 ** (attempt - 1);
  return askedPauseMs(pauseMs, MAX_PAUSE_MS, Math.random());
}

/** Whether a reading that failed so may work later. */
export function mayPass(error: DcsError): boolean {
  return ['RETRY', 'WAIT', 'THROTTLED'].includes(classifyRead(error));
}
