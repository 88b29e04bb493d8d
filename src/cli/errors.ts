import { EXIT_CODES } from '../contract/index.js';
import type { InputProblem } from '../contract/index.js';

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

/** Exit code of the command after this error. */
function exitCodeOf(error: unknown): number {
  return EXIT_CODE_BY_CATEGORY[error instanceof Error ? categoryOf(error) : 'failed'];
}

/** An error as data, for `--json`. Only fields that are meant for people: no stack, no cause. */
export interface ErrorData {
  readonly name: string;
  readonly message: string;
  readonly exitCode: number;
  readonly problems?: readonly InputProblem[];
}

/**
 * Turns whatever was thrown into {@link ErrorData}.
 *
 * @param describeProblems words for what is wrong with an input. @default the error's own
 */
export function describeError(
  error: unknown,
  describeProblems: ((problems: readonly InputProblem[]) => string) | null = null,
): ErrorData {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const problems: unknown = Reflect.get(Object(error) as object, 'problems');
  const isInputError =
    ['InvalidInputError', 'MessageRefusedError'].includes(name) &&
    Array.isArray(problems) &&
    problems.length > 0;
  const words =
    isInputError && name === 'InvalidInputError' && describeProblems !== null
      ? describeProblems(problems as readonly InputProblem[])
      : message;
  return {
    name,
    message: words,
    exitCode: exitCodeOf(error),
    ...(isInputError ? { problems: problems as readonly InputProblem[] } : {}),
  };
}

/** The command line itself is wrong; nothing was done. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
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
