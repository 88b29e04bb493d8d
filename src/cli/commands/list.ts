import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';

import type { ListedOutcome, RunList, UnresolvedRun } from '../../client.js';
import { OUTCOMES } from '../../contract/index.js';
import {
  UNRESOLVED_WARNING,
  command,
  instanceCommand,
  unresolvedStep,
  withCommands,
} from '../../domain/commands.js';
import type { Step } from '../../domain/commands.js';
import { describeInstance } from '../../domain/text.js';
import type { Cli } from '../context.js';
import { UsageError } from '../errors.js';
import { choiceOption } from '../fields.js';
import { describeRunChanges, formatRunList } from '../format/lists.js';
import type { Page } from '../format/page.js';
import { table } from '../format/table.js';
import type { Column } from '../format/table.js';
import { formatAge, formatInstant } from '../format/text.js';
import { stateCell } from '../format/tones.js';
import type { ProjectOption } from '../io.js';
import { runConnected, withQueueOptions, withRecentOptions } from '../options.js';
import type { QueueOptions, RecentOptions, WatchOptions } from '../options.js';
import { showList, withWatchOptions } from '../watch.js';
import type { List } from '../watch.js';
import { iso } from '../../util.js';

/**
 * What is unresolved, and the command that finds out about each.
 *
 * @param maxRows where there is no room for all of that, rows come before commands
 */
export function formatUnresolved(
  runs: readonly UnresolvedRun[],
  nowMs = Date.now(),
  maxRows = Infinity,
): Page | string {
  if (runs.length === 0) return 'No run is unresolved.';
  if (maxRows < runs.length) return [table(columnsOf(nowMs), runs), COMMANDS_ELSEWHERE];
  const isHeld = ({ state }: UnresolvedRun): boolean => state === 'HOLDING';
  return [
    table(columnsOf(nowMs), runs),
    ...groupSteps(runs.filter(isHeld).map(heldStep)),
    ...groupSteps(runs.filter((run) => !isHeld(run)).map(stepOf), `${UNRESOLVED_WARNING} `),
  ];
}

function heldStep(run: UnresolvedRun): Step {
  const status = instanceCommand('status', run, { run: run.runId });
  return { purpose: 'Still holds the lock. See until when', command: status };
}

/** What fits its cause, as the run itself says it. */
function stepOf(run: UnresolvedRun): Step {
  return run.state === 'NOT_READ'
    ? { purpose: 'Find out', command: instanceCommand('history', run) }
    : unresolvedStep(run, run);
}

/** Commands for the same purpose stand under it together. @param before what stands before the first purpose */
function groupSteps(steps: readonly Step[], before = ''): string[] {
  const purposes = [...new Set(steps.map(({ purpose }) => purpose))];
  return purposes.map((purpose, at) => {
    const same = steps.filter((step) => step.purpose === purpose);
    return withCommands(`${at === 0 ? before : ''}${purpose}`, ...same.map((step) => step.command));
  });
}

const COMMANDS_ELSEWHERE = withCommands(
  `${UNRESOLVED_WARNING} What finds out about each`,
  command(['list'], {}, { unresolved: true }),
);

/** What has become unresolved between two looks, or is no more, a line each. */
function describeUnresolvedChanges(
  before: readonly UnresolvedRun[] | null,
  now: readonly UnresolvedRun[],
  nowMs: number,
): readonly string[] {
  const isIn = (runs: readonly UnresolvedRun[] | null, { runId, state }: UnresolvedRun): boolean =>
    (runs ?? []).some((other) => other.runId === runId && other.state === state);
  const at = formatInstant(iso(nowMs));
  const over = (before ?? []).filter(({ runId }) => now.every((other) => other.runId !== runId));
  return [
    ...now.filter((run) => !isIn(before, run)).map((run) => `${at} ${toName(run)} ${run.state}`),
    ...over.map((run) => `${at} ${toName(run)} is no longer unresolved`),
  ];
}

const columnsOf = (nowMs: number): readonly Column<UnresolvedRun>[] => [
  { title: 'STARTED (UTC)', rank: 3, cell: ({ startedAt }) => formatInstant(startedAt) },
  { title: 'WHEN', rank: 1, cell: ({ startedAt }) => formatAge(startedAt, nowMs) },
  { title: 'STATE', rank: 0, cell: ({ state }) => stateCell(state) },
  {
    title: 'CAUSE',
    rank: 2,
    cell: ({ cause }) => cause ?? '-',
    isNeeded: ({ cause }) => cause !== null,
  },
  { title: 'INSTANCE', rank: 0, min: 12, cell: toName },
];

function toName({ instanceId, instanceName }: UnresolvedRun): string {
  return describeInstance(instanceId, instanceName);
}

/** Options of `list`. */
interface Options extends QueueOptions, ProjectOption, RecentOptions, WatchOptions {
  readonly unresolved?: boolean;
  readonly outcome?: ListedOutcome;
}

/** `list`: open and recent runs, or what needs a person now, in all projects; works without a worker. */
export function addListCommand(program: Command, cli: Cli): void {
  const list = program
    .command('list')
    .description('list open and recent runs, the latest first; works without a worker')
    .option('--unresolved', 'instead, the instances that an operator has to look at')
    .option('--project <id>', 'only of this project (default: all)')
    .addOption(
      choiceOption('--outcome <outcome>', 'only these', LISTED_OUTCOMES).argParser(parseOutcome),
    );
  withQueueOptions(withWatchOptions(withRecentOptions(list))).action((options: Options) =>
    runConnected(
      cli,
      options,
      () => {
        checkOptions(options);
      },
      async ({ switchover: client }, output) => {
        const { project: projectId, outcome, since, limit } = options;
        return options.unresolved === true
          ? showList(
              cli.io,
              output,
              unresolvedList(() => client.unresolved({ projectId })),
              options,
            )
          : showList(
              cli.io,
              output,
              runList(() => client.list({ projectId, outcome, since, limit })),
              options,
            );
      },
    ),
  );
}

function unresolvedList(look: () => Promise<UnresolvedRun[]>): List<UnresolvedRun[]> {
  const countRows = (runs: UnresolvedRun[]): number => runs.length;
  return { look, countRows, toPage: formatUnresolved, toLines: describeUnresolvedChanges };
}

function runList(look: () => Promise<RunList>): List<RunList> {
  const countRows = ({ runs }: RunList): number => runs.length;
  return { look, countRows, toPage: formatRunList, toLines: describeRunChanges };
}

/** What is unresolved now does not depend on when, and all of it counts. */
function checkOptions({ unresolved, outcome, since, limit }: Options): void {
  if (unresolved !== true || [outcome, since, limit].every((option) => option === undefined))
    return;
  throw new UsageError('--unresolved lists all of them: leave out --outcome, --since and --limit.');
}

const LISTED_OUTCOMES: readonly ListedOutcome[] = [...OUTCOMES, 'CANCELLED', 'RUNNING'];

/** Argument parser of an outcome, in whatever case. */
function parseOutcome(text: string): ListedOutcome {
  const outcome = LISTED_OUTCOMES.find((each) => each === text.toUpperCase());
  if (outcome !== undefined) return outcome;
  throw new InvalidArgumentError(`Give one of ${LISTED_OUTCOMES.join(', ')}.`);
}
