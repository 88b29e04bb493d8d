/** The activities that only read, those of a maintenance last. The one that sends is in `send.ts`, which few may import. */
import {
  ActivityCancellationType,
  ApplicationFailure,
  proxyActivities,
  workflowInfo,
} from '@temporalio/workflow';

import type { Activities } from '../activities/index.js';
import { isExaminingMode } from '../contract/index.js';
import type { HookCall, MaintenanceRequest, Timing } from '../contract/index.js';
import type { PreflightCall } from '../domain/preflight-report.js';
import {
  HEARTBEAT_TIMEOUT_MS,
  MAX_PREFLIGHT_ATTEMPTS,
  MAX_PREFLIGHT_PAUSE_MS,
  PREFLIGHT_START_TO_CLOSE_MS,
  quotaPatienceSeconds,
  watchBoundSeconds,
} from '../domain/timing.js';

/** Attempts of a watching activity: each further one replaces a lost worker. */
const MAX_WATCH_ATTEMPTS = 10;

/** Room in a watching activity's timeout for its last readings, in milliseconds. */
const WATCH_SLACK_MS = 90_000;

/**
 * The first activity: validates and reads. Repeating that costs nothing, so Temporal retries it.
 *
 * @param mode what the input says, before anyone has validated it; only for the summary
 */
export function checkFor(mode: unknown): Pick<Activities, 'preflight'> {
  return proxyActivities<Activities>({
    startToCloseTimeout: PREFLIGHT_START_TO_CLOSE_MS,
    heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
    retry: { maximumAttempts: MAX_PREFLIGHT_ATTEMPTS, maximumInterval: MAX_PREFLIGHT_PAUSE_MS },
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    summary: isExaminingMode(mode)
      ? 'Read the history of the examined run; sends nothing'
      : 'Read the instance and evaluate every check; sends nothing',
  });
}

/** What an activity does, for the timeline of the UI. @param about name of the instance; `null`: not known */
export function summaryOf(what: string, about: string | null): string {
  return about === null ? what : `${about}: ${what}`;
}

/** Polls after a swap; a lost worker is noticed by its heartbeat and replaced. */
export function pollWithin(timing: Timing, about: string | null): Pick<Activities, 'awaitJob'> {
  const summary = summaryOf('Poll the swap job until it ends', about);
  return proxyActivities<Activities>(watchOptions(timing.jobTimeoutSeconds, timing, summary));
}

/** Verification of roles that should have changed. */
export function verifyWithin(
  timing: Timing,
  about: string | null,
): Pick<Activities, 'verifyRoles'> {
  const seconds = watchBoundSeconds(timing.verifyTimeoutSeconds, timing);
  const summary = summaryOf('Read the roles until they are stable, changed and healthy', about);
  return proxyActivities<Activities>(watchOptions(seconds, timing, summary));
}

/** The watch over roles that should not change, and over traces of a PUT without an answer. */
export function watchWithin(
  seconds: number,
  timing: Timing,
  about: string | null,
): Pick<Activities, 'watchRoles'> {
  const summary = summaryOf('Watch roles and swap tasks for a trace; sends nothing', about);
  return proxyActivities<Activities>(
    watchOptions(watchBoundSeconds(seconds, timing), timing, summary),
  );
}

function watchOptions(seconds: number, timing: Timing, summary: string) {
  const turnsMs = (timing.jobTimeoutSeconds + quotaPatienceSeconds(timing)) * 1000;
  return {
    startToCloseTimeout: seconds * 1000 + turnsMs + WATCH_SLACK_MS,
    heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
    retry: { maximumAttempts: MAX_WATCH_ATTEMPTS, maximumInterval: '10s' as const },
    summary,
  };
}

/** How Temporal was asked to treat a run: what its first activity has to know to refuse it. */
export type StartActivityOptions = Pick<
  PreflightCall,
  'workflowId' | 'hasCronSchedule' | 'hasRetryPolicy' | 'timeoutMs'
>;

/** The options with which this run was started. */
export function startOptions(): StartActivityOptions {
  const { workflowId, cronSchedule, retryPolicy, ...info } = workflowInfo();
  // Go, the Temporal CLI among it, writes "no timeout" as 0.
  const timeouts = [info.runTimeoutMs, info.executionTimeoutMs]
    .map((ms) => ms ?? 0)
    .filter((ms) => ms > 0);
  return {
    workflowId,
    hasCronSchedule: cronSchedule !== undefined && cronSchedule !== '',
    hasRetryPolicy: retryPolicy !== undefined,
    timeoutMs: timeouts.length === 0 ? null : Math.min(...timeouts),
  };
}

/**
 * What a run was started with. With several arguments it is their list, which is no valid input: the others would be
 * dropped unseen, and with them a guard or a window.
 */
export function wholeInput<T>(input: T, others: readonly unknown[]): T {
  return others.length === 0 ? input : ([input, ...others] as T);
}

/** The failure by which a run ends with an outcome: non-retryable, with one object as its details. */
export function outcomeFailure(
  type: string,
  message: string,
  details: unknown,
): ApplicationFailure {
  const outcome = ApplicationFailure.create({
    type,
    message,
    nonRetryable: true,
    details: [details],
  });
  // An outcome is no crash: in the UI a stack trace would hide the message that a person has to read.
  outcome.stack = '';
  return outcome;
}

/** Resolves window and instances. Repeating that costs nothing, so Temporal retries it. */
export const { planMaintenance } = proxyActivities<Activities>({
  // As long as it waits for turns; a lost worker shows by its heartbeat.
  startToCloseTimeout: '24h',
  heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
  retry: { maximumAttempts: 5, maximumInterval: '30s' },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  summary: 'Resolve the window and the instances; sends nothing',
});

/** A freeze that came after the maintenance was made. */
export const { readFreeze } = proxyActivities<Activities>({
  startToCloseTimeout: '20s',
  retry: { maximumAttempts: 5, maximumInterval: '10s' },
  summary: 'Ask whether a freeze is in force',
});

/** A switchover that an earlier run of the chain has started; it ends by itself, however long that takes. */
export const { followRun } = proxyActivities<Activities>({
  startToCloseTimeout: '24h',
  heartbeatTimeout: '30s',
  retry: { maximumInterval: '30s' },
  cancellationType: ActivityCancellationType.ABANDON,
  summary: 'Follow a switchover that an earlier run of this maintenance has started',
});

/**
 * Calls an activity of the user's own, on a queue of the user's own.
 *
 * @throws ActivityFailure when it fails or its time is over, retries included
 */
export async function callHook(
  name: string,
  { taskQueue, timeoutSeconds }: NonNullable<MaintenanceRequest['hooks']>,
  call: HookCall,
): Promise<unknown> {
  const hooks = proxyActivities<Record<string, (call: HookCall) => Promise<unknown>>>({
    taskQueue,
    scheduleToCloseTimeout: timeoutSeconds * 1000,
    retry: { maximumInterval: '30s' },
    summary: `Hook of ${call.instanceId}`,
  });
  return hooks[name]?.(call);
}
