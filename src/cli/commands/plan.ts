import type { Command } from 'commander';

import type { Cli } from '../context.js';
import { finish, noteReuse } from '../follow.js';
import {
  checkBeforeConnecting,
  withClient,
  withGoalOptions,
  withRunOptions,
  withWaitOptions,
} from '../options.js';
import type { WaitOptions } from '../options.js';
import { hasGoal, toInput, withInputOptions } from '../switch-input.js';
import type { InputOptions } from '../switch-input.js';

/** `plan INSTANCE`: evaluates every check and shows the roles; sends nothing. */
export function addPlanCommand(program: Command, cli: Cli): void {
  const command = program
    .command('plan')
    .description('evaluate every check and show the roles; sends nothing')
    .argument('<instance>', 'instance id');
  withRunOptions(withWaitOptions(withInputOptions(withGoalOptions(command)))).action(
    (instanceId: string, options: InputOptions & WaitOptions) =>
      cli.run(options, async (output) => {
        const asked = toInput(cli.io, instanceId, options);
        // Without a goal the question is: could it be switched at all?
        const goal = hasGoal(asked) ? {} : { toggle: true };
        const input = { ...asked, ...goal, mode: 'plan' as const };
        await checkBeforeConnecting(input);
        return withClient(cli, options, async (client) => {
          const run = await client.start(input);
          noteReuse(output, run);
          return finish(cli.io, output, client, run, options);
        });
      }),
  );
}
