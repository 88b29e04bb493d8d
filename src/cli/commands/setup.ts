import type { Command } from 'commander';

import type { Cli } from '../context.js';
import { formatSetup, formatSetupCommands } from '../format/doctor.js';
import { withOutputOptions } from '../output.js';
import type { Output, OutputOptions } from '../output.js';

interface Options extends OutputOptions {
  readonly print?: boolean;
}

/** `setup`: registers the search attributes, or says how. */
export function addSetupCommand(program: Command, cli: Cli): void {
  const command = program
    .command('setup')
    .description('register the search attributes in the namespace; may be repeated')
    .option('--print', 'only print the commands, for dev server, self-hosted and Temporal Cloud');
  withOutputOptions(command).action((options: Options) =>
    cli.run(
      options,
      () => options.print === true,
      (output, onlyPrint) => (onlyPrint ? printCommands(cli, output) : setUp(cli, output)),
    ),
  );
}

/** Opens no connection; the namespace is the one that the environment names. */
async function printCommands({ io }: Cli, output: Output): Promise<number> {
  const { loadTemporalConfig } = await import('../../temporal/config.js');
  const { setupCommands } = await import('../../doctor/index.js');
  return output.data(setupCommands(loadTemporalConfig(io.env).namespace), formatSetupCommands);
}

async function setUp({ io }: Cli, output: Output): Promise<number> {
  const { connectTemporal } = await import('../../temporal/connection.js');
  const { setupSearchAttributes } = await import('../../doctor/index.js');
  const connection = await connectTemporal(io.env);
  try {
    const report = await setupSearchAttributes(connection);
    output.data(report, formatSetup);
    return report.exitCode;
  } finally {
    await connection.close();
  }
}
