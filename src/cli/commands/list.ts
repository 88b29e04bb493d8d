import type { Command } from 'commander';

import type { UnresolvedRun } from '../../client.js';
import {
  UNRESOLVED_WARNING,
  instanceCommand,
  verifyCommand,
  withCommands,
} from '../../domain/commands.js';
import type { Cli } from '../context.js';
import { formatInstant, formatTable } from '../format/text.js';
import { runConnected, withQueueOptions } from '../options.js';
import type { RunOptions } from '../options.js';

/** What is unresolved, and the command that finds out about each. */
export function formatUnresolved(runs: readonly UnresolvedRun[]): string {
  if (runs.length === 0) return 'No run is unresolved.';
  const rows = runs.map(({ startedAt, state, instanceId }) => [
    formatInstant(startedAt),
    state,
    instanceId,
  ]);
  const held = runs.filter(({ state }) => state === 'HOLDING');
  const ended = runs.filter(({ state }) => state !== 'HOLDING');
  return [
    formatTable([['STARTED (UTC)', 'STATE', 'INSTANCE'], ...rows]),
    ...step('Still holds the lock. See until when', held, (run) =>
      instanceCommand('status', run, { run: run.runId }),
    ),
    ...step(`${UNRESOLVED_WARNING} Find out`, ended, (run) =>
      run.state === 'NOT_READ' ? instanceCommand('history', run) : verifyCommand(run, run.runId),
    ),
  ].join('\n\n');
}

function step(
  purpose: string,
  runs: readonly UnresolvedRun[],
  toCommand: (run: UnresolvedRun) => string,
): string[] {
  return runs.length === 0 ? [] : [withCommands(purpose, ...runs.map(toCommand))];
}

/** `list --unresolved`: what needs a person now, in all projects; works without a worker. */
export function addListUnresolvedCommand(program: Command, cli: Cli): void {
  const command = program
    .command('list')
    .description(
      'list the unresolved instances, which an operator has to look at; works without a worker',
    )
    .requiredOption('--unresolved', 'those whose outcome is still unknown; required')
    .option('--project <id>', 'only of this project (default: all)');
  withQueueOptions(command).action((options: RunOptions) =>
    runConnected(
      cli,
      options,
      () => ({ projectId: options.project }),
      async ({ switchover: client }, output, asked) =>
        output.data(await client.unresolved(asked), formatUnresolved),
    ),
  );
}
