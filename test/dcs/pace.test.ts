/** How soon readings may go on after a 429. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
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

describe('by the clock', () => {
  const real = { monotonic: performance.now.bind(performance), wall: Date.now };
  let nowMs = 0;
  const pass = (ms: number): void => {
    nowMs += ms;
  };
  beforeEach(() => {
    nowMs = 1_000_000;
    performance.now = Date.now = () => nowMs;
  });
  afterEach(() => {
    performance.now = real.monotonic;
    Date.now = real.wall;
  });

  const throttle = (overrides: Partial<Throttle> = {}): Throttle => ({
    ...{ policy: 'user', limit: 60, windowMs: 60_000, askedMs: null },
    ...overrides,
  });
  /** Without chance: half of the share of the window. */
  const createCertain = (minGapMs = 0) => {
    let changes = 0;
    const pace = createPace({ minGapMs, random: () => 0, onChange: () => (changes += 1) });
    return { ...pace, changes: () => changes };
  };
  /** A pace that a 429 closed so long ago that a probe may go; since when, and how many changes it has notified of. */
  const closedLongAgo = () => {
    const pace = createCertain();
    pace.grant().throttled(throttle());
    const { sinceMs } = pace.closed() ?? {};
    pass(60_000);
    return { pace, sinceMs, changes: pace.changes() };
  };
  /** A pace that a 429 closed and a probe has opened again, with all turns of the past taken. */
  const openedAfter = (details: Partial<Throttle>, minGapMs = 0) => {
    const pace = createCertain(minGapMs);
    pace.grant().throttled(throttle(details));
    pass(pace.readyInMs());
    pace.grant().passed();
    pass(Math.max(0, pace.readyInMs()));
    return pace;
  };
  const gapAfter = (details: Partial<Throttle>, minGapMs = 0): number => {
    const pace = openedAfter(details, minGapMs);
    pace.grant();
    return pace.readyInMs();
  };

  it('turns follow one another by the least gap, and some may be taken ahead', () => {
    const pace = createCertain(500);
    expect(pace.readyInMs()).toBeLessThanOrEqual(0);
    pace.grant();
    pace.grant();
    expect([pace.readyInMs(), pace.readyInMs(1), pace.readyInMs(2)]).toEqual([1_000, 500, 0]);
    pass(400);
    expect(pace.readyInMs()).toBe(600);
  });

  it.each<[string, Partial<Throttle>, number]>([
    ['its window among its calls', {}, 1_000],
    ['two seconds at the most', { limit: 10 }, 2_000],
    ['a minute among them where it names no window', { windowMs: null }, 1_000],
    ['nothing where it names no limit', { limit: null }, 0],
    ['nothing where its limit is none', { limit: 0 }, 0],
  ])('a 429 teaches a gap: %s', (_, details, gapMs) => {
    expect(gapAfter(details)).toBe(gapMs);
  });

  it('the larger gap counts, of what is set and what was learnt', () => {
    expect(gapAfter({}, 1_500)).toBe(1_500);
    expect(gapAfter({}, 300)).toBe(1_000);
  });

  it('what a 429 has taught is forgotten after ten windows without another', () => {
    const pace = openedAfter({});
    pass(10 * 60_000 - 4_000);
    pace.grant();
    expect(pace.readyInMs()).toBe(1_000);
    pass(4_000);
    pace.grant();
    expect(pace.readyInMs()).toBe(0);
  });

  it('one probe goes alone; the others wait for its end', () => {
    const pace = createCertain();
    pace.grant().throttled(throttle());
    expect(pace.closed()?.throttle.limit).toBe(60);
    expect(pace.readyInMs(9)).toBe(60_000 / 24);
    pass(60_000 / 24);
    const probe = pace.grant();
    expect(pace.readyInMs()).toBe(Infinity);
    const changes = pace.changes();
    probe.passed();
    expect([pace.closed(), pace.changes() - changes]).toEqual([null, 1]);
    expect(pace.readyInMs(1)).toBe(0);
  });

  it('a probe that fails leaves the gate closed, and the next may probe', () => {
    const { pace, sinceMs, changes } = closedLongAgo();
    pace.grant().failed();
    expect([pace.closed()?.sinceMs, pace.changes() - changes]).toEqual([sinceMs, 1]);
    expect(pace.readyInMs(1)).toBeLessThanOrEqual(0);
  });

  it('a probe that is throttled closes it again, since the first time', () => {
    const { pace, sinceMs, changes } = closedLongAgo();
    pace.grant().throttled(throttle({ askedMs: 10_000 }));
    expect([pace.closed()?.sinceMs, pace.closed()?.throttle.askedMs]).toEqual([sinceMs, 10_000]);
    expect([pace.readyInMs(1), pace.changes() - changes]).toEqual([10_000, 1]);
  });

  it('a call that left before it closed opens nothing', () => {
    const pace = createCertain();
    const [early, late, throttled] = [pace.grant(), pace.grant(), pace.grant()];
    throttled.throttled(throttle());
    const changes = pace.changes();
    early.passed();
    late.failed();
    expect(pace.readyInMs(9)).toBe(60_000 / 24);
    expect([pace.closed() === null, pace.changes() - changes]).toEqual([false, 0]);
  });

  it('a call that failed while it is probed does not let another probe', () => {
    const pace = createCertain();
    const early = pace.grant();
    pace.grant().throttled(throttle());
    pass(60_000);
    pace.grant();
    early.failed();
    early.passed();
    expect(pace.readyInMs()).toBe(Infinity);
  });

  it('a time of nothing is none that was asked', () => {
    const pace = createCertain();
    pace.grant().throttled(throttle({ askedMs: 0 }));
    expect(pace.readyInMs(9)).toBe(60_000 / 24);
  });
});
