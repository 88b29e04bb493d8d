import type { Command } from 'commander';

import type { Cli } from '../context.js';
import { finish } from '../follow.js';
import { actOnRun, withWaitOptions } from '../options.js';

/** `wait INSTANCE`: waits for a run, or shows the result of one that has ended. */
export function addWaitCommand(program: Command, cli: Cli): void {
  const command = withWaitOptions(
    program.command('wait').description('wait for a run and print its result'),
  );
  actOnRun(cli, command, async (client, output, ref, options) => {
    const { runId, workflowId } = await client.status(ref);
    return finish(cli.io, output, client, { ...ref, runId, workflowId }, options);
  });
}
