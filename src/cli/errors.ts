import { EXIT_CODES } from '../contract/index.js';
import type { InputProblem } from '../contract/index.js';

/**
 * Exit code by the name of the error. By name, because loading the classes would load what throws
 * them: the client, the worker, the simulator.
 */
const EXIT_CODE_BY_ERROR: Readonly<Record<string, number>> = {
  UsageError: EXIT_CODES.usage,
  InvalidInputError: EXIT_CODES.usage,
  TemporalConfigError: EXIT_CODES.usage,
  DataConverterError: EXIT_CODES.usage,
  PayloadsEncodedError: EXIT_CODES.usage,
  ConfigurationError: EXIT_CODES.usage,
  DcsConfigurationError: EXIT_CODES.usage,
  DcsCredentialsError: EXIT_CODES.usage,
  RecordFolderError: EXIT_CODES.usage,
  RunCancelledError: EXIT_CODES.cancelled,
  MaintenanceCancelledError: EXIT_CODES.cancelled,
  DeclinedError: EXIT_CODES.cancelled,
  InterruptedError: EXIT_CODES.cancelled,
  MessageRefusedError: EXIT_CODES.refused,
  RequestIdReusedError: EXIT_CODES.refused,
  MaintenanceEndedOutsideError: EXIT_CODES.unknown,
  NoWorkerError: EXIT_CODES.unreachable,
  TemporalUnreachableError: EXIT_CODES.unreachable,
  CodecError: EXIT_CODES.unreachable,
  TransportError: EXIT_CODES.unreachable,
  PartUnavailableError: EXIT_CODES.unreachable,
  MaintenanceWaitTimedOutError: EXIT_CODES.waitTimedOut,
  WaitTimedOutError: EXIT_CODES.waitTimedOut,
  DetachedError: EXIT_CODES.waitTimedOut,
};

/** Exit code of the command after this error; 1 for any that no one foresaw. */
function exitCodeOf(error: unknown): number {
  const name = error instanceof Error ? error.name : '';
  return EXIT_CODE_BY_ERROR[name] ?? EXIT_CODES.other;
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
