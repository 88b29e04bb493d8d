import { connectTemporal } from '../temporal/connection.js';
import { createFreezeClient } from './freeze/create.js';
import type { FreezeClient } from './freeze/freeze-client.js';
import { createMaintenanceClient } from './maintenance/create.js';
import type { MaintenanceClient } from './maintenance/client.js';
import { createSchedulesClient } from './schedules/create.js';
import type { SchedulesClient } from './schedules/client.js';
import { createContext, createSwitchoverClient, taskQueueOf } from './switchover/client.js';
import type {
  ConnectOptions,
  SwitchoverClient,
  SwitchoverClientOptions,
} from './switchover/client.js';

/**
 * Everything that a service may ask for. Every call has a deadline; every method may throw
 * TemporalUnreachableError and TemporalRequestError, and InvalidInputError before anything is sent.
 */
export interface DcsSwitchover {
  /** One instance. */
  readonly switchover: SwitchoverClient;
  /** Many instances inside a window. */
  readonly maintenance: MaintenanceClient;
  /** Plans that start by themselves. */
  readonly schedules: SchedulesClient;
  /** The brake of the whole namespace. */
  readonly freezes: FreezeClient;
}

/** All clients on a connection that somebody else owns. Opens nothing. */
export function createDcsSwitchover(options: SwitchoverClientOptions): DcsSwitchover {
  const context = createContext(options);
  return {
    switchover: createSwitchoverClient(options),
    maintenance: createMaintenanceClient(context),
    schedules: createSchedulesClient(context),
    freezes: createFreezeClient(context),
  };
}

/** All clients, with a connection of their own. */
export interface ConnectedDcsSwitchover extends DcsSwitchover {
  /** `host:port` of the Temporal server. */
  readonly address: string;
  readonly namespace: string;
  /** Ends the connection; runs go on. */
  close(): Promise<void>;
}

/**
 * Connects by the `TEMPORAL_*` environment and gives all clients.
 *
 * @throws TemporalConfigError, TemporalUnreachableError
 */
export async function connectDcsSwitchover({
  env = process.env,
  taskQueue = taskQueueOf(env),
  rpcTimeoutMs,
}: ConnectOptions = {}): Promise<ConnectedDcsSwitchover> {
  const connection = await connectTemporal(env);
  const { client, address, namespace } = connection;
  return {
    ...createDcsSwitchover({ client, taskQueue, rpcTimeoutMs }),
    address,
    namespace,
    close: () => connection.close(),
  };
}
