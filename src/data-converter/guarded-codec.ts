import type { Payload, PayloadCodec } from '@temporalio/common';

import { CodecError } from '../temporal/errors.js';
import type { CodecOperation } from '../temporal/errors.js';
import { UNTOLD_FAILURE_TEXT, isFailureText, isUntoldFailureText } from './failure-text.js';

/**
 * Longest time one call of a codec may take, in milliseconds. The swap activity decodes its argument
 * before it begins: with 15 s of reads, 3 s of send window and 15 s of PUT this must stay below its
 * timeout of 40 s, so that the workflow never counts it as lost while its PUT is under way.
 */
export const CODEC_TIMEOUT_MS = 5_000;

/**
 * Makes codecs one whose calls are bounded and whose errors are ours, and which never fails on the
 * text of a failure (see {@link isFailureText}).
 *
 * @param description for messages, such as `The codec of DCS_SWITCHOVER_DATA_CONVERTER`
 */
export function guardCodecs(codecs: readonly PayloadCodec[], description: string): PayloadCodec {
  const guard = (
    operation: CodecOperation,
    payloads: Payload[],
    call: () => Promise<Payload[]>,
  ): Promise<Payload[]> => bounded(description, operation, payloads.length, call);
  return {
    encode: async (payloads, context) => {
      try {
        return await guard('encode', payloads, () =>
          pipe(codecs, payloads, (codec, input) => codec.encode(input, context)),
        );
      } catch (error) {
        if (payloads.length === 0 || !payloads.every(isFailureText)) throw error;
        return payloads.map(() => UNTOLD_FAILURE_TEXT);
      }
    },
    decode: async (payloads, context) => {
      if (payloads.every(isUntoldFailureText)) return payloads;
      return guard('decode', payloads, () =>
        pipe(codecs.toReversed(), payloads, (codec, input) => codec.decode(input, context)),
      );
    },
  };
}

async function pipe(
  codecs: readonly PayloadCodec[],
  payloads: Payload[],
  step: (codec: PayloadCodec, payloads: Payload[]) => Promise<Payload[]>,
): Promise<Payload[]> {
  let output = payloads;
  for (const codec of codecs) output = await step(codec, output);
  return output;
}

async function bounded(
  description: string,
  operation: CodecOperation,
  count: number,
  call: () => Promise<Payload[]>,
): Promise<Payload[]> {
  const fail = (kind: 'no-answer' | 'failed', problem: string): CodecError =>
    new CodecError(description, operation, kind, problem);
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(fail('no-answer', `does not answer within ${CODEC_TIMEOUT_MS / 1000} s`));
    }, CODEC_TIMEOUT_MS);
  });
  try {
    const output: unknown = await Promise.race([call(), tooLate]);
    if (!Array.isArray(output) || output.length !== count)
      throw fail('failed', 'does not give one payload for each');
    return output as Payload[];
  } catch (error) {
    if (error instanceof CodecError) throw error;
    throw fail('failed', `fails with ${error instanceof Error ? error.name : typeof error}`);
  } finally {
    clearTimeout(timer);
  }
}
