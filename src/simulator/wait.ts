import { setTimeout as delay } from 'node:timers/promises';

/** Pause between two looks at a condition. */
const POLL_INTERVAL_MS = 20;

/** Waits `ms`; rejects when the simulator closes meanwhile, which `signal.aborted` then tells. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await delay(ms, undefined, { signal });
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Looks until `probe` answers true.
 *
 * @throws Error that names `what` and carries the last failure of the probe, after `timeoutMs`
 */
export async function waitUntil(
  what: string,
  timeoutMs: number,
  probe: () => Promise<boolean>,
): Promise<void> {
  const deadlineMs = Date.now() + timeoutMs;
  let last = 'it answered, but not so';
  while (Date.now() < deadlineMs) {
    try {
      if (await probe()) return;
    } catch (error) {
      last = messageOf(error);
    }
    await delay(POLL_INTERVAL_MS);
  }
  throw new Error(`${what}: not within ${timeoutMs} ms (${last})`);
}
