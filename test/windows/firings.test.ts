import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { DAYS_OF_WEEK } from '../../src/contract/index.js';
import type { LocalWindow, ScheduleSpec } from '../../src/contract/index.js';
import {
  findOccurrences,
  isTimeZone,
  nextFirings,
  resolveWindow,
  toTemporalSpec,
} from '../../src/windows/index.js';

const HOUR_MS = 3_600_000;
const ZONES = Intl.supportedValuesOf('timeZone').filter(isTimeZone);
/** Half of the time a zone whose clocks change, some days before they do. */
const CHANGING = [
  ...['Europe/Zurich', 'Europe/London', 'America/New_York', 'America/Havana', 'Asia/Beirut'],
  ...['America/Santiago', 'Australia/Lord_Howe', 'Australia/Sydney', 'Antarctica/Troll'],
];
const SEASONS = ['03-05', '03-20', '03-27', '04-01', '09-01', '09-28', '10-20', '10-30', '11-04'];
const zurich: LocalWindow = { timeZone: 'Europe/Zurich', start: '02:15', end: '05:00' };

const at = (text: string): number => Date.parse(text);

function firings(spec: ScheduleSpec, window: LocalWindow, from: string, count: number): string[] {
  return nextFirings(spec, window, at(from), count).map((firing) => firing.at);
}

const windows: fc.Arbitrary<LocalWindow> = fc.record({
  timeZone: fc.oneof(fc.constantFrom(...CHANGING), fc.constantFrom(...ZONES)),
  start: fc.constantFrom('00:00', '00:30', '01:15', '02:00', '02:30', '03:00', '20:00', '23:45'),
  end: fc.constantFrom('00:15', '04:00', '05:30'),
  daysOfWeek: fc.option(fc.subarray([...DAYS_OF_WEEK], { minLength: 1 }), { nil: null }),
  blackoutDates: fc.constantFrom(null, ['2027-03-28', '2027-10-31', '2027-12-25']),
});

/** Whether no firing lies in the window before, nor so near that going back to a quiet time leads there. */
function fitsBetween(window: LocalWindow, leadSeconds: number, fromMs: number): boolean {
  const spans = findOccurrences(window, fromMs, 40);
  return spans.every(
    ({ opensAtMs }, index) =>
      opensAtMs - leadSeconds * 1000 - 6 * HOUR_MS > (spans[index - 1]?.closesAtMs ?? -Infinity),
  );
}

describe('a schedule that follows the window', () => {
  it('fires once for each occurrence, on time but for nights of change, and its maintenance takes that window', () => {
    const leads = fc.constantFrom(0, 900, 7_200, 21_600);
    const starts = fc
      .record({ year: fc.integer({ min: 2027, max: 2031 }), season: fc.constantFrom(...SEASONS) })
      .map(({ year, season }) => at(`${year}-${season}T00:00:00Z`));
    fc.assert(
      fc.property(windows, leads, starts, (window, leadSeconds, fromMs) => {
        const spec = { onWindow: true, leadSeconds };
        fc.pre(fitsBetween(window, leadSeconds, fromMs));
        const found = nextFirings(spec, window, fromMs, 30).map((firing) => at(firing.at));
        const due = findOccurrences(window, fromMs, 40).filter(
          ({ opensAtMs }) => opensAtMs - leadSeconds * 1000 > fromMs + 6 * HOUR_MS,
        );
        const later = found.filter((ms) => ms > fromMs + 6 * HOUR_MS);
        const first = due.findIndex(
          (span) => span.opensAtMs === resolveWindow(window, later[0] ?? 0)?.opensAtMs,
        );
        expect(first).toBeLessThanOrEqual(1);
        for (const [index, firingMs] of later.entries()) {
          const span = due[first + index];
          const dueMs = (span?.opensAtMs ?? NaN) - leadSeconds * 1000;
          expect(resolveWindow(window, firingMs)).toEqual(span);
          expect(dueMs - firingMs).toBeGreaterThanOrEqual(0);
          expect(dueMs - firingMs).toBeLessThan(6 * HOUR_MS);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('fires on the night on which its time is skipped, some hours early', () => {
    expect(firings({ onWindow: true }, zurich, '2027-03-27T00:00:00Z', 3)).toEqual([
      '2027-03-27T01:15:00Z',
      '2027-03-27T21:30:00Z',
      '2027-03-29T00:15:00Z',
    ]);
  });

  it('fires once on the night on which its time occurs twice', () => {
    const newYork = { ...zurich, timeZone: 'America/New_York', start: '01:15' };
    expect(firings({ onWindow: true }, newYork, '2027-11-06T00:00:00Z', 3)).toEqual([
      '2027-11-06T05:15:00Z',
      '2027-11-07T02:30:00Z',
      '2027-11-08T06:15:00Z',
    ]);
  });

  it('fires on the day before when the lead crosses midnight', () => {
    const mondays = { ...zurich, start: '00:30', daysOfWeek: ['MONDAY'] as const };
    expect(
      firings({ onWindow: true, leadSeconds: 3_600 }, mondays, '2026-12-01T00:00:00Z', 2),
    ).toEqual(['2026-12-06T22:30:00Z', '2026-12-13T22:30:00Z']);
  });

  it('is the same for Temporal in all of a year, so that ensuring it again changes nothing', () => {
    const spec = { onWindow: true, leadSeconds: 600 };
    const january = toTemporalSpec(spec, zurich, at('2027-01-01T00:00:00Z'));
    expect(toTemporalSpec(spec, zurich, at('2027-12-31T23:59:59Z'))).toEqual(january);
    expect(toTemporalSpec(spec, zurich, at('2028-01-01T00:00:00Z'))).not.toEqual(january);
  });

  it('stays short: one calendar, and two entries for a year of changes', () => {
    const { calendars, skip } = toTemporalSpec(
      { onWindow: true },
      zurich,
      at('2027-06-01T00:00:00Z'),
    );
    expect(calendars).toHaveLength(1 + 2 * 6);
    expect(skip?.length).toBeLessThanOrEqual(2 * 6);
  });
});

describe('a preview', () => {
  it('shows each firing in UTC, by the clock on the wall and with the window that its maintenance would use', () => {
    const spec = { cron: '0 1 * * SAT', timeZone: 'America/New_York' };
    expect(nextFirings(spec, zurich, at('2026-12-01T00:00:00Z'), 1)).toEqual([
      {
        at: '2026-12-05T06:00:00Z',
        local: '2026-12-05 01:00 -05:00',
        window: { opensAt: '2026-12-06T01:15:00Z', closesAt: '2026-12-06T04:00:00Z' },
      },
    ]);
  });

  it('ends where the dates of the window end', () => {
    const dates = { ...zurich, dates: ['2026-12-05', '2026-12-06'] };
    expect(firings({ onWindow: true }, dates, '2026-12-05T02:00:00Z', 10)).toEqual([
      '2026-12-06T01:15:00Z',
    ]);
  });

  it('reads cron and calendar in the zone of the window when they name none', () => {
    expect(firings({ cron: '0 4 * * *' }, zurich, '2026-12-05T00:00:00Z', 1)).toEqual([
      '2026-12-05T03:00:00Z',
    ]);
    const fixed = { closesAt: '2030-01-01T00:00:00Z' };
    const [firing] = nextFirings({ calendar: { hour: [4] } }, fixed, at('2026-12-05T00:00:00Z'), 1);
    expect(firing).toMatchObject({ at: '2026-12-05T04:00:00Z', local: '2026-12-05 04:00 +00:00' });
  });
});
