/** What may stand at the end of an unfinished command line, by commander's own definitions alone. */
import type { Command, Option } from 'commander';

import type { KnownKind } from '../../client.js';

/** A word that may stand there, and what it is. */
export interface Candidate {
  readonly word: string;
  readonly about: string;
}

/** What is wanted at the end of a line: words, paths that the shell knows, or what has to be looked up. */
export interface Wanted {
  readonly of: 'words' | 'files' | KnownKind;
  readonly words: readonly Candidate[];
  /** What stands before the value in its word, such as `--run=`. */
  readonly before: string;
  /** The project that the line names. */
  readonly projectId: string | undefined;
}

/** What a placeholder stands for. An optional maintenance is a new one, whose id no one knows. */
const KINDS: Readonly<Record<string, Wanted['of']>> = {
  '<instance>': 'instances',
  '<instance|file>': 'instances',
  '<maintenance>': 'maintenances',
  '<schedule>': 'schedules',
  '[schedule]': 'schedules',
  '<path>': 'files',
  '<dir>': 'files',
};

/** Where a line has come to. */
interface Place {
  readonly command: Command;
  /** The option whose value comes next. */
  readonly option: Option | null;
  /** How many arguments of the command there are. */
  readonly given: number;
  readonly projectId: string | undefined;
}

/** @param line words behind the name of the program; the last one is unfinished, and may be empty */
export function wantedAt(program: Command, line: readonly string[]): Wanted {
  const [last = ''] = line.slice(-1);
  const start: Place = { command: program, option: null, given: 0, projectId: undefined };
  const place = line.slice(0, -1).reduce(step, start);
  const { command, option, projectId } = place;
  const found = (of: Wanted['of'], words: readonly Candidate[] = [], before = ''): Wanted => ({
    ...{ of, words, before, projectId },
  });
  const [before = '', flag = ''] = /^(--[\w-]+)=/.exec(last) ?? [];
  const asked = option ?? findOption(command, flag);
  if (asked !== null) return found(...valuesOf(asked), option === null ? before : '');
  return last.startsWith('-') ? found('words', flagsOf(command)) : found(...argumentAt(place));
}

/** An argument, or where there is none yet, a subcommand. */
function argumentAt({ command, given }: Place): [Wanted['of'], readonly Candidate[]] {
  const argument = command.registeredArguments[given];
  if (argument === undefined) return ['words', given === 0 ? commandsOf(command) : []];
  const { argChoices = [], required } = argument;
  const placeholder = required ? `<${argument.name()}>` : `[${argument.name()}]`;
  return [KINDS[placeholder] ?? 'words', argChoices.map(toWord)];
}

function step(place: Place, word: string): Place {
  const { command, option, given } = place;
  if (option !== null)
    return {
      ...{ ...place, option: null },
      projectId: option.long === '--project' ? word : place.projectId,
    };
  if (word.startsWith('-')) {
    const named = findOption(command, word);
    return { ...place, option: named !== null && takesValue(named) ? named : null };
  }
  const sub = command.commands.find((each) => each.name() === word);
  return sub === undefined ? { ...place, given: given + 1 } : { ...place, command: sub, given: 0 };
}

function findOption(command: Command, flag: string): Option | null {
  return command.options.find(({ long, short }) => flag === long || flag === short) ?? null;
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional;
}

function valuesOf({ argChoices, flags }: Option): [Wanted['of'], readonly Candidate[]] {
  const placeholder = flags.slice(flags.search(/[<[]/));
  return [KINDS[placeholder] ?? 'words', (argChoices ?? []).map(toWord)];
}

function toWord(word: string): Candidate {
  return { word, about: '' };
}

function flagsOf(command: Command): Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .map(({ long, short, description }) => ({ word: long ?? short ?? '', about: description }));
}

function commandsOf(command: Command): Candidate[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .map((each) => ({ word: each.name(), about: each.description() }));
}
