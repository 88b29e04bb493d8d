import type { Command } from 'commander';

import type { Cli } from '../context.js';
import { finish, printResult } from '../follow.js';
import { actOnRun, withWaitOptions } from '../options.js';

/** `wait INSTANCE`: waits for a run, or shows the result of one that has ended. */
export function addWaitCommand(program: Command, cli: Cli): void {
  const command = withWaitOptions(
    program.command('wait').description('wait for a run and print its result'),
  );
  actOnRun(cli, command, async (client, output, ref, options) => {
    const { runId, workflowId, resolved, next } = await client.status(ref);
    const run = { ...ref, runId, workflowId };
    if (resolved === undefined) return finish(cli.io, output, client, run, options);
    return printResult(output, run, { ...(await client.result(run)), resolved, message: next });
  });
}
