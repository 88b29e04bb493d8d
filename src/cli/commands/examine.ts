import type { Command } from 'commander';

import type { Cli } from '../context.js';
import { collectTiming } from '../fields.js';
import { runToEnd } from '../follow.js';
import { withRunOptions, withWaitOptions } from '../options.js';
import type { RunOptions, WaitOptions } from '../options.js';

/** `verify INSTANCE`: finds out by reading what an earlier run did. */
export function addVerifyCommand(program: Command, cli: Cli): void {
  const command = program
    .command('verify')
    .description('find out, by reading only, what an earlier run did; sends nothing')
    .argument('<instance>', 'name or id of the instance')
    .requiredOption('--examined-run <id>', 'the examined run; required');
  examineBy(command, cli, 'verify');
}

/** `adopt INSTANCE`: waits for a job that is known from elsewhere, then finds out what it did. */
export function addAdoptCommand(program: Command, cli: Cli): void {
  const command = program
    .command('adopt')
    .description('wait for a known job of an earlier run, then find out what it did; sends nothing')
    .argument('<instance>', 'name or id of the instance')
    .requiredOption('--job <id>', 'the job that the examined run started; required')
    .option('--examined-run <id>', 'the examined run (default: the latest one unresolved)');
  examineBy(command, cli, 'adopt');
}

function examineBy(command: Command, cli: Cli, mode: 'verify' | 'adopt'): void {
  withRunOptions(withWaitOptions(command))
    .option('--reason <text>', 'reason, recorded with the run')
    .option('--by <name>', 'requester (default: your user name)')
    .option(
      '--timing <name=seconds>',
      'a time limit, such as settleSeconds=5; may be repeated',
      collectTiming,
    )
    .action((instance: string, options: RunOptions & WaitOptions) =>
      runToEnd(cli, instance, options, (input) => ({ ...input, mode })),
    );
}
