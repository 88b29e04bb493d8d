/**
 * How a run ended, by the last event of its history, whichever way Temporal chained it to a next run. By the
 * client's own data converter; needs no worker.
 */
import { ApplicationFailure } from '@temporalio/client';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { decodeOptionalFailureToOptionalError } from '@temporalio/common/lib/internal-non-workflow';

import { isRecord } from '../util.js';

import { createPayloadReader } from './payloads.js';

type HistoryEvent = Partial<
  NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number]
>;

/** `EventFilterType` of the service: only the event that closed the run. */
const CLOSE_EVENT: object = { historyEventFilterType: 2 };

/**
 * What a closed run has told at its end: its value, or the first detail of its failure with the failure's type as
 * `outcome`. A run that a cron schedule or a retry policy chained to the next one has told it all the same.
 *
 * @returns `null` where it told nothing: it was ended from outside, or is no run of ours
 * @throws whatever the SDK throws
 */
export async function readTold(
  client: Client,
  workflowId: string,
  runId: string,
): Promise<Readonly<Record<string, unknown>> | null> {
  const event = await readCloseEvent(client, workflowId, runId);
  const failure = await readFailure(client, event);
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
  return readFailure(client, await readCloseEvent(client, workflowId, runId));
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

async function readFailure(client: Client, event: HistoryEvent): Promise<Error | null> {
  const failure =
    event.workflowExecutionFailedEventAttributes?.failure ??
    event.workflowExecutionContinuedAsNewEventAttributes?.failure;
  const error = await decodeOptionalFailureToOptionalError(
    client.options.loadedDataConverter,
    failure,
  );
  return error ?? null;
}

/** A cron run that completed hands its value on to the next run. */
function readValue(client: Client, workflowId: string, event: HistoryEvent): Promise<unknown> {
  const value =
    event.workflowExecutionCompletedEventAttributes?.result ??
    event.workflowExecutionContinuedAsNewEventAttributes?.lastCompletionResult;
  const { namespace } = client.options;
  return createPayloadReader(client).readFirst(value?.payloads, {
    ...{ type: 'workflow', namespace, workflowId },
  });
}
