/** The worker's connection to Temporal, and the signals that may come before it stands. */
import type { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';

import type { TemporalConfig } from '../temporal/config.js';
import { TemporalUnreachableError } from '../temporal/errors.js';
import { callTemporal, TEMPORAL_TIMEOUTS_MS } from '../temporal/rpc.js';

import { STOP_SIGNALS } from './runtime.js';

/** What has come of {@link STOP_SIGNALS}. */
export interface Signals {
  readonly seen: () => boolean;
  /** Resolves with the first one. */
  readonly first: Promise<null>;
  readonly release: () => void;
}

/**
 * A signal to stop that comes before the SDK's worker runs would be lost: the SDK's runtime takes it from
 * Node's default, which is to end, and has no worker to report.
 */
export function watchSignals(): Signals {
  let hasCome = false;
  let tell: (value: null) => void;
  const first = new Promise<null>((resolve) => {
    tell = resolve;
  });
  const note = (): void => {
    hasCome = true;
    tell(null);
  };
  for (const signal of STOP_SIGNALS) process.on(signal, note);
  return {
    seen: () => hasCome,
    first,
    release: () => {
      for (const signal of STOP_SIGNALS) process.off(signal, note);
    },
  };
}

/**
 * Asked before the SDK's worker does: that has started threads by then, which stay when it throws, and
 * its error is a dump of the wire.
 *
 * @throws TemporalUnreachableError, TemporalRequestError
 */
export async function findNamespace(
  client: Client,
  { address, namespace }: TemporalConfig,
): Promise<void> {
  const caller = { client, address, rpcTimeoutMs: TEMPORAL_TIMEOUTS_MS.start };
  await callTemporal(caller, 'find the namespace', () =>
    client.workflowService.describeNamespace({ namespace }),
  );
}

/**
 * Connects, unless a signal to stop comes first: then `null`. A server that takes the connection and says nothing
 * takes half a minute: too long for a Ctrl-C.
 *
 * @throws TemporalUnreachableError
 */
export async function connectUnlessStopped(
  temporal: TemporalConfig,
  { first }: Signals,
): Promise<NativeConnection | null> {
  const connecting = connect(temporal);
  const connection = await Promise.race([connecting, first]);
  if (connection === null) connecting.then((late) => late.close()).catch(() => undefined);
  return connection;
}

async function connect({
  address,
  namespace,
  connectionOptions,
}: TemporalConfig): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect({ ...connectionOptions });
  } catch {
    throw new TemporalUnreachableError(address, namespace, 'no-answer', 'connect');
  }
}
