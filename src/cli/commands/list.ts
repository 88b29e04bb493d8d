import type { Command } from 'commander';

import type { Cli } from '../context.js';
import { formatUnresolved } from '../format/unresolved.js';
import { withQueueOptions } from '../options.js';
import type { RunOptions } from '../options.js';
import { withClient } from '../with-client.js';

/** `list --unresolved`: what needs a person now, in all projects; works without a worker. */
export function addListUnresolvedCommand(program: Command, cli: Cli): void {
  const command = program
    .command('list')
    .description('list the instances in doubt, which need a person now; works without a worker')
    .requiredOption('--unresolved', 'those whose outcome is still unknown; required')
    .option('--project <id>', 'only of this project (default: all)');
  withQueueOptions(command).action((options: RunOptions) =>
    cli.run(options, async (output) => {
      const { project: projectId } = options;
      const runs = await withClient(cli, options, (client) => client.unresolved({ projectId }));
      output.data(runs, () => formatUnresolved(runs));
      return 0;
    }),
  );
}
