/** One freeze brakes the whole namespace: the tests follow each other, on a server of their own. */
import { setTimeout as pause } from 'node:timers/promises';

import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { Client } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';

import { InvalidInputError } from '../../src/client.js';
import type { SchedulesClient } from '../../src/client.js';
import { FREEZE_MEMO, FREEZE_WORKFLOW_ID } from '../../src/contract/index.js';
import { checkFreeze } from '../../src/doctor/temporal-service.js';
import { makeFreezeNote, UNREADABLE_FREEZE } from '../../src/domain/freeze.js';
import { SEND_WINDOW_MS } from '../../src/domain/timing.js';
import { findFreezeRecord } from '../../src/temporal/freeze-record.js';
import { inActivity } from '../../src/temporal/rpc.js';

import { weekly } from './support/maintenances.js';
import { useRealServer } from './support/server.js';
import { thrownBy } from './support/thrown-by.js';

const server = useRealServer();

const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();
const freeze = (hours = 1, reason = 'end of year') => ({
  until: inHours(hours),
  reason,
  by: 'alice',
});

afterEach(async () => {
  await server.corner().dcs.freezes.thaw({ by: 'the test' });
});

/** Encodes as a company's codec does, whose keys the reader does not have. */
const FOREIGN_KEYS: PayloadCodec = {
  encode: (payloads) =>
    Promise.resolve(
      payloads.map(() => ({
        metadata: { encoding: Buffer.from('binary/encrypted') },
        data: Buffer.from('no one can read this'),
      })),
    ),
  decode: (payloads) => Promise.resolve(payloads),
};

/** Cheap to ensure; what it fires is beside the point. */
function daily() {
  return weekly({ schedule: { cron: '30 2 * * *' } });
}

/** Schedules that the list shows already: it lags a little behind. */
async function applied(schedules: SchedulesClient, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) ids.push((await schedules.createOrUpdate(daily())).scheduleId);
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const listed = (await schedules.list()).map(({ scheduleId }) => scheduleId);
    if (ids.every((id) => listed.includes(id))) break;
    await pause(100);
  }
  return ids;
}

describe('a freeze', () => {
  test('pauses the schedules that run, and its end resumes exactly these; without a worker', async () => {
    const { schedules, freezes } = server.corner().dcs;
    const [running = '', stopped = ''] = await applied(schedules, 2);
    await schedules.pause(stopped, 'bob: incident 7');
    expect(await freezes.current()).toBeNull();

    const asked = freeze();
    const report = await freezes.start(asked);
    expect(report.freeze).toEqual(asked);
    expect(report.changed).toContain(running);
    expect(report.leftPaused).toContain(stopped);
    expect(report.failed).toEqual([]);
    expect(await freezes.current()).toEqual(asked);
    expect(await schedules.describe(running)).toMatchObject({
      isPaused: true,
      note: makeFreezeNote(asked),
    });

    const thawed = await freezes.thaw({ by: 'bob' });
    expect(thawed.freeze).toEqual(asked);
    expect(thawed.changed).toContain(running);
    expect(thawed.leftPaused).toContain(stopped);
    expect(await freezes.current()).toBeNull();
    expect((await schedules.describe(running)).isPaused).toBe(false);
    expect(await schedules.describe(stopped)).toMatchObject({
      isPaused: true,
      note: 'bob: incident 7',
    });
  });

  test('is in force for as long as a worker may be on its way, before it is said to be', async () => {
    const startedMs = performance.now();
    await server.corner().dcs.freezes.start(freeze());
    expect(performance.now() - startedMs).toBeGreaterThan(SEND_WINDOW_MS);
  });

  test('is asked to be in force also where the schedules cannot be listed', async () => {
    const { freezes } = server.corner().dcs;
    const down = { code: 14, details: 'no visibility', metadata: { get: () => [] } };
    const list = jest
      .spyOn(server.temporal().client.workflowService, 'listSchedules')
      .mockRejectedValue(Object.assign(new Error('14 UNAVAILABLE'), down));
    const asked = freeze();
    const report = await freezes.start(asked);
    list.mockRestore();
    expect(report).toMatchObject({ freeze: asked, changed: [], leftPaused: [] });
    expect(report.failed).toEqual([
      { scheduleId: 'all schedules', detail: expect.stringContaining('list the schedules') },
    ]);
    expect(await freezes.current()).toEqual(asked);
  });

  test('is replaced by a later one without a moment between, and the schedules say so', async () => {
    const { schedules, freezes } = server.corner().dcs;
    const [scheduleId = ''] = await applied(schedules, 1);
    const first = freeze(1, 'first');
    const second = freeze(2, 'second');
    await freezes.start(first);
    const watch = { isOver: false };
    const seen = [(await freezes.current())?.reason];
    const watched = (async () => {
      while (!watch.isOver) seen.push((await freezes.current())?.reason);
    })();
    const report = await freezes.start(second);
    watch.isOver = true;
    await watched;
    seen.push((await freezes.current())?.reason);
    expect(new Set(seen)).toEqual(new Set(['first', 'second']));
    expect(report.changed).toContain(scheduleId);
    expect((await schedules.describe(scheduleId)).note).toBe(makeFreezeNote(second));
  });

  test('holds a schedule that is created meanwhile, until it ends', async () => {
    const { schedules, freezes } = server.corner().dcs;
    const asked = freeze();
    await freezes.start(asked);
    const [scheduleId = ''] = await applied(schedules, 1);
    expect(await schedules.describe(scheduleId)).toMatchObject({
      isPaused: true,
      note: makeFreezeNote(asked),
    });
    expect((await freezes.thaw({ by: 'bob' })).changed).toContain(scheduleId);
  });

  test('whose words cannot be read is a freeze all the same', async () => {
    const { dcs, taskQueue } = server.corner();
    await server.temporal().client.workflow.start('dcsFreeze', {
      workflowId: FREEZE_WORKFLOW_ID,
      taskQueue,
      memo: { freeze: 'until further notice' },
    });
    expect(await dcs.freezes.current()).toMatchObject({ by: 'somebody' });
  });

  test('whose words are encoded with keys that are not at hand is seen by everyone, and can be ended', async () => {
    const { dcs, taskQueue } = server.corner();
    const { client } = server.temporal();
    const foreign = new Client({
      connection: client.connection,
      dataConverter: { payloadCodecs: [FOREIGN_KEYS] },
    });
    await foreign.workflow.start('dcsFreeze', {
      workflowId: FREEZE_WORKFLOW_ID,
      taskQueue,
      memo: { [FREEZE_MEMO]: freeze() },
    });
    const { namespace } = client.options;
    const connection = { client, namespace, address: '', close: () => Promise.resolve() };
    expect(await findFreezeRecord(inActivity(client))).toMatchObject({ freeze: UNREADABLE_FREEZE });
    expect(await dcs.freezes.current()).toEqual(UNREADABLE_FREEZE);
    expect((await checkFreeze(connection)).found).toContain('its words cannot be read');
    expect((await dcs.freezes.thaw({ by: 'bob' })).freeze).toEqual(UNREADABLE_FREEZE);
    expect(await dcs.freezes.current()).toBeNull();
  });

  test('that is over by the clock is none, although no one has ended its record', async () => {
    const { dcs, taskQueue } = server.corner();
    await server.temporal().client.workflow.start('dcsFreeze', {
      workflowId: FREEZE_WORKFLOW_ID,
      taskQueue,
      memo: { freeze: { ...freeze(), until: inHours(-1) } },
    });
    expect(await dcs.freezes.current()).toBeNull();
  });

  test.each([
    ['until', { until: inHours(-1) }],
    ['until', { until: 'tomorrow' }],
    ['until', { until: '2999-01-01T00:00:00Z' }],
    ['reason', { reason: ' ' }],
    ['by', { by: '' }],
  ])('of a bad %s is refused, and nothing is frozen', async (field, changes) => {
    const { freezes } = server.corner().dcs;
    const error = await thrownBy(freezes.start({ ...freeze(), ...changes }));
    expect(error).toBeInstanceOf(InvalidInputError);
    expect(error).toMatchObject({ problems: [{ field }] });
    expect(await freezes.current()).toBeNull();
  });
});

test('a thaw where nothing is frozen changes nothing, and says so', async () => {
  const { schedules, freezes } = server.corner().dcs;
  const [scheduleId = ''] = await applied(schedules, 1);
  expect(await freezes.thaw({ by: 'bob' })).toMatchObject({
    freeze: null,
    changed: [],
    failed: [],
  });
  expect((await schedules.describe(scheduleId)).isPaused).toBe(false);
  await expect(freezes.thaw({ by: '' })).rejects.toThrow('by');
});
