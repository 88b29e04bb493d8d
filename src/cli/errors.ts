import { EXIT_CODES } from '../contract/index.js';
import type { InputProblem } from '../contract/index.js';
import { clip } from '../util.js';

import type { ErrorCategory } from '../client.js';
import type { ConfigurationError } from '../config/problems.js';
import type { DcsConfigurationError, DcsCredentialsError } from '../dcs/errors.js';
import type { PartUnavailableError } from '../dev/run.js';
import type { RecordFolderError } from '../doctor/record.js';

const EXIT_CODE_BY_CATEGORY = {
  'invalid-input': EXIT_CODES.usage,
  configuration: EXIT_CODES.usage,
  'not-found': EXIT_CODES.other,
  conflict: EXIT_CODES.other,
  ended: EXIT_CODES.other,
  unconfirmed: EXIT_CODES.other,
  refused: EXIT_CODES.refused,
  cancelled: EXIT_CODES.cancelled,
  'no-result': EXIT_CODES.unknown,
  unavailable: EXIT_CODES.unreachable,
  'wait-over': EXIT_CODES.waitTimedOut,
  failed: EXIT_CODES.other,
} as const satisfies Record<ErrorCategory, number>;

/** Errors that are not the client's, and so state no category themselves. */
type OtherError =
  | ConfigurationError
  | DcsConfigurationError
  | DcsCredentialsError
  | PartUnavailableError
  | RecordFolderError
  | UsageError
  | DetachedError
  | InterruptedError
  | DeclinedError;

/**
 * Their categories. By name, because loading the classes would load what throws them: the worker, the
 * simulator. `TransportError` is the SDK's: its worker has no connection.
 */
const CATEGORY_BY_NAME = {
  ConfigurationError: 'configuration',
  DcsConfigurationError: 'configuration',
  DcsCredentialsError: 'configuration',
  PartUnavailableError: 'unavailable',
  RecordFolderError: 'invalid-input',
  UsageError: 'invalid-input',
  DetachedError: 'wait-over',
  InterruptedError: 'cancelled',
  DeclinedError: 'cancelled',
  TransportError: 'unavailable',
} as const satisfies Record<OtherError['name'] | 'TransportError', ErrorCategory>;

function isCategory(value: unknown): value is ErrorCategory {
  return typeof value === 'string' && Object.hasOwn(EXIT_CODE_BY_CATEGORY, value);
}

/** What the error states itself, or what is known of its name; `failed` for any that no one foresaw. */
function categoryOf(error: Error): ErrorCategory {
  if ('category' in error && isCategory(error.category)) return error.category;
  const byName: Readonly<Record<string, ErrorCategory>> = CATEGORY_BY_NAME;
  return byName[error.name] ?? 'failed';
}

/** An error as data, for `-o json` and `-o yaml`. Only fields that are meant for people: no stack, no cause. */
export interface ErrorData {
  readonly name: string;
  readonly category: ErrorCategory;
  /** Which case of its name: what it is about, or why. */
  readonly kind?: string;
  readonly message: string;
  readonly exitCode: number;
  readonly problems?: readonly InputProblem[];
}

/** One mistake, and the option or field that it is about. */
export interface Line {
  readonly about: string | null;
  readonly text: string;
}

/** A mistake of an input in the contract's own words. */
export function inFields({ field, problem, remedy }: InputProblem): Line {
  return { about: field, text: `${field} ${problem}. ${remedy}` };
}

/**
 * Turns whatever was thrown into {@link ErrorData}.
 *
 * @param toLine words for one thing that is wrong with an input
 */
export function describeError(
  error: unknown,
  toLine: (problem: InputProblem) => Line = inFields,
): ErrorData {
  const known = error instanceof Error ? error : new Error(String(error));
  const { name, message } = known;
  const category = categoryOf(known);
  const problems = problemsOf(error);
  const lines = [...new Set(linesOf(error, toLine).map(({ text }) => text))];
  return {
    name,
    category,
    ...('kind' in known && typeof known.kind === 'string' ? { kind: known.kind } : {}),
    message: lines.length === 0 ? explainMissing(message) : describeLines(lines, name),
    exitCode: EXIT_CODE_BY_CATEGORY[category],
    ...(problems.length === 0 ? {} : { problems }),
  };
}

/**
 * Some commands need a part of the SDK that a client does without, and that npm so installs only on request. Globally it
 * gives each package parts of its own, which others do not find.
 */
function explainMissing(message: string): string {
  const [, part] = /^Cannot find module '(@temporalio\/[a-z]+)/.exec(message) ?? [];
  if (part === undefined) return message;
  return (
    `This command needs ${part}. Install @temporalio/worker, which brings all parts, in the folder in which this ` +
    'package is installed, not globally, and run it from there, as node_modules/.bin/dcs-switchover.'
  );
}

function describeLines(lines: readonly string[], name: string): string {
  if (lines.length > 1)
    return ['Invalid input, nothing was sent:', ...lines.map((line) => `  ${line}`)].join('\n');
  return `${name === 'UsageError' ? '' : 'Invalid input, nothing was sent: '}${lines.join('')}`;
}

function problemsOf(error: unknown): readonly InputProblem[] {
  if (error instanceof UsageError) return error.parts.flatMap(problemsOf);
  const problems: unknown = Reflect.get(Object(error) as object, 'problems');
  const isOfInput =
    error instanceof Error && ['InvalidInputError', 'MessageRefusedError'].includes(error.name);
  return isOfInput && Array.isArray(problems) ? (problems as readonly InputProblem[]) : [];
}

/** Mistakes one by one; none for errors that say all in their message. */
function linesOf(error: unknown, toLine: (problem: InputProblem) => Line): Line[] {
  if (!(error instanceof UsageError))
    return (error as Partial<Error> | null)?.name === 'InvalidInputError'
      ? problemsOf(error).map(toLine)
      : [];
  if (error.parts.length === 0) return [{ about: error.about, text: error.message }];
  const reported = new Set<string | null>();
  return error.parts.flatMap((part) => {
    // An option that could not be read is not missing as well.
    const lines = linesOf(part, toLine).filter(
      ({ about }) => about === null || !reported.has(about),
    );
    for (const { about } of lines) reported.add(about);
    return lines;
  });
}

/** Longest text about one mistake: what was typed stands in it. */
const MAX_MISTAKE_LENGTH = 1_000;

/** What there is to say of one mistake, whatever was typed. */
export function mistakeText(message: string): string {
  return clip(message, MAX_MISTAKE_LENGTH);
}

/** The command line itself is wrong; nothing was done. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  constructor(
    message: string,
    /** The option or argument; `null` where it is none, or several. */
    readonly about: string | null = null,
    /** What there is to report instead of the message. */
    readonly parts: readonly Error[] = [],
  ) {
    super(parts.length === 0 ? mistakeText(message) : message);
  }
}

/** Whether an error says that what is asked is wrong. */
export function isUsageError(error: unknown): error is Error {
  return error instanceof Error && categoryOf(error) === 'invalid-input';
}

/** The person stopped waiting; the run goes on. */
export class DetachedError extends Error {
  override readonly name = 'DetachedError';
}

/** The person stopped a command that owns what it started; all of it is gone. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

/** The person said no; nothing was sent. */
export class DeclinedError extends Error {
  override readonly name = 'DeclinedError';
}
