import { setTimeout as pause } from 'node:timers/promises';

import { defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';
import type { ConnectionOptions } from '@temporalio/client';

/** Longest pause before a failed call is tried again: how far a call may overrun its deadline. */
const MAX_PAUSE_MS = 500;

/** The SDK's retries, made fit for connections that are closed while the server is away. */
export interface BoundedRetries {
  readonly interceptors: NonNullable<ConnectionOptions['interceptors']>;
  /** No retry begins any more; resolves when the last one that was due has begun. */
  stop(): Promise<void>;
}

/**
 * The SDK retries on a timer. On a connection that was closed meanwhile the timer throws where nobody
 * can catch it, and its pauses of up to 6 s overrun deadlines. Hence shorter pauses, and an end that
 * is waited for.
 */
export function createBoundedRetries(): BoundedRetries {
  const { delayFunction, retryableDecider } = defaultGrpcRetryOptions();
  let isStopped = false;
  let lastDueAtMs = 0;
  return {
    interceptors: [
      makeGrpcRetryInterceptor({
        retryableDecider: (attempt, status) => !isStopped && retryableDecider(attempt, status),
        delayFunction: (attempt, status) => {
          const pauseMs = Math.min(MAX_PAUSE_MS, delayFunction(attempt, status));
          lastDueAtMs = Math.max(lastDueAtMs, Date.now() + pauseMs);
          return pauseMs;
        },
      }),
    ],
    async stop() {
      isStopped = true;
      const leftMs = lastDueAtMs - Date.now();
      // Timers may fire a little late; the margin covers that.
      if (leftMs > -MAX_PAUSE_MS / 2) await pause(Math.max(0, leftMs) + MAX_PAUSE_MS / 10);
    },
  };
}
