import type { Command } from 'commander';

import type { MaintenanceRef } from '../../client.js';
import { makeMaintenanceWorkflowId } from '../../contract/index.js';
import { maintenanceLine, parseMaintenanceName } from '../../domain/maintenance/commands.js';
import { UsageError } from '../errors.js';
import { parseSeconds } from '../options.js';
import { withReportOption } from '../report/write.js';

const PREFIX = makeMaintenanceWorkflowId('');

const MAINTENANCE_ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** Options that pick one run of a maintenance. */
export interface MaintenancePick {
  readonly firing?: string;
  readonly run?: string;
  /** Of the workers; carried on into the commands of texts. */
  readonly taskQueue?: string;
}

/**
 * The maintenance that a person names: its id, with a firing's nominal time behind it or as an option, or the
 * workflow id as the Temporal UI shows it.
 *
 * @throws UsageError
 */
export function parseMaintenanceRef(
  text: string,
  { firing, run, taskQueue }: MaintenancePick = {},
): MaintenanceRef {
  const name = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : text;
  const { maintenanceId, firing: named } = parseMaintenanceName(name);
  if (!MAINTENANCE_ID.test(maintenanceId))
    throw new UsageError(
      `"${text}" names no maintenance: give its id (1 to 64 of a-z 0-9 . _ -), ` +
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

/** The same, checked before anything is opened. @throws UsageError, InvalidInputError */
export async function readMaintenanceRef(
  text: string,
  pick?: MaintenancePick,
): Promise<MaintenanceRef> {
  const { checkMaintenanceRef } = await import('../../client.js');
  const ref = parseMaintenanceRef(text, pick);
  checkMaintenanceRef(ref);
  return ref;
}

/** The name that {@link parseMaintenanceRef} reads. */
export function maintenanceName({ maintenanceId, nominalTime }: MaintenanceRef): string {
  return nominalTime === undefined ? maintenanceId : `${maintenanceId}-${nominalTime}`;
}

/** Workflow id of the maintenance. */
export function maintenanceWorkflowId(ref: MaintenanceRef): string {
  return makeMaintenanceWorkflowId(maintenanceName(ref));
}

/** A command about a maintenance that a person can paste. */
export function maintenanceCommand(
  verb: 'progress' | 'wait' | 'approve' | 'abort' | 'report',
  ref: MaintenanceRef,
  report?: string,
): string {
  const isMessage = verb === 'approve' || verb === 'abort';
  return maintenanceLine(
    { ...{ verb, name: maintenanceName(ref), report }, ...(isMessage ? {} : { runId: ref.runId }) },
    { taskQueue: ref.taskQueue },
  );
}

/** Adds the options that pick one run of a maintenance. */
export function withMaintenancePick(command: Command): Command {
  return command
    .option(
      '--firing <time>',
      'nominal time of the firing, of a maintenance that a schedule started',
    )
    .option('--run <id>', 'this run (default: the latest)');
}

/** Adds the options of everything that ends in a maintenance's result. */
export function withMaintenanceWaitOptions(command: Command): Command {
  return withReportOption(
    command.option(
      '--wait-timeout <seconds>',
      'stop waiting after this long; the maintenance continues (default: a week)',
      parseSeconds,
    ),
  );
}
