import type { Command } from 'commander';

import type { Cli } from '../context.js';
import { hasGoal, toInput, withInputOptions } from '../fields.js';
import { runToEnd } from '../follow.js';
import { resolveInstance } from '../instance-name.js';
import { withRunOptions, withWaitOptions } from '../options.js';
import type { RunOptions, WaitOptions } from '../options.js';

/** `plan INSTANCE`: evaluates every check and shows the roles; sends nothing. */
export function addPlanCommand(program: Command, cli: Cli): void {
  const command = program
    .command('plan')
    .description('evaluate every check and show the roles; sends nothing')
    .argument('<instance>', 'name or id of the instance');
  withRunOptions(withWaitOptions(withInputOptions(command))).action(
    (instanceId: string, options: RunOptions & WaitOptions) =>
      runToEnd(cli, options, async () => {
        const found = await resolveInstance(cli, instanceId, options);
        const asked = toInput(cli.io, found, options);
        // Without a goal the question is: could it be switched at all?
        const goal = hasGoal(asked) ? {} : { toggle: true };
        return { ...asked, ...goal, mode: 'plan' };
      }),
  );
}
