import { randomUUID } from 'node:crypto';

import type { Client } from '@temporalio/client';

import { DEFAULT_TASK_QUEUE } from '../../contract/index.js';
import type {
  InstanceRef,
  Resolution,
  SwitchoverInput,
  SwitchoverResult,
} from '../../contract/index.js';
import { joinText, withCommands } from '../../domain/commands.js';
import { findTaskQueueProblem } from '../../domain/text.js';
import { connectTemporal } from '../../temporal/connection.js';
import { TemporalConfigError } from '../../temporal/errors.js';
import { callTemporal, isNotFound, TEMPORAL_TIMEOUTS_MS } from '../../temporal/rpc.js';
import type { ClientContext } from '../../temporal/rpc.js';
import { traceSwaps } from '../../temporal/swap-trace.js';
import type { PutState } from '../../temporal/swap-trace.js';
import { RunClosedError } from '../errors.js';
import { checkMs } from '../check-number.js';

import { auditRun } from './audit.js';
import type { AuditOptions, AuditReport } from './audit.js';
import { readRuns } from './history.js';
import type { HistoryEntry, HistoryOptions } from './history.js';
import { commandLine } from './ref.js';
import type { RunRef } from './ref.js';
import { awaitResult } from './result.js';
import type { ResultOptions } from './result.js';
import { describeRun, readRunHistory } from './run.js';
import { startRun } from './start.js';
import type { StartedRun, StartOptions } from './start.js';
import { readStatus } from './status.js';
import type { RunStatus } from './status.js';
import { listUnresolved } from './unresolved.js';
import type { UnresolvedOptions, UnresolvedRun } from './unresolved.js';

/** Options of `cancel`. */
export interface CancelOptions {
  /** Who cancels and why; stands in the run's history. */
  readonly reason?: string | undefined;
}

/** What a request to cancel means for the run at this moment. */
export interface CancelReceipt {
  readonly workflowId: string;
  readonly runId: string;
  readonly put: PutState;
  /** In plain text: what was and was not sent, and how the run will end. */
  readonly meaning: string;
}

/** Asks a run to stop; see `SwitchoverClient.cancel`. */
async function requestCancel(
  context: ClientContext,
  ref: RunRef,
  { reason = '' }: CancelOptions = {},
): Promise<CancelReceipt> {
  const run = await describeRun(context, ref);
  const { runId } = run.ref;
  if (!run.isOpen) throw new RunClosedError(run.ref, runId);
  const { client } = context;
  try {
    // Raw, because the SDK's handle cannot carry a reason.
    await callTemporal(context, 'cancel', () =>
      client.workflowService.requestCancelWorkflowExecution({
        namespace: client.options.namespace,
        workflowExecution: { workflowId: run.workflowId, runId },
        firstExecutionRunId: run.description.raw.workflowExecutionInfo?.firstRunId ?? '',
        identity: client.options.identity,
        requestId: randomUUID(),
        reason,
      }),
    );
  } catch (error) {
    throw isNotFound(error) ? new RunClosedError(run.ref, runId) : error;
  }
  const { put, putSummary } = traceSwaps(await readRunHistory(context, run));
  const look = withCommands('See how it ends', commandLine('wait', run.ref));
  const meaning = joinText([putSummary, MEANINGS[put], look]);
  return { workflowId: run.workflowId, runId, put, meaning };
}

const MEANINGS: Record<PutState, string> = {
  'not-scheduled': 'The run ends Cancelled, unless its PUT passes the fence first.',
  'possibly-sent':
    'If the PUT has not passed the fence, the run ends Cancelled with nothing sent; if it has, the run finishes and ends with the verified outcome.',
  accepted: 'A PUT cannot be taken back: the run finishes and ends with the verified outcome.',
  'not-applied': 'Nothing was applied so far; the run ends without sending another PUT.',
};

/**
 * Starts switchovers and follows them. Every call has a deadline; every method may throw
 * TemporalUnreachableError and TemporalRequestError, and InvalidInputError before anything is sent.
 */
export interface SwitchoverClient {
  /**
   * Starts a run, or finds the one that already serves: the open or the latest closed run with the
   * same `requestId` (and mode), or an open run that asks for the same. So it may be repeated.
   *
   * @throws AlreadyRunningError when an open run asks for something else
   */
  start(input: SwitchoverInput, options?: StartOptions): Promise<StartedRun>;
  /**
   * Waits for a run to end. Resolves for every outcome, the bad ones too: look at `outcome`. A run
   * that was terminated, timed out or failed foreign to us resolves as UNKNOWN, with what its history
   * proves.
   *
   * @throws InvalidInputError when the run found the input invalid
   * @throws RunCancelledError, RunNotFoundError, WaitTimedOutError (the run continues), or the
   * reason of `signal`
   */
  result(ref: RunRef, options?: ResultOptions): Promise<SwitchoverResult>;
  /**
   * Where a run stands, open or closed. Works without a worker: then it is read from the history.
   *
   * @throws RunNotFoundError
   */
  status(ref: RunRef): Promise<RunStatus>;
  /**
   * Asks an open run to stop. Before the fence it ends Cancelled with nothing sent; after it the run
   * finishes and ends with the verified outcome.
   *
   * @throws RunNotFoundError, RunClosedError
   */
  cancel(ref: RunRef, options?: CancelOptions): Promise<CancelReceipt>;
  /** Evaluates every check and sends nothing: `start` with mode "plan", and its result. */
  plan(input: Omit<SwitchoverInput, 'mode'>, options?: ResultOptions): Promise<SwitchoverResult>;
  /**
   * Finds out, by reading only, what an earlier run did: `start` with mode "verify", and its result. A
   * known outcome resolves that run.
   */
  verify(
    input: Omit<SwitchoverInput, 'mode' | 'jobId'> & { readonly examinedRunId: string },
    options?: ResultOptions,
  ): Promise<SwitchoverResult>;
  /**
   * Waits for a job that is known from elsewhere, then finds out by reading what its run did: `start`
   * with mode "adopt", and its result.
   */
  adopt(
    input: Omit<SwitchoverInput, 'mode'> & { readonly jobId: string },
    options?: ResultOptions,
  ): Promise<SwitchoverResult>;
  /**
   * The latest runs of an instance, latest first, dry runs left out. From visibility, which may lag a few
   * seconds behind, and from each run's own ending. Works without a worker.
   */
  history(ref: InstanceRef, options?: HistoryOptions): Promise<HistoryEntry[]>;
  /**
   * Whether a run kept every promise that its history can prove or refute. Works without a worker.
   *
   * @throws RunNotFoundError
   */
  audit(ref: RunRef, options?: AuditOptions): Promise<AuditReport>;
  /**
   * What is unresolved now, the latest first: of each instance the run that refuses its next switchover, or that holds
   * its lock unresolved. What was verified or resolved is left out. Visibility may lag a few seconds behind. Works
   * without a worker.
   */
  unresolved(options?: UnresolvedOptions): Promise<UnresolvedRun[]>;
  /**
   * Records an operator's statement about an unresolved run: `start` with mode "resolve", and its result. With
   * `examinedRunId` the word is about that run and those before it, whenever it arrives.
   */
  resolve(
    ref: InstanceRef & { readonly examinedRunId?: string },
    resolution: Resolution,
    options?: ResultOptions,
  ): Promise<SwitchoverResult>;
}

/** Options of {@link createSwitchoverClient}. */
export interface SwitchoverClientOptions {
  /** A Temporal client that the service already has; its data converter and namespace are used. */
  readonly client: Client;
  /** @default "dcs-switchover" */
  readonly taskQueue?: string | undefined;
  /** Longest time one call to Temporal may take, in milliseconds. @default 10_000 */
  readonly rpcTimeoutMs?: number | undefined;
}

/**
 * What the operations of a client work with, defaults filled in.
 *
 * @throws TemporalConfigError for a task queue that no one could serve; InvalidInputError for a time that is none
 */
export function createContext({
  client,
  taskQueue = DEFAULT_TASK_QUEUE,
  rpcTimeoutMs = TEMPORAL_TIMEOUTS_MS.client,
}: SwitchoverClientOptions): ClientContext {
  const problem = findTaskQueueProblem(taskQueue);
  if (problem !== null)
    throw new TemporalConfigError(
      'The task queue (taskQueue, or DCS_SWITCHOVER_TASK_QUEUE)',
      problem,
      'Give the name that the workers serve.',
    );
  return { client, taskQueue, rpcTimeoutMs: checkMs('rpcTimeoutMs', rpcTimeoutMs) };
}

/** A client on a connection that the caller owns. Opens nothing. */
export function createSwitchoverClient(options: SwitchoverClientOptions): SwitchoverClient {
  const context = createContext(options);
  const run = async (
    input: SwitchoverInput,
    options: ResultOptions | undefined,
  ): Promise<SwitchoverResult> => awaitResult(context, await startRun(context, input), options);
  return {
    start: (input, options) => startRun(context, input, options),
    result: (ref, options) => awaitResult(context, ref, options),
    status: (ref) => readStatus(context, ref),
    cancel: (ref, options) => requestCancel(context, ref, options),
    plan: (input, options) => run({ ...input, mode: 'plan' }, options),
    verify: (input, options) => run({ ...input, mode: 'verify' }, options),
    adopt: (input, options) => run({ ...input, mode: 'adopt' }, options),
    audit: (ref, options) => auditRun(context, ref, options),
    history: (ref, options) => readRuns(context, ref, options),
    unresolved: (options) => listUnresolved(context, options),
    resolve: ({ projectId, instanceId, examinedRunId = null }, resolution, options) =>
      run({ projectId, instanceId, mode: 'resolve', examinedRunId, resolution }, options),
  };
}

/** Task queue by the environment. An empty variable counts as absent. */
export function taskQueueOf(env: NodeJS.ProcessEnv): string | undefined {
  const name = env['DCS_SWITCHOVER_TASK_QUEUE'];
  return name === '' ? undefined : name;
}

/** Options of {@link connectSwitchoverClient}. */
export interface ConnectOptions {
  /** @default process.env */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** @default `DCS_SWITCHOVER_TASK_QUEUE`, else "dcs-switchover" */
  readonly taskQueue?: string | undefined;
  /** See {@link SwitchoverClientOptions.rpcTimeoutMs}. */
  readonly rpcTimeoutMs?: number | undefined;
}

/** A client with a connection of its own. */
export interface ConnectedSwitchoverClient extends SwitchoverClient {
  /** `host:port` of the Temporal server. */
  readonly address: string;
  readonly namespace: string;
  /** Ends the connection; runs go on. */
  close(): Promise<void>;
}

/**
 * Connects by the `TEMPORAL_*` environment and gives a client.
 *
 * @throws TemporalConfigError, TemporalUnreachableError
 */
export async function connectSwitchoverClient({
  env = process.env,
  taskQueue = taskQueueOf(env),
  rpcTimeoutMs,
}: ConnectOptions = {}): Promise<ConnectedSwitchoverClient> {
  const connection = await connectTemporal(env);
  const { client, address, namespace } = connection;
  return {
    ...createSwitchoverClient({ client, taskQueue, rpcTimeoutMs }),
    address,
    namespace,
    close: () => connection.close(),
  };
}
