/** Situations that only a maintenance knows. Every message says what happened, the verified state, and what to do next. */
import type { InputProblem, MaintenanceUpdate, MessageRefusal } from '../../contract/index.js';
import { command, withCommands, workerCommand } from '../../domain/commands.js';

import type { NoResultCause } from '../../domain/run-ending.js';
import { AboutError } from '../errors.js';
import type { SilenceKind } from '../silence.js';
import { describeMaintenance, maintenanceCommand } from '../ref.js';
import type { MaintenanceRef } from '../ref.js';

/** The maintenance was ended from outside, so it reported no result. Switchovers that it had started go on. */
export class MaintenanceEndedOutsideError extends AboutError {
  override readonly name = 'MaintenanceEndedOutsideError';
  override readonly category = 'no-result';
  constructor(
    override readonly ref: MaintenanceRef,
    readonly runId: string,
    readonly ending: NoResultCause,
    detail: string,
  ) {
    super(ref, [
      `${describeMaintenance(ref)} (run ${runId}) reported no result: ${detail}. It starts nothing any more; switchovers that it had started go on by themselves.`,
      withCommands('With a worker, its items', maintenanceCommand('progress', { ...ref, runId })),
      withCommands('See what became of them', command(['list'])),
    ]);
  }
}

/** The maintenance did not take a message; nothing changed. */
export class MessageRefusedError extends AboutError {
  override readonly name = 'MessageRefusedError';
  override readonly category = 'refused';
  constructor(
    override readonly ref: MaintenanceRef,
    readonly update: MaintenanceUpdate,
    readonly refusal: MessageRefusal,
    /** The maintenance's own words. */
    readonly detail: string,
    /** What is wrong with the message, where it is malformed. */
    readonly problems: readonly InputProblem[] = [],
  ) {
    super(ref, [
      `${describeMaintenance(ref)} did not take "${update}", nothing changed: ${detail}`,
      withCommands('See where it stands', maintenanceCommand('progress', ref)),
    ]);
  }
}

/** No worker answered. The maintenance stands where it stood, or goes on as soon as a worker is there. */
export class NoWorkerError extends AboutError {
  override readonly name = 'NoWorkerError';
  override readonly category = 'unavailable';
  constructor(
    override readonly ref: MaintenanceRef,
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
    super(ref, [
      silence === 'not-begun'
        ? `${describeMaintenance(ref)} has not begun (${operation}): ${detail}.${uncertainty}`
        : `No worker of task queue ${taskQueue} answered (${operation}, ${describeMaintenance(ref)}): ${detail}.${uncertainty}`,
      ...startStep(silence, taskQueue),
      withCommands('Then', maintenanceCommand('progress', ref)),
    ]);
  }
}

/** What helps where no worker is there, or the last one may be gone. */
function startStep(silence: SilenceKind, taskQueue: string): string[] {
  if (silence !== 'no-worker' && silence !== 'lost') return [];
  const purpose = silence === 'lost' ? 'If none runs any more, start a worker' : 'Start a worker';
  return [withCommands(purpose, workerCommand(taskQueue))];
}

/** Every instance of the maintenance is done, or a toggle that is unresolved; there is nothing to do again. */
export class NothingLeftError extends AboutError {
  override readonly name = 'NothingLeftError';
  override readonly category = 'ended';
  constructor(
    override readonly ref: MaintenanceRef,
    readonly runId: string,
    /** Instances whose toggle is unresolved. */
    readonly indeterminate: readonly string[] = [],
  ) {
    const uncertainty =
      indeterminate.length === 0
        ? 'undone'
        : `but what is unresolved, and an unresolved toggle is not repeated (${indeterminate.join(', ')})`;
    super(ref, [
      `${describeMaintenance(ref)} (run ${runId}) left nothing ${uncertainty}.`,
      withCommands('See', maintenanceCommand('report', ref)),
    ]);
  }
}
