import { ValueError } from '@temporalio/common';

/** Whether the SDK says of a payload that it is in no form which its converters know. */
export function isUnknownEncoding(error: unknown): boolean {
  return error instanceof ValueError && error.message.startsWith('Unknown encoding');
}
