/**
 * One class per situation; `kind` says of what. Every message says what happened, the verified state, and what to do
 * next; the fields say the same to programs.
 */
import type { InputProblem, Phase } from '../contract/index.js';
import { command, joinText, runCommand, withCommands } from '../domain/commands.js';

import { SwitchoverClientError } from '../temporal/errors.js';
import { describeMaintenance, maintenanceCommand } from './ref.js';
import type { Asked, MaintenanceRef, RunRef } from './ref.js';

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

/** Timers of the platform hold no more than this, in milliseconds; beyond it they fire at once. */
const MAX_TIMER_MS = 2_147_483_647;

/**
 * A number that a caller gave: one that is none would end in a timer that fires at once, or in an error where no
 * caller can catch it.
 *
 * @throws InvalidInputError naming the option
 */
export function checkNumber(
  option: string,
  value: number,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  if (value >= min && value <= max) return value;
  throw new InvalidInputError([
    {
      field: option,
      problem: `is ${String(value)}, not a number from ${min} to ${max}`,
      remedy: 'Correct it, or leave it out.',
    },
  ]);
}

/** As {@link checkNumber}, for times in milliseconds. */
export function checkMs(option: string, value: number): number {
  return checkNumber(option, value, { min: 0, max: MAX_TIMER_MS });
}

/** A schedule, by its id. */
export interface ScheduleRef {
  readonly scheduleId: string;
}

/** Base of the errors about one switchover, maintenance or schedule. */
export abstract class AboutError extends SwitchoverClientError {
  readonly kind: 'switchover' | 'maintenance' | 'schedule';
  constructor(
    readonly ref: RunRef | MaintenanceRef | ScheduleRef,
    parts: readonly string[],
  ) {
    super(joinText(parts));
    if ('instanceId' in ref) this.kind = 'switchover';
    else this.kind = 'maintenanceId' in ref ? 'maintenance' : 'schedule';
  }
}

/** The run that holds the lock. */
export interface OpenRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly phase: Phase;
  readonly asked: Asked;
}

/** The maintenance that is open under this id, although it was asked for something else. */
export interface OpenMaintenance {
  readonly workflowId: string;
  readonly runId: string;
  readonly requestedBy: string | null;
  /** Fields in which its input differs from the one that was to be started. */
  readonly differsIn: readonly string[];
}

/**
 * Another run of this instance is open, or this maintenance with another input; the workflow id is the lock. Nothing
 * was started.
 */
export class AlreadyRunningError extends AboutError {
  override readonly name = 'AlreadyRunningError';
  override readonly category = 'conflict';
  constructor(ref: RunRef, open: OpenRun);
  constructor(ref: MaintenanceRef, open: OpenMaintenance);
  constructor(
    ref: RunRef | MaintenanceRef,
    readonly open: OpenRun | OpenMaintenance,
  ) {
    const isRun = 'instanceId' in ref && 'asked' in open;
    const parts = isRun ? describeOpenRun(ref, open) : [];
    super(
      ref,
      'maintenanceId' in ref && 'differsIn' in open ? describeOpenMaintenance(ref, open) : parts,
    );
  }
}

function describeOpenRun(ref: RunRef, { runId, phase, asked }: OpenRun): string[] {
  const what = asked.goal === null ? '' : ` (${asked.goal})`;
  const who = asked.requestedBy === null ? '' : `, asked by ${asked.requestedBy}`;
  const request = asked.requestId === null ? '' : `, request ${asked.requestId}`;
  return [
    `Run ${runId} of ${ref.instanceId} is open${what}${who}${request}, phase ${phase}; nothing was started.`,
    withCommands('Look', runCommand('status', ref)),
    withCommands('Wait for it', runCommand('wait', ref)),
  ];
}

function describeOpenMaintenance(
  ref: MaintenanceRef,
  { runId, requestedBy, differsIn }: OpenMaintenance,
): string[] {
  const who = requestedBy === null ? '' : `, asked by ${requestedBy}`;
  return [
    `${describeMaintenance(ref)} is open already${who} (run ${runId}) and differs in ${differsIn.join(', ')}; nothing was started.`,
    'Give another maintenanceId, or look at the open one.',
    withCommands('Look', maintenanceCommand('progress', ref)),
  ];
}

/** The request id stands for another goal already: nothing was started. One id, one goal. */
export class RequestIdReusedError extends AboutError {
  override readonly name = 'RequestIdReusedError';
  override readonly category = 'refused';
  constructor(
    override readonly ref: RunRef,
    readonly requestId: string,
    /** The run that had it. */
    readonly runId: string,
    goals: { readonly theirs: string | null; readonly ours: string },
  ) {
    super(ref, [
      `request-id-reused: request id ${requestId} stands for another goal already, and nothing was started.`,
      `Run ${runId} of ${ref.instanceId} had it and was asked to ${goals.theirs ?? 'do what this version cannot read'}; ` +
        `now it is to ${goals.ours}. For another goal use another request id.`,
      withCommands('See its result', runCommand('wait', { ...ref, runId })),
    ]);
  }
}

/** No such run within Temporal's retention, or no such schedule. */
export class NotFoundError extends AboutError {
  override readonly name = 'NotFoundError';
  override readonly category = 'not-found';
  constructor(
    ref: RunRef | MaintenanceRef | ScheduleRef,
    /** `null` of a schedule. */
    readonly workflowId: string | null = null,
  ) {
    super(ref, 'scheduleId' in ref ? describeNoSchedule(ref) : describeNoRun(ref, workflowId));
  }
}

function describeNoSchedule({ scheduleId }: ScheduleRef): string[] {
  return [
    `No schedule ${scheduleId} is known to Temporal.`,
    withCommands('See which there are', command(['schedule', 'list'])),
  ];
}

function describeNoRun(ref: RunRef | MaintenanceRef, workflowId: string | null): string[] {
  const which = ref.runId === undefined ? 'No run' : `No run ${ref.runId}`;
  return [
    `${which} of ${workflowId ?? 'that id'} is known to Temporal: none was started, or its retention is over.`,
    'instanceId' in ref
      ? 'Check the instance, the project and the namespace.'
      : 'Check the id, the nominal time where a schedule started it, and the namespace.',
  ];
}

/** It was cancelled, a switchover before its PUT and a maintenance before its first switchover; it carries no result. */
export class RunCancelledError extends AboutError {
  override readonly name = 'RunCancelledError';
  override readonly category = 'cancelled';
  constructor(
    ref: RunRef | MaintenanceRef,
    readonly runId: string,
    /** What the history of a switchover proves of its PUT. */
    readonly putSummary = 'Nothing was sent.',
  ) {
    super(
      ref,
      'instanceId' in ref
        ? [
            `Run ${runId} of ${ref.instanceId} was cancelled. ${putSummary}`,
            withCommands('See', runCommand('status', { ...ref, runId })),
          ]
        : [
            `${describeMaintenance(ref)} was cancelled before it started any switchover; nothing was sent.`,
            'Start it again where it is still wanted.',
          ],
    );
  }
}

/** It has already ended, so it cannot be cancelled. */
export class RunClosedError extends AboutError {
  override readonly name = 'RunClosedError';
  override readonly category = 'ended';
  constructor(
    ref: RunRef | MaintenanceRef,
    readonly runId: string,
  ) {
    const [name, look] =
      'instanceId' in ref
        ? [`Run ${runId} of ${ref.instanceId}`, runCommand('wait', { ...ref, runId })]
        : [
            `${describeMaintenance(ref)} (run ${runId})`,
            maintenanceCommand('report', { ...ref, runId }),
          ];
    super(ref, [
      `${name} has already ended; nothing was cancelled.`,
      withCommands('See its result', look),
    ]);
  }
}

/** The time to wait is over, or only a look was asked for (`timeoutMs` 0). What was awaited continues. */
export class WaitTimedOutError extends AboutError {
  override readonly name = 'WaitTimedOutError';
  override readonly category = 'wait-over';
  constructor(
    ref: RunRef | MaintenanceRef,
    readonly runId: string,
    readonly timeoutMs: number,
  ) {
    super(ref, timeoutMs === 0 ? describeOpen(ref, runId) : describeWaited(ref, runId, timeoutMs));
  }
}

function describeOpen(ref: RunRef | MaintenanceRef, runId: string): string[] {
  const end = 'has not ended, so there is no result yet; it continues.';
  return 'instanceId' in ref
    ? [
        `Run ${runId} of ${ref.instanceId} ${end}`,
        withCommands('Wait for it', runCommand('wait', { ...ref, runId })),
        withCommands('Look', runCommand('status', { ...ref, runId })),
      ]
    : [
        `${describeMaintenance(ref)} ${end}`,
        withCommands('Wait for it', maintenanceCommand('wait', ref)),
        withCommands('Look', maintenanceCommand('progress', ref)),
      ];
}

function describeWaited(ref: RunRef | MaintenanceRef, runId: string, timeoutMs: number): string[] {
  const end = `has not ended within ${Math.round(timeoutMs / 1000)} s; it continues.`;
  return 'instanceId' in ref
    ? [
        `Run ${runId} of ${ref.instanceId} ${end}`,
        withCommands('Look', runCommand('status', { ...ref, runId })),
        withCommands('Cancel it', runCommand('cancel', { ...ref, runId })),
      ]
    : [
        `${describeMaintenance(ref)} ${end}`,
        withCommands('Look', maintenanceCommand('progress', ref)),
        withCommands('Stop new starts', maintenanceCommand('abort', ref)),
      ];
}
