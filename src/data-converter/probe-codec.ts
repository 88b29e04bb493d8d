import { randomUUID } from 'node:crypto';

import type { DataConverter } from '@temporalio/common';
import { defaultPayloadConverter } from '@temporalio/common';

import { CodecError } from '../temporal/errors.js';

/**
 * Encodes and decodes a text of no meaning, so that a worker with a broken codec does not start.
 *
 * @throws CodecError
 */
export async function probeCodec(
  { payloadCodecs = [] }: DataConverter,
  namespace: string,
): Promise<void> {
  const context = { type: 'workflow', namespace, workflowId: 'dcs-switchover:probe' } as const;
  const text = randomUUID();
  for (const codec of payloadCodecs) {
    const encoded = await codec.encode([defaultPayloadConverter.toPayload(text)], context);
    const [decoded] = await codec.decode(encoded, context);
    const isSame =
      decoded !== undefined && defaultPayloadConverter.fromPayload<unknown>(decoded) === text;
    if (!isSame)
      throw new CodecError(
        'The configured codec',
        'decode',
        'failed',
        'gives back something other than it was given',
      );
  }
}
