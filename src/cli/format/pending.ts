import type { PendingActivity } from '../../client.js';

/** What a run is at, in one line for people. */
export function describePending(pending: PendingActivity): string {
  const { type, attempt, maximumAttempts, isWaiting, lastFailure, nextAttemptAt } = pending;
  const { next, givesUpAt, lastRequestId } = pending;
  const of = maximumAttempts === null ? '' : ` of ${maximumAttempts}`;
  const isRetrying = lastFailure !== null;
  return [
    `${type}, attempt ${attempt}${of}${isWaiting && !isRetrying ? ', waiting for a worker' : ''}`,
    ...(isRetrying ? [`the attempt before failed: ${lastFailure}`] : []),
    ...(nextAttemptAt === null ? [] : [`next attempt at ${nextAttemptAt}`]),
    ...(next === null ? [] : [next]),
    ...(givesUpAt === null ? [] : [`gives up at ${givesUpAt}`]),
    ...(lastRequestId === null ? [] : [`last request id ${lastRequestId}`]),
  ].join('; ');
}
