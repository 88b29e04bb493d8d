import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';

import type { ListedOutcome, UnresolvedRun } from '../../client.js';
import { isOutcome, OUTCOMES } from '../../contract/index.js';
import {
  UNRESOLVED_WARNING,
  instanceCommand,
  verifyCommand,
  withCommands,
} from '../../domain/commands.js';
import { describeInstance } from '../../domain/text.js';
import type { Cli } from '../context.js';
import { UsageError } from '../errors.js';
import { formatRunList } from '../format/lists.js';
import type { Page } from '../format/page.js';
import { table } from '../format/table.js';
import type { Column } from '../format/table.js';
import { formatAge, formatInstant } from '../format/text.js';
import { stateCell } from '../format/tones.js';
import type { ProjectOption } from '../io.js';
import { runConnected, withQueueOptions, withRecentOptions } from '../options.js';
import type { QueueOptions, RecentOptions } from '../options.js';

/** What is unresolved, and the command that finds out about each. */
export function formatUnresolved(
  runs: readonly UnresolvedRun[],
  nowMs = Date.now(),
): Page | string {
  if (runs.length === 0) return 'No run is unresolved.';
  const held = runs.filter(({ state }) => state === 'HOLDING');
  const ended = runs.filter(({ state }) => state !== 'HOLDING');
  return [
    table(columnsOf(nowMs), runs),
    ...step('Still holds the lock. See until when', held, (run) =>
      instanceCommand('status', run, { run: run.runId }),
    ),
    ...step(`${UNRESOLVED_WARNING} Find out`, ended, (run) =>
      run.state === 'NOT_READ' ? instanceCommand('history', run) : verifyCommand(run, run.runId),
    ),
  ];
}

const columnsOf = (nowMs: number): readonly Column<UnresolvedRun>[] => [
  { title: 'STARTED (UTC)', rank: 2, cell: ({ startedAt }) => formatInstant(startedAt) },
  { title: 'WHEN', rank: 1, cell: ({ startedAt }) => formatAge(startedAt, nowMs) },
  { title: 'STATE', rank: 0, cell: ({ state }) => stateCell(state) },
  { title: 'INSTANCE', rank: 0, min: 12, cell: toName },
];

function toName({ instanceId, instanceName }: UnresolvedRun): string {
  return describeInstance(instanceId, instanceName);
}

function step(
  purpose: string,
  runs: readonly UnresolvedRun[],
  toCommand: (run: UnresolvedRun) => string,
): string[] {
  return runs.length === 0 ? [] : [withCommands(purpose, ...runs.map(toCommand))];
}

/** Options of `list`. */
interface Options extends QueueOptions, ProjectOption, RecentOptions {
  readonly unresolved?: boolean;
  readonly outcome?: ListedOutcome;
}

/** `list`: open and recent runs, or what needs a person now, in all projects; works without a worker. */
export function addListCommand(program: Command, cli: Cli): void {
  const command = program
    .command('list')
    .description('list open and recent runs, the latest first; works without a worker')
    .option('--unresolved', 'instead, the instances that an operator has to look at')
    .option('--project <id>', 'only of this project (default: all)')
    .option(
      '--outcome <outcome>',
      'only these, such as UNKNOWN, RUNNING or CANCELLED',
      parseOutcome,
    );
  withQueueOptions(withRecentOptions(command)).action((options: Options) =>
    runConnected(
      cli,
      options,
      () => {
        checkOptions(options);
      },
      async ({ switchover: client }, output) => {
        const { project: projectId, outcome, since, limit } = options;
        return options.unresolved === true
          ? output.data(await client.unresolved({ projectId }), formatUnresolved)
          : output.data(await client.list({ projectId, outcome, since, limit }), formatRunList);
      },
    ),
  );
}

/** What is unresolved now does not depend on when, and all of it counts. */
function checkOptions({ unresolved, outcome, since, limit }: Options): void {
  if (unresolved !== true || [outcome, since, limit].every((option) => option === undefined))
    return;
  throw new UsageError('--unresolved lists all of them: leave out --outcome, --since and --limit.');
}

/** Argument parser of an outcome, in whatever case. */
function parseOutcome(text: string): ListedOutcome {
  const word = text.toUpperCase();
  if (isOutcome(word) || word === 'CANCELLED' || word === 'RUNNING') return word;
  throw new InvalidArgumentError(
    `Give one of ${[...OUTCOMES, 'CANCELLED', 'RUNNING'].join(', ')}.`,
  );
}
