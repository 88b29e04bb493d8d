import { setTimeout as sleep } from 'node:timers/promises';

import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

import { DcsConfigurationError } from './errors/dcs-configuration-error.js';

/** Waits for the turn of one reading; rejects when the signal aborts first. */
export type WaitForTurn = (signal: AbortSignal) => Promise<void>;

/**
 * The read limit of one client. Only readings wait: they can be repeated and have time. The PUT has a
 * window of seconds after its last look, and holding it back would make that look old.
 *
 * @param maxPerSecond `null`: no limit; below 1 it means one in so many seconds
 * @throws DcsConfigurationError unless it is a positive number
 */
export function createReadLimit(maxPerSecond: number | null): WaitForTurn {
  if (maxPerSecond === null) return () => Promise.resolve();
  if (!Number.isFinite(maxPerSecond) || maxPerSecond <= 0)
    throw new DcsConfigurationError('maxReadsPerSecond', 'must be a number above 0');
  const points = Math.max(1, Math.floor(maxPerSecond));
  const limiter = new RateLimiterMemory({ points, duration: points / maxPerSecond });
  return async (signal) => {
    for (;;) {
      const waitMs = await limiter.consume('reads').then(() => null, msToWait);
      if (waitMs === null) return;
      await sleep(waitMs, undefined, { signal });
    }
  };
}

/** The limiter says no by rejecting with the time until its next window. */
function msToWait(refusal: unknown): number {
  if (refusal instanceof RateLimiterRes) return Math.max(1, refusal.msBeforeNext);
  throw refusal;
}
