import { Client, Connection } from '@temporalio/client';
import type { ConnectionOptions } from '@temporalio/client';

import { loadDataConverter } from '../data-converter/index.js';

import { createBoundedRetries } from '../client/bounded-retries.js';
import { TemporalUnreachableError } from '../client/errors.js';
import { unreachableKindOf } from './rpc.js';
import { loadTemporalConfig } from './config.js';

/** Longest time until a connection is ready; a living server takes milliseconds. */
const CONNECT_TIMEOUT_MS = 5_000;

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
 * @param env @default process.env
 * @throws TemporalConfigError, DataConverterError before anything is opened; TemporalUnreachableError
 * with the address
 */
export async function connectTemporal(
  env: NodeJS.ProcessEnv = process.env,
): Promise<TemporalConnection> {
  const config = loadTemporalConfig(env);
  const { address, namespace, isLoopback, connectionOptions } = config;
  const dataConverter = loadDataConverter(env, config)?.dataConverter;
  const retries = createBoundedRetries();
  const options: ConnectionOptions = {
    ...connectionOptions,
    connectTimeout: CONNECT_TIMEOUT_MS,
    interceptors: retries.interceptors,
    // A proxy for the world outside (HTTP_PROXY) has no way to a server on this machine.
    ...(isLoopback ? { channelArgs: { 'grpc.enable_http_proxy': 0 } } : {}),
  };
  const connection = Connection.lazy(options);
  const close = async (): Promise<void> => {
    await retries.stop();
    await connection.close();
  };
  try {
    await connection.ensureConnected();
  } catch (error) {
    await close();
    const kind = unreachableKindOf(error) ?? 'no-answer';
    throw new TemporalUnreachableError(address, namespace, kind, 'connect');
  }
  return {
    client: new Client({ connection, namespace, ...(dataConverter ? { dataConverter } : {}) }),
    address,
    namespace,
    close,
  };
}
