/**
 * Temporal: the server with its histories, timers, time limits and a list of runs that lags behind; and workers that
 * carry out what it hands out. Workflow code is the shipped bundle, activities are the real ones. Every further
 * activation that finds its worker gone is a replay, whose commands must be those of the first time.
 */
import crypto from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';

import { Client } from '@temporalio/client';
import type { ConnectionOptions } from '@temporalio/client';
import {
  defaultFailureConverter,
  defaultPayloadConverter,
  noopMetricMeter,
} from '@temporalio/common';
import { msToTs, optionalTsToMs } from '@temporalio/common/lib/time';
import { Activity } from '@temporalio/worker/lib/activity';
import type { Workflow } from '@temporalio/worker/lib/workflow/interface';
import Long from 'long';

import type { Activities } from '../../src/activities/index.js';
import { FREEZE_WORKFLOW_ID } from '../../src/contract/index.js';

import type { FaultBook } from './faults.js';
import { activate } from './sandbox.js';
import type { Activation, Command, Completion, Job, Sandbox } from './sandbox.js';
import { send } from './wire.js';
import { hereIs } from './world.js';
import type { Machine, World } from './world.js';

/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-assignment,
   @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-call,
   @typescript-eslint/no-unsafe-return -- events and messages of the wire, as loose as the SDK has them */

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

const STATUS = { running: 1, completed: 2, failed: 3, cancelled: 4, terminated: 5 } as const;
const DATA = {
  payloadConverter: defaultPayloadConverter,
  failureConverter: defaultFailureConverter,
  payloadCodecs: [],
  externalStorage: undefined,
};
const TASK_TIMEOUT_MS = 10_000;
/** As the worker's options say. */
const BEAT_THROTTLE_MS = 4_000;

const quiet = {
  log: () => undefined,
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Why no more is to be done for a caller. */
function grpcError(code: number, details: string): Error {
  return Object.assign(new Error(`${code} ${details}`), {
    code,
    details,
    metadata: { get: () => [] },
  });
}

function isNotFound(error: unknown): boolean {
  return (error as { readonly code?: number }).code === 5;
}

/** Whether its cancellation was reported to the workflow at once (TRY_CANCEL): what becomes of it is no longer asked. */
function isAbandoned({ isCancelRequested, command }: Act): boolean {
  return isCancelRequested && Number(command.cancellationType ?? 0) === 0;
}

/** The server of one world. */
export class SimTemporal {
  readonly runs = new Map<string, SimRun>();
  readonly workers: SimWorker[] = [];
  readonly client: Client;
  /** Open freeze, as its record's memo has it. */
  freeze: { until: string; by: string; reason: string } | null = null;
  /** What must never happen, whatever the invariants say. */
  readonly breaches: string[] = [];
  private readonly shown = new Map<string, { status: number; length: number }>();
  private deadlineMs = Infinity;

  constructor(
    private readonly world: World,
    private readonly machine: Machine,
    private readonly book: FaultBook,
    private readonly sandbox: Sandbox,
    private readonly visibilityLagMs: number,
  ) {
    this.client = new Client({
      connection: this.connection() as ConnectionOptions as never,
      namespace: 'default',
    });
  }

  /** Starts a run, unless one of the id is open. */
  start(workflowId: string, input: unknown): SimRun | null {
    if (
      [...this.runs.values()].some(
        (run) => run.workflowId === workflowId && run.status === STATUS.running,
      )
    )
      return null;
    const runId = crypto.randomUUID();
    const run: SimRun = {
      ...{
        workflowId,
        runId,
        startedAtMs: this.world.nowMs,
        events: [],
        status: STATUS.running,
        closedAtMs: null,
      },
      ...{
        jobs: [],
        log: [],
        acts: new Map(),
        timers: new Map(),
        sandbox: null,
        task: 0,
        isTaskOut: false,
      },
    };
    this.runs.set(runId, run);
    const payload = defaultPayloadConverter.toPayload(input);
    this.add(run, 1, 'workflowExecutionStarted', {
      ...{
        workflowType: { name: 'dcsSwitchover' },
        workflowId,
        originalExecutionRunId: runId,
        firstExecutionRunId: runId,
      },
      ...{ input: { payloads: [payload] }, attempt: 1, taskQueue: { name: 'dcs-switchover' } },
    });
    this.show(run);
    this.enqueue(run, {
      initializeWorkflow: {
        ...{ workflowType: 'dcsSwitchover', workflowId, arguments: [payload], attempt: 1 },
        ...{
          randomnessSeed: Long.fromNumber(7),
          firstExecutionRunId: runId,
          startTime: msToTs(this.world.nowMs),
        },
      },
    });
    return run;
  }

  /** Requests a cancellation, as any client may. */
  cancel(run: SimRun): void {
    if (run.status !== STATUS.running) return;
    this.add(run, 20, 'workflowExecutionCancelRequested', {});
    this.enqueue(run, { cancelWorkflow: { reason: 'simulated' } });
  }

  /** Ends it from outside. */
  terminate(run: SimRun): void {
    if (run.status === STATUS.running)
      this.close(run, STATUS.terminated, 27, 'workflowExecutionTerminated', {
        reason: 'simulated',
      });
  }

  private add(run: SimRun, eventType: number, name: string, attributes: any): number {
    const eventId = run.events.length + 1;
    run.events.push({
      eventId,
      eventType,
      eventTime: msToTs(this.world.nowMs),
      [`${name}EventAttributes`]: attributes,
    });
    return eventId;
  }

  private show(run: SimRun): void {
    const { status, events } = run;
    const length = status === STATUS.running ? 0 : events.length;
    this.world.after(this.visibilityLagMs, this.machine, () => {
      this.shown.set(run.runId, { status, length });
    });
  }

  private close(
    run: SimRun,
    status: number,
    eventType: number,
    name: string,
    attributes: any,
  ): void {
    this.add(run, eventType, name, attributes);
    run.status = status;
    run.closedAtMs = this.world.nowMs;
    for (const act of run.acts.values()) act.closedAtMs ??= this.world.nowMs;
    this.drop(run);
    this.show(run);
  }

  private drop(run: SimRun): void {
    const { sandbox } = run;
    run.sandbox = null;
    if (sandbox !== null) this.world.work(sandbox.workflow.dispose());
  }

  // Workflow tasks.

  private enqueue(run: SimRun, job: Job): void {
    if (run.status !== STATUS.running) return;
    run.jobs.push(job);
    if (!run.isTaskOut) this.handOut(run, 5);
  }

  private handOut(run: SimRun, delayMs: number): void {
    run.isTaskOut = true;
    const task = (run.task += 1);
    this.world.after(delayMs, this.machine, () => {
      if (run.task !== task || run.status !== STATUS.running) return;
      const sticky = run.sandbox?.worker;
      const worker = sticky?.machine.isAlive === true ? sticky : this.pick();
      if (worker === null) {
        this.handOut(run, 1_000);
        return;
      }
      this.add(run, 5, 'workflowTaskScheduled', {});
      this.world.after(5, worker.machine, () => {
        if (run.task === task && run.status === STATUS.running)
          this.world.work(this.runTask(run, worker));
      });
      this.world.after(TASK_TIMEOUT_MS, this.machine, () => {
        if (run.task !== task || !run.isTaskOut) return;
        this.drop(run);
        this.handOut(run, 0);
      });
    });
  }

  private pick(): SimWorker | null {
    const able = this.workers.filter(({ machine, isDraining }) => machine.isAlive && !isDraining);
    return able[Math.floor(this.world.chance() * able.length)] ?? null;
  }

  private async runTask(run: SimRun, worker: SimWorker): Promise<void> {
    this.book.pass('task');
    // Whatever it computes before it dies, no one hears of.
    if (!worker.machine.isAlive || worker.machine.haltedUntilMs > this.world.nowMs) return;
    if (run.status !== STATUS.running) return;
    try {
      if (run.sandbox?.worker !== worker) await this.replay(run, worker);
      const jobs = run.jobs.splice(0);
      const activation = this.toActivation(run, jobs, false);
      const completion = await this.activateIn(run, activation);
      run.log.push({ activation, completion });
      run.isTaskOut = false;
      this.add(run, 7, 'workflowTaskCompleted', {});
      for (const command of completion.commands) this.carryOut(run, command);
      if (run.jobs.length > 0) this.handOut(run, 5);
    } catch (error) {
      this.breaches.push(error instanceof Error ? error.message : String(error));
      this.terminate(run);
    }
  }

  private toActivation(run: SimRun, jobs: Job[], isReplaying: boolean): Activation {
    const order = (job: Job): number => (job.initializeWorkflow ? 0 : job.cancelWorkflow ? 1 : 2);
    return {
      ...{
        runId: run.runId,
        timestamp: msToTs(this.world.nowMs),
        isReplaying,
        historyLength: run.events.length,
      },
      historySizeBytes: Long.fromNumber(1000),
      jobs: jobs.toSorted((a, b) => order(a) - order(b)),
    };
  }

  private async activateIn(run: SimRun, activation: Activation): Promise<Completion> {
    if (run.sandbox === null) throw new Error('no sandbox');
    return activate(run.sandbox.workflow, activation);
  }

  /** On another worker, or after a lost task: everything again, and it has to come to the same. */
  private async replay(run: SimRun, worker: SimWorker): Promise<void> {
    this.drop(run);
    const { workflowId, runId, startedAtMs } = run;
    const workflow = await this.sandbox({ workflowId, runId, originalRunId: runId, startedAtMs });
    run.sandbox = { worker, workflow };
    for (const { activation, completion } of run.log) {
      const patches = completion.commands.flatMap(({ setPatchMarker: marker }) =>
        marker ? [{ notifyHasPatch: { patchId: marker.patchId ?? '' } }] : [],
      );
      const again = {
        ...activation,
        ...{ isReplaying: true, availableInternalFlags: [...completion.flags] },
        jobs: [...patches, ...(activation.jobs ?? [])],
      };
      const { commands } = await activate(workflow, again);
      const [then, now] = [completion.commands, commands].map((list) => list.map(toPlain));
      if (!isDeepStrictEqual(then, now))
        throw new Error(`replay differs: ${JSON.stringify(then)} then, ${JSON.stringify(now)} now`);
    }
  }

  private carryOut(run: SimRun, command: Command): void {
    const { scheduleActivity, startTimer, cancelTimer, requestCancelActivity, setPatchMarker } =
      command;
    const { completeWorkflowExecution: value, failWorkflowExecution: failed } = command;
    if (scheduleActivity) this.schedule(run, scheduleActivity);
    else if (startTimer) this.startTimer(run, startTimer);
    else if (cancelTimer) this.cancelTimer(run, Number(cancelTimer.seq));
    else if (requestCancelActivity) this.cancelActivity(run, Number(requestCancelActivity.seq));
    else if (setPatchMarker) this.add(run, 25, 'markerRecorded', { markerName: 'core_patch' });
    else if (command.upsertWorkflowSearchAttributes)
      this.add(run, 40, 'upsertWorkflowSearchAttributes', {});
    else if (value)
      this.close(run, STATUS.completed, 2, 'workflowExecutionCompleted', {
        result: { payloads: [value.result] },
      });
    else if (failed)
      this.close(run, STATUS.failed, 3, 'workflowExecutionFailed', { failure: failed.failure });
    else if (command.cancelWorkflowExecution)
      this.close(run, STATUS.cancelled, 21, 'workflowExecutionCanceled', {});
    else throw new Error(`the model knows no command ${Object.keys(command).join()}`);
  }

  private startTimer(run: SimRun, { seq, startToFireTimeout }: any): void {
    const eventId = this.add(run, 17, 'timerStarted', { timerId: String(seq), startToFireTimeout });
    const timer = { isCleared: false, eventId };
    run.timers.set(Number(seq), timer);
    this.world.after(optionalTsToMs(startToFireTimeout) ?? 0, this.machine, () => {
      if (timer.isCleared || run.status !== STATUS.running) return;
      timer.isCleared = true;
      this.add(run, 18, 'timerFired', { timerId: String(seq), startedEventId: eventId });
      this.enqueue(run, { fireTimer: { seq } });
    });
  }

  private cancelTimer(run: SimRun, seq: number): void {
    const timer = run.timers.get(seq);
    if (timer === undefined) return;
    timer.isCleared = true;
    this.add(run, 19, 'timerCanceled', { timerId: String(seq), startedEventId: timer.eventId });
  }

  // Activities.

  private schedule(run: SimRun, command: any): void {
    const { seq, activityType: type, activityId } = command;
    const scheduledEventId = this.add(run, 10, 'activityTaskScheduled', {
      ...{ activityId, activityType: { name: type }, input: { payloads: command.arguments } },
    });
    const nowMs = this.world.nowMs;
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
        ...{ begunAtMs: null, fence: null, failedBy: null },
      },
    };
    run.acts.set(seq, act);
    this.dispatch(run, act, 5);
  }

  private isCurrent(run: SimRun, act: Act, attempt: number): boolean {
    return run.status === STATUS.running && !act.isClosed && act.attempt === attempt;
  }

  private dispatch(run: SimRun, act: Act, delayMs: number): void {
    const { attempt } = act;
    this.world.after(delayMs, this.machine, () => {
      if (!this.isCurrent(run, act, attempt) || act.startedAtMs !== null) return;
      const worker = this.pick();
      if (worker === null) {
        this.dispatch(run, act, 1_000);
        return;
      }
      act.startedAtMs = this.world.nowMs;
      act.beatAtMs = this.world.nowMs;
      this.world.after(5, worker.machine, () => {
        this.begin(run, act, worker);
      });
      const { startToCloseTimeout, heartbeatTimeout } = act.command;
      this.world.after(optionalTsToMs(startToCloseTimeout) ?? 0, this.machine, () => {
        if (this.isCurrent(run, act, attempt)) this.timeOut(run, act, 1);
      });
      this.watchBeats(run, act, optionalTsToMs(heartbeatTimeout) ?? Infinity);
    });
  }

  private watchBeats(run: SimRun, act: Act, timeoutMs: number): void {
    const { attempt } = act;
    if (timeoutMs === Infinity) return;
    const dueMs = act.beatAtMs + timeoutMs - this.world.nowMs;
    this.world.after(dueMs, this.machine, () => {
      if (!this.isCurrent(run, act, attempt) || act.startedAtMs === null) return;
      if (this.world.nowMs >= act.beatAtMs + timeoutMs) this.timeOut(run, act, 4);
      else this.watchBeats(run, act, timeoutMs);
    });
  }

  private timeOut(run: SimRun, act: Act, timeoutType: number): void {
    const lastHeartbeatDetails = act.details === null ? null : { payloads: [act.details] };
    const failure = {
      message: 'activity timeout',
      timeoutFailureInfo: { timeoutType, lastHeartbeatDetails },
    };
    this.fail(run, act, failure, 'activityTaskTimedOut');
  }

  private fail(run: SimRun, act: Act, failure: any, name: string): void {
    const { retryPolicy } = act.command;
    const limit = retryPolicy?.maximumAttempts ?? 0;
    const { nonRetryable = false, nextRetryDelay = null } = failure.applicationFailureInfo ?? {};
    const mayRetry =
      !nonRetryable && !act.isCancelRequested && (limit === 0 || act.attempt < limit);
    if (!mayRetry) {
      act.failedBy = name;
      const startedEventId = this.endAct(
        run,
        act,
        name === 'activityTaskTimedOut' ? 14 : 13,
        name,
        { failure },
      );
      if (!isAbandoned(act))
        this.resolve(run, act, startedEventId, {
          failed: { failure: this.wrap(act, startedEventId, failure) },
        });
      return;
    }
    const capMs = optionalTsToMs(retryPolicy?.maximumInterval) ?? 100_000;
    const delayMs =
      optionalTsToMs(nextRetryDelay) ?? Math.min(1_000 * 2 ** (act.attempt - 1), capMs);
    act.attempt += 1;
    act.startedAtMs = null;
    act.attemptAtMs = this.world.nowMs + delayMs;
    this.dispatch(run, act, delayMs);
  }

  private wrap(act: Act, startedEventId: number, cause: any): any {
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

  private endAct(run: SimRun, act: Act, eventType: number, name: string, attributes: any): number {
    act.isClosed = true;
    act.closedAtMs = this.world.nowMs;
    const { scheduledEventId, attempt } = act;
    const startedEventId =
      act.startedAtMs === null
        ? 0
        : this.add(run, 11, 'activityTaskStarted', { scheduledEventId, attempt });
    this.add(run, eventType, name, { scheduledEventId, startedEventId, ...attributes });
    return startedEventId;
  }

  private resolve(run: SimRun, act: Act, _: number, result: any): void {
    this.enqueue(run, { resolveActivity: { seq: act.seq, result } });
  }

  private cancelActivity(run: SimRun, seq: number): void {
    const act = run.acts.get(seq);
    if (act === undefined || act.isClosed) return;
    act.isCancelRequested = true;
    const requestedEventId = this.add(run, 15, 'activityTaskCancelRequested', {
      scheduledEventId: act.scheduledEventId,
    });
    if (act.startedAtMs === null) this.endCancelled(run, act, requestedEventId);
    else if (isAbandoned(act)) this.resolve(run, act, 0, this.cancelled(act));
  }

  private cancelled(act: Act): any {
    const cause = { message: 'canceled', canceledFailureInfo: {} };
    return { cancelled: { failure: this.wrap(act, 0, cause) } };
  }

  private endCancelled(run: SimRun, act: Act, latestCancelRequestedEventId: number): void {
    this.endAct(run, act, 16, 'activityTaskCanceled', { latestCancelRequestedEventId });
    this.resolve(run, act, 0, this.cancelled(act));
  }

  // On a worker.

  private begin(run: SimRun, act: Act, worker: SimWorker): void {
    const { attempt } = act;
    act.begunAtMs ??= this.world.nowMs;
    this.book.pass(`activity.${act.type}`);
    if (!worker.machine.isAlive) return;
    const token = Buffer.from(JSON.stringify([run.runId, act.seq, attempt]));
    const details =
      act.details === null ? undefined : defaultPayloadConverter.fromPayload(act.details);
    const { activityId, startToCloseTimeout, heartbeatTimeout } = act.command;
    const info: any = {
      ...{
        attempt,
        activityId,
        activityType: act.type,
        taskToken: token,
        base64TaskToken: token.toString('base64'),
      },
      ...{
        workflowExecution: { workflowId: run.workflowId, runId: run.runId },
        workflowType: 'dcsSwitchover',
      },
      ...{
        namespace: 'default',
        activityNamespace: 'default',
        workflowNamespace: 'default',
        taskQueue: 'dcs-switchover',
      },
      ...{
        isLocal: false,
        inWorkflow: true,
        heartbeatDetails: details,
        scheduleToCloseTimeoutMs: 0,
      },
      ...{
        scheduledTimestampMs: act.scheduledAtMs,
        currentAttemptScheduledTimestampMs: act.attemptAtMs,
      },
      ...{
        startToCloseTimeoutMs: optionalTsToMs(startToCloseTimeout),
        heartbeatTimeoutMs: optionalTsToMs(heartbeatTimeout),
      },
    };
    const beats = this.createBeats(token, () => activity);
    const fn = worker.activities[act.type as keyof Activities] as never;
    const context = {
      type: 'activity',
      namespace: 'default',
      workflowId: run.workflowId,
      activityId,
      isLocal: false,
    };
    const activity = new Activity(
      info,
      fn,
      DATA as never,
      context as never,
      undefined,
      beats,
      this.client,
      quiet,
      noopMetricMeter,
      [],
    );
    const args = (act.command.arguments ?? []).map((payload: any) =>
      defaultPayloadConverter.fromPayload(payload),
    );
    worker.running.add(activity);
    void activity.run({ args, headers: {} }).then((result) => {
      worker.running.delete(activity);
      this.report(run, act, attempt, result);
    });
  }

  /** The worker's own way to send heartbeats: not each of them, and none that waits. */
  private createBeats(token: Buffer, activityOf: () => Activity): (details?: unknown) => void {
    let sentAtMs = -Infinity;
    let next: unknown;
    let isWaiting = false;
    const beat = (): void => {
      isWaiting = false;
      sentAtMs = this.world.nowMs;
      const details = { payloads: [defaultPayloadConverter.toPayload(next)] };
      this.rpc('heartbeat', () => this.recordBeat(token, details), 10_000).then(
        ({ cancelRequested }: any) => {
          if (cancelRequested) activityOf().cancel('CANCELLED', { cancelRequested: true } as never);
        },
        (error: unknown) => {
          if (isNotFound(error)) activityOf().cancel('NOT_FOUND', { notFound: true } as never);
        },
      );
    };
    return (details) => {
      next = details ?? null;
      if (isWaiting) return;
      const waitMs = sentAtMs + BEAT_THROTTLE_MS - this.world.nowMs;
      if (waitMs <= 0) beat();
      else {
        isWaiting = true;
        this.world.after(waitMs, hereIs(), beat);
      }
    };
  }

  /** The worker reports until it is heard. */
  private report(run: SimRun, act: Act, attempt: number, result: any): void {
    const again = (): void => {
      this.rpc(
        `report.${act.type}`,
        () => {
          this.takeReport(run, act, attempt, result);
        },
        10_000,
      ).catch((error: unknown) => {
        if (!isNotFound(error)) this.world.after(1_000, hereIs(), again);
      });
    };
    again();
  }

  private takeReport(run: SimRun, act: Act, attempt: number, result: any): void {
    if (!this.isCurrent(run, act, attempt) || act.startedAtMs === null)
      throw grpcError(5, 'activity not found');
    if (result.completed) {
      const startedEventId = this.endAct(run, act, 12, 'activityTaskCompleted', {
        result: { payloads: [result.completed.result] },
      });
      if (!isAbandoned(act))
        this.resolve(run, act, startedEventId, { completed: result.completed });
    } else if (result.cancelled && act.isCancelRequested) {
      this.endAct(run, act, 16, 'activityTaskCanceled', {});
      if (!isAbandoned(act)) this.resolve(run, act, 0, this.cancelled(act));
    } else
      this.fail(run, act, result.failed?.failure ?? { message: 'cancelled' }, 'activityTaskFailed');
  }

  private recordBeat(token: Uint8Array, details: any): any {
    const [runId, seq, attempt] = JSON.parse(Buffer.from(token).toString()) as [
      string,
      number,
      number,
    ];
    const run = this.runs.get(runId);
    const act = run?.acts.get(seq);
    if (
      run === undefined ||
      act === undefined ||
      !this.isCurrent(run, act, attempt) ||
      act.startedAtMs === null
    )
      throw grpcError(5, 'activity not found');
    act.beatAtMs = this.world.nowMs;
    act.details = details?.payloads?.[0] ?? null;
    act.fence ??= { wasCancelled: act.isCancelRequested };
    return { cancelRequested: act.isCancelRequested };
  }

  // What clients ask.

  private rpc<T>(name: string, execute: () => T, timeoutMs = this.deadlineMs): Promise<T> {
    return send(this.world, this.book, {
      ...{ at: `temporal.${name}`, to: this.machine, execute },
      answered: () => {
        throw grpcError(14, 'scripted');
      },
      cut: () => grpcError(14, 'connection lost'),
      deadlineMs: timeoutMs,
      expired: () => grpcError(4, 'deadline exceeded'),
    });
  }

  private connection(): unknown {
    const service: Record<string, (request: any) => any> = {
      describeWorkflowExecution: ({ execution }) => this.describe(execution),
      listWorkflowExecutions: ({ query }) => this.list(query),
      getWorkflowExecutionHistory: (request) => this.readHistory(request),
      recordActivityTaskHeartbeat: ({ taskToken, details }) => this.recordBeat(taskToken, details),
    };
    const workflowService = Object.fromEntries(
      Object.entries(service).map(([name, execute]) => [
        name,
        (request: any) => this.rpc(name, () => execute(request)),
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
      ...{ withMetadata: plain, withAbortSignal: plain },
      withDeadline: <R>(deadline: number, fn: () => Promise<R>): Promise<R> => {
        const before = this.deadlineMs;
        this.deadlineMs = deadline - Date.now();
        try {
          return fn();
        } finally {
          this.deadlineMs = before;
        }
      },
    };
  }

  private describe({ workflowId, runId }: { workflowId: string; runId?: string }): any {
    if (workflowId === FREEZE_WORKFLOW_ID) return this.describeFreeze();
    const run = [...this.runs.values()].findLast(
      (one) =>
        one.workflowId === workflowId &&
        (runId === undefined || runId === '' || one.runId === runId),
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
      workflowExecutionInfo: this.toInfo(run, run.status, run.events.length),
      pendingActivities,
    };
  }

  private toInfo(run: SimRun, status: number, length: number): any {
    const { workflowId, runId, startedAtMs, closedAtMs } = run;
    return {
      ...{
        execution: { workflowId, runId },
        type: { name: 'dcsSwitchover' },
        status,
        firstRunId: runId,
      },
      ...{
        startTime: msToTs(startedAtMs),
        taskQueue: 'dcs-switchover',
        historyLength: Long.fromNumber(length),
      },
      closeTime: closedAtMs === null || status === STATUS.running ? null : msToTs(closedAtMs),
    };
  }

  private describeFreeze(): any {
    if (this.freeze === null) throw grpcError(5, 'workflow not found');
    const execution = { workflowId: FREEZE_WORKFLOW_ID, runId: 'freeze' };
    const memo = { fields: { freeze: defaultPayloadConverter.toPayload(this.freeze) } };
    const info = { execution, memo, type: { name: 'dcsFreeze' }, status: 1, startTime: msToTs(0) };
    return { workflowExecutionInfo: { ...info, historyLength: Long.ZERO, taskQueue: 'q' } };
  }

  private list(query: string): any {
    const [, workflowId] = /WorkflowId = "([^"]+)"/.exec(query) ?? [];
    const executions = [...this.runs.values()]
      .filter((run) => run.workflowId === workflowId && this.shown.has(run.runId))
      .map((run) => {
        const { status, length } = this.shown.get(run.runId) ?? { status: 0, length: 0 };
        return this.toInfo(run, status, length);
      });
    return { executions, nextPageToken: new Uint8Array() };
  }

  private readHistory({ execution, historyEventFilterType }: any): any {
    const run = this.runs.get(execution.runId);
    if (run === undefined) throw grpcError(5, 'workflow not found');
    const events =
      Number(historyEventFilterType ?? 0) === 2 ? run.events.slice(-1) : [...run.events];
    return { history: { events }, nextPageToken: new Uint8Array() };
  }
}

function toPlain(command: Command): unknown {
  return JSON.parse(JSON.stringify(command)) as unknown;
}
