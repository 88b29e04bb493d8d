/** What clients ask the server, by the calls of its service. */
import { AsyncLocalStorage } from 'node:async_hooks';

import { defaultPayloadConverter } from '@temporalio/common';
import { msToTs } from '@temporalio/common/lib/time';
import Long from 'long';

import { recordBeat } from './activities.js';
import { STATUS } from './core.js';
import type { Core, SimRun } from './core.js';
import { grpcError, rpc } from './rpc.js';

/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-assignment,
   @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument,
   @typescript-eslint/no-unsafe-return -- events and messages of the wire, as loose as the SDK has them */

/** One for all worlds: each that is made stays in the way of every promise that follows. */
const patience = new AsyncLocalStorage<{
  readonly signal?: AbortSignal;
  /** By the clock of who calls, epoch milliseconds. */
  readonly deadlineMs?: number;
}>();

/** A connection as the client takes one. */
export function createConnection(core: Core): unknown {
  const service: Record<string, (request: any) => any> = {
    describeWorkflowExecution: ({ execution }) => describe(core, execution),
    listWorkflowExecutions: ({ query }) => list(core, query),
    getWorkflowExecutionHistory: (request) => readHistory(core, request),
    // Schedules of Temporal are no part of the model.
    listSchedules: () => ({ schedules: [], nextPageToken: new Uint8Array() }),
    recordActivityTaskHeartbeat: ({ taskToken, details }) => recordBeat(core, taskToken, details),
  };
  const workflowService = Object.fromEntries(
    Object.entries(service).map(([name, execute]) => [
      name,
      (request: any) => {
        const { signal, deadlineMs = Infinity } = patience.getStore() ?? {};
        const timeoutMs = deadlineMs - Date.now();
        // What the server sets going meanwhile has no part in the patience of whoever calls.
        return patience.exit(() => rpc(core, name, () => execute(request), { timeoutMs, signal }));
      },
    ]),
  );
  const plain = <R>(_: unknown, fn: () => Promise<R>): Promise<R> => fn();
  return {
    ...{
      workflowService,
      plugins: [],
      close: () => Promise.resolve(),
      ensureConnected: () => Promise.resolve(),
    },
    withMetadata: plain,
    withAbortSignal: <R>(signal: AbortSignal, fn: () => Promise<R>): Promise<R> =>
      patience.run({ ...patience.getStore(), signal }, fn),
    withDeadline: <R>(deadlineMs: number, fn: () => Promise<R>): Promise<R> =>
      patience.run({ ...patience.getStore(), deadlineMs }, fn),
  };
}

function describe(core: Core, { workflowId, runId }: { workflowId: string; runId?: string }): any {
  const run = [...core.runs.values()].findLast(
    (one) =>
      one.workflowId === workflowId && (runId === undefined || runId === '' || one.runId === runId),
  );
  if (run === undefined) throw grpcError(5, 'workflow not found');
  const pendingActivities = [...run.acts.values()]
    .filter((act) => !act.isClosed)
    .map((act) => ({
      ...{
        activityId: act.command.activityId,
        attempt: act.attempt,
        scheduledTime: msToTs(act.scheduledAtMs),
      },
      heartbeatDetails: act.details === null ? null : { payloads: [act.details] },
    }));
  return {
    workflowExecutionInfo: toInfo(run, run.status, run.events.length),
    pendingActivities,
  };
}

function toInfo(run: SimRun, status: number, length: number): any {
  const { workflowId, runId, type, listedAtMs, firstRunId, closedAtMs, memo } = run;
  return {
    ...{
      execution: { workflowId, runId },
      type: { name: type },
      status,
      firstRunId,
    },
    memo: { fields: toFields(memo) },
    ...{
      startTime: msToTs(listedAtMs),
      taskQueue: 'dcs-switchover',
      historyLength: Long.fromNumber(length),
    },
    closeTime: closedAtMs === null || status === STATUS.running ? null : msToTs(closedAtMs),
  };
}

function toFields(memo: SimRun['memo']): any {
  return Object.fromEntries(
    Object.entries(memo).map(([name, value]) => [name, defaultPayloadConverter.toPayload(value)]),
  );
}

function list(core: Core, query: string): any {
  const [, workflowId] = /WorkflowId = "([^"]+)"/.exec(query) ?? [];
  const executions = [...core.runs.values()]
    .filter((run) => run.workflowId === workflowId && core.shown.has(run.runId))
    .map((run) => {
      const { status, length } = core.shown.get(run.runId) ?? { status: 0, length: 0 };
      return toInfo(run, status, length);
    });
  return { executions, nextPageToken: new Uint8Array() };
}

/** How long the server holds a question for what has not happened yet. */
const LONG_POLL_MS = 20_000;

async function readHistory(core: Core, request: any): Promise<any> {
  const { execution, historyEventFilterType, waitNewEvent } = request;
  const run = core.runs.get(execution.runId);
  if (run === undefined) throw grpcError(5, 'workflow not found');
  const isEndOnly = Number(historyEventFilterType ?? 0) === 2;
  if (waitNewEvent === true && isEndOnly) {
    await endOf(core, run);
    if (run.status === STATUS.running)
      return { history: { events: [] }, nextPageToken: new Uint8Array([1]) };
  }
  const events = isEndOnly ? run.events.slice(-1) : [...run.events];
  return { history: { events }, nextPageToken: new Uint8Array() };
}

function endOf({ world, machine }: Core, run: SimRun): Promise<void> {
  const untilMs = world.nowMs + LONG_POLL_MS;
  return new Promise((resolve) => {
    const look = (): void => {
      if (run.status !== STATUS.running || world.nowMs >= untilMs) resolve();
      else world.after(200, machine, look);
    };
    look();
  });
}
