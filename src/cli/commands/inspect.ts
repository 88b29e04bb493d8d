import type { Command } from 'commander';

import type { Cli } from '../context.js';
import { formatInspection } from '../format/doctor.js';
import { readOfInstance, resolveInApi } from '../instance-name.js';
import { checkIds } from '../options.js';
import { withOutputOptions } from '../output.js';
import type { OutputOptions } from '../output.js';
import { waitFor } from '../waiting.js';

interface Options extends OutputOptions {
  readonly project?: string;
  readonly job?: string;
}

/** `inspect INSTANCE`: what the API shows of an instance now; needs no Temporal. */
export function addInspectCommand(program: Command, cli: Cli): void {
  const command = program
    .command('inspect')
    .description('show roles, priorities, tasks and jobs straight from DCS; without Temporal')
    .argument('<instance>', 'name or id of the instance')
    .option('--project <id>', 'project of the instance (default: the only configured one)')
    .option('--job <id>', 'look up this job as well');
  withOutputOptions(command)
    .addHelpText('after', '\nReads with the credential of a worker’s environment; sends nothing.')
    .action((instanceId: string, { project, job, ...options }: Options) =>
      cli.run(
        options,
        () =>
          readOfInstance(
            cli,
            instanceId,
            project === undefined ? {} : { project },
            async (found) => {
              await checkIds({ instanceId: found, projectId: project, jobId: job });
              return found;
            },
            resolveInApi,
          ),
        async (output, found) => {
          const { inspectInstance } = await import('../../doctor/index.js');
          const asked = { instanceId: found, projectId: project ?? null, jobId: job ?? null };
          const report = await waitFor(cli.io, 'Asking DCS', () =>
            inspectInstance({ env: cli.io.env, ...asked }),
          );
          output.data(report, formatInspection);
          for (const { what, fix } of report.problems)
            output.note(`${what.replace(/\.$/, '')}.${fix === null ? '' : ` ${fix}`}`);
          return report.exitCode;
        },
      ),
    );
}
