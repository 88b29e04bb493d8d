/** What keeps an activity from knowing, one class per situation; the words are fit for history and logs. */
import type { InstanceRef } from '../contract/index.js';
import { instanceCommand, joinText, resolveCommand, withCommands } from '../domain/commands.js';

/** Base of the errors whose message may be told as it is. */
export abstract class ActivityError extends Error {}

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
        `The last ${count} runs were refused or only looked, so whether an earlier one is in doubt was not found out.`,
        withCommands('Stop whatever starts them, and look', instanceCommand('history', ref)),
        withCommands('Then record what is true', resolveCommand(ref)),
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

/** Temporal did not answer an activity. */
export class TemporalUnreadableError extends ActivityError {
  override readonly name = 'TemporalUnreadableError';
  constructor(
    /** What was asked, such as `list the runs`. */
    readonly operation: string,
    /** The name of what the SDK threw. */
    readonly reason: string,
  ) {
    super(`Temporal did not ${operation} (${reason})`);
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
