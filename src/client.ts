import type { Client } from '@temporalio/client';

import { checkMs } from './client/errors.js';
import { createFreezeClient } from './client/freeze.js';
import type { FreezeClient } from './client/freeze.js';
import { listKnown } from './client/known.js';
import type { Known, KnownKind } from './client/known.js';
import { createMaintenanceClient } from './client/maintenance/client.js';
import type { MaintenanceClient } from './client/maintenance/client.js';
import type { SchedulesClient } from './client/schedules/client.js';
import { createSchedulesClient } from './client/schedules/create.js';
import { createSwitchoverClient } from './client/switchover/client.js';
import type { SwitchoverClient } from './client/switchover/client.js';
import { DEFAULT_TASK_QUEUE } from './contract/index.js';
import { findTaskQueueProblem } from './domain/text.js';
import { connectTemporal } from './temporal/connection.js';
import { TemporalConfigError } from './temporal/errors.js';
import { TEMPORAL_TIMEOUTS_MS } from './temporal/rpc.js';

export type { SwitchoverClient } from './client/switchover/client.js';
export type { Known, KnownKind } from './client/known.js';
export type { SilenceKind } from './client/silence.js';
export { checkInput, checkRunRef } from './client/switchover/run.js';
export { auditHistory } from './client/audit.js';
export type { AuditOptions, AuditReport } from './client/audit.js';
export type { Violation } from './domain/violations.js';
export type { CancelOptions, CancelReceipt } from './client/switchover/client.js';
export type { HistoryEntry, HistoryOptions } from './client/switchover/history.js';
export type { ListedOutcome, ListOptions, RunEntry, RunList } from './client/switchover/list.js';
export type { NamedInstance } from './client/switchover/find-instances.js';
export type { PendingActivity } from './client/switchover/status.js';
export type { PutRecord, SwitchoverReport } from './client/switchover/report.js';
export type { ResultOptions } from './client/switchover/result.js';
export type { StartOptions, StartedRun } from './client/switchover/start.js';
export type { RunStatus } from './client/switchover/status.js';
export type { UnresolvedOptions, UnresolvedRun } from './temporal/unresolved.js';
export type { PutState } from './temporal/swap-trace.js';
export {
  AlreadyRunningError,
  RequestIdReusedError,
  InvalidInputError,
  RunCancelledError,
  RunClosedError,
  NotFoundError,
  SwitchoverClientError,
  WaitTimedOutError,
} from './client/errors.js';
export {
  TemporalConfigError,
  TemporalRequestError,
  TemporalUnreachableError,
} from './temporal/errors.js';
export { CodecError, DataConverterError, PayloadsEncodedError } from './temporal/data-converter.js';
export type { OpenMaintenance, OpenRun, ScheduleRef } from './client/errors.js';
export type { ErrorCategory, UnreachableKind } from './temporal/errors.js';
export type {
  MaintenanceEntry,
  MaintenanceList,
  MaintenanceListOptions,
} from './client/maintenance/list.js';
export type { MaintenanceClient, SendDecision } from './client/maintenance/client.js';
export type {
  Asked,
  MaintenanceRef,
  PinnedMaintenance,
  RunRef,
  StartedMaintenance,
} from './client/ref.js';
export { checkMaintenanceInput } from './client/maintenance/start.js';
export { checkMaintenanceRef } from './client/maintenance/find.js';
export { checkScheduleId } from './client/schedules/change.js';
export { previewFirings } from './client/schedules/check.js';
export { checkBackfillRange } from './client/schedules/create.js';
export {
  MaintenanceEndedOutsideError,
  MessageRefusedError,
  NoWorkerError,
  NothingLeftError,
} from './client/maintenance/errors.js';
export type { ResolvedSince } from './domain/resolved-since.js';
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

/** Options of {@link createDcsSwitchover}. */
export interface DcsSwitchoverOptions {
  /** A Temporal client that the service already has; its data converter and namespace are used. */
  readonly client: Client;
  /** @default "dcs-switchover" */
  readonly taskQueue?: string | undefined;
  /** Longest time one call to Temporal may take, in milliseconds. @default 10_000 */
  readonly rpcTimeoutMs?: number | undefined;
}

/**
 * All clients on a connection that the caller owns. Opens nothing.
 *
 * @throws TemporalConfigError for a task queue that no one could serve; InvalidInputError for a time that is none
 */
export function createDcsSwitchover({
  client,
  taskQueue = DEFAULT_TASK_QUEUE,
  rpcTimeoutMs = TEMPORAL_TIMEOUTS_MS.client,
}: DcsSwitchoverOptions): DcsSwitchover {
  const problem = findTaskQueueProblem(taskQueue);
  if (problem !== null)
    throw new TemporalConfigError(
      'The task queue (taskQueue, or DCS_SWITCHOVER_TASK_QUEUE)',
      problem,
      'Give the name that the workers serve.',
    );
  const context = { client, taskQueue, rpcTimeoutMs: checkMs('rpcTimeoutMs', rpcTimeoutMs) };
  return {
    switchover: createSwitchoverClient(context),
    maintenance: createMaintenanceClient(context),
    schedules: createSchedulesClient(context),
    freezes: createFreezeClient(context),
  };
}

/** Options of {@link connectDcsSwitchover}. */
export interface ConnectOptions {
  /** @default process.env */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** @default `DCS_SWITCHOVER_TASK_QUEUE`, else "dcs-switchover" */
  readonly taskQueue?: string | undefined;
  /** See {@link DcsSwitchoverOptions.rpcTimeoutMs}. */
  readonly rpcTimeoutMs?: number | undefined;
}

/** Task queue by the environment. An empty variable counts as absent. */
function taskQueueOf({ DCS_SWITCHOVER_TASK_QUEUE: name }: NodeJS.ProcessEnv): string | undefined {
  return name === '' ? undefined : name;
}

/** All clients, with a connection of their own. */
export interface ConnectedDcsSwitchover extends DcsSwitchover {
  /** `host:port` of the Temporal server. */
  readonly address: string;
  readonly namespace: string;
  /**
   * Ids and names that visibility knows of a kind, the latest first: what a shell completes. Reads no run.
   *
   * @param projectId @default all of the namespace
   */
  readonly known: (kind: KnownKind, projectId?: string) => Promise<readonly Known[]>;
  /** Ends the connection; runs go on. */
  readonly close: () => Promise<void>;
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
  const caller = { client, rpcTimeoutMs: rpcTimeoutMs ?? TEMPORAL_TIMEOUTS_MS.client };
  return {
    ...createDcsSwitchover({ client, taskQueue, rpcTimeoutMs }),
    address,
    namespace,
    known: (kind, projectId) => listKnown(caller, kind, projectId),
    close: () => connection.close(),
  };
}
