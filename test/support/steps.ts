/**
 * Steps that scenarios about lost workers, cancellations and resets share: getting to an exact place in
 * a run, and workers on task queues of their own, so that one scenario's kill is no other's.
 */
import { randomUUID } from 'node:crypto';

import { createDcsSwitchover } from '../../src/client.js';
import type { SwitchoverInput } from '../../src/contract/index.js';
import type { WorkerProcess } from '../../src/dev/stack.js';
import { waitUntil } from '../../src/simulator/basics.js';
import type {
  CallSelector,
  Fault,
  FaultActions,
  RouteName,
  SimulatedInstance,
} from '../../src/simulator/index.js';

import { FAST, RPC_TIMEOUT_MS, expectNoSecret } from './rig.js';
import type { HistoryEvent, Rig, RunEnd } from './rig.js';

/** Longer than the swap activity's timeout on a loaded machine. */
const STEP_TIMEOUT_MS = 180_000;

/** Waits until a fault has met its call: the run is then exactly there. */
export function reached(fault: Fault, hits = 1): Promise<void> {
  return waitUntil(`call ${hits} of the fault`, STEP_TIMEOUT_MS, () =>
    Promise.resolve(fault.hits() >= hits),
  );
}

/** Waits until the history holds `count` events of a type such as `TIMER_STARTED`. */
export function untilEvent(
  rig: Rig,
  instance: SimulatedInstance,
  runId: string,
  type: string,
  count = 1,
): Promise<void> {
  return waitUntil(`${count} × ${type}`, STEP_TIMEOUT_MS, async () => {
    const events = await rig.history(instance, runId);
    return eventsOf(events, type).length >= count;
  });
}

/** The events of a type, such as `WORKFLOW_TASK_COMPLETED`. */
export function eventsOf(events: readonly HistoryEvent[], type: string): readonly HistoryEvent[] {
  return events.filter(({ eventType }) => eventType === `EVENT_TYPE_${type}`);
}

/** Keeps back the answers of a route of one instance until `release()`. */
export function hold(
  rig: Rig,
  { instanceId }: SimulatedInstance,
  route: RouteName,
  calls: CallSelector = 1,
  actions: FaultActions = {},
): Fault {
  return rig.simulator.faults.add({ route, instanceId, calls, hold: true, ...actions });
}

/** A task queue with workers of its own. */
export interface Site {
  readonly taskQueue: string;
  readonly startWorker: (extraEnv?: NodeJS.ProcessEnv) => Promise<WorkerProcess>;
  readonly start: (
    instance: SimulatedInstance,
    input?: Partial<SwitchoverInput>,
  ) => Promise<string>;
  /** Starts a run of exactly this input. */
  readonly startAs: (input: SwitchoverInput) => Promise<string>;
  readonly end: (instance: SimulatedInstance, runId: string) => Promise<RunEnd>;
}

/** Opens a task queue; workers end with the rig. */
export function openSite(rig: Rig): Site {
  const taskQueue = `site-${randomUUID()}`;
  const { switchover: client } = createDcsSwitchover({
    ...{ client: rig.temporal, taskQueue, rpcTimeoutMs: RPC_TIMEOUT_MS },
  });
  const logs: string[] = [];
  const env = { DCS_SWITCHOVER_TASK_QUEUE: taskQueue };
  const { projectId } = rig.simulator;
  return {
    taskQueue,
    startWorker: (extraEnv) =>
      rig.stack.startWorker({ ...env, ...extraEnv }, (line) => logs.push(line)),
    start: async ({ instanceId }, { timing, ...input } = {}) => {
      const whole = { projectId, instanceId, toggle: true, ...input };
      return (await client.start({ ...whole, timing: { ...FAST, ...timing } })).runId;
    },
    startAs: async (input) => (await client.start(input)).runId,
    end: async (instance, runId) => {
      const end = await rig.end(instance, runId);
      expectNoSecret(rig, logs);
      return end;
    },
  };
}
