/** Every call to Temporal goes through here: it has a deadline, and its errors are ours. */
import { randomUUID } from 'node:crypto';

import {
  Connection,
  isGrpcServiceError,
  NamespaceNotFoundError,
  PayloadConverterError,
  ValueError,
  WorkflowFailedError,
} from '@temporalio/client';
import type { Client } from '@temporalio/client';

import { TEMPORAL_RPC_TIMEOUT_MS } from '../domain/timing.js';

import { CodecError, isUnknownEncoding, PayloadsEncodedError } from './data-converter.js';
import {
  SwitchoverClientError,
  TemporalRequestError,
  TemporalUnreachableError,
  TemporalUnreadableError,
} from './errors.js';
import type { UnreachableKind } from './errors.js';

/** What every operation of the client works with. */
export interface ClientContext {
  readonly client: Client;
  readonly taskQueue: string;
  /** Longest time one RPC may take, in milliseconds. */
  readonly rpcTimeoutMs: number;
}

/** gRPC status codes that are distinguished here; the gRPC library is not a dependency of ours. */
const GRPC = { cancelled: 1, notFound: 5, failedPrecondition: 9 } as const;

/** Codes after which Temporal cannot be used now, whatever was asked. */
const UNREACHABLE_KINDS: Readonly<Record<number, UnreachableKind>> = {
  4: 'no-answer',
  7: 'denied',
  8: 'overloaded',
  14: 'no-answer',
  16: 'denied',
};

/**
 * Runs one call within `timeoutMs`. What is thrown on purpose by the SDK (`WorkflowFailedError`, …)
 * passes; transport errors become ours.
 *
 * @throws TemporalUnreachableError, TemporalRequestError, PayloadsEncodedError, CodecError
 */
export async function callTemporal<T>(
  context: ClientContext,
  operation: string,
  call: () => Promise<T>,
  timeoutMs: number = context.rpcTimeoutMs,
): Promise<T> {
  const { client } = context;
  const deadlineMs = Date.now() + timeoutMs;
  try {
    return await client.withDeadline(deadlineMs, call);
  } catch (error) {
    // The service, which knows the deadline, may be the first to give up: it then says "cancelled".
    const isLate = grpcCodeOf(error) === GRPC.cancelled && Date.now() >= deadlineMs;
    throw isLate ? noAnswer(context, operation) : toClientError(context, operation, error);
  }
}

function noAnswer({ client }: ClientContext, operation: string): TemporalUnreachableError {
  const { namespace } = client.options;
  return new TemporalUnreachableError(addressOf(client), namespace, 'no-answer', operation);
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

/** Only the SDK's own calls distinguish it apart; from the plain service it is "not found", like a run. */
function isAbsentNamespace(error: unknown): boolean {
  if (grpcCodeOf(error) !== GRPC.notFound) return false;
  // A native connection has the text in `message` alone.
  const { details = '', message = '' } = (grpcErrorOf(error) ?? {}) as Partial<Error & GrpcError>;
  return /\bNamespace \S+ is not found/.test(`${details} ${message}`);
}

/** Address that the client is connected to, for messages. */
function addressOf(client: Client): string {
  return client.connection instanceof Connection
    ? client.connection.options.address
    : 'the address of the given connection';
}

function toClientError(context: ClientContext, operation: string, error: unknown): unknown {
  if (error instanceof SwitchoverClientError) return error;
  const { client } = context;
  const kind = unreachableKindOf(error);
  if (kind !== null)
    return new TemporalUnreachableError(
      addressOf(client),
      client.options.namespace,
      kind,
      operation,
    );
  if (isNotFound(error)) return error;
  const grpcError = grpcErrorOf(error);
  if (grpcError !== null && grpcError.code !== GRPC.cancelled)
    return new TemporalRequestError(operation, grpcError.code, grpcError.details);
  if (isUnknownEncoding(error)) return new PayloadsEncodedError(operation, hasCodec(client));
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
  readonly details: string;
}

function grpcErrorOf(error: unknown): GrpcError | null {
  if (isGrpcServiceError(error)) return error;
  if (error instanceof Error && isGrpcServiceError(error.cause)) return error.cause;
  return null;
}

function grpcCodeOf(error: unknown): number | null {
  return grpcErrorOf(error)?.code ?? null;
}

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

/** The server's own words; of anything else the name only. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  for (const each of [error, cause])
    if (isGrpcServiceError(each)) return `gRPC status ${each.code}: ${each.details}`;
  return error instanceof Error ? error.name : 'unknown error';
}

type UpdateRequest = Parameters<Client['workflowService']['updateSchedule']>[0];

/** What replaces a schedule: all of it, in the wire's words. Its memo cannot be changed on most servers. */
export type ScheduleChange = NonNullable<UpdateRequest['schedule']>;

/** A schedule to replace, and the token with which it was read. */
export interface ScheduleReplacement {
  readonly conflictToken: Uint8Array | null | undefined;
  readonly scheduleId: string;
  readonly schedule: ScheduleChange;
}

/**
 * Replaces a schedule only as it was read: the SDK's `update`, `pause` and `unpause` would undo a change that came
 * after the reading. Has no effect on one that has changed since, whether the server says so or not: read it again.
 * Goes into one of the calls above.
 */
export async function replaceSchedule(
  { workflowService, options: { namespace, identity } }: Client,
  { scheduleId, schedule, conflictToken }: ScheduleReplacement,
): Promise<void> {
  const requestId = randomUUID();
  try {
    await workflowService.updateSchedule({
      ...{ namespace, identity, requestId, scheduleId, schedule },
      conflictToken: conflictToken ?? null,
    });
  } catch (error) {
    if (grpcCodeOf(error) !== GRPC.failedPrecondition) throw error;
  }
}
