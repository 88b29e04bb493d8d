import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';

import { DcsError } from '../dcs/index.js';

import { explain } from './explain.js';

/** Longest pause that a `Retry-After` may impose before an activity's next attempt, in milliseconds. */
const MAX_RETRY_DELAY_MS = 30_000;

/**
 * The only mapping from a DCS error to a Temporal failure. Carries the sanitised words and never the
 * error itself as cause: whatever is attached here ends up in history and in the worker's log.
 */
export function toRetryableFailure(error: unknown): ApplicationFailure {
  const retryAfterMs = error instanceof DcsError ? error.retryAfterMs : null;
  return ApplicationFailure.create({
    type: 'DcsUnreadable',
    message: explain(error),
    category: ApplicationFailureCategory.BENIGN,
    ...(retryAfterMs === null
      ? {}
      : { nextRetryDelay: Math.min(retryAfterMs, MAX_RETRY_DELAY_MS) }),
  });
}
