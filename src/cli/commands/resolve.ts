import type { Command } from 'commander';

import type { Resolution } from '../../contract/index.js';

import type { Cli } from '../context.js';
import { runToEnd } from '../follow.js';
import { findProject, withRunOptions, withWaitOptions } from '../options.js';
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
    runToEnd(cli, options, () => {
      const { outcome, statement, by, examinedRun = null } = options;
      return {
        projectId: findProject(cli.io, options) ?? '',
        instanceId,
        mode: 'resolve',
        examinedRunId: examinedRun,
        requestedBy: by,
        resolution: { outcome, statement, resolvedBy: by },
      };
    }),
  );
}
