/**
 * Entry point `dcs-switchover/client`: starts switchovers from any service. Loads neither the native
 * worker nor an HTTP client; works with a Temporal connection the service already has.
 */
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
export { checkInput, checkRunRef } from './check-input.js';
export type { Asked } from './asked.js';
export type { CancelOptions, CancelReceipt } from './cancel.js';
export type { HistoryEntry, HistoryOptions } from './history.js';
export type { PendingActivity } from './pending.js';
export type { ResultOptions } from './result.js';
export type { RunRef } from './run-ref.js';
export type { StartOptions, StartedRun } from './start.js';
export type { RunStatus } from './status.js';
export type { PutState } from '../run-history/swap-trace.js';
export {
  AlreadyRunningError,
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
