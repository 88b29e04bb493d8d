/** An activity on a worker: the real one, with heartbeats and a report that come when they can. */
import {
  defaultFailureConverter,
  defaultPayloadConverter,
  noopMetricMeter,
} from '@temporalio/common';
import { optionalTsToMs } from '@temporalio/common/lib/time';
import { Activity } from '@temporalio/worker/lib/activity';

import type { Activities } from '../../../src/activities/index.js';

import { hereIs } from '../world.js';

import { recordBeat, takeReport } from './activities.js';
import type { Act, Core, SimRun, SimWorker } from './core.js';
import { isNotFound, rpc } from './rpc.js';

/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-assignment,
   @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-call,
   @typescript-eslint/no-unsafe-return -- events and messages of the wire, as loose as the SDK has them */

const DATA = {
  payloadConverter: defaultPayloadConverter,
  failureConverter: defaultFailureConverter,
  payloadCodecs: [],
  externalStorage: undefined,
};

/** As the worker's options say. */
const BEAT_THROTTLE_MS = 4_000;

/** How long it waits for the server. */
const RPC = { timeoutMs: 10_000 } as const;

const quiet = {
  log: () => undefined,
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Executes an attempt. */
export function begin(core: Core, run: SimRun, act: Act, worker: SimWorker): void {
  const { attempt } = act;
  act.begunAtMs ??= core.world.nowMs;
  core.book.pass(`activity.${act.type}`);
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
      workflowType: run.type,
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
  const beats = createBeats(core, token, () => activity);
  const own = worker.activities[act.type as keyof Activities] as unknown;
  const fn = (own ?? core.foreign[act.type]) as never;
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
    core.client,
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
    report(core, run, act, attempt, result);
  });
}

/** The worker's own way to send heartbeats: not each of them, and none that waits. */
function createBeats(
  core: Core,
  token: Buffer,
  activityOf: () => Activity,
): (details?: unknown) => void {
  let sentAtMs = -Infinity;
  let next: unknown;
  let isWaiting = false;
  const beat = (): void => {
    isWaiting = false;
    sentAtMs = core.world.nowMs;
    const details = { payloads: [defaultPayloadConverter.toPayload(next)] };
    rpc(core, 'heartbeat', () => recordBeat(core, token, details), RPC).then(
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
    const waitMs = sentAtMs + BEAT_THROTTLE_MS - core.world.nowMs;
    if (waitMs <= 0) beat();
    else {
      isWaiting = true;
      core.world.after(waitMs, hereIs(), beat);
    }
  };
}

/** The worker reports until it is heard. */
function report(core: Core, run: SimRun, act: Act, attempt: number, result: any): void {
  const again = (): void => {
    rpc(
      core,
      `report.${act.type}`,
      () => {
        takeReport(core, run, act, attempt, result);
      },
      RPC,
    ).catch((error: unknown) => {
      if (!isNotFound(error)) core.world.after(1_000, hereIs(), again);
    });
  };
  again();
}
