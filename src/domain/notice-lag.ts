import type { ApiMs } from './clocks.js';

/** An HTTP `Date` has whole seconds, so on average the clock was half of one further, in milliseconds. */
const DATE_CUT_MS = 500;

/**
 * How long after its end a job was seen to have ended, in milliseconds, by the clock of DCS alone: to half a
 * second, never negative.
 *
 * @param endTimeMs the job's end
 * @param answeredAtMs the `Date` of the answer that told the end
 */
export function noticeLagMs(endTimeMs: ApiMs, answeredAtMs: ApiMs): number {
  return Math.max(0, answeredAtMs + DATE_CUT_MS - endTimeMs);
}
