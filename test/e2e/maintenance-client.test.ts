/** Maintenance runs through the client, against the real workflow: what people see and do, and how it is answered. */
import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { connectDcsSwitchover } from '../../src/client.js';
import type { ConnectedDcsSwitchover, MaintenanceRef } from '../../src/client.js';
import type { MaintenanceInput, MaintenanceProgress } from '../../src/contract/index.js';
import { waitUntil } from '../../src/simulator/basics.js';
import type { SimulatedInstance } from '../../src/simulator/index.js';
import { FAST, useRig } from '../support/rig.js';
import { showing } from '../support/shown.js';

const rig = useRig();
const ada = { by: 'ada', why: 'a test' };
let dcs: ConnectedDcsSwitchover;

beforeAll(async () => {
  const { clientEnv, taskQueue } = rig().stack;
  dcs = showing(await connectDcsSwitchover({ env: clientEnv, taskQueue }));
});

afterAll(() => dcs.close());

async function instances(count: number): Promise<SimulatedInstance[]> {
  return Promise.all(Array.from({ length: count }, () => rig().instance()));
}

function maintenanceOf(
  some: readonly SimulatedInstance[],
  changes: Partial<MaintenanceInput> = {},
): MaintenanceInput {
  return {
    maintenanceId: `many-${randomUUID()}`,
    projectId: rig().simulator.projectId,
    instanceIds: some.map(({ instanceId }) => instanceId),
    toggle: true,
    window: { closesAt: new Date(Date.now() + 3_600_000).toISOString() },
    timing: FAST,
    ...changes,
  };
}

async function reach(
  ref: MaintenanceRef,
  what: string,
  isThere: (progress: MaintenanceProgress) => boolean,
): Promise<MaintenanceProgress> {
  let progress = await dcs.maintenance.progress(ref);
  await waitUntil(what, 100_000, async () => {
    progress = await dcs.maintenance.progress(ref);
    return isThere(progress);
  });
  return progress;
}

describe('a maintenance through the client', () => {
  test.concurrent('is looked at ahead, without sending anything', async () => {
    const some = await instances(2);
    const result = await dcs.maintenance.plan(maintenanceOf(some));
    expect(result).toMatchObject({ outcome: 'PLANNED', mode: 'plan' });
    expect(some.flatMap(rig().putsOf)).toEqual([]);
  });

  test.concurrent(
    'takes each decision once, and answers those that come twice, malformed or too late',
    async () => {
      const some = await instances(2);
      const [first, second] = some.map(({ instanceId }) => instanceId) as [string, string];
      const { maintenance } = dcs;
      const started = await maintenance.start(maintenanceOf(some, { requireApproval: true }));
      await reach(started, 'the wait', ({ phase }) => phase === 'AWAITING_APPROVAL');
      expect(await maintenance.skip(started, { ...ada, instanceId: second })).toMatchObject({
        changed: true,
      });
      await expect(
        maintenance.skip(started, { ...ada, instanceId: randomUUID() }),
      ).rejects.toMatchObject({ name: 'MessageRefusedError', refusal: 'NOT_POSSIBLE_NOW' });
      expect(await maintenance.pause(started, ada)).toMatchObject({
        changed: true,
        isPaused: true,
      });
      expect(await maintenance.approve(started, { by: 'bob' })).toMatchObject({ changed: true });
      const twice = await maintenance.approve(started, { by: 'eve' });
      expect(twice).toMatchObject({ changed: false });
      expect(twice.message).toContain('bob');
      expect(await maintenance.resume(started, ada)).toMatchObject({
        changed: true,
        isPaused: false,
      });

      const result = await maintenance.result(started);
      expect(result).toMatchObject({
        outcome: 'PARTIAL',
        counts: { done: 1, skipped: 1 },
        decisions: [
          { what: 'skipped', by: 'ada', instanceId: second },
          { what: 'paused', by: 'ada' },
          { what: 'approved', by: 'bob' },
          { what: 'resumed', by: 'ada' },
        ],
      });
      expect(result.items.map((item) => [item.instanceId, item.forward.state])).toEqual([
        [first, 'ENDED'],
        [second, 'SKIPPED'],
      ]);
      await expect(maintenance.abort(started, ada)).rejects.toMatchObject({
        refusal: 'NOT_POSSIBLE_NOW',
      });
      expect(some.map((each) => rig().putsOf(each).length)).toEqual([1, 0]);
    },
  );

  test.concurrent(
    'that no one validated before is answered by the maintenance itself in the same words',
    async () => {
      const started = await dcs.maintenance.start(
        maintenanceOf(await instances(1), { requireApproval: true }),
      );
      const handle = rig().temporal.workflow.getHandle(started.workflowId);
      await expect(handle.executeUpdate('reject', { args: [{ by: 'ada' }] })).rejects.toMatchObject(
        {
          cause: { type: 'INVALID_MESSAGE', details: [{ problems: [{ field: 'why' }] }] },
        },
      );
      await dcs.maintenance.cancel(started, ada);
      await expect(dcs.maintenance.result(started)).rejects.toMatchObject({
        name: 'RunCancelledError',
      });
      await expect(dcs.maintenance.approve(started, ada)).rejects.toMatchObject({
        refusal: 'NOT_POSSIBLE_NOW',
      });
    },
  );

  test.concurrent(
    'that is started again is not carried out again; what it left is, by another',
    async () => {
      const some = await instances(2);
      const [bad] = some as [SimulatedInstance];
      const { faults } = rig().simulator;
      const { instanceId } = bad;
      const fault = faults.add({
        route: 'asyncSwap',
        instanceId,
        calls: 1,
        job: { outcome: 'FAIL' },
      });
      const input = maintenanceOf(some, { maxFailures: 1 });
      const started = await dcs.maintenance.start(input);
      expect(await dcs.maintenance.start(input)).toMatchObject({
        reused: 'open',
        runId: started.runId,
      });
      expect(await dcs.maintenance.result(started)).toMatchObject({
        outcome: 'PARTIAL',
        counts: { done: 1, failed: 1 },
      });
      expect(await dcs.maintenance.start(input)).toMatchObject({
        reused: 'closed',
        runId: started.runId,
      });
      expect(some.map((each) => rig().putsOf(each).length)).toEqual([1, 1]);

      fault.remove();
      // The id has done work: with another input it does none, however it is started, until someone says so.
      const other = { ...input, maxConcurrent: 2 };
      const refused = dcs.maintenance
        .start(other)
        .then((started) => dcs.maintenance.result(started));
      await expect(refused).rejects.toThrow(/maintenanceId has been used: run .* has sent 2 PUT/);
      expect(some.map((each) => rig().putsOf(each).length)).toEqual([1, 1]);
      const rest = await dcs.maintenance.remainderInput(started, `many-${randomUUID()}`);
      expect(rest.instanceIds).toEqual([instanceId]);
      const again = await dcs.maintenance.result(await dcs.maintenance.start(rest));
      expect(again).toMatchObject({ outcome: 'COMPLETED' });
      expect(some.map((each) => rig().putsOf(each).length)).toEqual([2, 1]);
      const repeated = await dcs.maintenance.start({ ...other, again: true });
      expect(await dcs.maintenance.result(repeated)).toMatchObject({ outcome: 'COMPLETED' });
      expect(some.map((each) => rig().putsOf(each).length)).toEqual([3, 2]);
    },
  );
});
