import type { Client } from '@temporalio/client';
import type { Payload, SerializationContext } from '@temporalio/common';

/** Decodes payloads of a history by the client's own data converter, codecs included. */
export interface PayloadReader {
  /**
   * Value of the first payload; `undefined` where there is none, and where it cannot be decoded: a
   * codec is missing, or the data is foreign.
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
      try {
        let decoded: Payload[] = [payload];
        for (const codec of payloadCodecs.toReversed())
          decoded = await codec.decode(decoded, context);
        return decoded[0] === undefined
          ? undefined
          : payloadConverter.fromPayload(decoded[0], context);
      } catch {
        return undefined;
      }
    },
  };
}
