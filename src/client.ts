/**
 * Entry point `dcs-switchover/client`: starts switchovers, plans and schedules from any service. Loads neither
 * the native worker nor an HTTP client; works with a Temporal connection the service already has.
 */
export { connectDcsSwitchover, createDcsSwitchover } from './client/dcs-switchover.js';
export type { ConnectedDcsSwitchover, DcsSwitchover } from './client/dcs-switchover.js';
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
export { checkInput, checkRunRef } from './client/check-input.js';
export type { Asked } from './client/asked.js';
export type { CancelOptions, CancelReceipt } from './client/cancel.js';
export type { HistoryEntry, HistoryOptions } from './client/switchover/history.js';
export type { PendingActivity } from './client/pending.js';
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
  TemporalConfigError,
  TemporalRequestError,
  TemporalUnreachableError,
  WaitTimedOutError,
} from './client/errors.js';
export { CodecError, DataConverterError, PayloadsEncodedError } from './data-converter/index.js';
export type { OpenRun, UnreachableKind } from './client/errors.js';

export type {
  MaintenanceClient,
  MaintenanceRef,
  PinnedMaintenance,
  StartedMaintenance,
} from './client/maintenance/client.js';
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
export type { UntoldCause } from './temporal/run-ending.js';
export type {
  EnsuredSchedule,
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
} from './client/schedules/errors.js';
export type { FreezeClient, FreezeReport } from './client/freeze/freeze-client.js';
