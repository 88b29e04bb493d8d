import { randomUUID } from 'node:crypto';

import type {
  InstanceRef,
  Resolution,
  SwitchoverInput,
  SwitchoverResult,
} from '../../contract/index.js';
import { joinText, runCommand, withCommands } from '../../domain/commands.js';
import { callTemporal, isNotFound } from '../../temporal/rpc.js';
import type { ClientContext } from '../../temporal/rpc.js';
import { traceSwaps } from '../../temporal/swap-trace.js';
import type { PutState } from '../../temporal/swap-trace.js';
import { listUnresolved } from '../../temporal/unresolved.js';
import type { UnresolvedOptions, UnresolvedRun } from '../../temporal/unresolved.js';
import { auditRun } from '../audit.js';
import type { AuditOptions, AuditReport } from '../audit.js';
import { RunClosedError } from '../errors.js';
import type { RunRef } from '../ref.js';

import { readRuns } from './history.js';
import type { NamedInstance } from './find-instances.js';
import type { HistoryEntry, HistoryOptions } from './history.js';
import type { ListOptions, RunList } from './list.js';
import { awaitResult } from './result.js';
import type { ResultOptions } from './result.js';
import { describeRun, readRunHistory } from './run.js';
import { readReport } from './report.js';
import type { SwitchoverReport } from './report.js';
import { startRun } from './start.js';
import type { StartedRun, StartOptions } from './start.js';
import { readStatus } from './status.js';
import type { RunStatus } from './status.js';

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
  const look = withCommands('See how it ends', runCommand('wait', run.ref));
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
   * @throws RunCancelledError, NotFoundError, WaitTimedOutError (the run continues), or the
   * reason of `signal`
   */
  result(ref: RunRef, options?: ResultOptions): Promise<SwitchoverResult>;
  /**
   * Where a run stands, open or closed. Works without a worker: then it is read from the history.
   *
   * @throws NotFoundError
   */
  status(ref: RunRef): Promise<RunStatus>;
  /**
   * Asks an open run to stop. Before the fence it ends Cancelled with nothing sent; after it the run
   * finishes and ends with the verified outcome.
   *
   * @throws NotFoundError, RunClosedError
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
   * @throws NotFoundError
   */
  audit(ref: RunRef, options?: AuditOptions): Promise<AuditReport>;
  /**
   * Ids of the instances of a project whose latest run had this name, by the search attribute `DcsInstanceName`; `null`
   * where that is not registered. An instance without any run is not found. Works without a worker.
   */
  findInstances(named: NamedInstance): Promise<readonly string[] | null>;
  /**
   * Open and recent runs of all instances, the latest first, dry runs included. From visibility, which may lag a few
   * seconds behind, and from each run's own ending; a run that cannot be read says why. Works without a worker.
   *
   * @throws InvalidInputError
   */
  list(options?: ListOptions): Promise<RunList>;
  /**
   * What a report of an ended run is made of: its result as `result` resolves, and its PUTs as the history proves them.
   * Works without a worker.
   *
   * @throws InvalidInputError, RunCancelledError, NotFoundError; WaitTimedOutError while the run is open
   */
  report(ref: RunRef): Promise<SwitchoverReport>;
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

/** Single runs, on a connection that the caller owns. Opens nothing. */
export function createSwitchoverClient(context: ClientContext): SwitchoverClient {
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
    report: (ref) => readReport(context, ref),
    history: (ref, options) => readRuns(context, ref, options),
    // Who lists nothing does not load what lists.
    list: async (options) => (await import('./list.js')).listRunEntries(context, options),
    findInstances: async (named) =>
      (await import('./find-instances.js')).findInstancesByRuns(context, named),
    unresolved: (options) => listUnresolved(context, options),
    resolve: ({ projectId, instanceId, examinedRunId = null }, resolution, options) =>
      run({ projectId, instanceId, mode: 'resolve', examinedRunId, resolution }, options),
  };
}
