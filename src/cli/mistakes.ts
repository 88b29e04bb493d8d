/** Everything that is wrong with a command line, reported at once and in the words of the command line. */
import { Command, InvalidArgumentError } from 'commander';
import type { ErrorOptions, Option } from 'commander';

import { UsageError, isUsageError, mistakeText } from './errors.js';

/**
 * Words that stand for what only a person knows, and what to put there. The command refuses each of them by
 * name, so that pasting one as it is does nothing.
 */
const PLACEHOLDERS = {
  INSTANCE: 'an instance id',
  INSTANT: 'an instant with zone, such as 2026-12-05T00:00:00Z',
  JOB_ID: 'the id of the job, from the console or the task list',
  NAME: 'your name',
  OUTCOME: 'what the run did: SUCCEEDED, FAILED_UNCHANGED or COMPENSATED',
  REASON: 'the reason',
  SCHEDULE: 'a schedule id',
  STATEMENT: 'how you know what the run did',
} as const;

/** What follows mistakes of the options themselves. */
export const USAGE_HINT = '(run it with --help for usage)';

/** Mistakes after which the rest of the line can still be read. */
const READ_ON = [
  ...['missingArgument', 'missingMandatoryOptionValue', 'optionMissingArgument'],
  ...['unknownOption', 'excessArguments'],
].map((name) => `commander.${name}`);

/** A command that reads on after a mistake, so that {@link readAsked} can report all of them. */
export class ReadingCommand extends Command {
  private readonly leftOut = new Map<string, unknown>();

  constructor(
    name: string | undefined,
    private readonly mistakes: UsageError[],
  ) {
    super(name);
  }

  override createCommand(name?: string): ReadingCommand {
    return new ReadingCommand(name, this.mistakes);
  }

  /** What an option's parser refuses is left out. */
  override addOption(option: Option): this {
    const { parseArg } = option;
    if (parseArg !== undefined)
      option.parseArg = <T>(text: string | undefined, earlier: T): T => {
        try {
          return text === undefined ? earlier : parseArg(text, earlier);
        } catch (error) {
          if (!(error instanceof InvalidArgumentError)) throw error;
          const what = `option '${option.flags}' argument '${text ?? ''}' is invalid.`;
          this.report(`${what} ${error.message}`, option.long ?? null);
          // What is returned here would become a text where it is nothing.
          this.leftOut.set(option.attributeName(), earlier);
          return earlier;
        }
      };
    return super.addOption(option);
  }

  /** Never ends where the rest of the line can be read, whatever the type of the library says. */
  override error(message: string, options: ErrorOptions = {}): never {
    const { code = '' } = options;
    // A group of commands shows its help instead of reading on.
    if (!READ_ON.includes(code) || this.commands.length > 0)
      return super.error(mistakeText(message), options);
    const strangers = this.args.filter((word) => /^-./.test(word));
    // What follows a stranger counts as arguments, though no one meant it so.
    const isNoMistake = code === 'commander.excessArguments' && strangers.length > 0;
    if (!isNoMistake) this.report(message.replace(/^error: /, ''), subjectOf(message, code));
    if (code === 'commander.unknownOption')
      for (const word of strangers.slice(1)) this.report(`unknown option '${word}'`, null);
    return undefined as never;
  }

  /**
   * Done right before the command: what could not be read is nothing. And a printed command may name what only a
   * person knows; pasted as it is, it must do nothing.
   */
  settle(): void {
    for (const [name, earlier] of this.leftOut) this.setOptionValue(name, earlier);
    const given: readonly (readonly [string | undefined, unknown])[] = [
      ...this.registeredArguments.map(
        (argument, at) => [idOf(argument.name()), this.args[at]] as const,
      ),
      ...this.options.map(
        (option) => [option.long, this.getOptionValue(option.attributeName())] as const,
      ),
    ];
    for (const [about = null, value] of given)
      for (const [word, meaning] of Object.entries(PLACEHOLDERS))
        if ([value].flat().includes(word))
          this.report(`${word} only stands for ${meaning}. Put that in its place.`, about);
  }

  private report(text: string, about: string | null): void {
    this.mistakes.push(new UsageError(text, about));
  }
}

/** An argument as {@link inFlags} names it; `instance|file` may be either. */
function idOf(argument: string): string {
  return `the ${argument.split('|')[0] ?? ''} id`;
}

/** What a message of the library is about; `null` where it is nothing that the command has. */
function subjectOf(message: string, code: string): string | null {
  if (code === 'commander.unknownOption') return null;
  const argument = /required argument '(.+)'/.exec(message)?.[1];
  return argument === undefined ? (/--[\w-]+/.exec(message)?.[0] ?? null) : idOf(argument);
}

/**
 * Reads what a command line asks for.
 *
 * @param mistakes what is known to be wrong already
 * @throws UsageError with all that is wrong
 */
export async function readAsked<T>(
  mistakes: readonly UsageError[],
  read: () => T | Promise<T>,
): Promise<T> {
  if (mistakes.length === 0) return read();
  // With words that are not the command's, what they were meant for would only seem to be missing.
  const isReadable = mistakes.every(({ about }) => about !== null);
  const refuse = (mistake: UsageError) => (): never => {
    throw mistake;
  };
  return (await gather(...mistakes.map(refuse), ...(isReadable ? [read] : []))) as never;
}

/**
 * Makes readings of which each may find mistakes.
 *
 * @throws UsageError with those of all; whatever else a reading throws, where there is none
 */
export async function gather<T extends readonly unknown[]>(
  ...reads: { readonly [K in keyof T]: () => T[K] | Promise<T[K]> }
): Promise<T> {
  const start = (read: () => unknown): Promise<unknown> => Promise.resolve().then(read);
  const settled = await Promise.allSettled(reads.map((read) => start(read)));
  const errors = settled.flatMap((each) =>
    each.status === 'rejected' ? [each.reason as unknown] : [],
  );
  const mistakes = errors.filter(isUsageError);
  const [first] = mistakes.length > 0 ? mistakes : errors;
  if (mistakes.length > 1)
    throw new UsageError(mistakes.map(({ message }) => message).join(' '), null, mistakes);
  if (errors.length > 0) throw first;
  return settled.map((each) => ('value' in each ? each.value : undefined)) as unknown as T;
}
