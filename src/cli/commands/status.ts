import type { Command } from 'commander';

import type { Cli } from '../context.js';
import { formatStatus } from '../format/run.js';
import { actOnRun } from '../options.js';

/** `status INSTANCE`: where a run stands; works without a worker. */
export function addStatusCommand(program: Command, cli: Cli): void {
  const command = program
    .command('status')
    .description('show where a run stands; works without a worker');
  actOnRun(cli, command, async (client, output, ref) =>
    output.data(await client.status(ref), formatStatus),
  );
}
