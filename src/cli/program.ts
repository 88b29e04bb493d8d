import { CommanderError } from 'commander';
import type { Command } from 'commander';

import { EXIT_CODES } from '../contract/index.js';
import { command, withCommands } from '../domain/commands.js';
import { packageVersion } from '../package-version.js';
import { messageOf } from '../util.js';

import { addAuditCommand } from './commands/audit.js';
import { addCancelCommand } from './commands/cancel.js';
import { addCertifyCommand } from './commands/certify.js';
import { addCompletionCommand } from './commands/completion.js';
import { addDevCommand } from './commands/dev.js';
import { addDoctorCommand } from './commands/doctor.js';
import { addAdoptCommand, addVerifyCommand } from './commands/examine.js';
import { addFreezeCommand, addThawCommand } from './commands/freeze.js';
import { addHistoryCommand } from './commands/history.js';
import { addInspectCommand } from './commands/inspect.js';
import { addInstancesCommand } from './commands/instances.js';
import { addListCommand } from './commands/list.js';
import { addPlanCommand } from './commands/plan.js';
import { addRunReportCommand } from './commands/report.js';
import { addResolveCommand } from './commands/resolve.js';
import { addSetupCommand } from './commands/setup.js';
import { addSimulatorCommand } from './commands/simulator.js';
import { addStatusCommand } from './commands/status.js';
import { addSwitchCommand } from './commands/switch.js';
import { addWaitCommand } from './commands/wait.js';
import { addWorkerCommand } from './commands/worker.js';
import { CLI_DEPS, createCli } from './context.js';
import type { Cli, CliDeps } from './context.js';
import type { ErrorData, UsageError } from './errors.js';
import type { CliIo } from './io.js';
import { addMaintenanceCommand } from './maintenance/start.js';
import { addExamples } from './examples.js';
import { ReadingCommand, USAGE_HINT } from './mistakes.js';
import { encoderOf, formatOf } from './output.js';
import { addScheduleCommand } from './schedule/define.js';

const DESCRIPTION =
  'Planned master/replica switchovers of Huawei Cloud DCS instances, durable on Temporal: at most one swap per run, and the truth about what happened.';

const HELP_AFTER = `
${withCommands(
  'To begin with at 02:00; none of these can send a PUT',
  command(['list'], {}, { unresolved: true }),
  command(['status', 'INSTANCE']),
  command(['doctor'], {}, { instance: 'INSTANCE' }),
)}

Exit codes:
  0 done: SUCCEEDED, NOOP, PLANNED,   6 UNKNOWN; a maintenance was terminated
    RESOLVED, COMPLETED               7 cancelled, or you said no
  1 anything else                     8 Temporal, a worker, the codec or DCS
  2 usage or INVALID_INPUT              cannot be reached
  3 REFUSED, nothing was sent         9 stopped waiting, the run continues
  4 FAILED_UNCHANGED                 10 PARTIAL, or a PLANNED maintenance
  5 COMPENSATED                         that would not switch every instance

Temporal is reached as the TEMPORAL_* variables say; the project is
HUAWEICLOUD_SDK_PROJECT_ID.`;

/** Runs one command line (without node and script) and gives its exit code. Never throws. */
export async function runCli(
  args: readonly string[],
  io: CliIo,
  deps: CliDeps = CLI_DEPS,
): Promise<number> {
  let exitCode: number = EXIT_CODES.other;
  const mistakes: UsageError[] = [];
  const setExitCode = (code: number): void => {
    exitCode = code;
  };
  const program = createProgram(createCli(io, deps, setExitCode, mistakes), mistakes);
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has already written what is wrong; asking for help is no mistake.
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT_CODES.success;
      const encode = await encoderOf(formatOf(args));
      if (encode !== null) io.out(encode({ error: toUsageError(error) }));
      return EXIT_CODES.usage;
    }
    io.err(`${messageOf(error)}\n`);
    return EXIT_CODES.other;
  }
}

/** Where the answer is data, the reason is data as well, as it is of every other error. */
function toUsageError({ message }: CommanderError): ErrorData {
  return {
    name: 'UsageError',
    message: message.replace(/^error: /, ''),
    category: 'invalid-input',
    exitCode: EXIT_CODES.usage,
  };
}

/**
 * The command with all of its subcommands.
 *
 * @param mistakes where it puts what is wrong with the options of the chosen command, before that is run
 */
export function createProgram(cli: Cli, mistakes: UsageError[]): Command {
  const program = new ReadingCommand('dcs-switchover', mistakes)
    .description(DESCRIPTION)
    .version(packageVersion())
    .addHelpText('after', HELP_AFTER)
    .showHelpAfterError(USAGE_HINT)
    // Beside the longest words of a group there is still room for this at 80 columns.
    .configureHelp({ minWidthToWrap: 30 })
    .configureOutput({
      writeOut: (text) => {
        cli.io.out(text);
      },
      writeErr: (text) => {
        cli.io.err(text);
      },
    })
    .exitOverride();
  program.hook('preAction', (_, command) => {
    if (command instanceof ReadingCommand) command.settle();
  });
  for (const addCommand of COMMANDS) addCommand(program, cli);
  addExamples(program);
  return program;
}

const COMMANDS: readonly ((program: Command, cli: Cli) => void)[] = [
  addPlanCommand,
  addSwitchCommand,
  addWaitCommand,
  addStatusCommand,
  addHistoryCommand,
  addAuditCommand,
  addRunReportCommand,
  addListCommand,
  addInstancesCommand,
  addCancelCommand,
  addVerifyCommand,
  addAdoptCommand,
  addResolveCommand,
  addMaintenanceCommand,
  addScheduleCommand,
  addFreezeCommand,
  addThawCommand,
  addWorkerCommand,
  addInspectCommand,
  addDoctorCommand,
  addCertifyCommand,
  addSetupCommand,
  addSimulatorCommand,
  addDevCommand,
  addCompletionCommand,
];
