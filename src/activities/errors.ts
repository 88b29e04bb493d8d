/** What keeps an activity from knowing, one class per situation; the words are fit for history and logs. */
import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';

import type { InstanceRef } from '../contract/index.js';
import { DcsError } from '../dcs/index.js';
import { instanceCommand, joinText, resolveCommand, withCommands } from '../domain/commands.js';
import {
  askedPauseMs,
  MAX_PREFLIGHT_ATTEMPTS,
  MAX_PREFLIGHT_PAUSE_MS,
  preflightGivesUpAtMs,
} from '../domain/timing.js';
import { SwitchoverClientError, TemporalUnreachableError } from '../temporal/errors.js';
import { iso } from '../util.js';

import { startExecutionClock } from './clock.js';

/** Base of the errors of activities, whose message may be reported as it is. */
abstract class ActivityError extends Error {}

/** Visibility does not show the asking run yet, so earlier ones may be missing from its answer, too. */
export class VisibilityBehindError extends ActivityError {
  override readonly name = 'VisibilityBehindError';
  constructor(
    readonly workflowId: string,
    waitedMs: number,
  ) {
    super(
      `Temporal's list of runs does not show this run of ${workflowId} after ${waitedMs / 1000} s, ` +
        'so earlier runs may be missing from it. It catches up by itself; if it does not, look at the ' +
        'visibility store of the Temporal server',
    );
  }
}

/** So many runs were refused in a row that the one before them, which decides, was not reached. */
export class TooManyRefusedRunsError extends ActivityError {
  override readonly name = 'TooManyRefusedRunsError';
  constructor(
    readonly ref: InstanceRef,
    readonly count: number,
  ) {
    super(
      joinText([
        `The last ${count} runs were refused or only looked, so whether an earlier one is unresolved was not found out.`,
        withCommands('Stop whatever starts them, and look', instanceCommand('history', ref)),
        withCommands('Then record what you found', resolveCommand(ref)),
      ]),
    );
  }
}

/** More runs than are looked through, so whether the request was done already was not found out. */
export class TooManyRunsError extends ActivityError {
  override readonly name = 'TooManyRunsError';
  constructor(
    readonly ref: InstanceRef,
    readonly count: number,
  ) {
    super(
      `${ref.instanceId} has had more than ${count} runs within Temporal's retention, so whether an earlier one had ` +
        'this request id was not found out. Start it without a request id, or stop whatever starts so many',
    );
  }
}

/**
 * The worker that has the activity does not serve the project. Retryable: another worker may take it.
 */
export class ProjectNotServedError extends ActivityError {
  override readonly name = 'ProjectNotServedError';
  constructor(readonly projectId: string) {
    super(
      `This worker does not serve project ${projectId}; every worker of a task queue has to serve the same projects`,
    );
  }
}

/** The gateway refuses what this worker signs, because its clock is off. Retryable: another worker may take it. */
class WorkerClockError extends ActivityError {
  override readonly name = 'WorkerClockError';
}

/**
 * Ends this attempt of a watch where only another worker can read. Such an attempt ends at once, so it takes none of
 * the time of what is watched; the last one stays, because the clock may be set meanwhile.
 *
 * @throws WorkerClockError
 */
export function leaveToOthers(error: DcsError): void {
  const { attempt, retryPolicy } = activityInfo();
  const isLast = attempt >= (retryPolicy?.maximumAttempts ?? 1);
  if (error.clockSkewMs !== null && !isLast) throw new WorkerClockError(explain(error));
}

/** The selector fits more instances than one maintenance may have. */
export class TooManyInstancesError extends ActivityError {
  override readonly name = 'TooManyInstancesError';
  constructor(
    readonly count: number,
    readonly limit: number,
  ) {
    super(
      `The selector fits ${count} instances, more than the ${limit} of one maintenance: narrow it, or make several maintenance runs`,
    );
  }
}

/** Reading instances failed in a way that holds for all of them. */
export class InstancesUnreadableError extends ActivityError {
  override readonly name = 'InstancesUnreadableError';
  constructor(readonly detail: string) {
    super(`The instances could not be read: ${detail}`);
  }
}

/** IAM action behind each call, for the message of a 403 (API pages of the calls). */
const ACTIONS: Readonly<Record<string, string>> = {
  listInstances: 'dcs:instance:list',
  // Its page names no action of its own; that of the list is the likely one.
  listAllNodes: 'dcs:instance:list',
  showInstance: 'dcs:instance:get',
  showTags: 'dcs:tag:get',
  listNodes: 'dcs:instance:get',
  listGroups: 'dcs:instance:get',
  listTasks: 'dcs:instance:getBackgroundTask',
  listCenterTasks: 'dcs:task:list',
  showJob: 'dcs:job:get',
  requestSwap: 'dcs:instance:swap',
};

/** An error as text that is fit for history and logs: sanitised by the DCS client, ours, or its name only. */
export function explain(error: unknown): string {
  const requestId = error instanceof DcsError ? error.requestId : null;
  return `${explainWithoutId(error)}${requestId === null ? '' : ` (request id ${requestId})`}`;
}

/** The same where the request id is reported beside it. */
export function explainWithoutId(error: unknown): string {
  if (error instanceof TemporalUnreachableError)
    return `Temporal ${error.problem} (${error.operation})`;
  if (error instanceof ActivityError || error instanceof SwitchoverClientError)
    return error.message;
  if (!(error instanceof DcsError)) return error instanceof Error ? error.name : 'unknown error';
  // A page of a proxy or firewall says 403 as well, and no policy of the account would change that.
  const isOfService = error.status === 403 && error.bodyParsed;
  const action = isOfService ? ACTIONS[error.operation] : undefined;
  const cure = action === undefined ? whyNoSuchCall(error) : `the credential lacks ${action}`;
  return [error.message, cure].filter(Boolean).join('; ');
}

/** A region whose API is older than the call (change history of the API: async-swap since 2024-01-19). */
function whyNoSuchCall({ operation, code }: DcsError): string | null {
  const isMissing = operation === 'requestSwap' && code === 'APIGW.0101';
  return isMissing
    ? 'the API of this region may not have async-swap, which exists since January 2024'
    : null;
}

/**
 * A failure of an activity that asks Temporal alone and is asked again until it reports.
 *
 * @param purpose what waits for the answer, such as `the freeze`
 */
export function toRepeatedFailure(error: unknown, purpose: string): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'TemporalUnreadable',
    message: `Nothing was sent or changed by this. ${explain(error)}; ${purpose} is looked for again.`,
    category: ApplicationFailureCategory.BENIGN,
  });
}

/**
 * The only mapping from a DCS error to a Temporal failure. Carries the sanitised words and never the
 * error itself as cause: whatever is attached here ends up in history and in the worker's log.
 *
 * Its message stands beside the running activity in the Temporal UI and in `status`, so it says what a
 * person wants to know there: whether something was sent, and until when it is tried again.
 *
 * @param attempt the one that failed, from 1
 */
export function toRetryableFailure(error: unknown, attempt: number): ApplicationFailure {
  const retryAfterMs = error instanceof DcsError ? error.retryAfterMs : null;
  const { temporalNowMs } = startExecutionClock();
  const givesUpAt = iso(preflightGivesUpAtMs(temporalNowMs(), attempt));
  return ApplicationFailure.create({
    type: 'DcsUnreadable',
    message:
      `Nothing was sent. ${explain(error)}. Attempt ${attempt} of ${MAX_PREFLIGHT_ATTEMPTS} failed; ` +
      `gives up at ${givesUpAt} at the latest, and the run then ends REFUSED.`,
    category: ApplicationFailureCategory.BENIGN,
    ...(retryAfterMs === null
      ? {}
      : { nextRetryDelay: askedPauseMs(retryAfterMs, MAX_PREFLIGHT_PAUSE_MS, Math.random()) }),
  });
}
