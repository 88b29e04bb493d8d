import type { Command } from 'commander';

import type { Cli } from '../context.js';
import { formatStatus } from '../format/status.js';
import { toRunRef, runWithClient, withPickOptions, withRunOptions } from '../options.js';
import type { PickOptions, RunOptions } from '../options.js';

/** `status INSTANCE`: where a run stands; works without a worker. */
export function addStatusCommand(program: Command, cli: Cli): void {
  const command = program
    .command('status')
    .description('show where a run stands; works without a worker')
    .argument('<instance>', 'instance id');
  withRunOptions(withPickOptions(command)).action(
    (instanceId: string, options: RunOptions & PickOptions) =>
      runWithClient(
        cli,
        options,
        () => toRunRef(cli, instanceId, options),
        async (client, output, ref) => {
          const status = await client.status(ref);
          output.data(status, () => formatStatus(status));
          return 0;
        },
      ),
  );
}
