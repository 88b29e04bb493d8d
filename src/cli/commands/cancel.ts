import type { Command } from 'commander';

import { joinText } from '../../domain/commands.js';

import type { Cli } from '../context.js';
import { actOnRun } from '../options.js';

/** `cancel INSTANCE`: asks an open run to stop. */
export function addCancelCommand(program: Command, cli: Cli): void {
  const command = program
    .command('cancel')
    .description(
      'ask a run to stop: before its PUT it ends with nothing sent, after that it finishes',
    )
    .option('--reason <text>', 'reason, recorded in the run’s history');
  actOnRun(cli, command, async (client, output, ref, { reason }) =>
    output.data(await client.cancel(ref, { reason }), ({ runId, meaning }) =>
      joinText([`Cancellation of run ${runId} requested.`, meaning]),
    ),
  );
}
