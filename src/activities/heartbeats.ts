import { cancellationSignal, heartbeat, sleep } from '@temporalio/activity';

import { HEARTBEAT_INTERVAL_MS } from '../domain/budgets.js';
import type { PutSent } from '../domain/reports.js';

/** What every heartbeat tells in words, for the Temporal UI and for `status`. */
export interface BeatWords {
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
