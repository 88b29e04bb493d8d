/** Payloads in the JSON form of their protobuf message, as the codec servers of all SDKs speak it. */
import type { Payload } from '@temporalio/common';

/** The body of a request to a codec server. */
export function toPayloadsJson(payloads: readonly Payload[]): string {
  return JSON.stringify({ payloads: payloads.map(toJson) });
}

function toJson({ metadata, data }: Payload): object {
  const entries = Object.entries(metadata ?? {});
  return {
    metadata: Object.fromEntries(entries.map(([key, value]) => [key, toBase64(value)])),
    ...(data === undefined || data === null ? {} : { data: toBase64(data) }),
  };
}

/**
 * Reads the body of a codec server's answer.
 *
 * @throws TypeError, without any of the text, when it is something else
 */
export function parsePayloadsJson(text: string): Payload[] {
  const body = parse(text);
  if (!isRecord(body) || !Array.isArray(body['payloads'])) throw new TypeError('not payloads');
  return body['payloads'].map(fromJson);
}

function fromJson(value: unknown): Payload {
  if (!isRecord(value)) throw new TypeError('not a payload');
  const { metadata = {}, data } = value;
  if (!isRecord(metadata)) throw new TypeError('not metadata');
  return {
    metadata: Object.fromEntries(
      Object.entries(metadata).map(([key, field]) => [key, fromBase64(field)]),
    ),
    // An empty field is left out in this form; the SDK expects it.
    data: data === undefined || data === null ? new Uint8Array() : fromBase64(data),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new TypeError('not JSON');
  }
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

/** The form allows both alphabets. */
function fromBase64(value: unknown): Uint8Array {
  if (typeof value !== 'string' || !/^[\w+/-]*={0,2}$/.test(value))
    throw new TypeError('not base64');
  return new Uint8Array(Buffer.from(value, 'base64'));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
