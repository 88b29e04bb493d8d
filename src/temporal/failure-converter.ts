/**
 * The failure converter of workers and clients with a codec, loaded by its path. Messages and stack
 * traces become a payload, so that the codec encodes them too.
 */
import { DefaultFailureConverter } from '@temporalio/common';
import type {
  Payload,
  PayloadConverter,
  ProtoFailure,
  SerializationContext,
} from '@temporalio/common';

import { isRecord } from '../util.js';

/**
 * The SDK encodes the failure that says "could not encode" as well, and a worker whose second attempt
 * fails ends, with all its runs. So the texts of failures carry a mark, and where the codec fails on a
 * marked payload the constant below takes its place: nothing readable leaks, and the worker stays.
 */
const MARK = 'dcs-switchover';
const MARKED = new TextEncoder().encode('failure-text');
const WITHHELD = new TextEncoder().encode('failure-withheld');

/** Marks the payload that holds a failure's message and stack trace. */
function markFailureText(payload: Payload): Payload {
  return { ...payload, metadata: { ...payload.metadata, [MARK]: MARKED } };
}

/** Whether a payload holds nothing but the text of a failure. */
export function isFailureText(payload: Payload): boolean {
  return hasMark(payload, MARKED);
}

/**
 * What stands in history instead of a text that could not be encoded. Of the SDK's own words the beginning stays: it
 * shows that an activity was never called.
 */
export function withholdFailureText({ data }: Payload): Payload {
  const [begins = ''] = NEVER_CALLED.exec(messageOf(data)) ?? [];
  const message = `${begins}not reported: the codec failed, see the worker log`;
  return {
    metadata: { encoding: new TextEncoder().encode('json/plain'), [MARK]: WITHHELD },
    data: new TextEncoder().encode(JSON.stringify({ message, stack_trace: '' })),
  };
}

/** What the SDK (1.24) says, up to the name of the activity's type. */
const NEVER_CALLED = /^Failed to parse activity args for activity \w+: /;

function messageOf(data: Payload['data']): string {
  const text: unknown = JSON.parse(Buffer.from(data ?? []).toString() || 'null');
  return isRecord(text) && typeof text['message'] === 'string' ? text['message'] : '';
}

/** Whether a payload is of {@link withholdFailureText}, which no codec has seen. */
export function isWithheldFailureText(payload: Payload): boolean {
  return hasMark(payload, WITHHELD);
}

function hasMark({ metadata }: Payload, mark: Uint8Array): boolean {
  const found = metadata?.[MARK];
  return found !== undefined && Buffer.compare(found, mark) === 0;
}

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
