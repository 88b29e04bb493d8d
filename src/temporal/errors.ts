import { createNamespaceCommand, withCommands } from '../domain/commands.js';
import { printableLine } from '../domain/text.js';

/**
 * What an error is to a program that does not know its class. It gives the command its exit code; two
 * categories may share one.
 */
export type ErrorCategory =
  /** What was asked cannot be acted on; nothing was sent. */
  | 'invalid-input'
  /** Settings are missing, wrong, or not those of the workers. */
  | 'configuration'
  /** There is nothing of that name. */
  | 'not-found'
  /** Another is in the way; it was not touched. */
  | 'conflict'
  /** It is done already: nothing is left to change. */
  | 'ended'
  /** It has to be asked for by name; nothing was started. */
  | 'unconfirmed'
  /** It was understood and not taken; nothing changed. */
  | 'refused'
  /** It was cancelled; the message says what is known of its PUT. */
  | 'cancelled'
  /** It ended from outside and reported nothing: what it did is not known from it. */
  | 'no-result'
  /** What is needed does not answer now: Temporal, a codec, a worker. */
  | 'unavailable'
  /** Only the waiting is over; what was awaited goes on. */
  | 'wait-over'
  /** Anything else. */
  | 'failed';

/** Base of all errors that this client throws on purpose. */
export abstract class SwitchoverClientError extends Error {
  abstract readonly category: ErrorCategory;
}

/** Paths and names in it come from outside. */
const MAX_PROBLEM_LENGTH = 500;

/** A setting is missing or wrong. Thrown before anything is opened. */
abstract class SettingError extends SwitchoverClientError {
  override readonly category = 'configuration';
  constructor(
    /** The variables or the file setting at fault. */
    readonly setting: string,
    problem: string,
    readonly remedy: string,
  ) {
    super(`${setting} ${printableLine(problem, MAX_PROBLEM_LENGTH)}. ${remedy}`);
  }
}

/** The settings do not give a codec. */
export class DataConverterError extends SettingError {
  override readonly name = 'DataConverterError';
}

/** The environment or the Temporal configuration file does not say how to connect. */
export class TemporalConfigError extends SettingError {
  override readonly name = 'TemporalConfigError';
}

/** Why a codec was of no use. */
export type CodecErrorKind = 'no-answer' | 'denied' | 'failed';

const REMEDIES: Record<CodecErrorKind, string> = {
  'no-answer': 'Check that it is up and reachable from here.',
  denied: 'Check TEMPORAL_CODEC_AUTH.',
  failed:
    'Check that workers and clients use the same codec and keys, and that it passes through what it has not encoded.',
};

/** What a codec is asked to do. */
export type CodecOperation = 'encode' | 'decode';

/**
 * A codec did not do its work. Never holds payloads, keys or what the codec itself said: a parser's
 * message may repeat the text that it failed on.
 */
export class CodecError extends SwitchoverClientError {
  override readonly name = 'CodecError';
  override readonly category = 'unavailable';
  constructor(
    /** Which codec, such as `The codec server at https://codec.example.com`. */
    readonly codec: string,
    readonly operation: CodecOperation,
    readonly kind: CodecErrorKind,
    problem: string,
  ) {
    super(`${codec} ${problem} (${operation}). ${REMEDIES[kind]}`);
  }
}

/** Payloads are encoded, and no codec here decodes them. */
export class PayloadsEncodedError extends SwitchoverClientError {
  override readonly name = 'PayloadsEncodedError';
  override readonly category = 'configuration';
  constructor(
    /** What could not be read, such as `read the history`. */
    readonly operation: string,
    /** Whether a codec is configured, then a wrong one. */
    hasCodec: boolean,
  ) {
    super(
      `The payloads are encoded${hasCodec ? ' by another codec than the configured one' : ''}, ` +
        `so the run cannot be read (${operation}). Configure DCS_SWITCHOVER_DATA_CONVERTER or ` +
        `TEMPORAL_CODEC_ENDPOINT as its workers have it; whether its PUT was sent is not known before.`,
    );
  }
}

/** Why Temporal cannot be used. */
export type UnreachableKind = 'no-answer' | 'denied' | 'overloaded' | 'namespace-not-found';

const UNREACHABLE: Record<UnreachableKind, { readonly problem: string; readonly remedy: string }> =
  {
    'no-answer': {
      problem: 'does not answer in time',
      remedy: 'Check that the server is up, and TEMPORAL_ADDRESS and TEMPORAL_TLS.',
    },
    denied: {
      problem: 'refuses these credentials',
      remedy: 'Check TEMPORAL_API_KEY or the client certificate, and the namespace they belong to.',
    },
    overloaded: {
      problem: 'is throttling this namespace',
      remedy: 'Try again in a minute; the namespace may need a higher limit.',
    },
    'namespace-not-found': {
      problem: 'does not know this namespace',
      remedy: 'Set TEMPORAL_NAMESPACE, or create it',
    },
  };

/** A call that changes something and got no answer may have been heard all the same. */
const INDETERMINATE: Readonly<Record<string, string>> = {
  start:
    ' The run may have been started all the same: look before starting again, or start again with the same requestId.',
  'start the maintenance':
    ' The maintenance may have been started all the same: start again with the same input, which finds it.',
  freeze: ' The freeze may be in force all the same: freeze again, which replaces it.',
};

/** Temporal cannot be used now. Whatever runs there goes on without this client. */
export class TemporalUnreachableError extends SwitchoverClientError {
  override readonly name = 'TemporalUnreachableError';
  override readonly category = 'unavailable';
  /** What is wrong, as a clause about Temporal such as `does not answer in time`; names neither address nor namespace. */
  readonly problem: string;
  readonly remedy: string;
  constructor(
    readonly address: string,
    readonly namespace: string,
    readonly kind: UnreachableKind,
    /** What was asked, such as `start`. A start that got no answer may still have happened. */
    readonly operation: string,
  ) {
    const { problem, remedy } = UNREACHABLE[kind];
    const isAbsent = kind === 'namespace-not-found';
    const named = isAbsent ? withCommands(remedy, createNamespaceCommand(namespace)) : remedy;
    const uncertainty = kind === 'no-answer' ? (INDETERMINATE[operation] ?? '') : '';
    super(
      `Temporal at ${address} (namespace ${namespace}) ${problem} (${operation}).${uncertainty} ${named}`,
    );
    this.problem = problem;
    this.remedy = named;
  }
}

/** Temporal answered, but not with what was asked, for a reason that has no class of its own. */
export class TemporalRequestError extends SwitchoverClientError {
  override readonly name = 'TemporalRequestError';
  override readonly category = 'failed';
  constructor(
    readonly operation: string,
    /** gRPC status code; `null` when the error did not come from the server. */
    readonly code: number | null,
    detail: string,
  ) {
    super(`Temporal: ${operation} failed: ${detail}`);
  }
}
