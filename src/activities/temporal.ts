import { WorkflowFailedError, isGrpcServiceError } from '@temporalio/client';
import type { Client } from '@temporalio/client';

import { CodecError, PayloadsEncodedError, isUnknownEncoding } from '../data-converter/index.js';
import { TEMPORAL_RPC_TIMEOUT_MS } from '../domain/budgets.js';

import { TemporalUnreadableError } from './errors.js';

/** gRPC code of "there is no such thing"; the gRPC library is not a dependency of ours. */
const NOT_FOUND = 5;

/**
 * One question to Temporal, within 5 s.
 *
 * @param operation what is asked, such as `list the runs`, for the error
 * @throws TemporalUnreadableError, PayloadsEncodedError, CodecError; an answer (not found, or how a run failed) passes as the SDK gives it
 */
export async function askTemporal<T>(
  client: Client,
  operation: string,
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await client.withDeadline(Date.now() + TEMPORAL_RPC_TIMEOUT_MS, call);
  } catch (error) {
    const isAnswer = error instanceof WorkflowFailedError || isNotFound(error);
    if (isAnswer || error instanceof CodecError || error instanceof PayloadsEncodedError)
      throw error;
    if (isUnknownEncoding(error)) {
      const { payloadCodecs } = client.options.loadedDataConverter;
      throw new PayloadsEncodedError(operation, payloadCodecs.length > 0);
    }
    throw new TemporalUnreadableError(operation, reasonOf(error));
  }
}

/** Whether an error, raw or wrapped by the SDK, says that the run does not exist (any more). */
export function isNotFound(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return (
    (error instanceof Error && error.name === 'WorkflowNotFoundError') ||
    [error, cause].some((each) => codeOf(each) === NOT_FOUND)
  );
}

function codeOf(error: unknown): number | null {
  return isGrpcServiceError(error) ? error.code : null;
}

/** The server's own words; of anything else the name only. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  for (const each of [error, cause])
    if (isGrpcServiceError(each)) return `gRPC status ${each.code}: ${each.details}`;
  return error instanceof Error ? error.name : 'unknown error';
}
