/**
 * What a suite has shown to people, and the commands in it: each has to work as it stands there. Texts are kept where
 * they are shown (a command's output, an answer of a client or a query, a notification, a worker's log, a history) and
 * judged once, at the end of the suite.
 */
import type { CommanderError } from 'commander';

import { createCli, CLI_DEPS } from '../../src/cli/context.js';
import type { UsageError } from '../../src/cli/errors.js';
import { readAsked } from '../../src/cli/mistakes.js';
import { createProgram } from '../../src/cli/program.js';
import {
  DEFAULT_TASK_QUEUE,
  isOutcome,
  makeMaintenanceWorkflowId,
} from '../../src/contract/index.js';
import { createFakeIo } from '../cli/support/fake-io.js';

import { shellWords } from './shell-words.js';

/** Begins a command line, of the project or of Temporal. */
const COMMAND = /^(?:dcs-switchover|temporal (?:operator|workflow|schedule)) [a-z-]/;

/** The same in the middle of other words, where no one can paste it. */
const IN_PROSE = /(?:^|[^/\w-])(?:dcs-switchover|temporal (?:operator|workflow|schedule)) [a-z-]/;

/** At the end of a command's help: for a terminal with an environment, and tried for such a one by test/cli/help. */
const HELP_EXAMPLES = /^Examples?:\n(?: {2}dcs-switchover .*(?:\n|$))+/gm;

/**
 * The commands of a text: each on a line of its own, or as code at the end of one.
 *
 * @throws Error where one stands among other words
 */
export function printedCommands(text: string): string[] {
  return text
    .replace(HELP_EXAMPLES, '')
    .split('\n')
    .flatMap((line) => {
      const command = /^.*?(`+) ?([a-z].*?) ?\1$/.exec(line)?.[2] ?? line.trim();
      if (COMMAND.test(command)) return [command];
      // What help says of a command stands for all of its kind.
      if (line.startsWith('Usage: ')) return [];
      if (IN_PROSE.test(line))
        throw new Error(`a command that is not on a line of its own: ${line}`);
      return [];
    });
}

/** A freeze, such as a window, ends within a year. */
const TOMORROW = new Date(Date.now() + 86_400_000).toISOString();

const FILLED: Readonly<Record<string, string>> = {
  ...{ INSTANCE: '5560df16-cebf-4473-95c4-d1b573c16e79', NAME: 'ann', OUTCOME: 'SUCCEEDED' },
  ...{ JOB_ID: '33333333-3333-4333-8333-333333333333', REASON: 'why', STATEMENT: 'seen' },
  ...{ SCHEDULE: 'nightly', INSTANT: TOMORROW },
};

/** Whether a word only stands for what a person knows. */
function isPlaceholder(word: string): boolean {
  return Object.hasOwn(FILLED, word);
}

/** What a person puts in the place of a placeholder; any other word as it is. */
function filledIn(word: string): string {
  return FILLED[word] ?? word;
}

/** What the command says against a line of its own, without doing anything of it; `null`: nothing. */
async function findMistake(
  words: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string | null> {
  const mistakes: UsageError[] = [];
  const io = createFakeIo({ env });
  const cli = createCli(io, CLI_DEPS, () => undefined, mistakes);
  const readOnly = {
    ...cli,
    run: async (_: unknown, read: () => unknown) => {
      await readAsked(mistakes, read);
    },
  };
  try {
    await createProgram(readOnly, mistakes).parseAsync(words, { from: 'user' });
    return null;
  } catch (error) {
    // Asking for help is no mistake.
    if ((error as Partial<CommanderError>).exitCode === 0) return null;
    return (error as Error).message;
  }
}

/** What asks first: pasted into a script, it has to say yes itself. */
const ASKING = /^(?:freeze|maintenance (?:abort|cancel)|schedule (?:backfill|delete)) /;

/** Stands for something, and is no word for it that the command knows. */
const BLANK = /^(?:<.*>|[A-Z]{2,}(?:_[A-Z]+)+)$|…/;

/**
 * What is wrong with a command line, whatever it names; it is not carried out.
 *
 * @param words of the line, as a shell takes them, without the program
 */
export async function findProblem(
  line: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<string | null> {
  if (/[.,;:]$/.test(line)) return 'ends as a sentence does';
  if (!line.startsWith('dcs-switchover ')) return null;
  const blank = words.find((word) => BLANK.test(word) && !isPlaceholder(word) && !isOutcome(word));
  if (blank !== undefined) return `${blank} is a blank that the command does not know`;
  const mistake = await findMistake(words.map(filledIn), env);
  if (mistake !== null) return mistake;
  const asIs = words.some(isPlaceholder) ? await findMistake(words, env) : 'none';
  if (!/only stands for|'OUTCOME' is invalid|^none$/.test(asIs ?? '')) return 'runs as it is';
  return ASKING.test(words.join(' ')) && !words.includes('--yes') ? 'asks, without --yes' : null;
}

/** What a suite has, that a command may name. */
export interface Surroundings {
  readonly projectIds: ReadonlySet<string>;
  readonly instanceIds: ReadonlySet<string>;
  readonly runIds: ReadonlySet<string>;
  readonly workflowIds: ReadonlySet<string>;
  /** Environment of the terminal that the commands are meant for. @default without any variable */
  readonly env?: NodeJS.ProcessEnv;
  /** Where the runs of an instance were started, by its id. */
  readonly queuesOf: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Whose first argument is an instance. */
const OF_INSTANCE =
  /^(?:switch|plan|status|wait|cancel|verify|adopt|resolve|history|audit|report|inspect)$/;

/** What starts work, which only the workers of a queue do. */
const STARTING = /^(?:switch|plan|verify|adopt|resolve)$/;

/**
 * What is wrong with the commands of texts, each with the reason; none of them is carried out.
 *
 * @param known what they may name
 */
export async function judgeCommands(
  texts: readonly string[],
  known: Surroundings,
): Promise<readonly string[]> {
  const lines = [...new Set(texts.flatMap(printedCommands))];
  // A shell that does not take them as they are ends here, with an error.
  const words = shellWords(lines);
  const verdicts = await Promise.all(
    lines.map(async (line, at) => {
      const own = words[at] ?? [];
      const problem = (await findProblem(line, own, known.env)) ?? findStranger(line, own, known);
      return problem === null ? [] : [`${line}\n    ${problem}`];
    }),
  );
  return verdicts.flat();
}

/** What a command names that is none of the suite's. */
function findStranger(line: string, words: readonly string[], known: Surroundings): string | null {
  if (!line.startsWith('dcs-switchover ')) return null;
  const [verb = '', first = '', second = ''] = words;
  const valueOf = (option: string): string | undefined =>
    words.find((word) => word.startsWith(`${option}=`))?.slice(option.length + 1) ??
    (words.includes(option) ? words[words.indexOf(option) + 1] : undefined);
  const queue = valueOf('--task-queue') ?? DEFAULT_TASK_QUEUE;
  const isInstance = OF_INSTANCE.test(verb) && first !== 'INSTANCE';
  const queues = known.queuesOf.get(first);
  const isOfMaintenance = verb === 'maintenance' && !/^(?:start|plan|list)$/.test(first);
  const id = makeMaintenanceWorkflowId(second);
  const strangers: readonly (readonly [isStrange: boolean, what: string])[] = [
    [isInstance && !known.instanceIds.has(first), 'the instance'],
    [isStrangeId(valueOf('--project'), known.projectIds), 'the project'],
    [isStrangeId(valueOf('--run'), known.runIds), 'the run'],
    [isStrangeId(valueOf('--examined-run'), known.runIds), 'the examined run'],
    [STARTING.test(verb) && queues !== undefined && !queues.has(queue), `the queue ${queue}`],
    [isOfMaintenance && !hasBegun(known.workflowIds, id), 'the maintenance'],
  ];
  const found = strangers.find(([isStrange]) => isStrange);
  return found === undefined ? null : `${found[1]} is none of the suite`;
}

const isStrangeId = (id: string | undefined, known: ReadonlySet<string>): boolean =>
  id !== undefined && !known.has(id);

/** A firing has the id of its maintenance, and a time. */
const hasBegun = (workflowIds: ReadonlySet<string>, id: string): boolean =>
  [...workflowIds].some((each) => each === id || each.startsWith(`${id}-`));
