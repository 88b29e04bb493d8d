import { describe, expect, it } from '@jest/globals';

import type { DayOfWeek, MaintenanceWindow, ScheduleSpec } from '../../src/contract/index.js';
import {
  findLengthProblems,
  findScheduleProblems,
  findWindowProblems,
} from '../../src/windows/index.js';

const NOW_MS = Date.parse('2026-12-01T00:00:00Z');
const local = { timeZone: 'Europe/Zurich', start: '02:00', end: '04:00' };

const fieldsOf = (problems: readonly { readonly field: string }[]): string[] =>
  problems.map(({ field }) => field);

describe('a window', () => {
  it.each<MaintenanceWindow>([
    local,
    { ...local, end: '01:00', daysOfWeek: ['SUNDAY'], dates: null, blackoutDates: ['2026-12-24'] },
    { ...local, dates: ['2028-02-29'] },
    { closesAt: '2026-12-05T04:00:00+01:00' },
    { opensAt: '2026-12-05T02:00:00.5Z', closesAt: '2026-12-05T04:00:00Z' },
  ])('has no problem: %j', (window) => {
    expect(findWindowProblems(window)).toEqual([]);
  });

  it.each<readonly [string, MaintenanceWindow]>([
    ['window.timeZone', { ...local, timeZone: '+01:00' }],
    ['window.start', { ...local, start: '24:00' }],
    ['window.end', { ...local, end: '4:00' }],
    ['window.end', { ...local, end: '02:00' }],
    ['window.daysOfWeek', { ...local, daysOfWeek: [] }],
    ['window.dates', { ...local, dates: [] }],
    ['window.dates', { ...local, dates: ['2027-02-29'] }],
    ['window.dates', { ...local, dates: ['2027-02-28'], daysOfWeek: ['SUNDAY'] }],
    ['window.blackoutDates', { ...local, blackoutDates: ['24.12.2026'] }],
    ['window.blackoutDates', { ...local, blackoutDates: Array<string>(367).fill('2026-12-24') }],
    ['window.opensAt', { opensAt: '2026-12-05T02:00:00', closesAt: '2026-12-05T04:00:00Z' }],
    ['window.closesAt', { closesAt: '2026-12-32T04:00:00Z' }],
    ['window.closesAt', { opensAt: '2026-12-05T04:00:00Z', closesAt: '2026-12-05T05:00:00+01:00' }],
  ])('names %s as its problem', (field, window) => {
    const problems = findWindowProblems(window);
    expect(fieldsOf(problems)).toEqual([field]);
    expect(problems[0]?.remedy).toMatch(/^(Write|Give|Leave) .*\.$/);
  });

  it('is too short when no more time than a switchover and its swap back is left', () => {
    const request = { expectedDurationSeconds: 120, compensationReserveSeconds: 60 };
    const span = (seconds: number) => ({ opensAtMs: NOW_MS, closesAtMs: NOW_MS + seconds * 1000 });
    expect(findLengthProblems(span(181), request)).toEqual([]);
    expect(fieldsOf(findLengthProblems(span(180), request))).toEqual(['window']);
  });
});

describe('a schedule', () => {
  it.each<ScheduleSpec>([
    { onWindow: true, leadSeconds: 72_000 },
    { onWindow: true, cron: null, at: null },
    { cron: '*/15 1-3 * JAN,DEC sun', timeZone: 'UTC' },
    { cron: '0 3 1,15 * *' },
    { calendar: { month: [12], dayOfWeek: ['SUNDAY'], hour: [2], minute: [0, 30] } },
    { everySeconds: 60, offsetSeconds: 59 },
    { at: '2026-12-05T02:00:00+01:00', leadSeconds: 3600 },
  ])('has no problem: %j', (spec) => {
    expect(findScheduleProblems(spec, local, NOW_MS)).toEqual([]);
  });

  it.each<readonly [string, ScheduleSpec]>([
    ['schedule', {}],
    ['schedule', { onWindow: true, cron: '0 2 * * *' }],
    ['schedule', { onWindow: false }],
    ['schedule.timeZone', { cron: '0 2 * * *', timeZone: 'CET' }],
    ['schedule.timeZone', { onWindow: true, timeZone: 'UTC' }],
    ['schedule.cron', { cron: '0 2 * *' }],
    ['schedule.cron', { cron: '@daily' }],
    ['schedule.cron', { cron: '60 2 * * *' }],
    ['schedule.cron', { cron: '0 2-1 * * *' }],
    ['schedule.cron', { cron: '*/0 2 * * *' }],
    ['schedule.cron', { cron: '0 2 1 * MON' }],
    ['schedule.cron', { cron: '0 2 31 FEB *' }],
    ['schedule.calendar.hour', { calendar: { hour: [24] } }],
    ['schedule.calendar.minute', { calendar: { minute: [] } }],
    ['schedule.calendar.dayOfWeek', { calendar: { dayOfWeek: ['SUN' as DayOfWeek] } }],
    ['schedule.everySeconds', { everySeconds: 59 }],
    ['schedule.offsetSeconds', { everySeconds: 60, offsetSeconds: 60 }],
    ['schedule.offsetSeconds', { cron: '0 2 * * *', offsetSeconds: 5 }],
    ['schedule.at', { at: '2026-12-05' }],
    ['schedule.at', { at: '2026-11-30T00:00:00Z' }],
    ['schedule.at', { at: '2026-12-01T00:30:00Z', leadSeconds: 3600 }],
    ['schedule.leadSeconds', { cron: '0 2 * * *', leadSeconds: 60 }],
    ['schedule.leadSeconds', { onWindow: true, leadSeconds: 82_800 }],
  ])('names %s as its problem: %j', (field, spec) => {
    const problems = findScheduleProblems(spec, local, NOW_MS);
    expect(fieldsOf(problems)).toEqual([field]);
    expect(problems[0]?.remedy).toMatch(/^(Write|Give|Leave|Check|Lower) .*\.$/);
  });

  it.each([
    ['is refused', 68_400, ['schedule.leadSeconds']],
    ['is taken', 64_800, []],
  ])(
    'whose lead fits on every day but that of clocks that go forward %s',
    (_, leadSeconds, all) => {
      const window = { timeZone: 'Europe/Zurich', start: '15:30', end: '20:00' };
      const spec = { onWindow: true, leadSeconds };
      expect(fieldsOf(findScheduleProblems(spec, window, NOW_MS))).toEqual(all);
    },
  );

  it.each([
    ['of the day before is refused', 86_400, ['schedule.leadSeconds']],
    ['that lies before its own window is taken', 3_600, []],
  ])('that fires once, at a time %s', (_, leadSeconds, all) => {
    const spec = { at: '2026-12-05T02:00:00+01:00', leadSeconds };
    expect(fieldsOf(findScheduleProblems(spec, local, NOW_MS))).toEqual(all);
    const fixed = { closesAt: '2026-12-05T05:00:00Z' };
    expect(findScheduleProblems(spec, fixed, NOW_MS)).toEqual([]);
  });

  it('cannot follow a window between two instants', () => {
    const fixed = { closesAt: '2027-01-01T00:00:00Z' };
    expect(fieldsOf(findScheduleProblems({ onWindow: true }, fixed, NOW_MS))).toEqual([
      'schedule.onWindow',
    ]);
  });
});
