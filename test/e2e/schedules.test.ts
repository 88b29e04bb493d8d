/** Schedules and freezes end to end: real Temporal server, built worker, simulator; judged by its ledger. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { connectDcsSwitchover } from '../../src/client.js';
import type { ConnectedDcsSwitchover } from '../../src/client.js';
import type {
  MaintenanceInput,
  MaintenanceWindow,
  ScheduleInput,
} from '../../src/contract/index.js';
import type { SimulatedInstance } from '../../src/simulator/index.js';
import { FAST, useRig } from '../support/rig.js';
import { showing } from '../support/shown.js';

/** Longer than anything takes on a loaded machine. */
const STEP_TIMEOUT_MS = 100_000;

const rig = useRig();
let dcs: ConnectedDcsSwitchover;

beforeAll(async () => {
  const { clientEnv, taskQueue } = rig().stack;
  dcs = showing(await connectDcsSwitchover({ env: clientEnv, taskQueue }));
});

afterAll(() => dcs.close());

/** A whole second, so many seconds from now, as the server writes it. */
function soon(seconds: number): string {
  const ms = Math.ceil(Date.now() / 1000 + seconds) * 1000;
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}

/** Looks a few times a second: the server has other things to do. */
async function until(what: string, predicate: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = Date.now() + STEP_TIMEOUT_MS;
  while (!(await predicate())) {
    if (Date.now() > deadlineMs) throw new Error(`${what} did not come`);
    await pause(200);
  }
}

const after = (instant: string, seconds: number): string =>
  new Date(Date.parse(instant) + seconds * 1000).toISOString();

async function scheduleOf(
  schedule: ScheduleInput['schedule'],
  window: MaintenanceWindow,
  changes: Partial<MaintenanceInput> = {},
): Promise<{ readonly input: ScheduleInput; readonly instance: SimulatedInstance }> {
  const instance = await rig().instance();
  const id = `drill-${randomUUID()}`;
  const maintenance: MaintenanceInput = {
    maintenanceId: id,
    projectId: rig().simulator.projectId,
    instanceIds: [instance.instanceId],
    toggle: true,
    window,
    // Short, so that a latest safe start comes soon.
    expectedDurationSeconds: 1,
    compensationReserveSeconds: 0,
    timing: FAST,
    ...changes,
  };
  return { input: { scheduleId: id, schedule, maintenance }, instance };
}

/** Makes what must be there before an instant `seconds` from now; on a busy machine again, with more time. */
async function ahead<T>(seconds: number, make: (at: string) => Promise<T>): Promise<T> {
  const at = soon(seconds);
  const made = await make(at);
  return Date.now() < Date.parse(at) ? made : ahead(seconds * 2, make);
}

/** The maintenance that a schedule has started last, as a reference to it. */
async function firedBy({ scheduleId, maintenance }: ScheduleInput) {
  let workflowId = '';
  const hasFired = async () => {
    workflowId = (await dcs.schedules.describe(scheduleId)).last?.workflowId ?? '';
    return workflowId !== '';
  };
  await until('the firing', hasFired);
  const { maintenanceId } = maintenance;
  return {
    maintenanceId,
    nominalTime: workflowId.slice(`dcs-maintenance:${maintenanceId}-`.length),
  };
}

describe('a schedule', () => {
  test.concurrent('that fires into an open window switches at once', async () => {
    const { at, input, instance, applied } = await ahead(6, async (time) => {
      const made = await scheduleOf({ at: time }, { closesAt: after(time, 3600) });
      return { at: time, ...made, applied: await dcs.schedules.createOrUpdate(made.input) };
    });
    expect(applied).toMatchObject({ change: 'created', next: [at] });
    const ref = await firedBy(input);
    expect(ref.nominalTime).toBe(at);
    expect(await dcs.maintenance.result(ref)).toMatchObject({
      outcome: 'COMPLETED',
      window: { opensAt: after(at, 0) },
    });
    expect(rig().putsOf(instance)).toHaveLength(1);
  });

  test.concurrent(
    'that fires before its window gathers the approval, and waits for the opening',
    async () => {
      const { opensAt, input, instance } = await ahead(6, async (at) => {
        const opening = after(at, 10);
        const made = await scheduleOf(
          { at: opening, leadSeconds: 10 },
          { opensAt: opening, closesAt: after(opening, 3600) },
          { requireApproval: true },
        );
        await dcs.schedules.createOrUpdate(made.input);
        return { opensAt: opening, ...made };
      });
      const ref = await firedBy(input);
      expect(await dcs.maintenance.approve(ref, { by: 'ada' })).toMatchObject({ changed: true });
      const { items, outcome } = await dcs.maintenance.result(ref);
      expect(outcome).toBe('COMPLETED');
      expect(Date.parse(items[0]?.forward.startedAt ?? '')).toBeGreaterThanOrEqual(
        Date.parse(opensAt),
      );
      const [put, ...more] = rig().putsOf(instance);
      expect(put?.at).toBeGreaterThanOrEqual(Date.parse(opensAt));
      expect(more).toEqual([]);
    },
  );

  test.concurrent('that fires when no window is left sends nothing', async () => {
    const at = soon(3);
    const closesAt = after(at, 2);
    const { input, instance } = await scheduleOf(
      { everySeconds: 86_400 },
      { closesAt: after(at, 864_000) },
    );
    await dcs.schedules.createOrUpdate(input);
    // As someone's own client would have it: ours refuses to create it.
    const handle = rig().temporal.schedule.getHandle(input.scheduleId);
    const maintenance = { ...input.maintenance, window: { closesAt } };
    await handle.update((before) => ({
      ...before,
      action: { ...before.action, args: [maintenance] },
    }));
    await until('the time', () => Date.now() > Date.parse(closesAt));
    await dcs.schedules.trigger(input.scheduleId);
    await expect(dcs.maintenance.result(await firedBy(input))).rejects.toMatchObject({
      problems: [{ field: 'window' }],
    });
    expect(rig().putsOf(instance)).toHaveLength(0);
  });

  test.concurrent(
    'that is made up for later finds the window of its own time, which is over',
    async () => {
      const everyDay = { timeZone: 'UTC', start: '00:00', end: '00:30' };
      const { input, instance } = await scheduleOf({ onWindow: true }, everyDay);
      await dcs.schedules.createOrUpdate(input);
      const day = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
      const range = { from: `${day}T00:00:00Z`, until: `${day}T00:00:30Z` };
      const { scheduleId } = input;
      await expect(
        dcs.schedules.backfill(scheduleId, { ...range, confirm: false }),
      ).rejects.toThrow('would start 1 maintenance run');
      await dcs.schedules.backfill(scheduleId, { ...range, confirm: true });
      const ref = await firedBy(input);
      expect(ref.nominalTime).toBe(`${day}T00:00:00Z`);
      expect(await dcs.maintenance.result(ref)).toMatchObject({
        outcome: 'PARTIAL',
        cause: 'WINDOW_OVER',
        window: { opensAt: `${day}T00:00:00.000Z` },
      });
      expect(rig().putsOf(instance)).toHaveLength(0);
    },
  );

  test.concurrent(
    'that was to pause after a failure is paused by a maintenance that did not complete, and says so',
    async () => {
      const { input, instance } = await scheduleOf(
        { everySeconds: 86_400, pauseOnFailure: true },
        { closesAt: soon(864_000) },
      );
      const { faults } = rig().simulator;
      faults.add({ route: 'asyncSwap', instanceId: instance.instanceId, job: { outcome: 'FAIL' } });
      const { scheduleId } = input;
      await dcs.schedules.createOrUpdate(input);
      await dcs.schedules.trigger(scheduleId);
      expect(await dcs.maintenance.result(await firedBy(input))).toMatchObject({
        outcome: 'PARTIAL',
      });
      const isPaused = async () => (await dcs.schedules.describe(scheduleId)).isPausedByFailure;
      await until('the pause', isPaused);
      // A change of the schedule is no reason to go on.
      const changed = { ...input, schedule: { ...input.schedule, offsetSeconds: 60 } };
      expect(await dcs.schedules.createOrUpdate(changed)).toMatchObject({
        change: 'updated',
        isPaused: true,
      });
      expect(await dcs.schedules.describe(scheduleId)).toMatchObject({ isPausedByFailure: true });
    },
  );

  test.concurrent('of a name that is none is refused, with where to see the names', async () => {
    await expect(dcs.schedules.describe('Nightly Drill')).rejects.toMatchObject({
      name: 'InvalidInputError',
      problems: [{ field: 'scheduleId' }],
    });
  });

  test('that fires while no worker is there starts as soon as there is one, and never after the latest safe start', async () => {
    await rig().worker.stop();
    const { at, late, inTime } = await ahead(8, async (time) => {
      const made = {
        late: await scheduleOf({ at: time }, { closesAt: after(time, 4) }),
        inTime: await scheduleOf({ at: time }, { closesAt: after(time, 3600) }),
      };
      await dcs.schedules.createOrUpdate(made.late.input);
      await dcs.schedules.createOrUpdate(made.inTime.input);
      return { at: time, ...made };
    });
    const refs = [await firedBy(late.input), await firedBy(inTime.input)] as const;
    await until('the time', () => Date.now() > Date.parse(at) + 4000);
    await rig().stack.startWorker();
    expect(await dcs.maintenance.result(refs[0])).toMatchObject({
      outcome: 'PARTIAL',
      cause: 'WINDOW_OVER',
    });
    expect(await dcs.maintenance.result(refs[1])).toMatchObject({ outcome: 'COMPLETED' });
    expect([rig().putsOf(late.instance).length, rig().putsOf(inTime.instance).length]).toEqual([
      0, 1,
    ]);
  });
});

describe('a freeze', () => {
  const by = 'ada';

  test('holds back a maintenance whose window opens, and single switchovers; after its end they go on', async () => {
    const at = soon(600);
    const held = await scheduleOf({ at }, { closesAt: after(at, 3600) });
    await dcs.schedules.createOrUpdate(held.input);
    const { instance, input } = await scheduleOf(
      { at },
      { opensAt: soon(9), closesAt: soon(3600) },
    );
    const started = await dcs.maintenance.start(input.maintenance);
    await dcs.freezes.start({ until: soon(3600), reason: 'end of year', by });
    expect(await dcs.maintenance.result(started)).toMatchObject({
      outcome: 'PARTIAL',
      cause: 'FROZEN',
    });
    const { outcome, result } = await rig().run(instance);
    expect(outcome).toBe('REFUSED');
    expect(result.checks.find(({ passed }) => passed === false)?.id).toBe('not-frozen');
    expect(rig().putsOf(instance)).toHaveLength(0);

    const { changed } = await dcs.freezes.thaw({ by });
    expect(changed).toContain(held.input.scheduleId);
    expect((await rig().run(instance)).outcome).toBe('SUCCEEDED');
    // Nothing was started by it, so the maintenance may be started again under its id.
    expect(await dcs.maintenance.start(input.maintenance)).toMatchObject({ reused: null });
  });

  test('ends by itself at its time, and resumes the schedules that it has paused', async () => {
    const at = soon(600);
    const { input } = await scheduleOf({ at }, { closesAt: after(at, 3600) });
    await dcs.schedules.createOrUpdate(input);
    const isListed = async () =>
      (await dcs.schedules.list()).some(({ scheduleId }) => scheduleId === input.scheduleId);
    await until('the list', isListed);
    const { changed } = await dcs.freezes.start({ until: soon(6), reason: 'a moment', by });
    expect(changed).toContain(input.scheduleId);
    const isResumed = async () => !(await dcs.schedules.describe(input.scheduleId)).isPaused;
    await until('the thaw', isResumed);
    // The record is closed right after the last schedule has been resumed.
    await until('its end', async () => (await dcs.freezes.current()) === null);
  });
});
