/** Activities as the server has them: attempts, time limits, retries, cancellation, and what a worker reports. */
import { defaultPayloadConverter } from '@temporalio/common';
import { optionalTsToMs } from '@temporalio/common/lib/time';

import { add, pick, STATUS } from './core.js';
import type { Act, Core, SimRun } from './core.js';
import { grpcError } from './rpc.js';
import { enqueue } from './tasks.js';

/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-assignment,
   @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument -- events and messages of the wire, as loose as the SDK has them */

/** Numbers of the cancellation types. */
const TRY_CANCEL = 0;
const WAIT = 1;
const ABANDON = 2;

/** Whether its cancellation was reported to the workflow at once (TRY_CANCEL): what becomes of it is no longer asked. */
function isAbandoned({ isCancelRequested, command }: Act): boolean {
  return isCancelRequested && Number(command.cancellationType ?? TRY_CANCEL) !== WAIT;
}

/** Numbers of the timeouts. */
const START_TO_CLOSE = 1;
const SCHEDULE_TO_CLOSE = 3;
const HEARTBEAT = 4;

/** Takes one in. */
export function schedule(core: Core, run: SimRun, command: any): void {
  const { seq, activityType: type, activityId } = command;
  const scheduledEventId = add(core, run, 10, 'activityTaskScheduled', {
    ...{ activityId, activityType: { name: type }, input: { payloads: command.arguments } },
  });
  const nowMs = core.world.nowMs;
  const [first] = command.arguments ?? [];
  const call: unknown =
    first === undefined ? undefined : defaultPayloadConverter.fromPayload(first);
  const act: Act = {
    ...{ activityId: String(activityId), call },
    ...{
      seq,
      type,
      command,
      scheduledEventId,
      scheduledAtMs: nowMs,
      attempt: 1,
      attemptAtMs: nowMs,
    },
    ...{
      startedAtMs: null,
      beatAtMs: 0,
      details: null,
      isClosed: false,
      closedAtMs: null,
      isCancelRequested: false,
      ...{ begunAtMs: null, fence: null, failedBy: null, hasReported: false },
    },
  };
  run.acts.set(seq, act);
  dispatch(core, run, act, 5);
  const endMs = optionalTsToMs(command.scheduleToCloseTimeout) ?? Infinity;
  if (endMs < Infinity)
    core.world.after(endMs, core.machine, () => {
      if (run.status === STATUS.running && !act.isClosed)
        timeOut(core, run, act, SCHEDULE_TO_CLOSE);
    });
}

function isCurrent(run: SimRun, act: Act, attempt: number): boolean {
  return run.status === STATUS.running && !act.isClosed && act.attempt === attempt;
}

/** Hands it out to a worker. */
export function dispatch(core: Core, run: SimRun, act: Act, delayMs: number): void {
  const { attempt } = act;
  core.world.after(delayMs, core.machine, () => {
    if (!isCurrent(run, act, attempt) || act.startedAtMs !== null) return;
    const worker = pick(core);
    if (worker === null) {
      dispatch(core, run, act, 1_000);
      return;
    }
    act.startedAtMs = core.world.nowMs;
    act.beatAtMs = core.world.nowMs;
    core.world.after(5, worker.machine, () => {
      core.execute(run, act, worker);
    });
    const { startToCloseTimeout, heartbeatTimeout } = act.command;
    const longestMs = optionalTsToMs(startToCloseTimeout) ?? Infinity;
    if (longestMs < Infinity)
      core.world.after(longestMs, core.machine, () => {
        if (isCurrent(run, act, attempt)) timeOut(core, run, act, START_TO_CLOSE);
      });
    watchBeats(core, run, act, optionalTsToMs(heartbeatTimeout) ?? Infinity);
  });
}

function watchBeats(core: Core, run: SimRun, act: Act, timeoutMs: number): void {
  const { attempt } = act;
  if (timeoutMs === Infinity) return;
  const dueMs = act.beatAtMs + timeoutMs - core.world.nowMs;
  core.world.after(dueMs, core.machine, () => {
    if (!isCurrent(run, act, attempt) || act.startedAtMs === null) return;
    if (core.world.nowMs >= act.beatAtMs + timeoutMs) timeOut(core, run, act, HEARTBEAT);
    else watchBeats(core, run, act, timeoutMs);
  });
}

function timeOut(core: Core, run: SimRun, act: Act, timeoutType: number): void {
  const lastHeartbeatDetails = act.details === null ? null : { payloads: [act.details] };
  const failure = {
    message: 'activity timeout',
    timeoutFailureInfo: { timeoutType, lastHeartbeatDetails },
  };
  fail(core, run, act, failure, 'activityTaskTimedOut');
}

function fail(core: Core, run: SimRun, act: Act, failure: any, name: string): void {
  const { retryPolicy } = act.command;
  const limit = retryPolicy?.maximumAttempts ?? 0;
  const { nonRetryable = false, nextRetryDelay = null } = failure.applicationFailureInfo ?? {};
  const isOver = failure.timeoutFailureInfo?.timeoutType === SCHEDULE_TO_CLOSE;
  const isFinal = nonRetryable === true || isOver || act.isCancelRequested;
  const mayRetry = !isFinal && (limit === 0 || act.attempt < limit);
  if (!mayRetry) {
    act.failedBy = name;
    const startedEventId = endAct(core, run, act, name === 'activityTaskTimedOut' ? 14 : 13, name, {
      failure,
    });
    if (!isAbandoned(act))
      resolve(core, run, act, {
        failed: { failure: wrap(act, startedEventId, failure) },
      });
    return;
  }
  const capMs = optionalTsToMs(retryPolicy?.maximumInterval) ?? 100_000;
  const delayMs = optionalTsToMs(nextRetryDelay) ?? Math.min(1_000 * 2 ** (act.attempt - 1), capMs);
  act.attempt += 1;
  act.startedAtMs = null;
  act.attemptAtMs = core.world.nowMs + delayMs;
  dispatch(core, run, act, delayMs);
}

function wrap(act: Act, startedEventId: number, cause: any): any {
  const { activityId, activityType } = act.command;
  const { scheduledEventId } = act;
  return {
    message: 'Activity task failed',
    activityFailureInfo: {
      scheduledEventId,
      startedEventId,
      activityId,
      activityType: { name: activityType },
      retryState: 5,
    },
    cause,
  };
}

function endAct(
  core: Core,
  run: SimRun,
  act: Act,
  eventType: number,
  name: string,
  attributes: any,
): number {
  act.isClosed = true;
  act.closedAtMs = core.world.nowMs;
  const { scheduledEventId, attempt } = act;
  const startedEventId =
    act.startedAtMs === null
      ? 0
      : add(core, run, 11, 'activityTaskStarted', { scheduledEventId, attempt });
  add(core, run, eventType, name, { scheduledEventId, startedEventId, ...attributes });
  return startedEventId;
}

function resolve(core: Core, run: SimRun, act: Act, result: any): void {
  enqueue(core, run, { resolveActivity: { seq: act.seq, result } });
}

/** The one local activity asks Temporal for what no one here waits for: it has done so. */
export function resolveLocally(core: Core, run: SimRun, seq: number): void {
  add(core, run, 25, 'markerRecorded', { markerName: 'core_local_activity' });
  enqueue(core, run, { resolveActivity: { seq, isLocal: true, result: { completed: {} } } });
}

/** Asks for its cancellation. */
export function cancelActivity(core: Core, run: SimRun, seq: number): void {
  const act = run.acts.get(seq);
  if (act === undefined || act.isClosed) return;
  act.isCancelRequested = true;
  if (Number(act.command.cancellationType) === ABANDON) {
    resolve(core, run, act, cancelled(act));
    return;
  }
  const requestedEventId = add(core, run, 15, 'activityTaskCancelRequested', {
    scheduledEventId: act.scheduledEventId,
  });
  if (act.startedAtMs === null) endCancelled(core, run, act, requestedEventId);
  else if (isAbandoned(act)) resolve(core, run, act, cancelled(act));
}

function cancelled(act: Act): any {
  const cause = { message: 'canceled', canceledFailureInfo: {} };
  return { cancelled: { failure: wrap(act, 0, cause) } };
}

function endCancelled(
  core: Core,
  run: SimRun,
  act: Act,
  latestCancelRequestedEventId: number,
): void {
  endAct(core, run, act, 16, 'activityTaskCanceled', { latestCancelRequestedEventId });
  resolve(core, run, act, cancelled(act));
}

// What a worker reports.

/** @throws Error where the attempt is none any more */
export function takeReport(core: Core, run: SimRun, act: Act, attempt: number, result: any): void {
  if (!isCurrent(run, act, attempt) || act.startedAtMs === null)
    throw grpcError(5, 'activity not found');
  if (result.completed) {
    act.hasReported = true;
    endAct(core, run, act, 12, 'activityTaskCompleted', {
      result: { payloads: [result.completed.result] },
    });
    if (!isAbandoned(act)) resolve(core, run, act, { completed: result.completed });
  } else if (result.cancelled && act.isCancelRequested) {
    endAct(core, run, act, 16, 'activityTaskCanceled', {});
    if (!isAbandoned(act)) resolve(core, run, act, cancelled(act));
  } else
    fail(core, run, act, result.failed?.failure ?? { message: 'cancelled' }, 'activityTaskFailed');
}

/** @throws Error where the attempt is none any more */
export function recordBeat(core: Core, token: Uint8Array, details: any): any {
  const [runId, seq, attempt] = JSON.parse(Buffer.from(token).toString()) as [
    string,
    number,
    number,
  ];
  const run = core.runs.get(runId);
  const act = run?.acts.get(seq);
  if (
    run === undefined ||
    act === undefined ||
    !isCurrent(run, act, attempt) ||
    act.startedAtMs === null
  )
    throw grpcError(5, 'activity not found');
  act.beatAtMs = core.world.nowMs;
  act.details = details?.payloads?.[0] ?? null;
  act.fence ??= { wasCancelled: act.isCancelRequested };
  return { cancelRequested: act.isCancelRequested };
}
