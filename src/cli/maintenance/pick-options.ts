import type { Command } from 'commander';

/** Adds the options that pick one run of a plan. */
export function withPlanPick(command: Command): Command {
  return command
    .option('--firing <time>', 'nominal time of the firing, of a plan that a schedule started')
    .option('--run <id>', 'this run (default: the latest)');
}
