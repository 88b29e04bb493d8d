import type { Command } from 'commander';

import type { MaintenanceRef } from '../../client.js';
import { makeMaintenanceWorkflowId } from '../../contract/index.js';
import { maintenanceLine } from '../../domain/maintenance/commands.js';
import { UsageError } from '../errors.js';
import { parseSeconds } from '../options.js';

const PREFIX = makeMaintenanceWorkflowId('');

/** A plan as people name it. Ids have no upper case, so the `T` of a firing's time is unmistakable. */
const PLAN = /^([a-z0-9][a-z0-9._-]{0,63}?)(?:-(\d{4}-\d{2}-\d{2}T[0-9:.]+Z))?$/;

/** Options that pick one run of a plan. */
export interface PlanPick {
  readonly firing?: string;
  readonly run?: string;
  /** Of the workers; carried on into the commands of texts. */
  readonly taskQueue?: string;
}

/**
 * The plan that a person names: its id, with a firing's nominal time behind it or as an option, or the
 * workflow id as the Temporal UI shows it.
 *
 * @throws UsageError
 */
export function parsePlanRef(
  text: string,
  { firing, run, taskQueue }: PlanPick = {},
): MaintenanceRef {
  const name = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : text;
  const [, maintenanceId, named] = PLAN.exec(name) ?? [];
  if (maintenanceId === undefined)
    throw new UsageError(
      `"${text}" names no plan: give its id (1 to 64 of a-z 0-9 . _ -), ` +
        'or the workflow id as the Temporal UI shows it.',
    );
  if (firing !== undefined && named !== undefined && firing !== named)
    throw new UsageError(`"${text}" and --firing ${firing} name different firings.`);
  const nominalTime = firing ?? named;
  return {
    maintenanceId,
    ...(nominalTime === undefined ? {} : { nominalTime }),
    ...(run === undefined ? {} : { runId: run }),
    ...(taskQueue === undefined ? {} : { taskQueue }),
  };
}

/** The name that {@link parsePlanRef} reads. */
export function planName({ maintenanceId, nominalTime }: MaintenanceRef): string {
  return nominalTime === undefined ? maintenanceId : `${maintenanceId}-${nominalTime}`;
}

/** Workflow id of the plan. */
export function planWorkflowId(ref: MaintenanceRef): string {
  return makeMaintenanceWorkflowId(planName(ref));
}

/** A command about a plan that a person can paste. */
export function planCommand(
  verb: 'progress' | 'wait' | 'approve' | 'abort' | 'report',
  ref: MaintenanceRef,
  report?: string,
): string {
  const isMessage = verb === 'approve' || verb === 'abort';
  return maintenanceLine(
    { ...{ verb, name: planName(ref), report }, ...(isMessage ? {} : { runId: ref.runId }) },
    { taskQueue: ref.taskQueue },
  );
}

/** Adds the options that pick one run of a plan. */
export function withPlanPick(command: Command): Command {
  return command
    .option('--firing <time>', 'nominal time of the firing, of a plan that a schedule started')
    .option('--run <id>', 'this run (default: the latest)');
}

/** Adds the options of everything that ends in a plan's result. */
export function withPlanWaitOptions(command: Command): Command {
  return withReportOption(
    command.option(
      '--wait-timeout <seconds>',
      'stop waiting after this long; the plan continues (default: a week)',
      parseSeconds,
    ),
  );
}

/** Adds the option of a report. */
export function withReportOption(command: Command): Command {
  return command.option(
    '--report <dir>',
    'write the end as Markdown and JSON into this folder, for a change ticket',
  );
}
