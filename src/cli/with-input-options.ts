import type { Command } from 'commander';

import { collectTiming } from './switch-input.js';

/** Adds the options that become fields of the input, beside the goal. */
export function withInputOptions(command: Command): Command {
  return command
    .option(
      '--not-after <instant>',
      'last instant at which a PUT may leave (default: start + 900 s)',
    )
    .option('--reason <text>', 'why; shown wherever the run is')
    .option('--requested-by <name>', 'who asks (default: your user name)')
    .option('--request-id <id>', 'your id of this request; the same id does the work once')
    .option('--change-id <id>', 'change ticket')
    .option('--region <name>', 'region of the instance (default: the worker’s)')
    .option('--compensation <policy>', 'after a verified bad state: swap-back (default) or none')
    .option('--compensate-not-after <instant>', 'last instant at which a swap back may leave')
    .option(
      '--reissue <policy>',
      'one further PUT after one that left no trace: never (default) or once',
    )
    .option(
      '--timing <name=seconds>',
      'a time limit, such as settleSeconds=5; may be repeated',
      collectTiming,
    );
}
