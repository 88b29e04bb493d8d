import type { Command } from 'commander';

import type { StartedMaintenance } from '../../client.js';
import type { MaintenanceInput } from '../../contract/index.js';

import type { Cli, OperatorClient } from '../context.js';
import { printPlanResult, printPlanStarted } from './finish-plan.js';
import type { ReportOption } from './finish-plan.js';
import { followPlan } from './follow.js';
import { toPlanInput } from './input.js';
import { withPlanOptions } from './plan-options.js';
import { readDraft, readRest } from './read-plan.js';
import type { AskOptions } from './read-plan.js';
import { prepareReportFolder } from './report-files.js';
import { withPlanWaitOptions } from './wait-options.js';
import { withRunOptions } from '../options.js';
import type { RunOptions, WaitOptions } from '../options.js';
import type { Output } from '../output.js';
import { checkPlanBeforeConnecting, withOperator } from '../with-client.js';

type Options = AskOptions & RunOptions & WaitOptions & ReportOption & { readonly wait: boolean };

/** `maintenance start [PLAN]`: starts a plan and follows it to its end. */
export function addStartCommand(group: Command, cli: Cli): void {
  const command = group
    .command('start')
    .description('start a plan and follow it to its end; Ctrl-C stops following, not the plan')
    .argument('[plan]', 'id of the plan: 1 to 64 of a-z 0-9 . _ - (default: of the file)')
    .option('--rest-of <plan>', 'what this ended plan left undone, as a new plan')
    .option('--no-wait', 'start it and do not follow');
  withRunOptions(withPlanWaitOptions(withPlanOptions(command))).action(
    (id: string | undefined, options: Options) =>
      cli.run(options, async (output) => {
        const { report } = options;
        if (report !== undefined) await prepareReportFolder(report);
        return ask(cli, output, id, options, (client, input) =>
          start(cli, output, client, input, options),
        );
      }),
  );
}

async function start(
  { io }: Cli,
  output: Output,
  { maintenance }: OperatorClient,
  input: MaintenanceInput,
  options: Options,
): Promise<number> {
  const { runId, reused, ...started } = await maintenance.start({ ...input, mode: 'run' });
  noteReuse(output, reused, runId);
  const { taskQueue } = options;
  const queue = taskQueue === undefined ? {} : { taskQueue };
  if (!options.wait)
    return printPlanStarted(output, { ...started, ...queue, runId, reused }, input);
  const ref = { maintenanceId: started.maintenanceId, ...queue };
  if (reused !== 'closed')
    output.note(`Following plan ${ref.maintenanceId}; Ctrl-C stops following, not the plan.`);
  const result = await followPlan(io, maintenance, ref, { ...options, startedRunId: runId });
  return printPlanResult(output, { ...ref, runId }, result, options);
}

function noteReuse(output: Output, reused: StartedMaintenance['reused'], runId: string): void {
  if (reused === 'open') output.note(`Joined the open run ${runId}, which was asked for the same.`);
  if (reused === 'closed')
    output.note(`Nothing was started: run ${runId} has done this already; another id repeats it.`);
}

/** `maintenance plan [PLAN]`: resolves and checks everything, and starts nothing. */
export function addPlanOnlyCommand(group: Command, cli: Cli): void {
  const command = group
    .command('plan')
    .description('resolve window and instances, check everything, and start nothing')
    .argument('[plan]', 'id of the plan: 1 to 64 of a-z 0-9 . _ - (default: of the file)')
    .option('--rest-of <plan>', 'what this ended plan left undone, as a new plan');
  withRunOptions(withPlanWaitOptions(withPlanOptions(command))).action(
    (id: string | undefined, options: Options) =>
      cli.run(options, async (output) => {
        const { report, waitTimeout } = options;
        if (report !== undefined) await prepareReportFolder(report);
        return ask(cli, output, id, options, async ({ maintenance }, input) => {
          const timeout = waitTimeout === undefined ? {} : { timeoutMs: waitTimeout * 1000 };
          const { runId, maintenanceId } = await maintenance.start({ ...input, mode: 'plan' });
          const plan = { maintenanceId, runId, taskQueue: options.taskQueue };
          return printPlanResult(output, plan, await maintenance.result(plan, timeout), options);
        });
      }),
  );
}

/** Reads what is asked for, checks it before anything is opened where that is possible, and goes on. */
async function ask(
  cli: Cli,
  output: Output,
  id: string | undefined,
  options: Options,
  then: (client: OperatorClient, input: MaintenanceInput) => Promise<number>,
): Promise<number> {
  const { restOf } = options;
  const draft = await readDraft(options);
  if (restOf === undefined) {
    const input = toPlanInput(cli.io, id, options, draft);
    await checkPlanBeforeConnecting(input);
    return withOperator(cli, options, (client) => then(client, input));
  }
  return withOperator(cli, options, async (client) => {
    const input = await readRest(cli.io, client.maintenance, id, { ...options, restOf });
    output.note(`Plan ${input.maintenanceId}: what ${restOf} left undone.`);
    return then(client, input);
  });
}
