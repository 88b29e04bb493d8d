import type { Command } from 'commander';

import { joinText, withCommands } from '../../domain/commands.js';

import { confirmAction, YES_HELP } from '../confirm.js';
import type { YesOption } from '../confirm.js';
import type { Cli } from '../context.js';
import { formatPlanProgress } from '../format/plan-result.js';
import { readSpeaker, withOperator, withQueueOptions } from '../options.js';
import type { QueueOptions, SpeakerOption, WaitOptions } from '../options.js';
import { followPlan, prepareReportFolder, printPlanReport, printPlanResult } from './follow.js';
import type { ReportOption } from './follow.js';
import {
  parsePlanRef,
  planCommand,
  planName,
  withPlanPick,
  withPlanWaitOptions,
  withReportOption,
} from './ref.js';
import type { PlanPick } from './ref.js';

type Options = QueueOptions & PlanPick;

/** Longest time for the end of a plan that should have ended, in milliseconds. */
const REPORT_WAIT_MS = 5_000;

/** `maintenance progress PLAN`: where a plan stands. */
export function addProgressCommand(group: Command, cli: Cli): void {
  const command = group
    .command('progress')
    .description('show where a plan stands; needs a worker')
    .argument('<plan>', 'id of the plan');
  withQueueOptions(withPlanPick(command)).action((plan: string, options: Options) =>
    cli.run(options, async (output) => {
      const ref = parsePlanRef(plan, options);
      const progress = await withOperator(cli, options, (client) =>
        client.maintenance.progress(ref),
      );
      output.data(progress, () => formatPlanProgress(progress));
      return 0;
    }),
  );
}

/** `maintenance wait PLAN`: follows a plan to its end. */
export function addPlanWaitCommand(group: Command, cli: Cli): void {
  const command = group
    .command('wait')
    .description('follow a plan to its end and print how it ended')
    .argument('<plan>', 'id of the plan');
  withQueueOptions(withPlanWaitOptions(withPlanPick(command))).action(
    (plan: string, options: Options & WaitOptions & ReportOption) =>
      cli.run(options, async (output) => {
        const ref = parsePlanRef(plan, options);
        if (options.report !== undefined) await prepareReportFolder(options.report);
        return withOperator(cli, options, async ({ maintenance }) => {
          const plan = await maintenance.find(ref);
          const pinned = { ...options, startedRunId: plan.runId };
          const result = await followPlan(cli.io, maintenance, ref, pinned);
          return printPlanResult(output, plan, result, options);
        });
      }),
  );
}

/** `maintenance report PLAN`: the report of an ended plan. */
export function addReportCommand(group: Command, cli: Cli): void {
  const command = group
    .command('report')
    .description('print the report of an ended plan as Markdown, or write it')
    .argument('<plan>', 'id of the plan');
  withQueueOptions(withReportOption(withPlanPick(command))).action(
    (plan: string, options: Options & ReportOption) =>
      cli.run(options, async (output) => {
        const ref = parsePlanRef(plan, options);
        if (options.report !== undefined) await prepareReportFolder(options.report);
        return withOperator(cli, options, async ({ maintenance }) => {
          const plan = await maintenance.find(ref);
          const result = await maintenance.result(plan, { timeoutMs: REPORT_WAIT_MS });
          return printPlanReport(output, plan, result, options);
        });
      }),
  );
}

/** `maintenance cancel PLAN`: cancels a plan and what of it has not sent its PUT yet. */
export function addPlanCancelCommand(group: Command, cli: Cli): void {
  const command = group
    .command('cancel')
    .description('cancel a plan, and each switchover of it that has not sent its PUT yet')
    .argument('<plan>', 'id of the plan')
    .option('--by <name>', 'who says so (default: your user name)')
    .option('--why <text>', 'why; stands in the plan’s history')
    .option('--yes', YES_HELP);
  withQueueOptions(withPlanPick(command)).action(
    (plan: string, options: Options & YesOption & SpeakerOption & { readonly why?: string }) =>
      cli.run(options, async (output) => {
        const ref = parsePlanRef(plan, options);
        const message = { by: readSpeaker(cli.io, options), why: options.why ?? null };
        const name = planName(ref);
        const effect = `Plan ${name} starts nothing more, and what has not sent its PUT is cancelled.`;
        await confirmAction(cli.io, effect, 'Cancel it?', options);
        await withOperator(cli, options, (client) => client.maintenance.cancel(ref, message));
        output.data({ maintenanceId: ref.maintenanceId, requested: true }, () =>
          joinText([
            `Cancellation of plan ${name} requested. Switchovers that have sent their PUT finish first.`,
            withCommands('See how it ends', planCommand('wait', ref)),
          ]),
        );
        return 0;
      }),
  );
}
