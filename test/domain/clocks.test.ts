/** For every skew that the gateway accepts: what holds back is never over too early, and nothing leaves too late. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import {
  ageMs,
  byApi,
  byTemporal,
  byWorker,
  isOver,
  timeLeftMs,
  unlessSetBack,
  withoutTimesAhead,
  withoutTimesBehind,
} from '../../src/domain/clocks.js';
import type { Present } from '../../src/domain/clocks.js';
import { isFrozen, isFrozenByOneClock } from '../../src/domain/freeze.js';

/** Instants are small here: only differences count. */
const END_MS = 2_000_000_000_000;
const MOST_SKEW_MS = 15 * 60_000;

const skewMs = fc.integer({ min: -MOST_SKEW_MS, max: MOST_SKEW_MS });
const spanMs = fc.nat(60_000);

/** The true present, and how the clocks show it; the reading of the API is some time old. */
const moments = fc
  .record({
    trueMs: fc.integer({ min: END_MS - 3_600_000, max: END_MS + 3_600_000 }),
    worker: skewMs,
    api: skewMs,
    temporal: skewMs,
    underWayMs: spanMs,
    sinceMs: spanMs,
    waitedMs: spanMs,
  })
  .map(({ trueMs, worker, api, temporal, underWayMs, sinceMs, waitedMs }) => {
    const shows = { worker: trueMs + worker, api: trueMs + api, temporal: trueMs + temporal };
    const stampedMs = shows.api - sinceMs - underWayMs;
    const dateMs = Math.floor(stampedMs / 1_000) * 1_000;
    const since = { atLeastMs: sinceMs, atMostMs: sinceMs + underWayMs };
    const ran = { atLeastMs: sinceMs, atMostMs: sinceMs };
    const present: Present = [
      byWorker(shows.worker),
      byApi(dateMs, since),
      byTemporal(shows.temporal - sinceMs - waitedMs, ran),
    ];
    return { shows, present };
  });

describe('an end that holds back', () => {
  test('is over only when every clock says so, however they differ', () => {
    fc.assert(
      fc.property(moments, ({ shows, present }) => {
        const isPast = Math.min(...Object.values(shows)) >= END_MS;
        expect(isPast || !isOver(END_MS, present)).toBe(true);
      }),
    );
  });

  test('is over once every clock is past it by more than a reading is late', () => {
    fc.assert(
      fc.property(moments, ({ shows, present }) => {
        const lateMs = 60_000 + 60_000 + 1_000;
        const isPast = Math.min(...Object.values(shows)) >= END_MS + lateMs;
        expect(isOver(END_MS, present) || !isPast).toBe(true);
      }),
    );
  });

  test('is not over where no clock is known, nor where it is no instant', () => {
    expect(isOver(0, [])).toBe(false);
    expect(isOver(Number.NaN, [byWorker(END_MS)])).toBe(false);
  });
});

describe('a last instant', () => {
  test('leaves no time once the clock of the worker or of the API has passed it', () => {
    fc.assert(
      fc.property(moments, ({ shows, present }) => {
        const isPast = Math.max(shows.worker, shows.api) >= END_MS;
        expect(timeLeftMs(END_MS, present) <= 0 || !isPast).toBe(true);
      }),
    );
  });

  test('leaves time while every clock is before it by more than a reading is late', () => {
    fc.assert(
      fc.property(moments, ({ shows, present }) => {
        const isBefore = Math.max(...Object.values(shows)) < END_MS - 61_000;
        expect(timeLeftMs(END_MS, present) > 0 || !isBefore).toBe(true);
      }),
    );
  });

  test('leaves no time where no clock is known, nor where it is no instant', () => {
    expect(timeLeftMs(END_MS, [])).toBe(0);
    expect(timeLeftMs(Number.NaN, [byWorker(0)]) > 0).toBe(false);
  });
});

describe('the age of what the API listed', () => {
  test('depends on its own clock alone', () => {
    expect(ageMs(END_MS, END_MS - 5_000)).toBe(5_000);
  });

  test('is nothing for a time to come, and unknown without a time', () => {
    expect(ageMs(END_MS, END_MS + 660_000)).toBe(0);
    expect(ageMs(null, END_MS)).toBeNull();
    expect(ageMs(END_MS, null)).toBeNull();
  });
});

describe('what an instant of the API shows to be before it', () => {
  test.each([
    [END_MS, END_MS],
    [END_MS, END_MS - 2_000],
    [END_MS, null],
  ])('is so after %d and %d', (instantMs, shownMs) => {
    expect(unlessSetBack(instantMs, shownMs)).toBe(instantMs);
  });

  test('is not known once the clock was set back, nor without an instant', () => {
    expect(unlessSetBack(END_MS, END_MS - 2_001)).toBeNull();
    expect(unlessSetBack(null, END_MS)).toBeNull();
  });
});

describe('a freeze', () => {
  const until = new Date(END_MS).toISOString();

  test('is in force as long as one clock says so', () => {
    fc.assert(
      fc.property(moments, ({ shows, present }) => {
        const isPast = Math.min(...Object.values(shows)) >= END_MS;
        expect(isPast || isFrozen({ until }, present)).toBe(true);
      }),
    );
  });

  test('counts as in force on a machine of which no one knows how far its clock is ahead', () => {
    fc.assert(
      fc.property(skewMs, fc.integer({ min: 1, max: 3_600_000 }), (ahead, leftMs) => {
        expect(isFrozenByOneClock({ until }, END_MS - leftMs + ahead)).toBe(true);
      }),
    );
    expect(isFrozenByOneClock({ until }, END_MS + MOST_SKEW_MS)).toBe(false);
  });
});

describe('a row of a list', () => {
  const rowAt = (createdAtMs: number | null) => ({ id: 'row', createdAtMs });
  const listed = (createdAtMs: number | null, listedAtMs: number | null) =>
    withoutTimesAhead([rowAt(createdAtMs)], listedAtMs);

  test('keeps its time where clocks alone may explain it', () => {
    fc.assert(
      fc.property(skewMs, (ms) => {
        expect(listed(END_MS + ms, END_MS)).toEqual([rowAt(END_MS + ms)]);
      }),
    );
    expect(listed(0, END_MS)).toEqual([rowAt(0)]);
  });

  test('has none where it has begun after it was listed, as by the time of another zone', () => {
    expect(listed(END_MS + MOST_SKEW_MS + 1, END_MS)).toEqual([rowAt(null)]);
    expect(listed(END_MS + 8 * 3_600_000, END_MS)).toEqual([rowAt(null)]);
  });

  describe('that is new', () => {
    const HOUR_MS = 3_600_000;
    const seenSince = (createdAtMs: number | null, sinceMs: number | null = END_MS) =>
      withoutTimesBehind([rowAt(createdAtMs)], sinceMs, END_MS + 60_000);

    test.each([1, 2.5, 3, 5, 12])(
      'has none where it is a local one of a zone %d h west of UTC',
      (hours) => {
        for (const ms of [-2_000, 0, 62_000])
          expect(seenSince(END_MS + ms - hours * HOUR_MS)).toEqual([rowAt(null)]);
      },
    );

    test.each([
      ['of the time', END_MS],
      ['of clocks that differ', END_MS - MOST_SKEW_MS],
      ['of half an hour before, which is no zone', END_MS - HOUR_MS / 2],
      ['of hours before and some minutes', END_MS - 5 * HOUR_MS - 600_000],
      ['right before the time in any zone', END_MS - 5 * HOUR_MS - 2_001],
      ['of after it was listed in any zone', END_MS - 5 * HOUR_MS + 62_001],
      ['of more hours before than there are zones', END_MS - 13 * HOUR_MS],
    ])('keeps one %s', (_, createdAtMs) => {
      expect(seenSince(createdAtMs)).toEqual([rowAt(createdAtMs)]);
    });

    test('keeps it where no one knows since when it can be', () => {
      const local = END_MS - HOUR_MS;
      expect(seenSince(local, null)).toEqual([rowAt(local)]);
      expect(withoutTimesBehind([rowAt(local)], END_MS, null)).toEqual([rowAt(local)]);
      expect(seenSince(null)).toEqual([rowAt(null)]);
    });
  });

  test('keeps it where no one says when it was listed, and none where it had none', () => {
    expect(listed(END_MS, null)).toEqual([rowAt(END_MS)]);
    expect(listed(null, END_MS)).toEqual([rowAt(null)]);
  });
});
