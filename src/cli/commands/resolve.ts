import type { Command } from 'commander';

import type { SwitchoverInput } from '../../contract/index.js';

import type { Cli } from '../context.js';
import { toInput } from '../fields.js';
import { runToEnd } from '../follow.js';
import { resolveInstance } from '../instance-name.js';
import { withRunOptions, withWaitOptions } from '../options.js';
import type { RunOptions, WaitOptions } from '../options.js';

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
    .requiredOption(
      '--outcome <outcome>',
      'what it did: SUCCEEDED, FAILED_UNCHANGED or COMPENSATED; required',
    )
    .requiredOption('--statement <text>', 'how you know; required')
    .requiredOption('--by <name>', 'your name; required')
    .option(
      '--examined-run <id>',
      'the run that the statement is about (default: every unresolved run)',
    );
  withRunOptions(withWaitOptions(command)).action((instanceId: string, options: Options) =>
    runToEnd(cli, options, async () => {
      const found = await resolveInstance(cli, instanceId, options);
      return toResolution(toInput(cli.io, found, options), options);
    }),
  );
}
