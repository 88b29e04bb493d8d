/** How soon readings may go on after a 429. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { Throttle } from '../../src/dcs/errors.js';
import { createPace } from '../../src/dcs/turns.js';

/** From 0 to 1. */
const chance = fc.double({ min: 0, max: 1, noNaN: true });

const throttles: fc.Arbitrary<Throttle> = fc.record({
  policy: fc.constant('user'),
  limit: fc.option(fc.integer({ min: 1, max: 10_000 })),
  windowMs: fc.option(fc.integer({ min: 60_000, max: 3_600_000 })),
  askedMs: fc.option(fc.integer({ min: 60_000, max: 600_000 })),
});

/** The pause after one 429, in milliseconds, at the least and at the most: the machine's own time is between them. */
function pauseAfter(
  throttle: Throttle,
  random: number,
): readonly [leastMs: number, mostMs: number] {
  const pace = createPace({ minGapMs: 0, random: () => random, onChange: () => undefined });
  const turn = pace.grant();
  const sinceMs = performance.now();
  turn.throttled(throttle);
  const leftMs = pace.readyInMs();
  return [leftMs, leftMs + performance.now() - sinceMs];
}

describe('after a 429', () => {
  it('nothing is read before the time that was asked, and the first probe within a quarter of it more', () => {
    fc.assert(
      fc.property(throttles, chance, (throttle, random) => {
        fc.pre(throttle.askedMs !== null);
        const [leastMs, mostMs] = pauseAfter(throttle, random);
        expect(mostMs).toBeGreaterThanOrEqual(throttle.askedMs);
        expect(leastMs).toBeLessThanOrEqual(1.25 * throttle.askedMs);
      }),
    );
  });

  it('without such a time, the first probe comes after a random part of the window, an eighth at the most', () => {
    fc.assert(
      fc.property(throttles, chance, ({ windowMs, ...rest }, random) => {
        const [leastMs, mostMs] = pauseAfter({ ...rest, windowMs, askedMs: null }, random);
        expect(mostMs).toBeGreaterThanOrEqual((windowMs ?? 60_000) / 24);
        expect(leastMs).toBeLessThanOrEqual((windowMs ?? 60_000) / 8);
      }),
    );
  });

  it('chance decides by a twelfth of the window, or a quarter of the time that was asked', () => {
    fc.assert(
      fc.property(throttles, (throttle) => {
        const [, soonestMs] = pauseAfter(throttle, 0);
        const [, latestMs] = pauseAfter(throttle, 1);
        const { askedMs, windowMs } = throttle;
        const spreadMs = askedMs === null ? (windowMs ?? 60_000) / 12 : askedMs / 4;
        // Within what the machine takes between two looks.
        expect(latestMs - soonestMs).toBeGreaterThan(spreadMs / 2);
      }),
    );
  });
});
