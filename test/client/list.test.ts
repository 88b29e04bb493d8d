/** Lists of a namespace, on a real server without any worker of ours. */
import { describe, expect, jest, test } from '@jest/globals';
import { defineSearchAttributeKey } from '@temporalio/common';

import type { MaintenanceEntry, RunList } from '../../src/client.js';
import { SEARCH_ATTRIBUTES } from '../../src/contract/index.js';
import { waitUntil } from '../../src/simulator/basics.js';

import { findings, result } from './support/facts.js';
import { completeRun, failRun } from './support/fake-worker.js';
import { maintenanceInput, maintenanceResult } from './support/maintenances.js';
import { useRealServer } from './support/server.js';
import type { Corner } from './support/server.js';

const server = useRealServer();

/** Once visibility shows so many runs of the project. */
async function listOnce(corner: Corner, count: number): Promise<RunList> {
  const { client, projectId } = corner;
  let list = await client.list({ projectId });
  await waitUntil('the runs to be listed', 60_000, async () => {
    list = await client.list({ projectId });
    return list.runs.filter(({ outcome, phase }) => (outcome ?? phase) !== null).length >= count;
  });
  return list;
}

async function end(corner: Corner, command: ReturnType<typeof completeRun>): Promise<void> {
  const { client, worker, projectId, instanceId } = corner;
  const run = await client.start({ projectId, instanceId, toggle: true, requestedBy: 'ann' });
  await worker.perform('preflight', {}, findings());
  await worker.decide(command);
  await client.result(run);
}

describe('the list of runs', () => {
  test('has open and ended ones of every instance of the project, the latest first', async () => {
    const corner = server.corner();
    const { client, projectId, instanceId } = corner;
    await end(corner, completeRun(result({ instanceName: 'orders', requestedBy: 'ann' })));
    const open = await client.start({ projectId, instanceId, toggle: true, reason: 'again' });
    const other = server.corner();
    const elsewhere = { projectId: other.projectId, instanceId: other.instanceId };
    await other.client.start({ ...elsewhere, toggle: true });
    const { runs, more } = await listOnce(corner, 2);
    expect(more).toBe(false);
    expect(runs).toHaveLength(2);
    expect(runs[0]).toMatchObject({ runId: open.runId, phase: 'PREFLIGHT', outcome: null });
    expect(runs[1]).toMatchObject({
      ...{ projectId, instanceId, outcome: 'SUCCEEDED', requestedBy: 'ann', phase: null },
      ...{ from: { availabilityZone: 'az1' }, to: { availabilityZone: 'az2' }, problem: null },
    });
    expect(runs.map(({ instanceName }) => instanceName)).toEqual(['orders', 'orders']);
  });

  test('keeps to an outcome and to a limit, and says that there are more', async () => {
    const corner = server.corner();
    const { client, projectId } = corner;
    const unknown = result({ outcome: 'UNKNOWN', cause: 'NO_TRACE' });
    await end(corner, failRun('UNKNOWN', 'Outcome unknown.', unknown));
    await end(corner, completeRun(result()));
    await end(corner, completeRun(result()));
    await listOnce(corner, 3);
    const { runs } = await client.list({ projectId, outcome: 'UNKNOWN' });
    expect(runs.map(({ outcome }) => outcome)).toEqual(['UNKNOWN']);
    const first = await client.list({ projectId, outcome: 'SUCCEEDED', limit: 1 });
    expect(first).toMatchObject({ runs: [{ outcome: 'SUCCEEDED' }], more: true });
    const since = new Date(Date.now() + 3_600_000).toISOString();
    expect(await client.list({ projectId, since })).toEqual({ runs: [], more: false });
  });

  test('asks once for each run that has ended, and looks closer only where one is UNKNOWN', async () => {
    const corner = server.corner();
    const { client, projectId, instanceId } = corner;
    const { workflowService } = server.temporal().client;
    const asked = [
      jest.spyOn(workflowService, 'listWorkflowExecutions'),
      jest.spyOn(workflowService, 'describeWorkflowExecution'),
      jest.spyOn(workflowService, 'getWorkflowExecutionHistory'),
    ];
    const countOf = async (list: () => Promise<unknown>): Promise<number[]> => {
      asked.forEach((spy) => spy.mockClear());
      await list();
      return asked.map((spy) => spy.mock.calls.length);
    };
    const list = () => client.list({ projectId });
    for (let run = 0; run < 3; run += 1) await end(corner, completeRun(result()));
    await listOnce(corner, 3);
    expect(await countOf(list)).toEqual([1, 0, 3]);
    expect(await countOf(() => client.history({ projectId, instanceId }))).toEqual([1, 0, 3]);
    const unknown = result({ outcome: 'UNKNOWN', cause: 'NO_TRACE' });
    await end(corner, failRun('UNKNOWN', 'Outcome unknown.', unknown));
    await listOnce(corner, 4);
    expect(await countOf(list)).toEqual([2, 0, 4]);
    asked.forEach((spy) => {
      spy.mockRestore();
    });
  });

  test('refuses an instant that is none, before any call', async () => {
    await expect(server.corner().client.list({ since: 'now' })).rejects.toThrow('is no instant');
    await expect(server.corner().client.list({ limit: 0 })).rejects.toThrow('limit');
  });
});

describe('the list of maintenance runs', () => {
  test('has what an ended one reported, and says what is not known of an open one', async () => {
    const { dcs, worker } = server.corner();
    const ended = maintenanceInput({ requestedBy: 'ann' });
    const started = await dcs.maintenance.start(ended);
    const reported = maintenanceResult({ maintenanceId: ended.maintenanceId });
    await worker.decide(completeRun(reported));
    await dcs.maintenance.result(started);
    const open = maintenanceInput();
    await dcs.maintenance.start(open);
    const ids = [open.maintenanceId, ended.maintenanceId];
    let found: MaintenanceEntry[] = [];
    await waitUntil('both to be listed as they are', 60_000, async () => {
      const { maintenances } = await dcs.maintenance.list();
      found = maintenances.filter(({ name }) => ids.includes(name));
      return found.length === 2 && found[1]?.outcome === 'COMPLETED';
    });
    const [first, second] = found;
    expect(first).toMatchObject({ name: open.maintenanceId, outcome: null, counts: null });
    expect(first?.problem).toContain('no worker answered');
    expect(second).toMatchObject({
      ...{ outcome: 'COMPLETED', requestedBy: 'ann', problem: null },
      ...{ counts: reported.counts, window: reported.window },
    });
  });
});

describe('an instance by its name', () => {
  test('is found by its latest run with a name, in its own project alone', async () => {
    const { client, projectId, instanceId, taskQueue } = server.corner();
    const { client: temporal } = server.temporal();
    const name = `name-${instanceId}`;
    const start = (project: string, value: string) =>
      temporal.workflow.start('dcsSwitchover', {
        workflowId: `dcs-switchover:${project}:${instanceId}`,
        taskQueue,
        workflowIdConflictPolicy: 'TERMINATE_EXISTING',
        typedSearchAttributes: [
          { key: defineSearchAttributeKey(SEARCH_ATTRIBUTES.instanceName, 'KEYWORD'), value },
        ],
      });
    await start(projectId, name);
    await start('9'.repeat(32), name);
    const find = () => client.findInstances({ projectId, name });
    await waitUntil('the run to be found', 60_000, async () => (await find())?.length === 1);
    expect(await find()).toEqual([instanceId]);
    expect(await client.findInstances({ projectId, name: name.toUpperCase() })).toEqual([]);
    expect(await client.findInstances({ projectId, name: '" OR ""="' })).toEqual([]);
    await start(projectId, `${name}-2`);
    await waitUntil('the new name to be seen', 60_000, async () => (await find())?.length === 0);
  });
});
