import type { Command } from 'commander';

import type { Cli } from '../context.js';
import { formatHistory } from '../format/run.js';
import { parseHistoryLimit, toRunRef, runConnected, withRunOptions } from '../options.js';
import type { RunOptions } from '../options.js';

type Options = RunOptions & { readonly limit?: number };

/** `history INSTANCE`: the latest runs, no matter who started them; works without a worker. */
export function addHistoryCommand(program: Command, cli: Cli): void {
  const command = program
    .command('history')
    .description(
      'list the latest runs: when, who, mode, outcome, PUTs (sent/accepted); works without a worker',
    )
    .argument('<instance>', 'name or id of the instance')
    .option('--limit <count>', 'how many, at most 200 (default: 20)', parseHistoryLimit);
  withRunOptions(command).action((instanceId: string, options: Options) =>
    runConnected(
      cli,
      options,
      () => toRunRef(cli, instanceId, options),
      async ({ switchover: client }, output, { projectId, instanceId: found }) => {
        const { limit } = options;
        return output.data(
          await client.history({ projectId, instanceId: found }, { limit }),
          formatHistory,
        );
      },
    ),
  );
}
