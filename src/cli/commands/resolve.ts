import type { Command } from 'commander';

import type { Resolution, SwitchoverInput } from '../../contract/index.js';

import type { Cli } from '../context.js';
import { choiceOption } from '../fields.js';
import { runToEnd } from '../follow.js';
import { withRunOptions, withWaitOptions } from '../options.js';
import type { RunOptions, WaitOptions } from '../options.js';

/** What an operator may state. */
const STATED = ['SUCCEEDED', 'FAILED_UNCHANGED', 'COMPENSATED'] satisfies Resolution['outcome'][];

type Options = RunOptions & WaitOptions & { readonly by: string };

/** Who asks for it states it. */
function toResolution(input: SwitchoverInput, { by }: Options): SwitchoverInput {
  const resolution = { ...input.resolution, resolvedBy: by } as NonNullable<
    typeof input.resolution
  >;
  return { ...input, mode: 'resolve', resolution };
}

/** `resolve INSTANCE`: records an operator's statement about a run that no one can vouch for. */
export function addResolveCommand(program: Command, cli: Cli): void {
  const command = program
    .command('resolve')
    .description('record what an unresolved run really did, so that switching is allowed again')
    .argument('<instance>', 'name or id of the instance')
    .addOption(
      choiceOption('--outcome <outcome>', 'what it did; required', STATED).makeOptionMandatory(),
    )
    .requiredOption('--statement <text>', 'how you know; required')
    .requiredOption('--by <name>', 'your name; required')
    .option(
      '--examined-run <id>',
      'the run that the statement is about (default: every unresolved run)',
    );
  withRunOptions(withWaitOptions(command)).action((instance: string, options: Options) =>
    runToEnd(cli, instance, options, (input) => toResolution(input, options)),
  );
}
