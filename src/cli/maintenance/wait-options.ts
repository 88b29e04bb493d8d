import type { Command } from 'commander';

import { parseSeconds } from '../options.js';

/** Adds the options of everything that ends in a plan's result. */
export function withPlanWaitOptions(command: Command): Command {
  return withReportOption(
    command.option(
      '--wait-timeout <seconds>',
      'stop waiting after this long; the plan continues (default: a week)',
      parseSeconds,
    ),
  );
}

/** Adds the option of a report. */
export function withReportOption(command: Command): Command {
  return command.option(
    '--report <dir>',
    'write the end as Markdown and JSON into this folder, for a change ticket',
  );
}
