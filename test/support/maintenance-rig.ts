/** Maintenance runs on the rig: started over the wire, judged by the simulator's ledger as well as by what they say. */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { expect } from '@jest/globals';
import type { WorkflowFailedError, WorkflowHandle } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import type { ApplicationFailure } from '@temporalio/common';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';

import { makeMaintenanceWorkflowId } from '../../src/contract/index.js';
import type {
  MaintenanceInput,
  MaintenanceProgress,
  MaintenanceResult,
  MessageReceipt,
} from '../../src/contract/index.js';
import { waitUntil } from '../../src/simulator/basics.js';
import type { InstanceSpec, SimulatedInstance } from '../../src/simulator/index.js';

import { FAST, expectNoSecret, withoutMachine } from './rig.js';
import type { Rig } from './rig.js';
import { showed } from './shown.js';

/** Most instances of a maintenance whose history is kept. */
const MAX_RECORDED_ROWS = 12;

/** Longer than anything takes on a loaded machine. */
const STEP_TIMEOUT_MS = 180_000;

/** A maintenance of an end-to-end test. */
export interface RiggedMaintenance {
  readonly maintenanceId: string;
  readonly workflowId: string;
  /** Of the first run of its chain. */
  readonly runId: string;
  readonly handle: WorkflowHandle;
  readonly send: (name: string, message: unknown) => Promise<MessageReceipt>;
  readonly progress: () => Promise<MaintenanceProgress>;
  /** Waits until the progress is so. */
  readonly until: (
    what: string,
    predicate: (progress: MaintenanceProgress) => boolean,
  ) => Promise<void>;
  readonly end: () => Promise<MaintenanceEnd>;
}

/** How a maintenance has ended. */
export interface MaintenanceEnd {
  readonly type: string;
  readonly message: string;
  /** Not there for CANCELLED and INVALID_INPUT. */
  readonly result: MaintenanceResult;
}

/** Fresh instances. */
export function instancesOf(
  rig: Rig,
  count: number,
  spec: InstanceSpec = {},
): Promise<SimulatedInstance[]> {
  return Promise.all(Array.from({ length: count }, () => rig.instance(spec)));
}

/** A window that is open now. */
export function openWindow(seconds = 3600): MaintenanceInput['window'] {
  return { closesAt: new Date(Date.now() + seconds * 1000).toISOString() };
}

/** Starts a maintenance; short times and reserves by default. */
export async function startMaintenance(
  rig: Rig,
  instances: readonly SimulatedInstance[],
  input: Partial<MaintenanceInput> = {},
  taskQueue = rig.stack.taskQueue,
): Promise<RiggedMaintenance> {
  const maintenanceId = input.maintenanceId ?? `many-${randomUUID()}`;
  const workflowId = makeMaintenanceWorkflowId(maintenanceId);
  const { timing, ...rest } = input;
  const whole: MaintenanceInput = {
    maintenanceId,
    projectId: rig.simulator.projectId,
    instanceIds: instances.map(({ instanceId }) => instanceId),
    toggle: true,
    window: openWindow(),
    expectedDurationSeconds: 10,
    compensationReserveSeconds: 10,
    ...rest,
    timing: { ...FAST, ...timing },
  };
  const handle = await rig.temporal.workflow.start('dcsMaintenance', {
    ...{ workflowId, taskQueue, args: [whole] },
  });
  return maintenanceOf(rig, instances, maintenanceId, handle.firstExecutionRunId);
}

/** A maintenance that has been started somehow. */
export function maintenanceOf(
  rig: Rig,
  instances: readonly SimulatedInstance[],
  maintenanceId: string,
  runId: string,
  workflowId = makeMaintenanceWorkflowId(maintenanceId),
): RiggedMaintenance {
  const handle = rig.temporal.workflow.getHandle(workflowId);
  const progress = (): Promise<MaintenanceProgress> => handle.query('progress');
  return {
    ...{ maintenanceId, workflowId, runId, handle, progress },
    send: (name, message) => handle.executeUpdate(name, { args: [message] }),
    until: (what, predicate) =>
      waitUntil(what, STEP_TIMEOUT_MS, async () => predicate(await progress())),
    end: async () => {
      const end = showed(await endOf(handle));
      expectTruth(rig, instances, end);
      await recordPlan(rig, workflowId, end);
      return end;
    },
  };
}

async function endOf(handle: WorkflowHandle): Promise<MaintenanceEnd> {
  try {
    const result = (await handle.result()) as MaintenanceResult;
    return { type: result.outcome, message: result.message, result };
  } catch (error) {
    const { cause } = error as WorkflowFailedError;
    const result = undefined as unknown as MaintenanceResult;
    if (cause instanceof CancelledFailure)
      return { type: 'CANCELLED', message: cause.message, result };
    const { type, message, details } = cause as ApplicationFailure;
    return { type: type ?? '', message, result: details?.[0] as MaintenanceResult };
  }
}

/** What every maintenance has to hold, by the ledger's word. */
function expectTruth(
  rig: Rig,
  instances: readonly SimulatedInstance[],
  { type, result }: MaintenanceEnd,
): void {
  const reported = type === 'INVALID_INPUT' || type === 'CANCELLED' ? null : result;
  for (const { instanceId } of instances) {
    const sinceMs = Date.parse(reported?.startedAt ?? '') || 0;
    const executed = rig.simulator.ledger
      .puts(instanceId)
      .filter((put) => put.executed && put.at >= sinceMs);
    const item = reported?.items.find((each) => each.instanceId === instanceId);
    const legs = [item?.forward, item?.return].filter((leg) => (leg?.runId ?? null) !== null);
    // A swap back of one switchover comes on top of its own.
    const swapsBack = legs.filter((leg) => leg?.outcome === 'COMPENSATED').length;
    expect(executed.length).toBeLessThanOrEqual(legs.length + swapsBack);
    // One that repeats an earlier run of its request has sent nothing of its own.
    const succeeded = legs.filter(
      (leg) => leg?.outcome === 'SUCCEEDED' && leg.swapsSent > 0,
    ).length;
    expect(executed.length).toBeGreaterThanOrEqual(succeeded);
  }
  if (type === 'PARTIAL' || type === 'COMPLETED') {
    const sum = Object.values<number>({ ...result.counts }).reduce(
      (total, count) => total + count,
      0,
    );
    expect(sum).toBe(result.items.length);
    expect([result.counts.pending, result.counts.running]).toEqual([0, 0]);
  }
  expectNoSecret(rig, [JSON.stringify([result]), ...rig.logs]);
}

/** `npm run record:histories` keeps one history per outcome and cause of a maintenance as well. */
async function recordPlan(
  rig: Rig,
  workflowId: string,
  { type, result }: MaintenanceEnd,
): Promise<void> {
  const folder = process.env['RECORD_HISTORIES'] ?? '';
  const reported = type === 'CANCELLED' || type === 'INVALID_INPUT' ? null : result;
  // Larger ones report the replay tests nothing more.
  if (folder === '' || (reported?.items.length ?? 0) > MAX_RECORDED_ROWS) return;
  const { runId } = await rig.temporal.workflow.getHandle(workflowId).describe();
  const cause = reported?.cause ?? '';
  const chain = await rig.temporal.workflow.getHandle(workflowId, runId).fetchHistory();
  const hasBefore =
    (chain.events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId ?? '') !==
    '';
  const isDrill = reported?.items.some((item) => item.return !== null) === true;
  const name = ['maintenance', hasBefore ? 'continued' : '', isDrill ? 'drill' : '', type, cause]
    .filter(Boolean)
    .join('-')
    .toLowerCase()
    .replaceAll('_', '-');
  const history = JSON.parse(historyToJSON(chain)) as unknown;
  await writeFile(path.join(folder, `${name}.json`), JSON.stringify(history, withoutMachine));
}
