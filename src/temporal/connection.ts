import { setTimeout as pause } from 'node:timers/promises';

import {
  Client,
  Connection,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
} from '@temporalio/client';
import type { ConnectionOptions } from '@temporalio/client';

import { SEARCH_ATTRIBUTES } from '../contract/index.js';
import type { SearchAttributeName } from '../contract/index.js';

import { loadTemporalConfig } from './config.js';
import { loadDataConverter } from './data-converter.js';
import { TemporalUnreachableError } from './errors.js';
import { callTemporal, TEMPORAL_TIMEOUTS_MS, unreachableKindOf } from './rpc.js';
import type { TemporalCaller } from './rpc.js';
import { openTraces } from './traces.js';

/** Longest pause before a failed call is tried again: how far a call may overrun its deadline. */
const MAX_PAUSE_MS = 500;

/** The SDK's retries, made fit for connections that are closed while the server is away. */
interface BoundedRetries {
  readonly interceptors: NonNullable<ConnectionOptions['interceptors']>;
  /** No retry begins any more; resolves when the last one that was due has begun. */
  stop(): Promise<void>;
}

/**
 * The SDK retries on a timer. On a connection that was closed meanwhile the timer throws where no one
 * can catch it, and its pauses of up to 6 s overrun deadlines. Hence shorter pauses, and an end that
 * is waited for.
 */
function createBoundedRetries(): BoundedRetries {
  const { delayFunction, retryableDecider } = defaultGrpcRetryOptions();
  let isStopped = false;
  let lastDueAtMs = 0;
  return {
    interceptors: [
      makeGrpcRetryInterceptor({
        retryableDecider: (attempt, status) => !isStopped && retryableDecider(attempt, status),
        delayFunction: (attempt, status) => {
          const pauseMs = Math.min(MAX_PAUSE_MS, delayFunction(attempt, status));
          lastDueAtMs = Math.max(lastDueAtMs, Date.now() + pauseMs);
          return pauseMs;
        },
      }),
    ],
    async stop() {
      isStopped = true;
      const leftMs = lastDueAtMs - Date.now();
      // Timers may fire a little late; the margin covers that.
      if (leftMs > -MAX_PAUSE_MS / 2) await pause(Math.max(0, leftMs) + MAX_PAUSE_MS / 10);
    },
  };
}

/** A connection of our own, with the client that uses it. */
export interface TemporalConnection {
  readonly client: Client;
  readonly address: string;
  readonly namespace: string;
  /** Ends the connection; calls under way fail. */
  close(): Promise<void>;
}

/**
 * Connects as the `TEMPORAL_*` environment says, within 5 s.
 *
 * @throws TemporalConfigError, DataConverterError before anything is opened; TemporalUnreachableError
 * with the address
 */
export async function connectTemporal(env: NodeJS.ProcessEnv): Promise<TemporalConnection> {
  const config = loadTemporalConfig(env);
  const { address, namespace, isLoopback, connectionOptions } = config;
  const dataConverter = loadDataConverter(env, config)?.dataConverter;
  const traces = await openTraces(env, SILENT);
  const retries = createBoundedRetries();
  const options: ConnectionOptions = {
    ...connectionOptions,
    connectTimeout: TEMPORAL_TIMEOUTS_MS.connect,
    interceptors: retries.interceptors,
    // A proxy for the world outside (HTTP_PROXY) has no way to a server on this machine.
    ...(isLoopback ? { channelArgs: { 'grpc.enable_http_proxy': 0 } } : {}),
  };
  const connection = Connection.lazy(options);
  const close = async (): Promise<void> => {
    await retries.stop();
    await Promise.all([connection.close(), traces?.close()]);
  };
  try {
    await connection.ensureConnected();
  } catch (error) {
    await close();
    const kind = unreachableKindOf(error) ?? 'no-answer';
    throw new TemporalUnreachableError(address, namespace, kind, 'connect');
  }
  return {
    client: new Client({
      connection,
      namespace,
      ...(dataConverter ? { dataConverter } : {}),
      ...(traces ? { interceptors: { workflow: [traces.clientInterceptor] } } : {}),
    }),
    address,
    namespace,
    close,
  };
}

/** A client has no log: the command must say nothing beside its answer. */
const SILENT = { failing: () => undefined, recovered: () => undefined };

/** Number of the type Keyword in Temporal's API (`IndexedValueType`). */
export const KEYWORD = 2;

/** The attributes that runs and maintenance runs set. */
export const SEARCH_ATTRIBUTES_IN_USE: readonly SearchAttributeName[] =
  Object.values(SEARCH_ATTRIBUTES);

/**
 * The custom search attributes of the client's namespace, each with the number of its type.
 *
 * @throws TemporalUnreachableError, TemporalRequestError
 */
export async function listSearchAttributes(
  caller: TemporalCaller,
): Promise<Readonly<Record<string, number>>> {
  const { connection, options } = caller.client;
  const { customAttributes } = await callTemporal(caller, 'list search attributes', () =>
    connection.operatorService.listSearchAttributes({ namespace: options.namespace }),
  );
  return customAttributes;
}

/**
 * Which of our search attributes the namespace has. Upserting one that is absent would fail the
 * workflow task for ever, so a server that does not say counts as having none: runs go on, only
 * filters in the UI are missing.
 */
export async function probeSearchAttributes(client: Client): Promise<SearchAttributeName[]> {
  try {
    const types = await listSearchAttributes({ client, rpcTimeoutMs: TEMPORAL_TIMEOUTS_MS.look });
    return Object.values(SEARCH_ATTRIBUTES).filter((name) => types[name] === KEYWORD);
  } catch {
    return [];
  }
}
