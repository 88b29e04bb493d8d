/** Every call to Temporal goes through here: it has a deadline, and its errors are ours. */
import {
  Connection,
  isGrpcServiceError,
  NamespaceNotFoundError,
  PayloadConverterError,
  ValueError,
} from '@temporalio/client';
import type { Client } from '@temporalio/client';

import { TEMPORAL_RPC_TIMEOUT_MS } from '../domain/timing.js';

import { isUnknownEncoding, PayloadsEncodedError } from './data-converter.js';
import { SwitchoverClientError, TemporalRequestError, TemporalUnreachableError } from './errors.js';
import type { UnreachableKind } from './errors.js';

/** How long a call to Temporal may take, by who asks and for what, in milliseconds. */
export const TEMPORAL_TIMEOUTS_MS = {
  /** A client's call: room for a slow server and the SDK's own retries. */
  client: 10_000,
  /** A client's connection; a living server takes milliseconds. */
  connect: 5_000,
  /** The status of a run: a worker answers in milliseconds, and without one the server lets a query wait for ever. */
  status: 3_000,
  /** A maintenance's answer: room for a worker that has to replay a long history first. */
  answer: 5_000,
  /** A question of an activity; belongs to its time budget. */
  activity: TEMPORAL_RPC_TIMEOUT_MS,
  /** Whether the namespace exists, when a worker starts. */
  start: 10_000,
  /** A worker's search attributes, and each question of the doctor. */
  look: 5_000,
  /** A worker's readiness: below the timeout of a usual probe. */
  readiness: 2_000,
} as const;

/** Who asks Temporal. */
export interface TemporalCaller {
  readonly client: Client;
  /** Longest time one RPC may take, in milliseconds. */
  readonly rpcTimeoutMs: number;
  /** `host:port` for messages. @default that of the connection, as far as it says */
  readonly address?: string;
}

/** What every operation of the client works with. */
export interface ClientContext extends TemporalCaller {
  readonly taskQueue: string;
}

/** How an activity asks: briefly, so that its own time is enough. */
export function inActivity(client: Client): TemporalCaller {
  return { client, rpcTimeoutMs: TEMPORAL_TIMEOUTS_MS.activity };
}

/** gRPC status codes that are distinguished here; the gRPC library is not a dependency of ours. */
export const GRPC = { cancelled: 1, notFound: 5, failedPrecondition: 9 } as const;

/** Codes after which Temporal cannot be used now, whatever was asked. */
const UNREACHABLE_KINDS: Readonly<Record<number, UnreachableKind>> = {
  4: 'no-answer',
  7: 'denied',
  8: 'overloaded',
  14: 'no-answer',
  16: 'denied',
};

/**
 * Runs one call within `timeoutMs`. How a run failed, and "not found" (see {@link isNotFound}), are answers and pass as
 * the SDK throws them; what kept Temporal from answering becomes ours.
 *
 * @param operation what is asked, such as `list the runs`, for the error
 * @throws TemporalUnreachableError, TemporalRequestError, PayloadsEncodedError, CodecError
 */
export async function callTemporal<T>(
  caller: TemporalCaller,
  operation: string,
  call: () => Promise<T>,
  timeoutMs: number = caller.rpcTimeoutMs,
): Promise<T> {
  const deadlineMs = Date.now() + timeoutMs;
  try {
    return await caller.client.withDeadline(deadlineMs, call);
  } catch (error) {
    // The service, which knows the deadline, may be the first to give up: it then says "cancelled". So does a worker's
    // native connection, at every deadline.
    const isLate = isCutOff(error) && (Date.now() >= deadlineMs || isTimeout(error));
    throw isLate ? unreachable(caller, 'no-answer', operation) : toOurs(caller, operation, error);
  }
}

function isTimeout(error: unknown): boolean {
  return grpcErrorOf(error)?.message.includes('Timeout expired') === true;
}

function unreachable(
  { client, address = addressOf(client) }: TemporalCaller,
  kind: UnreachableKind,
  operation: string,
): TemporalUnreachableError {
  return new TemporalUnreachableError(address, client.options.namespace, kind, operation);
}

/** Whether an error, raw or wrapped by the SDK, says that the run does not exist (any more). */
export function isNotFound(error: unknown): boolean {
  return (
    (error instanceof Error && error.name === 'WorkflowNotFoundError') ||
    grpcCodeOf(error) === GRPC.notFound
  );
}

/** Whether the service, or the way to it, failed a call; otherwise its answer came and could not be used here. */
export function isOfService(error: unknown): boolean {
  return error instanceof NamespaceNotFoundError || isNotFound(error) || grpcCodeOf(error) !== null;
}

/**
 * Whether a call was cut off. The server says so too when a deadline passes while it holds a query for a worker.
 */
export function isCutOff(error: unknown): boolean {
  return grpcCodeOf(error) === GRPC.cancelled;
}

/** The kind of trouble behind an error; `null` when Temporal answered. */
export function unreachableKindOf(error: unknown): UnreachableKind | null {
  if (error instanceof NamespaceNotFoundError || isAbsentNamespace(error))
    return 'namespace-not-found';
  const code = grpcCodeOf(error);
  return code === null ? null : (UNREACHABLE_KINDS[code] ?? null);
}

/** Only the SDK's own calls tell it apart; from the plain service it is "not found", like a run. */
function isAbsentNamespace(error: unknown): boolean {
  if (grpcCodeOf(error) !== GRPC.notFound) return false;
  const grpcError = grpcErrorOf(error);
  return grpcError !== null && /\bNamespace \S+ is not found/.test(textOf(grpcError));
}

/** Address that the client is connected to, for messages. */
function addressOf(client: Client): string {
  return client.connection instanceof Connection
    ? client.connection.options.address
    : 'the address of the given connection';
}

function toOurs(caller: TemporalCaller, operation: string, error: unknown): unknown {
  if (error instanceof SwitchoverClientError) return error;
  const kind = unreachableKindOf(error);
  if (kind !== null) return unreachable(caller, kind, operation);
  if (isNotFound(error)) return error;
  const grpcError = grpcErrorOf(error);
  if (grpcError !== null && grpcError.code !== GRPC.cancelled)
    return new TemporalRequestError(operation, grpcError.code, textOf(grpcError));
  if (isUnknownEncoding(error)) return new PayloadsEncodedError(operation, hasCodec(caller.client));
  if (error instanceof ValueError || error instanceof PayloadConverterError)
    return new TemporalRequestError(
      operation,
      null,
      `the data cannot be decoded (${error.message}); this client needs the worker's data converter`,
    );
  return error;
}

function hasCodec({ options }: Client): boolean {
  return options.loadedDataConverter.payloadCodecs.length > 0;
}

interface GrpcError {
  readonly code: number;
  /** Absent of a native connection, which has the text in `message` alone. */
  readonly details?: string;
  readonly message: string;
}

function grpcErrorOf(error: unknown): GrpcError | null {
  if (isGrpcServiceError(error)) return error;
  if (error instanceof Error && isGrpcServiceError(error.cause)) return error.cause;
  return null;
}

/** The gRPC status of an error, raw or wrapped by the SDK; `null` where it has none. */
export function grpcCodeOf(error: unknown): number | null {
  return grpcErrorOf(error)?.code ?? null;
}

function textOf({ details = '', message }: GrpcError): string {
  return details === '' ? message : details;
}

/** The pages of one of Temporal's lists, in order. */
export async function* pagesOf<P extends { readonly nextPageToken: Uint8Array }>(
  read: (nextPageToken: Uint8Array) => Promise<P>,
): AsyncGenerator<P> {
  let nextPageToken: Uint8Array = new Uint8Array();
  do {
    const page = await read(nextPageToken);
    yield page;
    nextPageToken = page.nextPageToken;
  } while (nextPageToken.length > 0);
}
