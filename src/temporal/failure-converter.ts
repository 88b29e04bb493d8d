/**
 * The failure converter of workers and clients with a codec, loaded by its path. Messages and stack
 * traces become a payload, so that the codec encodes them too.
 */
import { DefaultFailureConverter } from '@temporalio/common';
import type { PayloadConverter, ProtoFailure, SerializationContext } from '@temporalio/common';

import { markFailureText } from '../data-converter/failure-text.js';

class MarkingFailureConverter extends DefaultFailureConverter {
  constructor() {
    super({ encodeCommonAttributes: true });
  }

  override errorToFailure(
    error: unknown,
    payloadConverter: PayloadConverter,
    context?: SerializationContext,
  ): ProtoFailure {
    const failure = super.errorToFailure(error, payloadConverter, context);
    const { encodedAttributes } = failure;
    if (encodedAttributes !== undefined && encodedAttributes !== null)
      failure.encodedAttributes = markFailureText(encodedAttributes);
    return failure;
  }
}

/** By this name the SDK finds it. */
export const failureConverter: DefaultFailureConverter = new MarkingFailureConverter();
