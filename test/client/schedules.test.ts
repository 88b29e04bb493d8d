import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

import { describe, expect, test } from '@jest/globals';
import { Client } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';

import {
  BackfillRefusedError,
  ForeignScheduleError,
  InvalidInputError,
  NotFoundError,
} from '../../src/client.js';
import type { ScheduleInput } from '../../src/contract/index.js';

import { failRun } from './support/fake-worker.js';
import { maintenanceInput, maintenanceResult, weekly } from './support/maintenances.js';
import { useRealServer } from './support/server.js';
import { pauseAtNextReading } from './support/schedules.js';
import { thrownBy } from './support/thrown-by.js';

const server = useRealServer();

/** Lists and counts follow a little later. */
async function until<T>(read: () => Promise<T>, isRight: (value: T) => boolean): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    const value = await read();
    if (isRight(value) || attempt > 150) return value;
    await pause(100);
  }
}

function handleOf(scheduleId: string) {
  return server.temporal().client.schedule.getHandle(scheduleId);
}

/** A schedule whose maintenance may start at any time of any day. */
function always(changes: Partial<ScheduleInput> = {}): ScheduleInput {
  const window = { closesAt: new Date(Date.now() + 30 * 86_400_000).toISOString() };
  return weekly({
    schedule: { everySeconds: 86_400 },
    maintenance: maintenanceInput({ window }),
    ...changes,
  });
}

describe('ensure', () => {
  test('creates a schedule with every policy stated, and texts for people', async () => {
    const { dcs, taskQueue } = server.corner();
    const input = weekly({ note: 'asked for by the platform team' });
    const applied = await dcs.schedules.createOrUpdate(input);
    const { scheduleId, maintenance } = input;
    expect(applied).toMatchObject({ scheduleId, change: 'created', isPaused: false });
    const description = await handleOf(scheduleId).describe();
    expect(description).toMatchObject({
      action: {
        workflowType: 'dcsMaintenance',
        workflowId: `dcs-maintenance:${maintenance.maintenanceId}`,
        taskQueue,
        args: [maintenance],
      },
      policies: { overlap: 'SKIP', catchupWindow: (7200 - 240) * 1000, pauseOnFailure: false },
      state: { paused: false, note: input.note },
    });
    const { action, raw } = description;
    expect(action.staticSummary).toContain('switch 3 instances');
    expect(action.staticDetails).toContain(
      `dcs-switchover schedule describe ${scheduleId} --task-queue ${taskQueue}`,
    );
    const { workflowRunTimeout, workflowExecutionTimeout, retryPolicy } =
      raw.schedule?.action?.startWorkflow ?? {};
    expect([workflowRunTimeout, workflowExecutionTimeout, retryPolicy]).toEqual([null, null, null]);
  });

  test.each<[string, Partial<ScheduleInput>]>([
    ['its window', {}],
    ['its window, earlier', { schedule: { onWindow: true, leadSeconds: 3600 } }],
    ['cron', { schedule: { cron: '30 2 * * SUN', timeZone: 'America/New_York' } }],
    ['a calendar', { schedule: { calendar: { dayOfWeek: ['SATURDAY'], hour: [23] } } }],
    ['an interval', { schedule: { everySeconds: 604_800, offsetSeconds: 7_200 } }],
  ])('fires by %s as previewed', async (_way, changes) => {
    const { dcs } = server.corner();
    const input = weekly(changes);
    const previewed = dcs.schedules.preview(input).map(({ at }) => Date.parse(at));
    await dcs.schedules.createOrUpdate(input);
    const { info } = await handleOf(input.scheduleId).describe();
    expect(info.nextActionTimes.slice(0, 10).map((at) => at.getTime())).toEqual(previewed);
  });

  test('changes nothing when nothing is different', async () => {
    const { dcs } = server.corner();
    const input = weekly({ note: 'weekly drill' });
    await dcs.schedules.createOrUpdate(input);
    expect(await dcs.schedules.createOrUpdate(input)).toMatchObject({ change: 'unchanged' });
    expect((await handleOf(input.scheduleId).describe()).info.lastUpdatedAt).toBeUndefined();
  });

  test('creates one schedule, however many ask at the same time', async () => {
    const { dcs } = server.corner();
    const input = weekly();
    const all = await Promise.all(
      Array.from({ length: 4 }, () => dcs.schedules.createOrUpdate(input)),
    );
    expect(all.filter(({ change }) => change === 'created')).toHaveLength(1);
    expect(all.filter(({ change }) => change === 'updated')).toHaveLength(0);
  });

  test('fires by the new spec alone after a change', async () => {
    const { dcs } = server.corner();
    const input = weekly({ schedule: { cron: '0 3 * * SUN' } });
    await dcs.schedules.createOrUpdate(input);
    const changed = { ...input, schedule: { cron: '30 3 * * SUN' } };
    expect(await dcs.schedules.createOrUpdate(changed)).toMatchObject({ change: 'updated' });
    const { info, spec } = await handleOf(input.scheduleId).describe();
    expect(spec.calendars).toHaveLength(1);
    expect(new Set(info.nextActionTimes.map((at) => at.getUTCMinutes()))).toEqual(new Set([30]));
    expect(await dcs.schedules.describe(input.scheduleId)).toMatchObject({
      when: 'cron 30 3 * * SUN',
      input: { schedule: { cron: '30 3 * * SUN' } },
    });
  });

  test('puts right what someone has changed by other means', async () => {
    const { dcs } = server.corner();
    const input = weekly();
    await dcs.schedules.createOrUpdate(input);
    const spec = { cronExpressions: ['0 12 * * *'] };
    await handleOf(input.scheduleId).update((before) => ({ ...before, spec }));
    expect(await dcs.schedules.createOrUpdate(input)).toMatchObject({ change: 'updated' });
    const { info } = await handleOf(input.scheduleId).describe();
    expect(info.nextActionTimes[0]?.getTime()).toBe(
      Date.parse(dcs.schedules.preview(input)[0]?.at ?? ''),
    );
  });

  test('keeps a pause and its note', async () => {
    const { dcs } = server.corner();
    const input = weekly({ note: 'weekly drill' });
    await dcs.schedules.createOrUpdate(input);
    await dcs.schedules.pause(input.scheduleId, 'bob: incident 7');
    const changed = { ...input, note: 'another', schedule: { onWindow: true, leadSeconds: 600 } };
    expect(await dcs.schedules.createOrUpdate(changed)).toMatchObject({
      change: 'updated',
      isPaused: true,
    });
    expect((await handleOf(input.scheduleId).describe()).state).toMatchObject({
      paused: true,
      note: 'bob: incident 7',
    });
  });

  test('keeps the note of one that runs, unless it asks for another', async () => {
    const { dcs } = server.corner();
    const input = weekly({ note: 'weekly drill' });
    const noteOf = async () => (await dcs.schedules.describe(input.scheduleId)).note;
    await dcs.schedules.createOrUpdate(input);
    await dcs.schedules.pause(input.scheduleId, 'bob: incident 7');
    await dcs.schedules.resume(input.scheduleId, 'bob: over');
    expect(await noteOf()).toBe('bob: over; weekly drill');
    await dcs.schedules.createOrUpdate({
      ...input,
      schedule: { onWindow: true, leadSeconds: 600 },
    });
    expect(await noteOf()).toBe('bob: over; weekly drill');
    await dcs.schedules.createOrUpdate({ ...input, note: 'another' });
    expect(await noteOf()).toBe('another');
  });

  test('brings its note back where someone has resumed it by other means', async () => {
    const { dcs } = server.corner();
    const input = weekly({ note: 'weekly drill' });
    await dcs.schedules.createOrUpdate(input);
    await dcs.schedules.pause(input.scheduleId, 'bob: incident 7');
    await handleOf(input.scheduleId).unpause('by hand');
    expect((await dcs.schedules.createOrUpdate(input)).change).toBe('updated');
    expect((await dcs.schedules.describe(input.scheduleId)).note).toBe('by hand; weekly drill');
    expect((await dcs.schedules.createOrUpdate(input)).change).toBe('unchanged');
  });

  test('warns of a selector that no one has looked at, unless it may be empty', async () => {
    const { dcs } = server.corner();
    const input = weekly();
    const bySelector = (changes: object) => {
      const selector = { namePattern: 'x*' };
      const maintenance = { ...input.maintenance, instanceIds: null, selector, ...changes };
      return dcs.schedules.createOrUpdate({ ...input, maintenance });
    };
    const [warning = ''] = (await bySelector({})).warnings;
    expect(warning).toContain('ends PARTIAL');
    expect(warning).toMatch(/^ {2}dcs-switchover maintenance plan .*--name 'x\*'/m);
    expect((await bySelector({ allowEmpty: true })).warnings).toEqual([]);
    expect((await dcs.schedules.createOrUpdate(input)).warnings).toEqual([]);
  });

  test('does not undo a pause that comes between its reading and its writing', async () => {
    const { dcs } = server.corner();
    const input = weekly();
    await dcs.schedules.createOrUpdate(input);
    pauseAtNextReading(server.temporal().client, input.scheduleId, 'bob: incident 7');
    const changed = { ...input, schedule: { onWindow: true, leadSeconds: 600 } };
    expect(await dcs.schedules.createOrUpdate(changed)).toMatchObject({
      change: 'updated',
      isPaused: true,
    });
    const { state } = await handleOf(input.scheduleId).describe();
    expect(state).toMatchObject({ paused: true, note: 'bob: incident 7' });
  });

  test('says what it is where no note was given', async () => {
    const { dcs } = server.corner();
    const input = weekly();
    await dcs.schedules.createOrUpdate(input);
    expect((await dcs.schedules.describe(input.scheduleId)).note).toBe(
      'switch 3 instances so that the master is in AZ az2; ' +
        'fires when the window opens: 02:00 to 04:00 Europe/Zurich on SUNDAY',
    );
  });

  test('leaves alone a schedule that starts something else', async () => {
    const { dcs, taskQueue } = server.corner();
    const input = weekly();
    const { scheduleId } = input;
    const action = { type: 'startWorkflow', workflowType: 'payroll', taskQueue } as const;
    await server.temporal().client.schedule.create({ scheduleId, spec: {}, action });
    const range = { from: '2026-11-01T00:00:00Z', until: '2026-11-02T00:00:00Z', confirm: true };
    const calls: (() => Promise<unknown>)[] = [
      () => dcs.schedules.createOrUpdate(input),
      () => dcs.schedules.describe(scheduleId),
      () => dcs.schedules.pause(scheduleId, 'x'),
      () => dcs.schedules.resume(scheduleId, 'x'),
      () => dcs.schedules.trigger(scheduleId),
      () => dcs.schedules.backfill(scheduleId, range),
      () => dcs.schedules.delete(scheduleId),
    ];
    for (const call of calls) expect(await thrownBy(call)).toBeInstanceOf(ForeignScheduleError);
    expect((await handleOf(scheduleId).describe()).info.numActionsTaken).toBe(0);
  });
});

describe('a resumption', () => {
  test.each([
    ['of a pause', true],
    ['of a schedule that runs', false],
  ])('%s does not undo a pause that comes meanwhile', async (_of, isPaused) => {
    const { schedules } = server.corner().dcs;
    const { scheduleId } = await schedules.createOrUpdate(always());
    if (isPaused) await schedules.pause(scheduleId, 'ann: upgrade');
    pauseAtNextReading(server.temporal().client, scheduleId, 'bob: incident 7');
    const error = await thrownBy(schedules.resume(scheduleId, 'ann: done'));
    expect(error).toMatchObject({ name: 'ScheduleBusyError', category: 'conflict' });
    expect(await schedules.describe(scheduleId)).toMatchObject({
      isPaused: true,
      note: 'bob: incident 7',
    });
    await schedules.resume(scheduleId, 'ann: done');
    expect(await schedules.describe(scheduleId)).toMatchObject({ isPaused: false });
  });
});

describe('a schedule that no one knows', () => {
  test('is reported by its name', async () => {
    const { schedules } = server.corner().dcs;
    const range = { from: '2026-11-01T00:00:00Z', until: '2026-11-02T00:00:00Z', confirm: true };
    const calls: (() => Promise<unknown>)[] = [
      () => schedules.describe('nobody'),
      () => schedules.pause('nobody', 'x'),
      () => schedules.resume('nobody', 'x'),
      () => schedules.trigger('nobody'),
      () => schedules.backfill('nobody', range),
      () => schedules.delete('nobody'),
    ];
    for (const call of calls) {
      const error = await thrownBy(call);
      expect(error).toBeInstanceOf(NotFoundError);
      expect(error.message).toContain('nobody');
    }
    await expect(schedules.describe('Not an id')).rejects.toThrow(InvalidInputError);
    await expect(schedules.pause('nobody', ' ')).rejects.toThrow('note');
  });
});

describe('a firing', () => {
  test('comes without any worker, once for a one-shot, under an id that ends with its time', async () => {
    const { dcs } = server.corner();
    const at = new Date(Math.ceil(Date.now() / 1000) * 1000 + 2000)
      .toISOString()
      .replace('.000', '');
    const input = weekly({ schedule: { at }, maintenance: maintenanceInput() });
    await dcs.schedules.createOrUpdate(input);
    const fired = await until(
      () => dcs.schedules.describe(input.scheduleId),
      ({ counts }) => counts.fired > 0,
    );
    const { maintenanceId } = input.maintenance;
    expect(fired).toMatchObject({
      next: [],
      last: { workflowId: `dcs-maintenance:${maintenanceId}-${at}` },
      counts: { fired: 1, missed: 0 },
    });
    const ref = { maintenanceId, nominalTime: at };
    expect(await thrownBy(dcs.maintenance.result(ref, { timeoutMs: 0 }))).toMatchObject({
      name: 'WaitTimedOutError',
    });
    await expect(dcs.schedules.createOrUpdate(input)).rejects.toThrow('schedule.at');
  });

  test('by hand is skipped while the maintenance before is open', async () => {
    const { dcs } = server.corner();
    const input = always();
    const { schedules } = dcs;
    await schedules.createOrUpdate(input);
    await schedules.trigger(input.scheduleId);
    const first = await until(
      () => schedules.describe(input.scheduleId),
      ({ running }) => running.length > 0,
    );
    await schedules.trigger(input.scheduleId);
    const second = await until(
      () => schedules.describe(input.scheduleId),
      ({ counts }) => counts.skippedOverlap > 0,
    );
    expect(second).toMatchObject({
      running: first.running,
      counts: { fired: 1, skippedOverlap: 1 },
    });
  });

  test.each([true, false])(
    'of a maintenance that fails pauses the schedule only where asked: %s',
    async (isAsked) => {
      const { dcs, worker } = server.corner();
      const { schedules } = dcs;
      const input = always({ schedule: { everySeconds: 86_400, pauseOnFailure: isAsked } });
      await schedules.createOrUpdate(input);
      await schedules.trigger(input.scheduleId);
      const result = maintenanceResult({ outcome: 'PARTIAL', message: 'Two of three are done.' });
      await worker.decide(failRun('PARTIAL', result.message, result));
      const ended = await until(
        () => schedules.describe(input.scheduleId),
        ({ running, isPaused, counts }) =>
          counts.fired > 0 && (isAsked ? isPaused : running.length === 0),
      );
      expect(ended).toMatchObject({ isPaused: isAsked, isPausedByFailure: isAsked });
      expect(await schedules.createOrUpdate(input)).toMatchObject({ isPaused: isAsked });
    },
  );
});

describe('a backfill', () => {
  const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();

  test('is refused unless asked for by name, and says how many maintenance runs it would start', async () => {
    const { schedules } = server.corner().dcs;
    const input = always();
    await schedules.createOrUpdate(input);
    const range = { from: daysAgo(3), until: daysAgo(0), confirm: false };
    const error = await thrownBy(schedules.backfill(input.scheduleId, range));
    expect(error).toBeInstanceOf(BackfillRefusedError);
    expect(error).toMatchObject({ firings: 3 });
    expect((await schedules.describe(input.scheduleId)).counts.fired).toBe(0);
  });

  test('that is asked for starts maintenance runs for the times that are past', async () => {
    const { schedules } = server.corner().dcs;
    const input = always();
    await schedules.createOrUpdate(input);
    await schedules.backfill(input.scheduleId, {
      from: daysAgo(1),
      until: daysAgo(0),
      confirm: true,
    });
    const { last } = await until(
      () => schedules.describe(input.scheduleId),
      ({ counts }) => counts.fired > 0,
    );
    expect(last?.workflowId).toMatch(/-\d{4}-\d\d-\d\dT00:00:00Z$/);
  });

  test.each([
    ['from', { from: 'yesterday', until: daysAgo(0) }],
    ['until', { from: daysAgo(0), until: daysAgo(1) }],
    ['until', { from: daysAgo(0), until: daysAgo(-1) }],
    ['from', { from: daysAgo(300), until: daysAgo(0) }],
  ])('of a bad range is refused by its field: %s', async (field, range) => {
    const { schedules } = server.corner().dcs;
    const input = always();
    await schedules.createOrUpdate(input);
    const error = await thrownBy(schedules.backfill(input.scheduleId, { ...range, confirm: true }));
    expect(error).toMatchObject({ problems: [{ field }] });
    expect((await schedules.describe(input.scheduleId)).counts.fired).toBe(0);
  });
});

describe('the list', () => {
  test('is shown also where the memo of some other schedule cannot be decoded here', async () => {
    const { dcs, taskQueue } = server.corner();
    const { client } = server.temporal();
    const flip: PayloadCodec['encode'] = (payloads) =>
      Promise.resolve(
        payloads.map(() => ({
          metadata: { encoding: Buffer.from('other/key') },
          data: Buffer.from('x'),
        })),
      );
    const dataConverter = { payloadCodecs: [{ encode: flip, decode: flip }] };
    const { connection, options } = client;
    const { namespace } = options;
    const scheduleId = `foreign-${randomUUID()}`;
    const action = { type: 'startWorkflow', workflowType: 'payroll', taskQueue } as const;
    await new Client({ connection, namespace, dataConverter }).schedule.create({
      ...{ scheduleId, action, spec: {}, memo: { owner: 'payroll' } },
    });
    const ours = always();
    await dcs.schedules.createOrUpdate(ours);
    const ids = async () => (await dcs.schedules.list()).map((entry) => entry.scheduleId);
    const visible = () =>
      client.workflowService.listSchedules({ namespace }).then(({ schedules }) => schedules);
    await until(visible, (there) => there.some((one) => one.scheduleId === scheduleId));
    const shown = await until(ids, (there) => there.includes(ours.scheduleId));
    expect(shown).toContain(ours.scheduleId);
    await client.schedule.getHandle(scheduleId).delete();
  });

  test('has the schedules of maintenance runs and no others; a deleted one is gone, its maintenance is not', async () => {
    const { dcs, taskQueue } = server.corner();
    const { schedules } = dcs;
    const input = always();
    const foreign = `foreign-${input.scheduleId}`;
    const action = { type: 'startWorkflow', workflowType: 'payroll', taskQueue } as const;
    await server.temporal().client.schedule.create({ scheduleId: foreign, spec: {}, action });
    await schedules.createOrUpdate(input);
    const find = async () =>
      (await schedules.list()).find((one) => one.scheduleId === input.scheduleId);
    expect(await until(find, (entry) => entry !== undefined)).toMatchObject({
      maintenanceId: input.maintenance.maintenanceId,
      when: 'every 24 h',
      isPaused: false,
      last: null,
    });
    expect((await schedules.list()).map(({ scheduleId }) => scheduleId)).not.toContain(foreign);
    await schedules.trigger(input.scheduleId);
    const { running } = await until(
      () => schedules.describe(input.scheduleId),
      (details) => details.running.length > 0,
    );
    await schedules.delete(input.scheduleId);
    await expect(schedules.describe(input.scheduleId)).rejects.toThrow(NotFoundError);
    const { workflowId = '' } = running[0] ?? {};
    const run = await server.temporal().client.workflow.getHandle(workflowId).describe();
    expect(run.status.name).toBe('RUNNING');
  });
});
