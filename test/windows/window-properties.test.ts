import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { DAYS_OF_WEEK } from '../../src/contract/index.js';
import type { LocalWindow } from '../../src/contract/index.js';
import { findOccurrences, isTimeZone, resolveWindow } from '../../src/windows/index.js';
import { openZone } from '../../src/windows/zone.js';

const DAY_MS = 86_400_000;
const ZONES = Intl.supportedValuesOf('timeZone').filter(isTimeZone);

const clock = fc.nat({ max: 95 }).map((quarter) => {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(quarter / 4))}:${two((quarter % 4) * 15)}`;
});

/** Windows of every zone, with days, blackout dates, and across midnight. */
const windows: fc.Arbitrary<LocalWindow> = fc
  .record({
    timeZone: fc.constantFrom(...ZONES),
    start: clock,
    end: clock,
    daysOfWeek: fc.option(fc.subarray([...DAYS_OF_WEEK], { minLength: 1 })),
    blackoutDates: fc.array(
      fc.integer({ min: 20_454, max: 23_000 }).map((day) => isoDate(day * DAY_MS)),
    ),
  })
  .filter(({ start, end }) => start !== end);

/** From 1975 to 2045. */
const instants = fc
  .integer({ min: 157_766_400, max: 2_366_841_600 })
  .map((seconds) => seconds * 1000);

function isoDate(wallMs: number): string {
  return new Date(wallMs).toISOString().slice(0, 10);
}

/** A span as the clocks on the wall show it, which is what the window was written as. */
function wallsOf(window: LocalWindow, spanMs: number): { date: string; time: string; day: number } {
  const wall = new Date(openZone(window.timeZone).wallAt(spanMs));
  const iso = wall.toISOString();
  return { date: iso.slice(0, 10), time: iso.slice(11, 16), day: (wall.getUTCDay() + 6) % 7 };
}

describe('any window', () => {
  it('has occurrences in order that end after the instant, have a length and respect the blackout dates', () => {
    fc.assert(
      fc.property(windows, instants, (window, fromMs) => {
        const spans = findOccurrences(window, fromMs, 5);
        for (const [index, { opensAtMs, closesAtMs }] of spans.entries()) {
          expect(closesAtMs).toBeGreaterThan(Math.max(fromMs, opensAtMs));
          expect(opensAtMs).toBeGreaterThan(spans[index - 1]?.opensAtMs ?? -Infinity);
          const zone = openZone(window.timeZone);
          const lastWallMs = zone.wallAt(closesAtMs - 1);
          for (let wallMs = zone.wallAt(opensAtMs); wallMs < lastWallMs; wallMs += DAY_MS)
            expect(window.blackoutDates).not.toContain(isoDate(wallMs));
          expect(window.blackoutDates).not.toContain(isoDate(lastWallMs));
        }
      }),
    );
  });

  it('opens and closes at its clock times, except where they are skipped', () => {
    fc.assert(
      fc.property(windows, instants, (window, fromMs) => {
        const zone = openZone(window.timeZone);
        for (const { opensAtMs, closesAtMs } of findOccurrences(window, fromMs, 5)) {
          // Within a day of a change the table of occurrences.test.ts and the oracle of zone.test.ts count.
          const offsets = [-1, 0, 1, 2].map(
            (day) => zone.wallAt(opensAtMs + day * DAY_MS) - opensAtMs - day * DAY_MS,
          );
          if (new Set(offsets).size > 1) continue;
          expect(wallsOf(window, opensAtMs).time).toBe(window.start);
          expect(wallsOf(window, closesAtMs).time).toBe(window.end);
          expect(closesAtMs - opensAtMs).toBeLessThan(DAY_MS);
          const day = DAYS_OF_WEEK[wallsOf(window, opensAtMs).day];
          expect(window.daysOfWeek ?? DAYS_OF_WEEK).toContain(day);
        }
      }),
    );
  });

  it('leaves out none: between two neighbours lies no other', () => {
    fc.assert(
      fc.property(windows, instants, (window, fromMs) => {
        const [first, second] = findOccurrences(window, fromMs, 2);
        fc.pre(first !== undefined && second !== undefined);
        for (const ms of [first.opensAtMs, first.closesAtMs - 1])
          expect(resolveWindow(window, ms)?.closesAtMs).toBeLessThanOrEqual(first.closesAtMs);
        expect(resolveWindow(window, first.closesAtMs)).toEqual(second);
        const isDaily = window.daysOfWeek === null && window.blackoutDates?.length === 0;
        const longestMs = isDaily ? 2 * DAY_MS + 3 * 3_600_000 : Infinity;
        expect(second.opensAtMs - first.opensAtMs).toBeLessThanOrEqual(longestMs);
      }),
    );
  });
});
