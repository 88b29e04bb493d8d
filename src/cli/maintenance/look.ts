import type { Command } from 'commander';

import type { MaintenanceRef } from '../../client.js';
import { joinText, withCommands } from '../../domain/commands.js';

import type { Cli } from '../context.js';
import { formatMaintenanceProgress } from '../format/maintenance-result.js';
import { gather } from '../mistakes.js';
import {
  YES_HELP,
  confirmAction,
  readMessage,
  runWithOperator,
  withQueueOptions,
} from '../options.js';
import type { QueueOptions, RequesterOption, WaitOptions, YesOption } from '../options.js';
import {
  followMaintenance,
  prepareReportFolder,
  printMaintenanceReport,
  printMaintenanceResult,
} from './follow.js';
import type { ReportOption } from './follow.js';
import {
  maintenanceCommand,
  maintenanceName,
  readMaintenanceRef,
  withMaintenancePick,
  withMaintenanceWaitOptions,
  withReportOption,
} from './ref.js';
import type { MaintenancePick } from './ref.js';

type Options = QueueOptions & MaintenancePick;

/** Longest time for the end of a maintenance that should have ended, in milliseconds. */
const REPORT_WAIT_MS = 5_000;

/** `maintenance progress MAINTENANCE`: where a maintenance stands. */
export function addProgressCommand(group: Command, cli: Cli): void {
  const command = group
    .command('progress')
    .description('show where a maintenance stands; needs a worker')
    .argument('<maintenance>', 'id of the maintenance');
  withQueueOptions(withMaintenancePick(command)).action((chosen: string, options: Options) =>
    runWithOperator(
      cli,
      options,
      () => readMaintenanceRef(chosen, options),
      async ({ maintenance }, output, ref) => {
        const progress = await maintenance.progress(ref);
        output.data(progress, () => formatMaintenanceProgress(progress));
        return 0;
      },
    ),
  );
}

/** `maintenance wait MAINTENANCE`: follows a maintenance to its end. */
export function addMaintenanceWaitCommand(group: Command, cli: Cli): void {
  const command = group
    .command('wait')
    .description('follow a maintenance to its end and print how it ended')
    .argument('<maintenance>', 'id of the maintenance');
  withQueueOptions(withMaintenanceWaitOptions(withMaintenancePick(command))).action(
    (chosen: string, options: Options & WaitOptions & ReportOption) =>
      runWithOperator(
        cli,
        options,
        () => readReported(chosen, options),
        async ({ maintenance }, output, ref) => {
          const chosen = await maintenance.find(ref);
          const pinned = { ...options, startedRunId: chosen.runId };
          const result = await followMaintenance(cli.io, maintenance, ref, pinned);
          return printMaintenanceResult(output, chosen, result, options);
        },
      ),
  );
}

/** Which maintenance, once its report can be written. @throws UsageError, InvalidInputError */
async function readReported(
  chosen: string,
  options: Options & ReportOption,
): Promise<MaintenanceRef> {
  const ref = await readMaintenanceRef(chosen, options);
  await prepareReportFolder(options);
  return ref;
}

/** `maintenance report MAINTENANCE`: the report of an ended maintenance. */
export function addReportCommand(group: Command, cli: Cli): void {
  const command = group
    .command('report')
    .description('print the report of an ended maintenance as Markdown, or write it')
    .argument('<maintenance>', 'id of the maintenance');
  withQueueOptions(withReportOption(withMaintenancePick(command))).action(
    (chosen: string, options: Options & ReportOption) =>
      runWithOperator(
        cli,
        options,
        () => readReported(chosen, options),
        async ({ maintenance }, output, ref) => {
          const chosen = await maintenance.find(ref);
          const result = await maintenance.result(chosen, { timeoutMs: REPORT_WAIT_MS });
          return printMaintenanceReport(output, chosen, result, options);
        },
      ),
  );
}

/** `maintenance cancel MAINTENANCE`: cancels a maintenance and what of it has not sent its PUT yet. */
export function addMaintenanceCancelCommand(group: Command, cli: Cli): void {
  const command = group
    .command('cancel')
    .description('cancel a maintenance, and each switchover of it that has not sent its PUT yet')
    .argument('<maintenance>', 'id of the maintenance')
    .option('--by <name>', 'your name (default: your user name)')
    .option('--why <text>', 'reason, recorded in the maintenance’s history')
    .option('--yes', YES_HELP);
  withQueueOptions(withMaintenancePick(command)).action(
    (chosen: string, options: Options & YesOption & RequesterOption & { readonly why?: string }) =>
      runWithOperator(
        cli,
        options,
        () =>
          gather(
            () => readMaintenanceRef(chosen, options),
            () => readMessage(cli.io, 'approve', options),
          ),
        async ({ maintenance }, output, [ref, message]) => {
          const name = maintenanceName(ref);
          const effect = `Maintenance ${name} starts nothing more, and what has not sent its PUT is cancelled.`;
          await confirmAction(cli.io, effect, 'Cancel it?', options);
          await maintenance.cancel(ref, message);
          output.data({ maintenanceId: ref.maintenanceId, requested: true }, () =>
            joinText([
              `Cancellation of maintenance ${name} requested. Switchovers that have sent their PUT finish first.`,
              withCommands('See how it ends', maintenanceCommand('wait', ref)),
            ]),
          );
          return 0;
        },
      ),
  );
}
