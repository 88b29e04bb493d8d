import type { Command } from 'commander';

import type { Cli } from '../context.js';
import { runToEnd } from '../follow.js';
import { findProject, withRunOptions, withWaitOptions } from '../options.js';
import type { RunOptions, WaitOptions } from '../options.js';
import { collectTiming } from '../switch-input.js';

type Options = RunOptions &
  WaitOptions & {
    readonly examinedRun?: string;
    readonly job?: string;
    readonly reason?: string;
    readonly requestedBy?: string;
    readonly timing?: Readonly<Record<string, unknown>>;
  };

/** `verify INSTANCE`: finds out by reading what an earlier run did. */
export function addVerifyCommand(program: Command, cli: Cli): void {
  const command = program
    .command('verify')
    .description('find out, by reading only, what an earlier run did; sends nothing')
    .argument('<instance>', 'instance id')
    .requiredOption('--examined-run <id>', 'the examined run; required');
  withExamineOptions(command).action((instanceId: string, options: Options) =>
    examine(cli, instanceId, 'verify', options),
  );
}

/** `adopt INSTANCE`: waits for a job that is known from elsewhere, then finds out what it did. */
export function addAdoptCommand(program: Command, cli: Cli): void {
  const command = program
    .command('adopt')
    .description('wait for a known job of an earlier run, then find out what it did; sends nothing')
    .argument('<instance>', 'instance id')
    .requiredOption('--job <id>', 'the job that the examined run started; required')
    .option('--examined-run <id>', 'the examined run (default: the latest one unresolved)');
  withExamineOptions(command).action((instanceId: string, options: Options) =>
    examine(cli, instanceId, 'adopt', options),
  );
}

function withExamineOptions(command: Command): Command {
  return withRunOptions(withWaitOptions(command))
    .option('--reason <text>', 'reason, recorded with the run')
    .option('--requested-by <name>', 'requester (default: your user name)')
    .option(
      '--timing <name=seconds>',
      'a time limit, such as settleSeconds=5; may be repeated',
      collectTiming,
    );
}

function examine(
  cli: Cli,
  instanceId: string,
  mode: 'verify' | 'adopt',
  options: Options,
): Promise<void> {
  return runToEnd(cli, options, () => {
    const { examinedRun = null, job = null, reason = null, timing = null } = options;
    return {
      projectId: findProject(cli.io, options) ?? '',
      instanceId,
      mode,
      examinedRunId: examinedRun,
      jobId: job,
      reason,
      requestedBy: options.requestedBy ?? cli.io.userName(),
      timing,
    };
  });
}
