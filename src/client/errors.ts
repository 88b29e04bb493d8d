/**
 * One class per situation. Every message says what happened, the verified state, and what to do next; the
 * fields say the same to programs.
 */
import type { InputProblem, Phase } from '../contract/index.js';
import { joinText, runCommand, withCommands } from '../domain/commands.js';

import { SwitchoverClientError } from '../temporal/errors.js';
import type { Asked, RunRef } from './switchover/ref.js';

export { SwitchoverClientError } from '../temporal/errors.js';

/** The input cannot be acted on. Thrown before anything was sent, or reported by the run itself. */
export class InvalidInputError extends SwitchoverClientError {
  override readonly name = 'InvalidInputError';
  override readonly category = 'invalid-input';
  constructor(readonly problems: readonly InputProblem[]) {
    super(joinText(['Invalid input, nothing was sent.', ...problems.map(describeProblem)]));
  }
}

function describeProblem({ field, problem, remedy }: InputProblem): string {
  return `${field} ${problem}. ${remedy}`;
}

/** The run that holds the lock. */
export interface OpenRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly phase: Phase;
  readonly asked: Asked;
}

/** Another run of this instance is open; the workflow id is the lock. Nothing was started. */
export class AlreadyRunningError extends SwitchoverClientError {
  override readonly name = 'AlreadyRunningError';
  override readonly category = 'conflict';
  constructor(
    readonly ref: RunRef,
    readonly open: OpenRun,
  ) {
    const { goal, requestedBy, requestId } = open.asked;
    const what = goal === null ? '' : ` (${goal})`;
    const who = requestedBy === null ? '' : `, asked by ${requestedBy}`;
    const request = requestId === null ? '' : `, request ${requestId}`;
    super(
      joinText([
        `Run ${open.runId} of ${ref.instanceId} is open${what}${who}${request}, phase ${open.phase}; nothing was started.`,
        withCommands('Look', runCommand('status', ref)),
        withCommands('Wait for it', runCommand('wait', ref)),
      ]),
    );
  }
}

/** The request id stands for another goal already: nothing was started. One id, one goal. */
export class RequestIdReusedError extends SwitchoverClientError {
  override readonly name = 'RequestIdReusedError';
  override readonly category = 'refused';
  constructor(
    readonly ref: RunRef,
    readonly requestId: string,
    /** The run that had it. */
    readonly runId: string,
    goals: { readonly theirs: string | null; readonly ours: string },
  ) {
    super(
      joinText([
        `request-id-reused: request id ${requestId} stands for another goal already, and nothing was started.`,
        `Run ${runId} of ${ref.instanceId} had it and was asked to ${goals.theirs ?? 'do what this version cannot read'}; ` +
          `now it is to ${goals.ours}. For another goal use another request id.`,
        withCommands('See its result', runCommand('wait', { ...ref, runId })),
      ]),
    );
  }
}

/** No such run within Temporal's retention. */
export class RunNotFoundError extends SwitchoverClientError {
  override readonly name = 'RunNotFoundError';
  override readonly category = 'not-found';
  constructor(
    readonly ref: RunRef,
    readonly workflowId: string,
  ) {
    const which = ref.runId === undefined ? 'No run' : `No run ${ref.runId}`;
    super(
      `${which} of ${workflowId} is known to Temporal: none was started, or its retention is over. ` +
        `Check the instance, the project and the namespace.`,
    );
  }
}

/** The run was cancelled, which it allows only before its PUT; it carries no result. */
export class RunCancelledError extends SwitchoverClientError {
  override readonly name = 'RunCancelledError';
  override readonly category = 'cancelled';
  constructor(
    readonly ref: RunRef,
    readonly runId: string,
    /** What the history proves of the PUT. */
    readonly putSummary: string,
  ) {
    super(
      joinText([
        `Run ${runId} of ${ref.instanceId} was cancelled. ${putSummary}`,
        withCommands('See', runCommand('status', { ...ref, runId })),
      ]),
    );
  }
}

/** The run has already ended, so it cannot be cancelled. */
export class RunClosedError extends SwitchoverClientError {
  override readonly name = 'RunClosedError';
  override readonly category = 'ended';
  constructor(
    readonly ref: RunRef,
    readonly runId: string,
  ) {
    super(
      joinText([
        `Run ${runId} of ${ref.instanceId} has already ended; nothing was cancelled.`,
        withCommands('See its result', runCommand('wait', { ...ref, runId })),
      ]),
    );
  }
}

/** The time to wait is over. The run continues. */
export class WaitTimedOutError extends SwitchoverClientError {
  override readonly name = 'WaitTimedOutError';
  override readonly category = 'wait-over';
  constructor(
    readonly ref: RunRef,
    readonly runId: string,
    readonly timeoutMs: number,
  ) {
    const run = { ...ref, runId };
    super(
      joinText([
        `Run ${runId} of ${ref.instanceId} has not ended within ${Math.round(timeoutMs / 1000)} s; it continues.`,
        withCommands('Look', runCommand('status', run)),
        withCommands('Cancel it', runCommand('cancel', run)),
      ]),
    );
  }
}
