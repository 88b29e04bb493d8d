import { describe, expect, it } from '@jest/globals';

import type { MaintenanceWindow } from '../../src/contract/index.js';
import { findOccurrences, resolveWindow } from '../../src/windows/index.js';

const at = (text: string): number => Date.parse(text);
const zurich = { timeZone: 'Europe/Zurich', start: '02:00', end: '04:00' } as const;

/** The next windows from an instant on, as `from/to` in UTC. */
function next(window: MaintenanceWindow, from: string, count = 1): string[] {
  const format = (ms: number): string => new Date(ms).toISOString().slice(0, 16);
  return findOccurrences(window, at(from), count).map(
    ({ opensAtMs, closesAtMs }) => `${format(opensAtMs)}/${format(closesAtMs)}`,
  );
}

describe('a window in local time', () => {
  it('is the same clock time in winter and in summer', () => {
    expect(next(zurich, '2026-12-05T00:00:00Z')).toEqual(['2026-12-05T01:00/2026-12-05T03:00']);
    expect(next(zurich, '2026-07-05T00:00:00Z')).toEqual(['2026-07-05T00:00/2026-07-05T02:00']);
  });

  it('is still found while it is open, and no longer from its end on', () => {
    const tonight = '2026-12-05T01:00/2026-12-05T03:00';
    expect(next(zurich, '2026-12-05T02:59:59.999Z')).toEqual([tonight]);
    expect(next(zurich, '2026-12-05T03:00:00Z')).toEqual(['2026-12-06T01:00/2026-12-06T03:00']);
  });

  it('crosses midnight and belongs to the day on which it starts', () => {
    const saturdays = {
      ...zurich,
      start: '23:00',
      end: '01:00',
      daysOfWeek: ['SATURDAY'] as const,
    };
    expect(next(saturdays, '2026-12-05T23:30:00Z', 2)).toEqual([
      '2026-12-05T22:00/2026-12-06T00:00',
      '2026-12-12T22:00/2026-12-13T00:00',
    ]);
  });

  it('ends at midnight without touching the next day', () => {
    const evenings = { ...zurich, start: '22:00', end: '00:00', blackoutDates: ['2026-12-06'] };
    expect(next(evenings, '2026-12-05T00:00:00Z', 2)).toEqual([
      '2026-12-05T21:00/2026-12-05T23:00',
      '2026-12-07T21:00/2026-12-07T23:00',
    ]);
  });

  it('is left out as a whole when any part of it lies on a blackout date', () => {
    const nights = { ...zurich, start: '23:00', end: '01:00', blackoutDates: ['2026-12-25'] };
    expect(next(nights, '2026-12-23T23:00:00Z', 2)).toEqual([
      '2026-12-23T22:00/2026-12-24T00:00',
      '2026-12-26T22:00/2026-12-27T00:00',
    ]);
  });

  it('opens on the dates that it names, in order, and then never again', () => {
    const dates = { ...zurich, dates: ['2026-12-24', '2026-12-05'] };
    expect(next(dates, '2026-12-01T00:00:00Z', 9)).toEqual([
      '2026-12-05T01:00/2026-12-05T03:00',
      '2026-12-24T01:00/2026-12-24T03:00',
    ]);
    expect(resolveWindow(dates, at('2026-12-24T03:00:00Z'))).toBeNull();
  });

  it('is not looked for beyond 400 days, dates that it names are', () => {
    const blackoutDates = Array.from({ length: 405 }, (_, day) =>
      new Date(at('2026-12-01T00:00:00Z') + day * 86_400_000).toISOString().slice(0, 10),
    );
    expect(next({ ...zurich, blackoutDates }, '2026-12-02T00:00:00Z')).toEqual([]);
    expect(next({ ...zurich, dates: ['2030-06-01'] }, '2026-12-02T00:00:00Z')).toHaveLength(1);
  });
});

describe('a window on the night of a DST change', () => {
  it('starts later by the gap when its start is skipped', () => {
    const window = { ...zurich, start: '02:30' };
    expect(next(window, '2027-03-28T00:00:00Z')).toEqual(['2027-03-28T01:30/2027-03-28T02:00']);
  });

  it('ends later by the gap when its end is skipped', () => {
    const window = { ...zurich, start: '01:00', end: '02:15' };
    expect(next(window, '2027-03-28T00:00:00Z')).toEqual(['2027-03-28T00:00/2027-03-28T01:15']);
  });

  it('is none when the change skips all of it', () => {
    const window = { ...zurich, start: '02:00', end: '03:00' };
    expect(next(window, '2027-03-28T00:00:00Z')).toEqual(['2027-03-29T00:00/2027-03-29T01:00']);
  });

  it('takes the earlier start and the later end where times occur twice', () => {
    const window = { ...zurich, start: '02:15', end: '02:45' };
    expect(next(window, '2027-10-31T00:00:00Z')).toEqual(['2027-10-31T00:15/2027-10-31T01:45']);
  });

  it('follows zones west of Greenwich and changes of half an hour alike', () => {
    const newYork = { timeZone: 'America/New_York', start: '01:30', end: '02:30' };
    expect(next(newYork, '2027-11-07T00:00:00Z')).toEqual(['2027-11-07T05:30/2027-11-07T07:30']);
    const lordHowe = { timeZone: 'Australia/Lord_Howe', start: '02:15', end: '04:00' };
    expect(next(lordHowe, '2027-10-02T14:00:00Z')).toEqual(['2027-10-02T15:45/2027-10-02T17:00']);
  });
});

describe('a window between two instants', () => {
  const closesAt = '2026-12-05T03:00:00+01:00';

  it('opens with the maintenance when no opening is given', () => {
    expect(next({ closesAt }, '2026-12-05T01:00:00Z')).toEqual([
      '2026-12-05T01:00/2026-12-05T02:00',
    ]);
  });

  it('is none once it has closed', () => {
    expect(resolveWindow({ closesAt }, at('2026-12-05T02:00:00Z'))).toBeNull();
  });
});
