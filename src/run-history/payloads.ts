import type { Client } from '@temporalio/client';
import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';

import { CodecError, PayloadsEncodedError, isUnknownEncoding } from '../data-converter/index.js';

/** Decodes payloads of a history by the client's own data converter, codecs included. */
export interface PayloadReader {
  /**
   * Value of the first payload; `undefined` where there is none, and where the data is foreign.
   *
   * @throws PayloadsEncodedError when a codec is missing, CodecError when it fails: what a run did must
   * not be guessed from the payloads that happen to be readable
   */
  readFirst(
    payloads: readonly Payload[] | null | undefined,
    context: SerializationContext,
  ): Promise<unknown>;
}

/** A reader for the payloads that this client's worker wrote. */
export function createPayloadReader(client: Client): PayloadReader {
  const { payloadConverter, payloadCodecs } = client.options.loadedDataConverter;
  return {
    async readFirst(payloads, context) {
      const [payload] = payloads ?? [];
      if (payload === undefined) return undefined;
      const decoded = await decode(payloadCodecs, payload, context);
      try {
        return decoded === undefined ? undefined : payloadConverter.fromPayload(decoded, context);
      } catch (error) {
        if (isUnknownEncoding(error))
          throw new PayloadsEncodedError('read the history', payloadCodecs.length > 0);
        return undefined;
      }
    },
  };
}

async function decode(
  codecs: readonly PayloadCodec[],
  payload: Payload,
  context: SerializationContext,
): Promise<Payload | undefined> {
  try {
    let decoded: Payload[] = [payload];
    for (const codec of codecs.toReversed()) decoded = await codec.decode(decoded, context);
    return decoded[0];
  } catch (error) {
    if (error instanceof CodecError) throw error;
    const kind = error instanceof Error ? error.name : typeof error;
    throw new CodecError("This client's codec", 'decode', 'failed', `fails with ${kind}`);
  }
}
