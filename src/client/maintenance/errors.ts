/** One class per situation of a maintenance. Every message says what happened, the verified state, and what to do next. */
import type { InputProblem, MaintenanceUpdate, MessageRefusal } from '../../contract/index.js';
import { command, joinText, withCommands, workerCommand } from '../../domain/commands.js';

import { SwitchoverClientError } from '../../temporal/errors.js';
import type { NoResultCause } from '../../domain/run-ending.js';
import type { SilenceKind } from '../silence.js';

import { describeMaintenance, maintenanceCommand } from './ref.js';
import type { MaintenanceRef } from './ref.js';

/** The maintenance that is open under this id, although it was asked for something else. */
export interface OpenMaintenance {
  readonly workflowId: string;
  readonly runId: string;
  readonly requestedBy: string | null;
  /** Fields in which its input differs from the one that was to be started. */
  readonly differsIn: readonly string[];
}

/** A maintenance of this id is open and has another input. Nothing was started. */
export class MaintenanceRunningError extends SwitchoverClientError {
  override readonly name = 'MaintenanceRunningError';
  override readonly category = 'conflict';
  constructor(
    readonly ref: MaintenanceRef,
    readonly open: OpenMaintenance,
  ) {
    const who = open.requestedBy === null ? '' : `, asked by ${open.requestedBy}`;
    super(
      joinText([
        `${describeMaintenance(ref)} is open already${who} (run ${open.runId}) and differs in ${open.differsIn.join(', ')}; nothing was started.`,
        'Give another maintenanceId, or look at the open one.',
        withCommands('Look', maintenanceCommand('progress', ref)),
      ]),
    );
  }
}

/** No such maintenance within Temporal's retention. */
export class MaintenanceNotFoundError extends SwitchoverClientError {
  override readonly name = 'MaintenanceNotFoundError';
  override readonly category = 'not-found';
  constructor(
    readonly ref: MaintenanceRef,
    readonly workflowId: string,
  ) {
    const which = ref.runId === undefined ? 'No run' : `No run ${ref.runId}`;
    super(
      `${which} of ${workflowId} is known to Temporal: none was started, or its retention is over. ` +
        'Check the id, the nominal time where a schedule started it, and the namespace.',
    );
  }
}

/** The maintenance was cancelled before any switchover was started; it carries no result. */
export class MaintenanceCancelledError extends SwitchoverClientError {
  override readonly name = 'MaintenanceCancelledError';
  override readonly category = 'cancelled';
  constructor(
    readonly ref: MaintenanceRef,
    readonly runId: string,
  ) {
    super(
      `${describeMaintenance(ref)} was cancelled before it started any switchover; nothing was sent. ` +
        'Start it again where it is still wanted.',
    );
  }
}

/** The maintenance was ended from outside, so it reported no result. Switchovers that it had started go on. */
export class MaintenanceEndedOutsideError extends SwitchoverClientError {
  override readonly name = 'MaintenanceEndedOutsideError';
  override readonly category = 'no-result';
  constructor(
    readonly ref: MaintenanceRef,
    readonly runId: string,
    readonly ending: NoResultCause,
    detail: string,
  ) {
    super(
      joinText([
        `${describeMaintenance(ref)} (run ${runId}) reported no result: ${detail}. It starts nothing any more; switchovers that it had started go on by themselves.`,
        withCommands('With a worker, its items', maintenanceCommand('progress', { ...ref, runId })),
        withCommands('See each instance', command(['history', 'INSTANCE'])),
      ]),
    );
  }
}

/** The maintenance has already ended, so it cannot be cancelled. */
export class MaintenanceClosedError extends SwitchoverClientError {
  override readonly name = 'MaintenanceClosedError';
  override readonly category = 'ended';
  constructor(
    readonly ref: MaintenanceRef,
    readonly runId: string,
  ) {
    super(
      joinText([
        `${describeMaintenance(ref)} (run ${runId}) has already ended; nothing was cancelled.`,
        withCommands('See its result', maintenanceCommand('report', { ...ref, runId })),
      ]),
    );
  }
}

/** The time to wait is over. The maintenance continues. */
export class MaintenanceWaitTimedOutError extends SwitchoverClientError {
  override readonly name = 'MaintenanceWaitTimedOutError';
  override readonly category = 'wait-over';
  constructor(
    readonly ref: MaintenanceRef,
    readonly runId: string,
    readonly timeoutMs: number,
  ) {
    super(
      joinText([
        `${describeMaintenance(ref)} has not ended within ${Math.round(timeoutMs / 1000)} s; it continues.`,
        withCommands('Look', maintenanceCommand('progress', ref)),
        withCommands('Stop new starts', maintenanceCommand('abort', ref)),
      ]),
    );
  }
}

/** The maintenance did not take a message; nothing changed. */
export class MessageRefusedError extends SwitchoverClientError {
  override readonly name = 'MessageRefusedError';
  override readonly category = 'refused';
  constructor(
    readonly ref: MaintenanceRef,
    readonly update: MaintenanceUpdate,
    readonly refusal: MessageRefusal,
    /** The maintenance's own words. */
    readonly detail: string,
    /** What is wrong with the message, where it is malformed. */
    readonly problems: readonly InputProblem[] = [],
  ) {
    super(
      joinText([
        `${describeMaintenance(ref)} did not take "${update}", nothing changed: ${detail}`,
        withCommands('See where it stands', maintenanceCommand('progress', ref)),
      ]),
    );
  }
}

/** No worker answered. The maintenance stands where it stood, or goes on as soon as a worker is there. */
export class NoWorkerError extends SwitchoverClientError {
  override readonly name = 'NoWorkerError';
  override readonly category = 'unavailable';
  constructor(
    readonly ref: MaintenanceRef,
    readonly taskQueue: string,
    /** What was asked: `progress`, or the name of an update. */
    readonly operation: string,
    /** Why, as far as Temporal knows. */
    detail: string,
    /** The same for programs. */
    readonly silence: SilenceKind = 'no-worker',
  ) {
    const uncertainty =
      operation === 'progress'
        ? ''
        : ` "${operation}" may still be taken when a worker comes: look before you rely on either.`;
    super(
      joinText([
        silence === 'not-begun'
          ? `${describeMaintenance(ref)} has not begun (${operation}): ${detail}.${uncertainty}`
          : `No worker of task queue ${taskQueue} answered (${operation}, ${describeMaintenance(ref)}): ${detail}.${uncertainty}`,
        ...startStep(silence, taskQueue),
        withCommands('Then', maintenanceCommand('progress', ref)),
      ]),
    );
  }
}

/** What helps where no worker is there, or the last one may be gone. */
function startStep(silence: SilenceKind, taskQueue: string): string[] {
  if (silence !== 'no-worker' && silence !== 'lost') return [];
  const purpose = silence === 'lost' ? 'If none runs any more, start a worker' : 'Start a worker';
  return [withCommands(purpose, workerCommand(taskQueue))];
}

/** Every instance of the maintenance is done, or a toggle that is unresolved; there is nothing to do again. */
export class NothingLeftError extends SwitchoverClientError {
  override readonly name = 'NothingLeftError';
  override readonly category = 'ended';
  constructor(
    readonly ref: MaintenanceRef,
    readonly runId: string,
    /** Instances whose toggle is unresolved. */
    readonly indeterminate: readonly string[] = [],
  ) {
    const uncertainty =
      indeterminate.length === 0
        ? 'undone'
        : `but what is unresolved, and an unresolved toggle is not repeated (${indeterminate.join(', ')})`;
    super(
      joinText([
        `${describeMaintenance(ref)} (run ${runId}) left nothing ${uncertainty}.`,
        withCommands('See', maintenanceCommand('report', ref)),
      ]),
    );
  }
}
