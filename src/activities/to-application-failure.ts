import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';

import { DcsError } from '../dcs/index.js';
import {
  MAX_PREFLIGHT_ATTEMPTS,
  MAX_PREFLIGHT_PAUSE_MS,
  preflightGivesUpAtMs,
} from '../domain/budgets.js';
import { askedPauseMs } from '../domain/timing.js';

import { startExecutionClock } from './clock.js';
import { explain } from './explain.js';

/**
 * A failure of an activity that asks Temporal alone and is asked again until it tells.
 *
 * @param purpose what waits for the answer, such as `the freeze`
 */
export function toRepeatedFailure(error: unknown, purpose: string): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'TemporalUnreadable',
    message: `Nothing was sent or changed by this. ${explain(error)}; ${purpose} is looked for again.`,
    category: ApplicationFailureCategory.BENIGN,
  });
}

/**
 * The only mapping from a DCS error to a Temporal failure. Carries the sanitised words and never the
 * error itself as cause: whatever is attached here ends up in history and in the worker's log.
 *
 * Its message stands beside the running activity in the Temporal UI and in `status`, so it says what a
 * person wants to know there: whether something was sent, and until when it is tried again.
 *
 * @param attempt the one that failed, from 1
 */
export function toRetryableFailure(error: unknown, attempt: number): ApplicationFailure {
  const retryAfterMs = error instanceof DcsError ? error.retryAfterMs : null;
  const { temporalNowMs } = startExecutionClock();
  const givesUpAt = new Date(preflightGivesUpAtMs(temporalNowMs(), attempt)).toISOString();
  return ApplicationFailure.create({
    type: 'DcsUnreadable',
    message:
      `Nothing was sent. ${explain(error)}. Attempt ${attempt} of ${MAX_PREFLIGHT_ATTEMPTS} failed; ` +
      `gives up at ${givesUpAt} at the latest, and the run then ends REFUSED.`,
    category: ApplicationFailureCategory.BENIGN,
    ...(retryAfterMs === null
      ? {}
      : { nextRetryDelay: askedPauseMs(retryAfterMs, MAX_PREFLIGHT_PAUSE_MS, Math.random()) }),
  });
}
