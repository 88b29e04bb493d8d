/** What all parts of the server share: runs with their histories, workers, and the list of runs that lags behind. */
import type { Client } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import type { Activity } from '@temporalio/worker/lib/activity';
import type { Workflow } from '@temporalio/worker/lib/workflow/interface';

import type { Activities } from '../../../src/activities/index.js';

import type { FaultBook } from '../faults.js';
import type { Activation, Command, Completion, Job, Sandbox, Notice } from '../sandbox.js';
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
  /** The server has taken its result. */
  hasReported: boolean;
}

/** Who a run is among the runs of its id, and who asked for it. */
export interface Lineage {
  /** The run whose beginning it shares: its own id, unless it was made by a reset. */
  readonly originalRunId: string;
  /** The run that a reset has made it of; `null`: none has. */
  readonly resetFromRunId: string | null;
  /** The first of its chain: continued as new, or reset. */
  readonly firstRunId: string;
  readonly continuedFromRunId: string | null;
  readonly parent: {
    readonly workflowId: string;
    readonly runId: string;
    /** Its number there. */
    readonly seq: number;
    readonly initiatedEventId: number;
  } | null;
}

/** A child as its parent's run has it. */
export interface Child {
  readonly workflowId: string;
  readonly initiatedEventId: number;
  isClosed: boolean;
}

/** An update as the server has it. */
export interface Update {
  readonly id: string;
  readonly name: string;
  readonly argument: unknown;
  readonly sentAtMs: number;
  state: 'admitted' | 'accepted' | 'completed' | 'rejected';
  /** When the workflow accepted it. */
  acceptedAtMs: number | null;
  /** Of a completed one. */
  receipt: any;
}

/** A workflow task that was done. */
export interface Done {
  readonly activation: Activation;
  readonly completion: Completion;
  /** The history's length when it was begun. */
  readonly length: number;
}

/** One run. */
export interface SimRun extends Lineage {
  readonly workflowId: string;
  readonly runId: string;
  readonly type: string;
  /** By its first event, which a reset copies. */
  readonly startedAtMs: number;
  /** By the list of runs. */
  readonly listedAtMs: number;
  /** As everyone reads it beside the history. */
  memo: Readonly<Record<string, unknown>>;
  readonly events: any[];
  /** Number of the service's enumeration. */
  status: number;
  closedAtMs: number | null;
  /** The run that a reset has made of it; it answers for this one from then on. */
  resetRunId: string | null;
  jobs: Job[];
  readonly log: Done[];
  readonly acts: Map<number, Act>;
  readonly timers: Map<number, { isCleared: boolean; readonly eventId: number }>;
  readonly children: Map<number, Child>;
  readonly updates: Map<string, Update>;
  /** What it has notified of, the latest last. */
  readonly notices: Notice[];
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
  continued: 6,
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
  /** Events after which the server suggests that a maintenance continues as new. */
  readonly suggestedAfter: number;
  /** Activities of others, which every worker has. */
  readonly foreign: Record<string, () => Promise<unknown>>;
  carryOut(run: SimRun, command: Command): void;
  execute(run: SimRun, act: Act, worker: SimWorker): void;
  /** It has ended: its parent hears of it. */
  closed(run: SimRun, event: any): void;
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

/** What an event says. */
export function attributesOf(event: any): any {
  return (
    Object.entries<any>(event as object).find(([key]) => key.endsWith('EventAttributes'))?.[1] ?? {}
  );
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
  core.closed(run, run.events.at(-1));
}

/** Ends it from outside. */
export function terminate(core: Core, run: SimRun): void {
  if (run.status === STATUS.running)
    close(core, run, STATUS.terminated, 27, 'workflowExecutionTerminated', { reason: 'simulated' });
}

/** A run and those that resets have made it of, the first one first. */
export function lineOf({ runs }: Pick<Core, 'runs'>, run: SimRun): SimRun[] {
  const base = run.resetFromRunId === null ? undefined : runs.get(run.resetFromRunId);
  return base === undefined ? [run] : [...lineOf({ runs }, base), run];
}

/** The run of an id that is open; `null`: none is. */
export function openRun({ runs }: Core, workflowId: string): SimRun | null {
  const isIt = (run: SimRun): boolean =>
    run.workflowId === workflowId && run.status === STATUS.running;
  return [...runs.values()].find(isIt) ?? null;
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
