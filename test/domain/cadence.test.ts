import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { DEFAULT_TIMING, TIMING_BOUNDS } from '../../src/contract/index.js';
import type { Timing } from '../../src/contract/index.js';
import { learntPollsMs, pollDelayMs } from '../../src/domain/polling.js';
import type { JobTimes } from '../../src/domain/polling.js';
import {
  askedPauseMs,
  failureWatchSeconds,
  HEARTBEAT_INTERVAL_MS,
  HEARTBEAT_TIMEOUT_MS,
  holdSeconds,
  lastTurnMs,
  PREFLIGHT_TIMEOUT_MS,
  quotaPatienceSeconds,
  READ_TIMEOUT_MS,
  resendDelayMs,
  runBoundSeconds,
  SEND_WINDOW_MS,
  settlingTurnsEndMs,
  SWAP_PREPARE_MS,
  SWAP_START_TO_CLOSE_MS,
  SWAP_TIMEOUT_MS,
  TEMPORAL_RPC_TIMEOUT_MS,
  throttleDelayMs,
  watchBoundSeconds,
} from '../../src/domain/timing.js';
import type { ThrottledTry } from '../../src/domain/timing.js';

/** When polls happen until the job has ended or the deadline is there, in ms from the start. */
function pollTimes(jobMs: number, deadlineMs: number, learnt?: JobTimes): number[] {
  const firstPollsMs = learnt === undefined ? undefined : learntPollsMs(learnt);
  const times: number[] = [];
  let nowMs = 0;
  while (times.length < 10_000) {
    const delayMs = pollDelayMs(nowMs, deadlineMs - nowMs, null, 0, firstPollsMs);
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
    expect([29_999, 30_000].map((atMs) => pollDelayMs(atMs, 600_000))).toEqual([2_000, 5_000]);
  });

  it('at instants that slow answers do not push back, with room between two polls', () => {
    expect([1_400, 1_401].map((atMs) => pollDelayMs(atMs, 600_000))).toEqual([500, 1_699]);
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
        fc.double({ min: 0, max: 1, noNaN: true }),
        (elapsedMs, leftMs, retryAfterMs, random) => {
          const delayMs = pollDelayMs(elapsedMs, leftMs, retryAfterMs, random);
          return delayMs >= 0 && delayMs <= Math.max(0, leftMs) && delayMs <= 37_500;
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

describe('a job of which it is known how long it takes is polled', () => {
  it.each<[JobTimes, number, number[]]>([
    [{ shortestMs: 2_900, longestMs: 3_300 }, 2_950, [2_900, 3_789]],
    [{ shortestMs: 20_000, longestMs: 20_000 }, 20_100, [1_900, 20_000, 22_134]],
    [{ shortestMs: 20_000, longestMs: 20_000 }, 500, [1_900]],
    [{ shortestMs: 3_801, longestMs: 3_801 }, 500, [1_900]],
    [{ shortestMs: 3_800, longestMs: 3_800 }, 500, [3_800]],
  ])('with %j and %i ms at %j', (learnt, jobMs, times) => {
    expect(pollTimes(jobMs, 600_000, learnt)).toStrictEqual(times);
  });

  it('fewer times and no later, where it takes what others took', () => {
    const learnt = { shortestMs: 20_000, longestMs: 22_000 };
    const jobsMs = Array.from({ length: 100 }, (_, index) => 20_000 + 20 * index);
    const lateOf = (times: readonly number[], jobMs: number) => (times.at(-1) ?? 0) - jobMs;
    for (const jobMs of jobsMs) {
      const [learntTimes, others] = [pollTimes(jobMs, 600_000, learnt), pollTimes(jobMs, 600_000)];
      expect(learntTimes.length).toBeLessThan(others.length / 2);
      expect(lateOf(learntTimes, jobMs)).toBeLessThanOrEqual(2_700);
    }
  });

  it('as ever where what was learnt is out of date: within half a minute at first, and to the deadline', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 3_600_000, noNaN: true }),
        fc.double({ min: 1, max: 3_600_000, noNaN: true }),
        fc.nat(7_200_000),
        fc.nat(7_200_000),
        (shortestMs, longestMs, elapsedMs, leftMs) => {
          const polls = learntPollsMs({ shortestMs, longestMs });
          const delayMs = pollDelayMs(elapsedMs, leftMs, null, 0, polls);
          return delayMs >= 0 && delayMs <= Math.min(leftMs, 30_000);
        },
      ),
    );
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
    expect(resendDelayMs(attempt, retryAfterMs, 0)).toBe(expected);
  });

  it('up to a quarter less, or a quarter more than was asked', () => {
    expect(resendDelayMs(4, null, 1)).toBe(11_250);
    expect(resendDelayMs(1, 60_000, 1)).toBe(75_000);
  });
});

/** From 0 to 1. */
const chance = fc.double({ min: 0, max: 1, noNaN: true });

/** The ones that a quota of the API has turned away. */
const throttledTries: fc.Arbitrary<ThrottledTry> = fc.record({
  tries: fc.integer({ min: 1, max: 1_000 }),
  askedMs: fc.option(fc.integer({ min: 1, max: 600_000 })),
  windowMs: fc.option(fc.integer({ min: 1_000, max: 3_600_000 })),
});

describe('whoever was turned away for a spent quota', () => {
  it('comes back no sooner than was asked, and within three quarters of a window after that', () => {
    fc.assert(
      fc.property(throttledTries, chance, (tried, random) => {
        const { askedMs, windowMs } = tried;
        const delayMs = throttleDelayMs(tried, random);
        const beyondMs = delayMs - (askedMs ?? 0);
        expect(beyondMs).toBeGreaterThanOrEqual(0);
        expect(delayMs).toBeGreaterThan(0);
        expect(beyondMs).toBeLessThanOrEqual(
          Math.max(0.75 * (windowMs ?? 60_000), (askedMs ?? 0) / 2) + 1,
        );
      }),
    );
  });

  it('comes back at an instant that chance spreads over a twelfth of the window at least, from the third try on a third', () => {
    fc.assert(
      fc.property(throttledTries, (tried) => {
        const spreadMs = throttleDelayMs(tried, 1) - throttleDelayMs(tried, 0);
        const { tries, askedMs, windowMs } = tried;
        const ofWindow = (windowMs ?? 60_000) * (tries < 3 ? 1 / 12 : 1 / 3);
        const leastMs = tries === 1 && askedMs !== null ? askedMs / 2 : ofWindow;
        expect(spreadMs).toBeGreaterThanOrEqual(Math.floor(leastMs) - 1);
      }),
    );
  });

  it('finds the part of each window in which the gateway is open, wherever it lies and whenever it begins', () => {
    // As chance has them, every value as likely as another.
    const share = fc.noBias(fc.integer({ min: 0, max: 1_000_000 }));
    const shares = fc.noShrink(fc.array(share, { minLength: 200, maxLength: 200 }));
    fc.assert(
      fc.property(shares, fc.nat(59_999), fc.nat(59_999), (randoms, startMs, openAtMs) => {
        const isOpen = (atMs: number): boolean => (atMs - openAtMs + 60_000) % 60_000 < 15_000;
        let atMs = startMs;
        for (const [index, random] of randoms.entries()) {
          if (isOpen(atMs)) return;
          const tried = { tries: index + 1, askedMs: null, windowMs: 60_000 };
          atMs += throttleDelayMs(tried, random / 1_000_000);
        }
        throw new Error('200 tries have met the gateway closed');
      }),
    );
  });
});

describe('whoever the API asks to come back later', () => {
  it('comes back no sooner, up to the longest pause, and up to a quarter later', () => {
    const pauses = fc.integer({ min: 0, max: 600_000 });
    fc.assert(
      fc.property(pauses, fc.integer({ min: 1, max: 60_000 }), chance, (askedMs, maxMs, random) => {
        const leastMs = Math.min(askedMs, maxMs);
        const pauseMs = askedPauseMs(askedMs, maxMs, random);
        expect(pauseMs).toBeGreaterThanOrEqual(leastMs);
        expect(pauseMs).toBeLessThanOrEqual(Math.ceil(leastMs * 1.25));
        expect(askedPauseMs(askedMs, maxMs, 1) - askedPauseMs(askedMs, maxMs, 0)).toBe(
          Math.round(leastMs * 1.25) - leastMs,
        );
        expect(pollDelayMs(0, 3_600_000, askedMs, random)).toBeGreaterThanOrEqual(
          Math.min(askedMs, 30_000),
        );
        expect(resendDelayMs(1, askedMs, random)).toBeGreaterThanOrEqual(askedMs);
      }),
    );
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

describe('a run with a timeout', () => {
  const seconds = fc.integer({ min: 0, max: 100_000 });

  it('waits for turns until notAfter at the latest, and leaves what may follow its time', () => {
    fc.assert(
      fc.property(seconds, seconds, (notAfterSeconds, spareSeconds) => {
        const timing = DEFAULT_TIMING;
        const notAfterMs = notAfterSeconds * 1000;
        const timeoutMs = (runBoundSeconds(timing) + spareSeconds) * 1000;
        const untilMs = lastTurnMs({ notAfterMs, timing }, 0, timeoutMs);
        expect(untilMs).toBeLessThanOrEqual(notAfterMs);
        const restMs = runBoundSeconds(timing) * 1000 - PREFLIGHT_TIMEOUT_MS;
        expect(untilMs + restMs).toBeLessThanOrEqual(timeoutMs);
        expect(lastTurnMs({ notAfterMs, timing }, 0, null)).toBe(notAfterMs);
      }),
    );
  });

  it('whose PUT has left ends the wait in time to watch, to hold the lock and to report its end', () => {
    fc.assert(
      fc.property(seconds, seconds, (sentSeconds, spareSeconds) => {
        const timing = DEFAULT_TIMING;
        const timeoutMs = (runBoundSeconds(timing) + spareSeconds) * 1000;
        const limit = { startedAtMs: 0, timeoutMs };
        const endMs = settlingTurnsEndMs(timing, sentSeconds * 1000, limit);
        const restSeconds =
          timing.settleSeconds + timing.verifyTimeoutSeconds + holdSeconds(timing);
        expect(endMs + restSeconds * 1000).toBeLessThan(timeoutMs);
        const withoutMs = settlingTurnsEndMs(timing, 0, { startedAtMs: 0, timeoutMs: null });
        expect(withoutMs).toBe((timing.jobTimeoutSeconds + quotaPatienceSeconds(timing)) * 1000);
      }),
    );
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
