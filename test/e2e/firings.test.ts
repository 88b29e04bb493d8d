/**
 * The preview of a schedule against Temporal's own server: paused schedules are created, their
 * `nextActionTimes` read, and nothing is ever started. `startAt` takes the server to the nights that matter;
 * it goes by today where they are over, so they lie in years that no run of this suite comes to.
 */
import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from '@temporalio/client';
import type { Connection } from '@temporalio/client';

import type { LocalWindow, MaintenanceWindow, ScheduleSpec } from '../../src/contract/index.js';
import { nextFirings, toTemporalSpec } from '../../src/windows/index.js';
import { connectTo } from '../support/connect.js';
import { useTemporalServer } from '../support/temporal-server.js';

const server = useTemporalServer({ searchAttributes: false });
let connection: Connection;
let client: Client;

beforeAll(async () => {
  connection = await connectTo(server().address);
  client = new Client({ connection, namespace: server().namespace });
});
afterAll(() => connection.close());

const night = (timeZone: string, start: string, more: Partial<LocalWindow> = {}): LocalWindow => ({
  timeZone,
  start,
  end: '05:00',
  ...more,
});
const UNUSED: MaintenanceWindow = { closesAt: '2099-01-01T00:00:00Z' };

/** What the server says that it would do from an instant on. */
async function askServer(
  spec: ScheduleSpec,
  window: MaintenanceWindow,
  fromMs: number,
): Promise<string[]> {
  const handle = await client.schedule.create({
    scheduleId: randomUUID(),
    spec: { ...toTemporalSpec(spec, window, fromMs), startAt: new Date(fromMs + 1000) },
    action: { type: 'startWorkflow', workflowType: 'never', taskQueue: 'nobody', args: [] },
    state: { paused: true },
  });
  const { info } = await handle.describe();
  await handle.delete();
  return info.nextActionTimes.map((at) => at.toISOString().replace('.000Z', 'Z'));
}

async function expectAgreement(
  spec: ScheduleSpec,
  window: MaintenanceWindow,
  from: string,
): Promise<string[]> {
  const fromMs = Date.parse(from);
  const theirs = await askServer(spec, window, fromMs);
  const ours = nextFirings(spec, window, fromMs, 10).map(({ at }) => at);
  expect(theirs).not.toHaveLength(0);
  expect({ spec, window, from, at: ours }).toEqual({ spec, window, from, at: theirs });
  return ours;
}

/** Evenings before clocks change: gap and doubled hour, east, west, south, half an hour, and at midnight. */
const CHANGES: readonly (readonly [timeZone: string, from: string])[] = [
  ['Europe/Zurich', '2083-03-27T12:00:00Z'],
  ['Europe/Zurich', '2083-10-30T12:00:00Z'],
  ['Europe/London', '2083-10-30T12:00:00Z'],
  ['America/New_York', '2083-03-13T12:00:00Z'],
  ['America/New_York', '2083-11-06T12:00:00Z'],
  ['America/Havana', '2083-03-13T12:00:00Z'],
  ['America/Havana', '2083-11-06T12:00:00Z'],
  ['America/Santiago', '2083-09-04T12:00:00Z'],
  ['Australia/Lord_Howe', '2083-04-03T00:00:00Z'],
  ['Australia/Lord_Howe', '2083-10-02T00:00:00Z'],
  ['Antarctica/Troll', '2083-10-30T00:00:00Z'],
  ['Asia/Kolkata', '2083-06-01T00:00:00Z'],
];

describe('firings by cron and calendar', () => {
  it.each(CHANGES)('are those of the server around a change of %s', async (timeZone, from) => {
    const specs: ScheduleSpec[] = [
      { cron: '30 0 * * *' },
      { cron: '30 1 * * *' },
      { cron: '15 2 * * *' },
      { cron: '*/30 * * * *' },
      { cron: '0,45 1-3 * * SUN' },
      { cron: '30 23 * * 6,7' },
      { calendar: { hour: [0, 1, 2, 3], minute: [10, 50] } },
      { calendar: { month: [3, 4, 9, 10, 11], dayOfWeek: ['SUNDAY'], hour: [4] } },
    ];
    for (const spec of specs) await expectAgreement({ ...spec, timeZone }, UNUSED, from);
  });

  it.each([
    '0 3 1 * *',
    '5/20 8-18/5 * JAN-mar MON-FRI',
    '0 0 29 2 *',
    '59 23 31 12 *',
    '1 1 * * 3-7/2',
  ])('read cron as the server does: %s', async (cron) => {
    const spec = { cron, timeZone: 'Europe/Zurich' };
    const from = '2082-12-01T00:00:00Z';
    const ours = await expectAgreement(spec, UNUSED, from);
    const handle = await client.schedule.create({
      scheduleId: randomUUID(),
      spec: { cronExpressions: [cron], timezone: spec.timeZone, startAt: new Date(from) },
      action: { type: 'startWorkflow', workflowType: 'never', taskQueue: 'nobody', args: [] },
      state: { paused: true },
    });
    const { info } = await handle.describe();
    await handle.delete();
    expect(info.nextActionTimes.map((at) => at.toISOString().replace('.000Z', 'Z'))).toEqual(ours);
  });
});

describe('firings by interval and at an instant', () => {
  it.each<ScheduleSpec>([
    { everySeconds: 60 },
    { everySeconds: 7_200, offsetSeconds: 300 },
    { everySeconds: 604_800, offsetSeconds: 90_061 },
  ])('are those of the server: %j', async (spec) => {
    await expectAgreement(spec, UNUSED, '2083-01-01T00:00:30Z');
  });

  it('come once, by the lead earlier', async () => {
    const spec = { at: '2083-10-31T02:30:15+01:00', leadSeconds: 3600 };
    expect(await expectAgreement(spec, UNUSED, '2083-01-01T00:00:00Z')).toEqual([
      '2083-10-31T00:30:15Z',
    ]);
  });
});

describe('firings on the opening of the window', () => {
  it.each(CHANGES)('are those of the server around a change of %s', async (timeZone, from) => {
    for (const start of ['00:30', '01:30', '02:15'])
      await expectAgreement({ onWindow: true }, night(timeZone, start), from);
    await expectAgreement({ onWindow: true, leadSeconds: 5_400 }, night(timeZone, '03:00'), from);
    const sundays = night(timeZone, '01:30', { daysOfWeek: ['SUNDAY'] });
    await expectAgreement({ onWindow: true, leadSeconds: 90_000 }, sundays, from);
  });

  it('leave out blackout dates and come once for each named date', async () => {
    const blackoutDates = ['2082-12-24', '2082-12-25', '2082-12-31', '2083-01-01'];
    const nights = night('Europe/Zurich', '22:00', { end: '02:00', blackoutDates });
    const ours = await expectAgreement({ onWindow: true }, nights, '2082-12-22T00:00:00Z');
    expect(ours.slice(0, 4)).toEqual([
      '2082-12-22T21:00:00Z',
      '2082-12-26T21:00:00Z',
      '2082-12-27T21:00:00Z',
      '2082-12-28T21:00:00Z',
    ]);
    const dates = ['2083-10-31', '2083-03-28', '2084-02-29'];
    const named = night('Europe/Zurich', '02:30', { dates });
    expect(await expectAgreement({ onWindow: true }, named, '2082-12-22T00:00:00Z')).toEqual([
      '2083-03-28T01:30:00Z',
      '2083-10-31T00:30:00Z',
      '2084-02-29T01:30:00Z',
    ]);
  });
});
