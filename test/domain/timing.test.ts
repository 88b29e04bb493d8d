/** Budgets and pauses, to the millisecond. */
import { describe, expect, it } from '@jest/globals';

import { DEFAULT_TIMING } from '../../src/contract/index.js';
import {
  holdSeconds,
  lastTurnMs,
  LOST_PUT_SETTLE_MS,
  preflightGivesUpAtMs,
  quotaPatienceSeconds,
  runBoundSeconds,
  SEND_WINDOW_MS,
  settlingTurnsEndMs,
  SWAP_TIMEOUT_MS,
  throttleDelayMs,
} from '../../src/domain/timing.js';

describe('a try that a spent quota has turned away is repeated', () => {
  it.each<[tries: number, askedMs: number | null, soonestMs: number, latestMs: number]>([
    [1, null, 2_500, 7_500],
    [2, null, 5_000, 15_000],
    [3, null, 10_000, 30_000],
    [4, null, 15_000, 45_000],
    [9, null, 15_000, 45_000],
    [1, 4_000, 4_000, 6_000],
    [2, 4_000, 9_000, 19_000],
    [1, 0, 2_500, 7_500],
  ])(
    'after try %i, asked to wait %s ms: within %i to %i ms',
    (tries, askedMs, soonestMs, latestMs) => {
      const tried = { tries, askedMs, windowMs: null };
      expect([throttleDelayMs(tried, 0), throttleDelayMs(tried, 1)]).toEqual([soonestMs, latestMs]);
    },
  );

  it('in the window that the API has named', () => {
    expect(throttleDelayMs({ tries: 1, askedMs: null, windowMs: 1_200 }, 0)).toBe(50);
  });
});

it.each([
  [1, 390_000],
  [4, 97_500],
  [5, 0],
  [7, 0],
])('after attempt %i of the pre-flight readings others may follow for %i ms', (attempt, ms) => {
  expect(preflightGivesUpAtMs(1_000_000, attempt)).toBe(1_000_000 + ms);
});

it('a lost PUT is looked for until it can have left and been answered', () => {
  expect(LOST_PUT_SETTLE_MS).toBe(SEND_WINDOW_MS + SWAP_TIMEOUT_MS);
});

it.each([
  [30, 86_400, 300],
  [30, 60, 60],
  [600, 300, 600],
])('settled after %i s, cooled down after %i s, the lock is held %i s', (settle, cool, seconds) => {
  const timing = { ...DEFAULT_TIMING, settleSeconds: settle, coolDownSeconds: cool };
  expect(holdSeconds(timing)).toBe(seconds);
});

it('readings after a PUT are patient for as long as the request says, or as is usual', () => {
  const { quotaPatienceSeconds: usual, ...earlier } = DEFAULT_TIMING;
  const asked = [0, 600].map((seconds) => ({ ...earlier, quotaPatienceSeconds: seconds }));
  expect([...asked, earlier].map(quotaPatienceSeconds)).toEqual([0, 600, usual]);
});

describe('a run that began at 1,000 s and may take 100 s more than its bound', () => {
  const timing = DEFAULT_TIMING;
  const startedAtMs = 1_000_000;
  const timeoutMs = (runBoundSeconds(timing) + 100) * 1_000;

  it('waits for a turn for these and for what the pre-check itself may take', () => {
    const request = { notAfterMs: 10_000_000, timing };
    expect(lastTurnMs(request, startedAtMs, timeoutMs)).toBe(1_160_000);
    expect(lastTurnMs({ ...request, notAfterMs: 1_030_000 }, startedAtMs, timeoutMs)).toBe(
      1_030_000,
    );
  });

  it('does not wait where its timeout leaves nothing', () => {
    expect(lastTurnMs({ notAfterMs: 10_000_000, timing }, startedAtMs, 1_000)).toBe(startedAtMs);
  });

  it('keeps 600 s for the watch, the hold and its report once its PUT has left', () => {
    const limit = { startedAtMs, timeoutMs };
    expect(settlingTurnsEndMs(timing, 2_000_000, limit)).toBe(startedAtMs + timeoutMs - 600_000);
    expect(settlingTurnsEndMs(timing, 0, limit)).toBe(2_400_000);
  });
});
