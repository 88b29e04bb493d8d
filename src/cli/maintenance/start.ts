import type { Command } from 'commander';

import type { DcsSwitchover, MaintenanceRef, StartedMaintenance } from '../../client.js';
import type { MaintenanceInput } from '../../contract/index.js';
import type { Cli } from '../context.js';
import { UsageError } from '../errors.js';
import type { Draft } from '../fields.js';
import { readInputFile } from '../io.js';
import { runConnected, withRunOptions } from '../options.js';
import type { RunOptions, WaitOptions } from '../options.js';
import type { Output } from '../output.js';
import { prepareReport } from '../report/write.js';
import type { ReportOption } from '../report/write.js';

import { addDecisionCommands, addMaintenanceCancelCommand } from './decide.js';
import { followMaintenance, printMaintenanceResult, printMaintenanceStarted } from './follow.js';
import { readOfMaintenance, toMaintenanceInput, withMaintenanceOptions } from './input.js';
import type { MaintenanceOptions } from './input.js';
import {
  addMaintenanceListCommand,
  addMaintenanceAuditCommand,
  addMaintenanceWaitCommand,
  addProgressCommand,
  addReportCommand,
} from './look.js';
import { readMaintenanceRef, withMaintenanceWaitOptions } from './ref.js';

/** Options of `maintenance plan` and `start`. */
interface AskOptions extends MaintenanceOptions {
  readonly restOf?: string;
}

/** The draft of a maintenance's file; empty without one. @throws UsageError */
async function readDraft({ file, restOf }: AskOptions): Promise<Draft> {
  if (file !== undefined && restOf !== undefined)
    throw new UsageError('Give --file or --rest-of, not both.');
  const draft = file === undefined ? {} : await readInputFile(file);
  // "start" would only plan, or "plan" would mean to start: the command says which, nothing else.
  if ('mode' in draft)
    throw new UsageError(
      `--file ${file ?? ''}: remove mode; "maintenance plan" plans and "maintenance start" starts.`,
    );
  return draft;
}

/**
 * `drain` → `drain-rest` → `drain-rest-2` → …; of a firing with its time, because the next firing's rest is another.
 *
 * @throws UsageError where that would be too long
 */
export function nextRemainderId({ maintenanceId, nominalTime }: MaintenanceRef): string {
  const [, stem = maintenanceId, rest, count = '1'] =
    /^(.*?)(-rest(?:-(\d+))?)?$/.exec(maintenanceId) ?? [];
  const firing =
    nominalTime === undefined ? '' : `-${nominalTime.replace(/[-:]/g, '').toLowerCase()}`;
  const again = rest === undefined ? '' : `-${Number(count) + 1}`;
  const id = `${stem}${firing}-rest${again}`;
  if (id.length <= 64) return id;
  throw new UsageError(`Name the new maintenance: "${id}" would be longer than 64 characters.`);
}

type Options = AskOptions & RunOptions & WaitOptions & ReportOption & { readonly wait: boolean };

/** `maintenance start [MAINTENANCE]`: starts a maintenance and follows it to its end. */
function addStartCommand(group: Command, cli: Cli): void {
  const command = group
    .command('start')
    .description(
      'start a maintenance and follow it to its end; Ctrl-C stops following, not the maintenance',
    )
    .option('--no-wait', 'start it and do not follow');
  ask(cli, command, (client, output, input, options) => start(cli, output, client, input, options));
}

async function start(
  { io }: Cli,
  output: Output,
  { maintenance }: DcsSwitchover,
  input: MaintenanceInput,
  options: Options,
): Promise<number> {
  const { runId, reused, ...started } = await maintenance.start({ ...input, mode: 'run' });
  noteReuse(output, reused, runId);
  const { taskQueue } = options;
  const queue = taskQueue === undefined ? {} : { taskQueue };
  if (!options.wait)
    return printMaintenanceStarted(output, { ...started, ...queue, runId, reused }, input);
  const ref = { maintenanceId: started.maintenanceId, ...queue };
  if (reused !== 'closed')
    output.note(
      `Following maintenance ${ref.maintenanceId}; Ctrl-C stops following, not the maintenance.`,
    );
  const followed = { ...options, startedRunId: runId };
  const result = await followMaintenance(io, output, maintenance, ref, followed);
  return printMaintenanceResult(output, { ...ref, runId }, result, options);
}

function noteReuse(output: Output, reused: StartedMaintenance['reused'], runId: string): void {
  if (reused === 'open') output.note(`Joined the open run ${runId}, which was asked for the same.`);
  if (reused === 'closed')
    output.note(`Nothing was started: run ${runId} has done this already; another id repeats it.`);
}

/** `maintenance plan [MAINTENANCE]`: resolves and checks everything, and starts nothing. */
function addMaintenancePlanCommand(group: Command, cli: Cli): void {
  const command = group
    .command('plan')
    .description('resolve window and instances, check everything, and start nothing');
  ask(cli, command, async ({ maintenance }, output, input, options) => {
    const { waitTimeout, taskQueue } = options;
    const timeout = waitTimeout === undefined ? {} : { timeoutMs: waitTimeout * 1000 };
    const { runId, maintenanceId } = await maintenance.start({ ...input, mode: 'plan' });
    const chosen = { maintenanceId, runId, taskQueue };
    const result = await maintenance.result(chosen, timeout);
    return printMaintenanceResult(output, chosen, result, options);
  });
}

/** What is asked for: a whole input, or what an ended maintenance left undone, under a new id. */
type Asked =
  { readonly input: MaintenanceInput } | { readonly restOf: MaintenanceRef; readonly id: string };

async function readAsk(cli: Cli, id: string | undefined, options: AskOptions): Promise<Asked> {
  const draft = await readDraft(options);
  if (options.restOf !== undefined) {
    const restOf = await readMaintenanceRef(options.restOf);
    return { restOf, id: id ?? nextRemainderId(restOf) };
  }
  const { checkMaintenanceInput } = await import('../../client.js');
  return readOfMaintenance(cli, options, draft, (known) => {
    const input = toMaintenanceInput(cli.io, id, known, draft);
    checkMaintenanceInput(input);
    return { input };
  });
}

/** Makes it a command that asks for a maintenance, which is checked before anything is opened where that is possible. */
function ask(
  cli: Cli,
  command: Command,
  act: (
    client: DcsSwitchover,
    output: Output,
    input: MaintenanceInput,
    options: Options,
  ) => Promise<number>,
): void {
  const help = 'id of the maintenance: 1 to 64 of a-z 0-9 . _ - (default: of the file)';
  command
    .argument('[maintenance]', help)
    .option(
      '--rest-of <maintenance>',
      'what this ended maintenance left undone, as a new maintenance',
    );
  withRunOptions(withMaintenanceWaitOptions(withMaintenanceOptions(command))).action(
    (id: string | undefined, options: Options) => {
      const read = async (): Promise<Asked> => {
        const asked = await readAsk(cli, id, options);
        await prepareReport(options);
        return asked;
      };
      return runConnected(cli, options, read, async (client, output, asked) => {
        if ('input' in asked) return act(client, output, asked.input, options);
        const rest = await client.maintenance.remainderInput(asked.restOf, asked.id);
        // Over it what the options say.
        const draft = { ...rest, mode: undefined };
        const input = await readOfMaintenance(cli, options, draft, (known) =>
          toMaintenanceInput(cli.io, asked.id, known, draft),
        );
        output.note(
          `Maintenance ${input.maintenanceId}: what ${options.restOf ?? ''} left undone.`,
        );
        return act(client, output, input, options);
      });
    },
  );
}

/** `maintenance …`: many instances in a window. */
export function addMaintenanceCommand(program: Command, cli: Cli): void {
  const group = program
    .command('maintenance')
    .description(
      'switch many instances inside a window: plan, start, approve, watch, stop, report',
    );
  addMaintenancePlanCommand(group, cli);
  addStartCommand(group, cli);
  addMaintenanceListCommand(group, cli);
  addProgressCommand(group, cli);
  addMaintenanceWaitCommand(group, cli);
  addDecisionCommands(group, cli);
  addMaintenanceCancelCommand(group, cli);
  addReportCommand(group, cli);
  addMaintenanceAuditCommand(group, cli);
}
