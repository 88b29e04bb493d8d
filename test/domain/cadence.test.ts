import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { DEFAULT_TIMING, TIMING_BOUNDS } from '../../src/contract/index.js';
import type { Timing } from '../../src/contract/index.js';
import {
  HEARTBEAT_INTERVAL_MS,
  HEARTBEAT_TIMEOUT_MS,
  READ_TIMEOUT_MS,
  SEND_WINDOW_MS,
  SWAP_PREPARE_MS,
  SWAP_START_TO_CLOSE_MS,
  SWAP_TIMEOUT_MS,
  TEMPORAL_RPC_TIMEOUT_MS,
} from '../../src/domain/budgets.js';
import { pollDelayMs, resendDelayMs } from '../../src/domain/cadence.js';
import {
  failureWatchSeconds,
  runBoundSeconds,
  watchBoundSeconds,
} from '../../src/domain/run-bound.js';

/** When polls happen until the job has ended or the deadline is there, in ms from the start. */
function pollTimes(jobMs: number, deadlineMs: number): number[] {
  const times: number[] = [];
  let nowMs = 0;
  while (times.length < 10_000) {
    const delayMs = pollDelayMs(nowMs, deadlineMs - nowMs);
    nowMs += delayMs;
    times.push(nowMs);
    if (nowMs >= jobMs || delayMs === 0) return times;
  }
  return times;
}

describe('a job is polled', () => {
  it.each([
    [2_900, [1_900, 3_100]],
    [8_000, [1_900, 3_100, 4_500, 6_100, 8_050]],
    [8_100, [1_900, 3_100, 4_500, 6_100, 8_050, 10_050]],
  ])('when it takes %i ms: at %j', (jobMs, times) => {
    expect(pollTimes(jobMs, 600_000)).toStrictEqual(times);
  });

  it('with a widening step, up to a last poll just before the deadline', () => {
    const times = pollTimes(Infinity, 600_000);
    const steps = times.slice(5, -2).map((time, index) => time - (times[index + 4] ?? 0));
    expect([...new Set(steps)]).toStrictEqual([2_000, 5_000, 10_000]);
    expect(times.filter((time) => time > 599_000)).toStrictEqual([599_500, 599_500]);
    expect(times.length).toBeLessThan(100);
  });

  it('at instants that slow answers do not push back, with room between two polls', () => {
    expect(pollDelayMs(2_050, 600_000)).toBe(1_050);
    expect(pollDelayMs(2_590, 600_000)).toBe(510);
    expect(pollDelayMs(2_610, 600_000)).toBe(1_890);
    expect(pollDelayMs(7_900, 600_000)).toBe(2_000);
  });

  it('so that the end of one that takes 1 to 8 s is noticed 0.7 s late on average, by 5 polls', () => {
    const jobsMs = Array.from(
      { length: 1_000 },
      (_, index) => 1_000 * 8 ** ((index + 0.5) / 1_000),
    );
    const polls = jobsMs.map((jobMs) => pollTimes(jobMs, 600_000));
    const lateMs = polls.map((times, index) => (times.at(-1) ?? 0) - (jobsMs[index] ?? 0));
    expect(lateMs.reduce((sum, ms) => sum + ms, 0) / jobsMs.length).toBeLessThanOrEqual(700);
    expect(Math.max(...polls.map(({ length }) => length))).toBeLessThanOrEqual(5);
  });

  it('never beyond the deadline, never after less than no time', () => {
    fc.assert(
      fc.property(
        fc.nat(7_200_000),
        fc.integer({ min: -10_000, max: 7_200_000 }),
        fc.option(fc.nat(10_000_000)),
        (elapsedMs, leftMs, retryAfterMs) => {
          const delayMs = pollDelayMs(elapsedMs, leftMs, retryAfterMs);
          return delayMs >= 0 && delayMs <= Math.max(0, leftMs) && delayMs <= 30_000;
        },
      ),
    );
  });

  it.each<[number | null, number]>([
    [null, 1_900],
    [500, 1_900],
    [7_000, 7_000],
    [900_000, 30_000],
  ])('after %s ms where the API asks so: %i', (retryAfterMs, expected) => {
    expect(pollDelayMs(0, 600_000, retryAfterMs)).toBe(expected);
  });
});

describe('a PUT that was not applied is repeated after', () => {
  it.each<[number, number | null, number]>([
    [1, null, 2_000],
    [2, null, 4_000],
    [3, null, 8_000],
    [4, null, 15_000],
    [40, null, 15_000],
    [1, 60_000, 60_000],
    [4, 1_000, 15_000],
  ])('attempt %i, asked for %s: %i ms', (attempt, retryAfterMs, expected) => {
    expect(resendDelayMs(attempt, retryAfterMs)).toBe(expected);
  });
});

describe('the budgets', () => {
  it('let a PUT that left be answered or given up before its activity counts as lost', () => {
    const longestMs = SWAP_PREPARE_MS + TEMPORAL_RPC_TIMEOUT_MS + SEND_WINDOW_MS + SWAP_TIMEOUT_MS;
    expect(longestMs).toBeLessThan(SWAP_START_TO_CLOSE_MS);
  });

  it('let one reading end within the preparation, and a heartbeat be missed once', () => {
    expect(READ_TIMEOUT_MS).toBeLessThan(SWAP_PREPARE_MS);
    expect(2 * HEARTBEAT_INTERVAL_MS).toBeLessThan(HEARTBEAT_TIMEOUT_MS);
  });
});

describe('the bound of a run', () => {
  it('is, by default, known', () => {
    expect(runBoundSeconds(DEFAULT_TIMING)).toBe(2_848);
  });

  const fields = Object.keys(TIMING_BOUNDS) as (keyof Timing)[];

  it.each(fields)('never shrinks with a larger %s', (field) => {
    const { min, max } = TIMING_BOUNDS[field];
    const bound = (value: number): number => runBoundSeconds({ ...DEFAULT_TIMING, [field]: value });
    expect(bound(max)).toBeGreaterThanOrEqual(bound(min));
    expect(bound(max)).toBeLessThan(7 * 86_400);
  });

  it('gives a watch the time that its samples need, whatever its length', () => {
    const slow = { ...DEFAULT_TIMING, verifySamples: 10, verifyIntervalSeconds: 30 };
    expect(watchBoundSeconds(0, slow)).toBe(600);
    expect(runBoundSeconds(slow)).toBeGreaterThan(6 * 600);
  });

  it('watches a failure at least as long as a success', () => {
    expect(failureWatchSeconds({ ...DEFAULT_TIMING, settleSeconds: 30 })).toBe(120);
    expect(failureWatchSeconds({ ...DEFAULT_TIMING, settleSeconds: 600 })).toBe(600);
  });

  it('covers both swaps with all that follows them', () => {
    const value = fc.integer({ min: 1, max: 3_600 });
    const timing = fc.record(Object.fromEntries(fields.map((field) => [field, value])));
    fc.assert(
      fc.property(timing, (given) => {
        const all = { ...DEFAULT_TIMING, ...given };
        const one = all.busyWaitSeconds + all.jobTimeoutSeconds + all.verifyTimeoutSeconds;
        return runBoundSeconds(all) > 2 * (one + all.settleSeconds);
      }),
    );
  });
});
