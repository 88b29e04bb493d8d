/** Differences of clocks up to this, in milliseconds, are noise: `Date` headers have whole seconds. */
const SAME_CLOCK_MS = 2_000;

/**
 * How long after its end a job was seen to have ended, in milliseconds, never negative.
 *
 * @param endTimeMs the job's end by the clock of DCS
 * @param nowMs this machine's clock
 * @param serverTimeMs the clock of DCS in the answer that told the end; used where the clocks differ
 */
export function noticeLagMs(endTimeMs: number, nowMs: number, serverTimeMs: number | null): number {
  const isSameClock = serverTimeMs === null || Math.abs(nowMs - serverTimeMs) <= SAME_CLOCK_MS;
  return Math.max(0, (isSameClock ? nowMs : serverTimeMs) - endTimeMs);
}
