import { describe, expect, it } from '@jest/globals';
import { Temporal } from '@js-temporal/polyfill';
import fc from 'fast-check';

import { formatLocal, isTimeZone } from '../../src/windows/index.js';
import { openZone } from '../../src/windows/zone.js';

const ZONES = Intl.supportedValuesOf('timeZone').filter(isTimeZone);
const HOUR_MS = 3_600_000;

/** Changes of every kind: by whole, half and twenty-four hours, at midnight, twice a year and by decree. */
const CHANGING = [
  ...['Europe/Zurich', 'Europe/Dublin', 'Africa/Casablanca', 'Africa/Cairo', 'Antarctica/Troll'],
  ...['America/New_York', 'America/Havana', 'America/Santiago', 'America/Caracas', 'Asia/Gaza'],
  ...['Australia/Lord_Howe', 'Asia/Tehran', 'Asia/Pyongyang', 'Pacific/Apia', 'Asia/Kathmandu'],
];
const CHANGES = new Map(CHANGING.map((zone) => [zone, changesOf(zone)]));

/** From 1970 to 2037. */
function changesOf(zone: string): number[] {
  const changes: number[] = [];
  let time = Temporal.Instant.from('1970-01-01T00:00Z').toZonedDateTimeISO(zone);
  for (let next = time.getTimeZoneTransition('next'); next !== null && next.year < 2038;) {
    changes.push(next.epochMilliseconds);
    time = next;
    next = time.getTimeZoneTransition('next');
  }
  return changes;
}

/** A zone and a clock reading: half of them within a day of a change. */
const readings = fc.oneof(
  fc.record({
    zone: fc.constantFrom(...ZONES),
    wallMs: fc.integer({ min: 0, max: 2_200_000_000 }).map((minutes) => minutes * 1000),
  }),
  fc
    .record({
      zone: fc.constantFrom(...CHANGING),
      nth: fc.nat(),
      minutes: fc.integer({ min: -1_500, max: 1_500 }),
    })
    .map(({ zone, nth, minutes }) => {
      const changes = CHANGES.get(zone) ?? [];
      return { zone, wallMs: (changes[nth % changes.length] ?? 0) + minutes * 60_000 };
    }),
);

/** The instant by the `Temporal` of a later JavaScript. */
function oracle(zone: string, wallMs: number, disambiguation: 'earlier' | 'later'): number {
  const local = Temporal.PlainDateTime.from(new Date(wallMs).toISOString().slice(0, 19));
  const isSkipped = disambiguation === 'earlier' ? 'compatible' : 'later';
  return local.toZonedDateTime(zone, { disambiguation: isSkipped }).epochMilliseconds;
}

describe('a time zone', () => {
  it('gives the instants that Temporal gives, in every zone, on nights of change as on others', () => {
    fc.assert(
      fc.property(readings, fc.constantFrom('earlier', 'later'), ({ zone, wallMs }, ofTwo) => {
        const wholeMs = Math.floor(wallMs / 1000) * 1000;
        expect(openZone(zone).instantOf(wholeMs, ofTwo)).toBe(oracle(zone, wholeMs, ofTwo));
      }),
      { numRuns: 3_000 },
    );
  });

  it('reads every instant as Temporal does, whatever was asked before', () => {
    fc.assert(
      fc.property(
        readings,
        fc.array(fc.integer({ min: -40, max: 40 })),
        ({ zone, wallMs }, hours) => {
          const opened = openZone(zone);
          for (const hour of [...hours, 0]) {
            const ms = wallMs + hour * HOUR_MS;
            const theirs = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone);
            expect(opened.wallAt(ms) - ms).toBe(theirs.offsetNanoseconds / 1e6);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('gives none, one or two instants of a clock reading', () => {
    const zurich = openZone('Europe/Zurich');
    expect(zurich.instantsOf(Date.UTC(2027, 2, 28, 2, 30))).toEqual([]);
    expect(zurich.instantsOf(Date.UTC(2027, 2, 28, 3, 30))).toEqual([Date.UTC(2027, 2, 28, 1, 30)]);
    expect(zurich.instantsOf(Date.UTC(2027, 9, 31, 2, 30))).toEqual([
      Date.UTC(2027, 9, 31, 0, 30),
      Date.UTC(2027, 9, 31, 1, 30),
    ]);
  });

  it('is written with its offset, to the minute where there are no seconds', () => {
    expect(formatLocal(Date.UTC(2026, 11, 5, 1), 'Europe/Zurich')).toBe('2026-12-05 02:00 +01:00');
    expect(formatLocal(Date.UTC(2026, 6, 5, 1, 0, 7), 'America/St_Johns')).toBe(
      '2026-07-04 22:30:07 -02:30',
    );
    expect(formatLocal(Date.UTC(2026, 6, 5), 'UTC')).toBe('2026-07-05 00:00 +00:00');
  });

  it.each(['UTC', 'Europe/Zurich', 'Asia/Kolkata', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5'])(
    'is known by its IANA name: %s',
    (name) => {
      expect(isTimeZone(name)).toBe(true);
    },
  );

  it.each([
    '',
    'europe/zurich',
    'EUROPE/ZURICH',
    'Europe/Zuerich',
    '+02:00',
    'CET',
    'PST',
    'ACT',
    'Local',
  ])('is not known by what Temporal refuses or takes for something else: %s', (name) => {
    expect(isTimeZone(name)).toBe(false);
  });
});
