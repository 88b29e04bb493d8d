import type { Command } from 'commander';

import type { Resolution, SwitchoverInput } from '../../contract/index.js';

import type { Cli } from '../context.js';
import { finish, noteReuse } from '../follow.js';
import {
  checkBeforeConnecting,
  findProject,
  withClient,
  withRunOptions,
  withWaitOptions,
} from '../options.js';
import type { RunOptions, WaitOptions } from '../options.js';

type Options = RunOptions &
  WaitOptions & {
    readonly outcome: Resolution['outcome'];
    readonly statement: string;
    readonly by: string;
    readonly examinedRun?: string;
  };

/** `resolve INSTANCE`: records an operator's statement about a run that no one can vouch for. */
export function addResolveCommand(program: Command, cli: Cli): void {
  const command = program
    .command('resolve')
    .description('record what an unresolved run really did, so that switching is allowed again')
    .argument('<instance>', 'instance id')
    .requiredOption(
      '--outcome <outcome>',
      'what it did: SUCCEEDED, FAILED_UNCHANGED or COMPENSATED; required',
    )
    .requiredOption('--statement <text>', 'how you know; required')
    .requiredOption('--by <name>', 'your name; required')
    .option(
      '--examined-run <id>',
      'the run that the statement is about (default: every unresolved run)',
    );
  withRunOptions(withWaitOptions(command)).action((instanceId: string, options: Options) =>
    cli.run(options, async (output) => {
      const { outcome, statement, by, examinedRun = null } = options;
      const input: SwitchoverInput = {
        projectId: findProject(cli.io, options) ?? '',
        instanceId,
        mode: 'resolve',
        examinedRunId: examinedRun,
        requestedBy: by,
        resolution: { outcome, statement, resolvedBy: by },
      };
      await checkBeforeConnecting(input);
      return withClient(cli, options, async (client) => {
        const run = await client.start(input);
        noteReuse(output, run);
        return finish(cli.io, output, client, run, options);
      });
    }),
  );
}
