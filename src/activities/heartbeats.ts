import { cancellationSignal, heartbeat, sleep } from '@temporalio/activity';

import { HEARTBEAT_INTERVAL_MS } from '../domain/budgets.js';

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
