/** What all parts of the server share: runs with their histories, workers, and the list of runs that lags behind. */
import type { Client } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import type { Activity } from '@temporalio/worker/lib/activity';
import type { Workflow } from '@temporalio/worker/lib/workflow/interface';

import type { Activities } from '../../../src/activities/index.js';

import type { FaultBook } from '../faults.js';
import type { Activation, Command, Completion, Job, Sandbox } from '../sandbox.js';
import type { Machine, World } from '../world.js';

/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-assignment
   -- events and messages of the wire, as loose as the SDK has them */

/** One worker. */
export interface SimWorker {
  machine: Machine;
  activities: Activities;
  isDraining: boolean;
  /** What it executes now. */
  readonly running: Set<Activity>;
}

/** One activity. */
export interface Act {
  readonly seq: number;
  readonly activityId: string;
  /** Its argument. */
  readonly call: unknown;
  readonly type: string;
  readonly command: any;
  readonly scheduledEventId: number;
  readonly scheduledAtMs: number;
  attempt: number;
  attemptAtMs: number;
  startedAtMs: number | null;
  beatAtMs: number;
  details: any;
  isClosed: boolean;
  /** When it was closed, true time. */
  closedAtMs: number | null;
  isCancelRequested: boolean;
  /** When the worker began its first execution, true time. */
  begunAtMs: number | null;
  /** Its first heartbeat that the server took: of the swap activity, its fence. */
  fence: { readonly wasCancelled: boolean } | null;
  /** By which event it failed; `null`: it did not. */
  failedBy: string | null;
}

/** One run. */
export interface SimRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly startedAtMs: number;
  readonly events: any[];
  /** Number of the service's enumeration. */
  status: number;
  closedAtMs: number | null;
  jobs: Job[];
  readonly log: { readonly activation: Activation; readonly completion: Completion }[];
  readonly acts: Map<number, Act>;
  readonly timers: Map<number, { isCleared: boolean; readonly eventId: number }>;
  sandbox: { readonly worker: SimWorker; readonly workflow: Workflow } | null;
  /** Counts workflow tasks that were handed out; a late one is none any more. */
  task: number;
  isTaskOut: boolean;
}

/** Numbers of the service's enumeration. */
export const STATUS = {
  running: 1,
  completed: 2,
  failed: 3,
  cancelled: 4,
  terminated: 5,
} as const;

/** The server's state, and what one part of it asks of a later one. */
export interface Core {
  readonly world: World;
  readonly machine: Machine;
  readonly book: FaultBook;
  readonly sandbox: Sandbox;
  /** What activities ask it with. */
  readonly client: Client;
  readonly visibilityLagMs: number;
  readonly runs: Map<string, SimRun>;
  readonly workers: SimWorker[];
  /** As the list of runs has them. */
  readonly shown: Map<string, { readonly status: number; readonly length: number }>;
  /** What must never happen, whatever the invariants say. */
  readonly breaches: string[];
  /** Open freeze, as its record's memo has it. */
  freeze: { until: string; by: string; reason: string } | null;
  carryOut(run: SimRun, command: Command): void;
  execute(run: SimRun, act: Act, worker: SimWorker): void;
}

/** Appends an event. @returns its id */
export function add(
  { world }: Core,
  run: SimRun,
  eventType: number,
  name: string,
  attributes: any,
): number {
  const eventId = run.events.length + 1;
  run.events.push({
    eventId,
    eventType,
    eventTime: msToTs(world.nowMs),
    [`${name}EventAttributes`]: attributes,
  });
  return eventId;
}

/** Has the list of runs show it as it is now, after its lag. */
export function show({ world, machine, visibilityLagMs, shown }: Core, run: SimRun): void {
  const { status, events } = run;
  const length = status === STATUS.running ? 0 : events.length;
  world.after(visibilityLagMs, machine, () => {
    shown.set(run.runId, { status, length });
  });
}

/** Ends a run. */
export function close(
  core: Core,
  run: SimRun,
  status: number,
  eventType: number,
  name: string,
  attributes: any,
): void {
  add(core, run, eventType, name, attributes);
  run.status = status;
  run.closedAtMs = core.world.nowMs;
  for (const act of run.acts.values()) act.closedAtMs ??= core.world.nowMs;
  drop(core, run);
  show(core, run);
}

/** Ends it from outside. */
export function terminate(core: Core, run: SimRun): void {
  if (run.status === STATUS.running)
    close(core, run, STATUS.terminated, 27, 'workflowExecutionTerminated', { reason: 'simulated' });
}

/** Forgets what a worker holds of a run. */
export function drop({ world }: Core, run: SimRun): void {
  const { sandbox } = run;
  run.sandbox = null;
  if (sandbox !== null) world.work(sandbox.workflow.dispose());
}

/** A worker that takes work, at random. */
export function pick({ workers, world }: Core): SimWorker | null {
  const able = workers.filter(({ machine, isDraining }) => machine.isAlive && !isDraining);
  return able[Math.floor(world.chance() * able.length)] ?? null;
}
