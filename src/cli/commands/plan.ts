import type { Command } from 'commander';

import type { Cli } from '../context.js';
import { hasGoal, withInputOptions } from '../fields.js';
import { runToEnd } from '../follow.js';
import { withRunOptions, withWaitOptions } from '../options.js';
import type { RunOptions, WaitOptions } from '../options.js';

/** `plan INSTANCE`: evaluates every check and shows the roles; sends nothing. */
export function addPlanCommand(program: Command, cli: Cli): void {
  const command = program
    .command('plan')
    .description('evaluate every check and show the roles; sends nothing')
    .argument('<instance>', 'name or id of the instance');
  withRunOptions(withWaitOptions(withInputOptions(command))).action(
    (instance: string, options: RunOptions & WaitOptions) =>
      runToEnd(cli, instance, options, (input) => {
        // Without a goal the question is: could it be switched at all?
        const goal = hasGoal(input) ? {} : { toggle: true };
        return { ...input, ...goal, mode: 'plan' };
      }),
  );
}
