import type { Command } from 'commander';

import type { Cli } from '../context.js';
import { finish } from '../follow.js';
import {
  toRunRef,
  runWithClient,
  withPickOptions,
  withRunOptions,
  withWaitOptions,
} from '../options.js';
import type { PickOptions, RunOptions, WaitOptions } from '../options.js';

type Options = RunOptions & PickOptions & WaitOptions;

/** `wait INSTANCE`: waits for a run, or shows the result of one that has ended. */
export function addWaitCommand(program: Command, cli: Cli): void {
  const command = program
    .command('wait')
    .description('wait for a run and print its result')
    .argument('<instance>', 'instance id');
  withRunOptions(withWaitOptions(withPickOptions(command))).action(
    (instanceId: string, options: Options) =>
      runWithClient(
        cli,
        options,
        () => toRunRef(cli, instanceId, options),
        async (client, output, ref) => {
          const { runId, workflowId } = await client.status(ref);
          return finish(cli.io, output, client, { ...ref, runId, workflowId }, options);
        },
      ),
  );
}
