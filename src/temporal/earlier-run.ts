/** One earlier run of a lock id: how it ended, and what it was asked for. */
import { ApplicationFailure } from '@temporalio/client';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { decodeOptionalFailureToOptionalError } from '@temporalio/common/lib/internal-non-workflow';

import { isOutcome, SWITCHOVER_WORKFLOW_TYPE } from '../contract/index.js';
import type { MaintenanceResult, SwitchoverResult } from '../contract/index.js';
import { findDeciding } from '../domain/checks/runs.js';
import type { EarlierRun } from '../domain/facts.js';
import { readAskedRequest } from '../domain/goal.js';
import { isRecord } from '../util.js';

import { CodecError, isUnknownEncoding, PayloadsEncodedError } from './data-converter.js';
import { createPayloadReader, fetchRunHistory, fetchRunInput, mapSome } from './run-history.js';
import type { Decoding } from './run-history.js';
import { isOpenStatus, listLatestFirst, MAX_LISTED_RUNS } from './run-list.js';
import type { ListedRun, NamedRun, RunsOf } from './run-list.js';
import { traceSwaps } from './swap-trace.js';
import type { SwapTrace } from './swap-trace.js';

// How a run ended, by the last event of its history, whichever way Temporal chained it to a next run. By the
// client's own data converter; needs no worker.

type HistoryEvent = Partial<
  NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number]
>;

/** `EventFilterType` of the service: only the event that closed the run. */
const CLOSE_EVENT: object = { historyEventFilterType: 2 };

/**
 * What a closed run has reported at its end: its value, or the first detail of its failure with the failure's type as
 * `outcome`. A run that a cron schedule or a retry policy chained to the next one has reported it all the same.
 *
 * @returns `null` where it reported nothing: it was ended from outside, or is no run of ours
 * @throws whatever the SDK throws
 */
async function readReported(
  client: Client,
  workflowId: string,
  runId: string,
): Promise<Readonly<Record<string, unknown>> | null> {
  return readReport(client, workflowId, await readCloseEvent(client, workflowId, runId));
}

/** The same of the event that closed the run. */
export async function readReport(
  client: Decoding,
  workflowId: string,
  event: HistoryEvent,
): Promise<Readonly<Record<string, unknown>> | null> {
  const failure = await readFailure(client, workflowId, event);
  if (failure instanceof ApplicationFailure) {
    const [first] = failure.details ?? [];
    return { ...(isRecord(first) ? first : {}), outcome: failure.type };
  }
  const value = await readValue(client, workflowId, event);
  return isRecord(value) ? value : null;
}

/** The failure with which a run ended that was continued as the next of its chain; `null` where it has none. */
export async function readChainedFailure(
  client: Client,
  workflowId: string,
  runId: string,
): Promise<Error | null> {
  return readFailure(client, workflowId, await readCloseEvent(client, workflowId, runId));
}

async function readCloseEvent(
  client: Client,
  workflowId: string,
  runId: string,
): Promise<HistoryEvent> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    ...CLOSE_EVENT,
  });
  return history?.events?.at(-1) ?? {};
}

/**
 * A codec may bind what it encodes to the workflow: without saying which, nothing of it can be decoded.
 *
 * @throws PayloadsEncodedError, CodecError
 */
async function readFailure(
  { options }: Decoding,
  workflowId: string,
  event: HistoryEvent,
): Promise<Error | null> {
  const { loadedDataConverter: converter, namespace } = options;
  const failure =
    event.workflowExecutionFailedEventAttributes?.failure ??
    event.workflowExecutionContinuedAsNewEventAttributes?.failure;
  const owner = { type: 'workflow', namespace, workflowId } as const;
  try {
    return (await decodeOptionalFailureToOptionalError(converter, failure, owner)) ?? null;
  } catch (error) {
    if (error instanceof CodecError) throw error;
    if (isUnknownEncoding(error))
      throw new PayloadsEncodedError('read the history', converter.payloadCodecs.length > 0);
    // Details of no form that anyone reads: what is left is how it was called.
    return new ApplicationFailure(undefined, failure?.applicationFailureInfo?.type);
  }
}

/** A cron run that completed hands its value on to the next run. */
function readValue(client: Decoding, workflowId: string, event: HistoryEvent): Promise<unknown> {
  const value =
    event.workflowExecutionCompletedEventAttributes?.result ??
    event.workflowExecutionContinuedAsNewEventAttributes?.lastCompletionResult;
  const { namespace } = client.options;
  return createPayloadReader(client).readFirst(value?.payloads, {
    ...{ type: 'workflow', namespace, workflowId },
  });
}

/**
 * Events of the longest history of a run that its pre-check ended: one activity, two upserts, a delivery, start and end.
 * A run that ended by itself after a PUT activity has three more at least. The server counts them, so no one can make it up. Tests
 * hold the runs that they make against it.
 */
export const MAX_PRE_CHECK_EVENTS = 14;

/** Whether the pre-check ended a run, by the list alone: it sent nothing. */
export function isEndedByPreCheck({ type, status, historyLength }: ListedRun): boolean {
  const hasEndedItself = status === 'COMPLETED' || status === 'FAILED';
  const isShort = historyLength > 0 && historyLength <= MAX_PRE_CHECK_EVENTS;
  return type === SWITCHOVER_WORKFLOW_TYPE && hasEndedItself && isShort;
}

/**
 * Whether a run neither leaves nor settles an unresolved outcome, by the list alone: it was cancelled, which the workflow allows only
 * before the fence, or refused by its pre-check.
 */
export function isTransparent(run: ListedRun): boolean {
  return run.status === 'CANCELLED' || (run.status === 'FAILED' && isEndedByPreCheck(run));
}

/** The closed runs of a list that may leave or settle an unresolved outcome, by the list alone; in its order. */
export function findClosedRepeating<T extends ListedRun>(listed: readonly T[]): T[] {
  return listed.filter((run) => !isOpenStatus(run.status) && !isTransparent(run));
}

/** Those of an instance, latest first, as far back as a run itself looks. @throws what `ask` throws */
export async function listClosedRepeating(runs: RunsOf): Promise<NamedRun[]> {
  return findClosedRepeating(await listLatestFirst(runs, MAX_LISTED_RUNS));
}

/** What a run reported at its end; histories of other versions may lack any of it. */
type Reported = Partial<SwitchoverResult>;

/** A closed run as it was read. */
export interface ReadRun extends EarlierRun {
  /** `null` where it reported nothing. */
  readonly reported: Reported | null;
  /** What its history proves, where it reported no outcome. */
  readonly trace: SwapTrace | null;
}

/**
 * Reads how a closed run ended, by its own result where it reported one, else by what its history proves.
 *
 * @throws what `ask` throws
 */
export async function readClosedRun(
  { ask, client, workflowId }: RunsOf,
  { runId, status, type }: Pick<ListedRun, 'runId' | 'status' | 'type'>,
): Promise<ReadRun> {
  const reported: Reported | null = await ask('read the end of a run', () =>
    readReported(client, workflowId, runId),
  );
  const outcome = isOutcome(reported?.outcome) ? reported.outcome : null;
  const history =
    outcome === null && status !== 'CANCELLED'
      ? await ask('read the history of a run', () => fetchRunHistory(client, workflowId, runId))
      : null;
  const trace = history === null ? null : traceSwaps(history);
  const runs = { ask, client, workflowId };
  // A terminated run reports nothing at its end; what it was asked stands in its first event.
  const asked =
    askedOf(reported) ?? readAskedRequest(history?.input ?? (await readInput(runs, runId)));
  return {
    ...{ runId, status, outcome, reported, trace, ...asked },
    ...linksOf(reported ?? {}),
    isProvedUnsent: trace !== null && type === SWITCHOVER_WORKFLOW_TYPE && hasDoneNothing(trace),
  };
}

type RequestOf = Pick<EarlierRun, 'requestId' | 'mode'>;

/** As the run itself reported it; `null` where it did not. */
function askedOf(reported: Reported | null): RequestOf | null {
  if (typeof reported?.mode !== 'string' || reported.requestId === undefined) return null;
  return { requestId: reported.requestId, mode: reported.mode };
}

/** Why a result is what it is, and the other runs that it is about. */
function linksOf({ cause = null, examinedRunId, repeatOfRunId }: Reported) {
  return { cause, examinedRunId: examinedRunId ?? null, repeatOfRunId: repeatOfRunId ?? null };
}

/** What a run was asked to do: the argument that it was started with. */
export function readInput({ ask, client, workflowId }: RunsOf, runId: string): Promise<unknown> {
  return ask('read the input of a run', () => fetchRunInput(client, workflowId, runId));
}

/** Nothing was sent, or the API itself answered that what was sent did nothing. */
function hasDoneNothing({ put }: SwapTrace): boolean {
  return put === 'not-scheduled' || put === 'not-applied';
}

// What a closed run of a maintenance has reported of its PUTs.

/**
 * How many PUTs a closed run of a maintenance has sent, by its own result; `null`: it reported none, and may have sent some.
 *
 * @throws what `ask` throws
 */
export async function countSentByMaintenance(
  { ask, client, workflowId }: RunsOf,
  runId: string,
): Promise<number | null> {
  const reported = await ask('read the end of a run', () =>
    readReported(client, workflowId, runId),
  );
  if (reported?.['outcome'] === 'INVALID_INPUT') return 0;
  const { items }: Partial<MaintenanceResult> = reported ?? {};
  return items === undefined ? null : sumSent(items);
}

/** How many PUTs its items report; `null`: an unknown outcome may stand for a PUT that no result has counted. */
export function sumSent(items: MaintenanceResult['items']): number | null {
  const legs = items.flatMap(({ forward, return: back }) =>
    back === null ? [forward] : [forward, back],
  );
  if (legs.some(({ outcome, swapsSent }) => outcome === 'UNKNOWN' && swapsSent === 0)) return null;
  return legs.reduce((sum, { swapsSent }) => sum + swapsSent, 0);
}

// The way from the latest run of a lock id to the one that leaves or settles an unresolved outcome.

/** How many runs are read at once at first: nearly always the first one decides. */
const FIRST_STEP = 1;
const STEP_GROWTH = 4;

/**
 * Reads in growing steps, latest first, until one decides; all of them where none does. Those that their pre-check
 * refused do not decide, and the list reports them, so they are not read; those that were refused right before their PUT
 * cost a question each, however many there are.
 */
export async function readBack(
  runs: readonly ListedRun[],
  read: (run: ListedRun) => Promise<ReadRun>,
): Promise<ReadRun[]> {
  const closed: ReadRun[] = [];
  let step = FIRST_STEP;
  while (closed.length < runs.length && findDeciding(closed) === null) {
    const next = runs.slice(closed.length, closed.length + step);
    closed.push(...(await mapSome(next, read)));
    step *= STEP_GROWTH;
  }
  return closed;
}
