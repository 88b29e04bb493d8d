import type { Command } from 'commander';

import { instanceCommand } from '../../domain/commands.js';

import type { Cli } from '../context.js';
import { toRunRef, runConnected, withPickOptions, withRunOptions } from '../options.js';
import type { PickOptions, RunOptions } from '../options.js';
import { toRunDocument } from '../report/run-report.js';
import {
  prepareReport,
  printReport,
  reportBase,
  REPORT_FORMS,
  withReportOption,
} from '../report/write.js';
import type { ReportOption } from '../report/write.js';

type Options = RunOptions & PickOptions & ReportOption;

/** `report INSTANCE`: what a run did, for a change ticket; works without a worker. */
export function addRunReportCommand(program: Command, cli: Cli): void {
  const command = program
    .command('report')
    .description(
      'print the report of a run that has ended, for a change ticket, or write it; works without a worker',
    )
    .argument('<instance>', 'name or id of the instance');
  withRunOptions(withReportOption(withPickOptions(command)), REPORT_FORMS).action(
    (instanceId: string, options: Options) =>
      runConnected(
        cli,
        options,
        async () => {
          const ref = await toRunRef(cli, instanceId, options);
          await prepareReport(options);
          return ref;
        },
        async ({ switchover: client }, output, ref) => {
          const data = await client.report(ref);
          const { run, timings } = data;
          const report = {
            data,
            document: toRunDocument(data, ref),
            base: reportBase(instanceId, timings.startedAt),
          };
          const flags = { plan: options.plan === true, run: run.runId, report: './report' };
          return printReport(output, report, options, instanceCommand('report', ref, flags));
        },
      ),
  );
}
