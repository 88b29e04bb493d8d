import type { Command } from 'commander';

import type { DoctorOptions } from '../../doctor/index.js';

import type { Cli } from '../context.js';
import { formatDoctor, formatRecorded } from '../format/doctor.js';
import { withOutputOptions } from '../output.js';
import type { Output, OutputOptions } from '../output.js';
import { waitFor } from '../waiting.js';
import { readOfInstance, resolveInApi } from '../instance-name.js';
import { checkIds } from '../options.js';

interface Options extends OutputOptions {
  readonly instance?: string;
  readonly project?: string;
  readonly record?: string;
}

/** `doctor`: checks everything that a switchover needs, and says what to fix; sends nothing. */
export function addDoctorCommand(program: Command, cli: Cli): void {
  const command = program
    .command('doctor')
    .description('check Temporal, credentials, endpoint and permissions; say what to fix')
    .option('--instance <instance>', 'read this instance as well')
    .option('--project <id>', 'only this project (default: every configured one)')
    .option('--record <dir>', 'save the sanitised answers of DCS into this new folder');
  withOutputOptions(command)
    .addHelpText(
      'after',
      '\nReads the environment as a worker does, takes less than a minute,\nand never sends a PUT.',
    )
    .action((options: Options) =>
      cli.run(
        options,
        () => readAsked(cli, options),
        (output, found) => examine(cli, output, found),
      ),
    );
}

async function readAsked(cli: Cli, options: Options): Promise<Options> {
  const { instance: asked, project: projectId } = options;
  const read = async (instance?: string): Promise<Options> => {
    await checkIds({ instanceId: instance, projectId });
    return instance === undefined ? options : { ...options, instance };
  };
  return asked === undefined ? read() : readOfInstance(cli, asked, options, read, resolveInApi);
}

async function examine(cli: Cli, output: Output, options: Options): Promise<number> {
  const { createRecorder, runDoctor } = await import('../../doctor/index.js');
  const recorder = options.record === undefined ? null : await createRecorder(options.record);
  const report = await waitFor(cli.io, 'Asking Temporal and DCS', () =>
    runDoctor({
      ...toDoctorOptions(cli, options),
      ...(recorder === null ? {} : { onExchange: recorder.onExchange }),
    }),
  );
  const recorded = recorder === null ? null : await recorder.write();
  output.data(recorded === null ? report : { ...report, recorded }, () => formatDoctor(report));
  if (recorded !== null) output.note(formatRecorded(recorded));
  return report.exitCode;
}

function toDoctorOptions({ io }: Cli, { instance, project }: Options): DoctorOptions {
  return { env: io.env, projectId: project ?? null, instanceId: instance ?? null };
}
