import { createFreezeClient } from './client/freeze.js';
import type { FreezeClient } from './client/freeze.js';
import { createMaintenanceClient } from './client/maintenance/client.js';
import type { MaintenanceClient } from './client/maintenance/client.js';
import type { SchedulesClient } from './client/schedules/client.js';
import { createSchedulesClient } from './client/schedules/create.js';
import { createContext, createSwitchoverClient, taskQueueOf } from './client/switchover/client.js';
import type {
  ConnectOptions,
  SwitchoverClient,
  SwitchoverClientOptions,
} from './client/switchover/client.js';
import { connectTemporal } from './temporal/connection.js';

export { connectSwitchoverClient, createSwitchoverClient } from './client/switchover/client.js';
export type {
  ConnectOptions,
  ConnectedSwitchoverClient,
  SwitchoverClient,
  SwitchoverClientOptions,
} from './client/switchover/client.js';
export { connectTemporal } from './temporal/connection.js';
export type { TemporalConnection } from './temporal/connection.js';
export { loadTemporalConfig } from './temporal/config.js';
export type { TemporalConfig, TemporalConnectionOptions } from './temporal/config.js';
export type { SilenceKind } from './client/silence.js';
export { checkInput, checkRunRef } from './client/switchover/run.js';
export { auditHistory } from './client/switchover/audit.js';
export type { AuditOptions, AuditReport } from './client/switchover/audit.js';
export type { Violation } from './domain/invariants.js';
export type { Asked } from './client/switchover/ref.js';
export type { CancelOptions, CancelReceipt } from './client/switchover/client.js';
export type { HistoryEntry, HistoryOptions } from './client/switchover/history.js';
export type { PendingActivity } from './client/switchover/status.js';
export type { ResultOptions } from './client/switchover/result.js';
export type { RunRef } from './client/switchover/ref.js';
export type { StartOptions, StartedRun } from './client/switchover/start.js';
export type { RunStatus } from './client/switchover/status.js';
export type { UnresolvedOptions, UnresolvedRun } from './client/switchover/unresolved.js';
export type { PutState } from './temporal/swap-trace.js';
export {
  AlreadyRunningError,
  RequestIdReusedError,
  InvalidInputError,
  RunCancelledError,
  RunClosedError,
  RunNotFoundError,
  SwitchoverClientError,
  WaitTimedOutError,
} from './client/errors.js';
export {
  TemporalConfigError,
  TemporalRequestError,
  TemporalUnreachableError,
} from './temporal/errors.js';
export { CodecError, DataConverterError, PayloadsEncodedError } from './temporal/data-converter.js';
export type { OpenRun } from './client/errors.js';
export type { ErrorCategory, UnreachableKind } from './temporal/errors.js';
export type { MaintenanceClient, SendDecision } from './client/maintenance/client.js';
export type {
  MaintenanceRef,
  PinnedMaintenance,
  StartedMaintenance,
} from './client/maintenance/ref.js';
export { checkMaintenanceInput } from './client/maintenance/start.js';
export { maintenanceCommand, maintenanceWorkflowIdOf } from './client/maintenance/ref.js';
export {
  MaintenanceCancelledError,
  MaintenanceClosedError,
  MaintenanceEndedOutsideError,
  MaintenanceNotFoundError,
  MaintenanceRunningError,
  MaintenanceWaitTimedOutError,
  MessageRefusedError,
  NoWorkerError,
  NothingLeftError,
} from './client/maintenance/errors.js';
export type { OpenMaintenance } from './client/maintenance/errors.js';
export type { NoResultCause } from './domain/run-ending.js';
export type {
  AppliedSchedule,
  Firing,
  ScheduleDetails,
  ScheduleEntry,
  SchedulesClient,
} from './client/schedules/client.js';
export {
  BackfillRefusedError,
  ForeignScheduleError,
  ScheduleBusyError,
  ScheduleNotFoundError,
} from './client/schedules/client.js';
export type { FreezeClient, FreezeReport } from './client/freeze.js';

/**
 * Everything that a service may ask for. Every call has a deadline; every method may throw
 * TemporalUnreachableError and TemporalRequestError, and InvalidInputError before anything is sent.
 */
export interface DcsSwitchover {
  /** One instance. */
  readonly switchover: SwitchoverClient;
  /** Many instances inside a window. */
  readonly maintenance: MaintenanceClient;
  /** Maintenance runs that start by themselves. */
  readonly schedules: SchedulesClient;
  /** The freeze of the whole namespace. */
  readonly freezes: FreezeClient;
}

/** All clients on a connection that the caller owns. Opens nothing. */
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
