import type { Command } from 'commander';

import type { SwitchoverInput } from '../../contract/index.js';

import { confirmByPlan } from '../confirm.js';
import type { Cli } from '../context.js';
import { UsageError } from '../errors.js';
import { finish, noteReuse, printStarted } from '../follow.js';
import type { Output } from '../io.js';
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

/** Options of `switch`. */
type Options = InputOptions & WaitOptions & { readonly yes?: boolean; readonly wait: boolean };

/** `switch INSTANCE`: starts a switchover and waits for its outcome. */
export function addSwitchCommand(program: Command, cli: Cli): void {
  const command = program
    .command('switch')
    .description('switch master and replica of one instance, and wait for the outcome')
    .argument('<instance>', 'instance id')
    .option('--yes', 'without a goal: take the master that is read now, do not ask')
    .option('--no-wait', 'start it and do not wait');
  withRunOptions(withWaitOptions(withInputOptions(withGoalOptions(command)))).action(
    (instanceId: string, options: Options) =>
      cli.run(options, (output) => switchOver(cli, output, instanceId, options)),
  );
}

async function switchOver(
  cli: Cli,
  output: Output,
  instanceId: string,
  options: Options,
): Promise<number> {
  const asked = toInput(cli.io, instanceId, options);
  const mustConfirm = !hasGoal(asked);
  if (mustConfirm && options.yes !== true && !cli.io.isInteractive)
    throw new UsageError(
      'Nothing says where the master should go: give --to-az, --to-node, --avoid-az, ' +
        '--expect-master or --toggle; or --yes to demote whichever node is the master now.',
    );
  await checkBeforeConnecting(mustConfirm ? { ...asked, toggle: true } : asked);
  return withClient(cli, options, async (client) => {
    const confirmation: { input: SwitchoverInput } | { exitCode: number } = mustConfirm
      ? await confirmByPlan(cli.io, output, client, asked, options)
      : { input: asked };
    if ('exitCode' in confirmation) return confirmation.exitCode;
    const run = await client.start(confirmation.input);
    noteReuse(output, run);
    return options.wait
      ? finish(cli.io, output, client, run, options)
      : printStarted(output, run, options);
  });
}
