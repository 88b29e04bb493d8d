/** What is wrong with a schedule is reported with the field's name, before anything is called. */
import { describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';

import { InvalidInputError, createDcsSwitchover } from '../../src/client.js';
import type { InputProblem, ScheduleInput } from '../../src/contract/index.js';

import { maintenanceInput, weekly } from './support/maintenances.js';
import { thrownBy } from './support/thrown-by.js';

/** No one listens there: whatever is called fails. */
const connection = Connection.lazy({ address: '127.0.0.1:1' });
const { schedules } = createDcsSwitchover({ client: new Client({ connection }) });

/** 2026-11-24, a Tuesday. */
const NOW = Date.parse('2026-11-24T12:00:00Z');

function preview(input: ScheduleInput, count = 10) {
  return schedules.preview(input, { fromMs: NOW, count });
}

async function fieldsOf(input: unknown): Promise<string[]> {
  const error = await thrownBy(() => preview(input as ScheduleInput));
  expect(error).toBeInstanceOf(InvalidInputError);
  const { problems } = error as Error & { readonly problems: readonly InputProblem[] };
  expect(problems.every(({ problem, remedy }) => problem !== '' && remedy !== '')).toBe(true);
  return problems.map(({ field }) => field);
}

describe('a bad schedule', () => {
  test.each<[string, object]>([
    ['schedule', {}],
    ['schedule', { onWindow: true, cron: '0 2 * * SUN' }],
    ['schedule', { onWindow: false }],
    ['schedule.cron', { cron: '0 25 * * *' }],
    ['schedule.cron', { cron: '0 2 * *' }],
    ['schedule.cron', { cron: '@daily' }],
    ['schedule.cron', { cron: '' }],
    ['schedule.timeZone', { cron: '0 2 * * *', timeZone: 'Mars/Olympus' }],
    ['schedule.timeZone', { onWindow: true, timeZone: 'UTC' }],
    ['schedule.calendar.hour.0', { calendar: { hour: [24] } }],
    ['schedule.calendar.hour', { calendar: { hour: [] } }],
    ['schedule.calendar.dayOfWeek.0', { calendar: { dayOfWeek: ['SUN'] } }],
    ['schedule.calendar.week', { calendar: { week: [1] } }],
    ['schedule.everySeconds', { everySeconds: 59 }],
    ['schedule.everySeconds', { everySeconds: 3600.5 }],
    ['schedule.offsetSeconds', { everySeconds: 3600, offsetSeconds: 3600 }],
    ['schedule.offsetSeconds', { onWindow: true, offsetSeconds: 5 }],
    ['schedule.at', { at: 'tomorrow' }],
    ['schedule.at', { at: '2026-11-24T12:00:00' }],
    ['schedule.at', { at: '2026-11-24T11:59:59Z' }],
    ['schedule.at', { at: '2026-11-24T12:30:00Z', leadSeconds: 3600 }],
    ['schedule.leadSeconds', { cron: '0 2 * * *', leadSeconds: 60 }],
    ['schedule.leadSeconds', { onWindow: true, leadSeconds: -1 }],
    ['schedule.jitterSeconds', { onWindow: true, jitterSeconds: 86_401 }],
    ['schedule.catchUpSeconds', { onWindow: true, catchUpSeconds: 1 }],
    ['schedule.pauseOnFailure', { onWindow: true, pauseOnFailure: 'yes' }],
    ['schedule.when', { onWindow: true, when: 'later' }],
  ])('is refused by its field: %s of %j', async (field, schedule) => {
    expect(await fieldsOf(weekly({ schedule: schedule }))).toContain(field);
  });

  test.each<[string, Partial<Record<keyof ScheduleInput, unknown>>]>([
    ['scheduleId', { scheduleId: 'Not an id' }],
    ['scheduleId', { scheduleId: undefined }],
    ['note', { note: '' }],
    ['maintenance', { maintenance: null }],
    ['maintenance.projectId', { maintenance: { ...maintenanceInput(), projectId: 'x' } }],
    [
      'maintenance.window.end',
      {
        maintenance: {
          ...maintenanceInput(),
          window: { timeZone: 'UTC', start: '02:00', end: '25:00' },
        },
      },
    ],
    ['interval', { interval: 5 } as object],
  ])('is refused by its field: %s', async (field, changes) => {
    expect(await fieldsOf({ ...weekly(), ...changes })).toContain(field);
  });

  test('onWindow needs a window that recurs', async () => {
    expect(await fieldsOf(weekly({ maintenance: maintenanceInput() }))).toEqual([
      'schedule.onWindow',
    ]);
  });
});

describe('a schedule whose maintenance could never start anything', () => {
  const window = { timeZone: 'Europe/Zurich', start: '02:00', end: '04:00' };

  test('because its window is over by then, or too short', async () => {
    const past = { closesAt: '2026-11-24T12:30:00Z' };
    expect(
      await fieldsOf(
        weekly({
          schedule: { at: '2026-11-24T13:00:00Z' },
          maintenance: maintenanceInput({ window: past }),
        }),
      ),
    ).toEqual(['schedule']);
    const short = { ...window, end: '02:04' };
    expect(await fieldsOf(weekly({ maintenance: maintenanceInput({ window: short }) }))).toEqual([
      'maintenance.window',
    ]);
    const dates = { ...window, dates: ['2026-11-20'] };
    expect(await fieldsOf(weekly({ maintenance: maintenanceInput({ window: dates }) }))).toEqual([
      'schedule.onWindow',
    ]);
  });

  test('because it fires after the latest safe start', async () => {
    const late = weekly({
      schedule: { cron: '57 3 * * *' },
      maintenance: maintenanceInput({ window }),
    });
    const error = await thrownBy(() => preview(late));
    expect(error).toMatchObject({ problems: [{ field: 'schedule' }] });
    expect(error.message).toContain('too late for its window');
    expect(preview({ ...late, schedule: { cron: '55 3 * * *' } })).toHaveLength(10);
  });

  test('because it may catch up, or jitter, beyond the latest safe start', async () => {
    // Two hours, less two minutes for the switchover and two for the return leg.
    const limit = 7200 - 240;
    const within = weekly({
      schedule: { onWindow: true, catchUpSeconds: limit, jitterSeconds: limit },
    });
    expect(preview(within)).toHaveLength(10);
    for (const field of ['catchUpSeconds', 'jitterSeconds']) {
      const beyond = weekly({ schedule: { onWindow: true, [field]: limit + 1 } });
      expect(await fieldsOf(beyond)).toEqual([`schedule.${field}`]);
    }
  });
});

describe('a preview', () => {
  test('shows firing and window in local and UTC time, across a DST change', () => {
    const input = weekly();
    const [first] = preview(input, 1);
    expect(first).toEqual({
      at: '2026-11-29T01:00:00Z',
      local: '2026-11-29 02:00 +01:00',
      window: { opensAt: '2026-11-29T01:00:00Z', closesAt: '2026-11-29T03:00:00Z' },
    });
    const inSpring = preview(input, 20).find(({ at }) => at.startsWith('2027-04-04'));
    expect(inSpring).toMatchObject({
      at: '2027-04-04T00:00:00Z',
      local: '2027-04-04 02:00 +02:00',
    });
  });

  test('fires leadSeconds earlier, for the window that it is meant for', () => {
    const [first] = preview(weekly({ schedule: { onWindow: true, leadSeconds: 4 * 3600 } }), 1);
    expect(first).toMatchObject({
      at: '2026-11-28T21:00:00Z',
      window: { opensAt: '2026-11-29T01:00:00Z' },
    });
  });

  test('of a one-shot has one firing', () => {
    const at = '2026-12-05T01:00:00Z';
    const maintenance = maintenanceInput({
      window: { opensAt: at, closesAt: '2026-12-05T03:00:00Z' },
    });
    expect(preview(weekly({ schedule: { at }, maintenance })).map((firing) => firing.at)).toEqual([
      at,
    ]);
  });
});
