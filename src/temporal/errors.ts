import { SwitchoverClientError } from '../client/client-error.js';

/** The settings do not give a codec. Thrown before anything is opened. */
export class DataConverterError extends SwitchoverClientError {
  override readonly name = 'DataConverterError';
  constructor(
    /** The variable, or the variables, at fault. */
    readonly setting: string,
    problem: string,
    readonly remedy: string,
  ) {
    super(`${setting} ${problem}. ${remedy}`);
  }
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
