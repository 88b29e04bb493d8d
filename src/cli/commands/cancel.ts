import type { Command } from 'commander';

import { joinText } from '../../domain/commands.js';

import type { Cli } from '../context.js';
import { toRunRef, runWithClient, withPickOptions, withRunOptions } from '../options.js';
import type { PickOptions, RunOptions } from '../options.js';

type Options = RunOptions & PickOptions & { readonly reason?: string };

/** `cancel INSTANCE`: asks an open run to stop. */
export function addCancelCommand(program: Command, cli: Cli): void {
  const command = program
    .command('cancel')
    .description(
      'ask a run to stop: before its PUT it ends with nothing sent, after that it finishes',
    )
    .argument('<instance>', 'instance id')
    .option('--reason <text>', 'reason, recorded in the run’s history');
  withRunOptions(withPickOptions(command)).action((instanceId: string, options: Options) =>
    runWithClient(
      cli,
      options,
      () => toRunRef(cli, instanceId, options),
      async (client, output, ref) => {
        const receipt = await client.cancel(ref, { reason: options.reason });
        output.data(receipt, () =>
          joinText([`Cancellation of run ${receipt.runId} requested.`, receipt.meaning]),
        );
        return 0;
      },
    ),
  );
}
