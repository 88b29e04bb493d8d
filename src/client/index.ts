/**
 * Entry point `dcs-switchover/client`: starts switchovers, plans and schedules from any service. Loads neither
 * the native worker nor an HTTP client; works with a Temporal connection the service already has.
 */
export { connectDcsSwitchover, createDcsSwitchover } from './dcs-switchover.js';
export type { ConnectedDcsSwitchover, DcsSwitchover } from './dcs-switchover.js';
export { connectSwitchoverClient, createSwitchoverClient } from './switchover-client.js';
export type {
  ConnectOptions,
  ConnectedSwitchoverClient,
  SwitchoverClient,
  SwitchoverClientOptions,
} from './switchover-client.js';
export { connectTemporal } from './connect.js';
export type { TemporalConnection } from './connect.js';
export { loadTemporalConfig } from './temporal-config.js';
export type { TemporalConfig, TemporalConnectionOptions } from './temporal-config.js';
export type { SilenceKind } from './silence.js';
export { checkInput, checkRunRef } from './check-input.js';
export type { Asked } from './asked.js';
export type { CancelOptions, CancelReceipt } from './cancel.js';
export type { HistoryEntry, HistoryOptions } from './history.js';
export type { PendingActivity } from './pending.js';
export type { ResultOptions } from './result.js';
export type { RunRef } from './run-ref.js';
export type { StartOptions, StartedRun } from './start.js';
export type { RunStatus } from './status.js';
export type { UnresolvedOptions, UnresolvedRun } from './unresolved.js';
export type { PutState } from '../run-history/swap-trace.js';
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
} from './errors.js';
export { CodecError, DataConverterError, PayloadsEncodedError } from '../data-converter/index.js';
export type { OpenRun, UnreachableKind } from './errors.js';

export type {
  MaintenanceClient,
  MaintenanceRef,
  PinnedMaintenance,
  StartedMaintenance,
} from './maintenance/maintenance-client.js';
export { checkMaintenanceInput } from './maintenance/start.js';
export { maintenanceCommand, maintenanceWorkflowIdOf } from './maintenance/maintenance-ref.js';
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
} from './maintenance/errors.js';
export type { OpenMaintenance } from './maintenance/errors.js';
export type { UntoldCause } from './run-ending.js';
export type {
  EnsuredSchedule,
  Firing,
  ScheduleDetails,
  ScheduleEntry,
  SchedulesClient,
} from './schedules/schedules-client.js';
export {
  BackfillRefusedError,
  ForeignScheduleError,
  ScheduleBusyError,
  ScheduleNotFoundError,
} from './schedules/errors.js';
export type { FreezeClient, FreezeReport } from './freeze/freeze-client.js';
