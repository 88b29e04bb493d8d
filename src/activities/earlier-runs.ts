import { ApplicationFailure, WorkflowFailedError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow';

import { isOutcome, makeSwitchoverWorkflowId } from '../contract/index.js';
import type { InstanceRef, SwitchoverResult } from '../contract/index.js';
import { PayloadsEncodedError, isUnknownEncoding } from '../data-converter/index.js';
import { TEMPORAL_RPC_TIMEOUT_MS } from '../domain/budgets.js';
import { isTelling } from '../domain/checks/runs.js';
import type { EarlierRun, RunHistoryFacts } from '../domain/facts.js';

import { listRuns, readRunStatus } from './run-list.js';

/** How many runs are listed; newer ones come first, and retention ends the list long before. */
const MAX_LISTED_RUNS = 2_000;

/**
 * How many runs are read on the way back to one that leaves or settles a doubt. Refused runs do
 * neither and are passed over, so a caller that retries for hours must not push the doubt out of view:
 * beyond this limit the answer is an error, never "nothing found".
 */
const MAX_READ_RUNS = 300;

/** How long visibility may take to show the asking run before its answer counts as too old. */
const FRESHNESS_TIMEOUT_MS = 10_000;
const FRESHNESS_STEP_MS = 200;

/**
 * Reads how the earlier runs of an instance ended.
 *
 * Visibility lags behind. It is asked until it shows the asking run itself: what it shows of earlier
 * runs is then at least as new as that; a run that it still calls open is described by its own id.
 *
 * @param ownRunId the asking run, left out of the answer; `null` when it runs under another id (plan)
 * @returns runs back to the first that leaves or settles a doubt
 * @throws Error when visibility does not catch up within 10 s, Temporal does not answer, or only
 * refused runs are found within the limit
 */
export async function readEarlierRuns(
  client: Client,
  ref: InstanceRef,
  ownRunId: string | null,
): Promise<RunHistoryFacts> {
  const workflowId = makeSwitchoverWorkflowId(ref);
  const others = (await listFreshly(client, workflowId, ownRunId))
    .filter(({ runId }) => runId !== ownRunId)
    .sort((a, b) => b.startedAtMs - a.startedAtMs);
  const closed: EarlierRun[] = [];
  let openRunId: string | null = null;
  for (const { runId } of others) {
    if (closed.length === MAX_READ_RUNS)
      throw new Error(`The last ${MAX_READ_RUNS} runs were refused; resolve the one before them`);
    const run = await readRun(client, workflowId, runId);
    if (run === 'open') {
      openRunId = runId;
      continue;
    }
    closed.push(run);
    if (isTelling(run)) break;
  }
  return { closed, openRunId };
}

async function listFreshly(client: Client, workflowId: string, ownRunId: string | null) {
  const giveUpAtMs = Date.now() + FRESHNESS_TIMEOUT_MS;
  for (;;) {
    const runs = await withDeadline(client, () => listRuns(client, workflowId, MAX_LISTED_RUNS));
    if (ownRunId === null || runs.some(({ runId }) => runId === ownRunId)) return runs;
    if (Date.now() > giveUpAtMs)
      throw new Error(
        'Temporal visibility does not show this run yet, so earlier ones may be missing',
      );
    await new Promise((resolve) => setTimeout(resolve, FRESHNESS_STEP_MS));
  }
}

async function readRun(
  client: Client,
  workflowId: string,
  runId: string,
): Promise<EarlierRun | 'open'> {
  const handle = client.workflow.getHandle(workflowId, runId, { followRuns: false });
  const status = await withDeadline(client, () => readRunStatus(client, workflowId, runId));
  if (status === 'RUNNING') return 'open';
  const told = await withDeadline(client, () =>
    readResult(() => handle.result() as Promise<unknown>),
  );
  return {
    runId,
    status,
    outcome: isOutcome(told?.outcome) ? told.outcome : null,
    requestId: told?.requestId ?? (await readInputRequestId(client, workflowId, runId)),
    isDuplicate: (told?.checks ?? []).some(
      ({ id, passed }) => id === 'request-already-done' && passed === false,
    ),
  };
}

/** The result of a closed run, whether it completed with it or failed with it. */
async function readResult(
  result: () => Promise<unknown>,
): Promise<Partial<SwitchoverResult> | null> {
  try {
    return (await result()) as Partial<SwitchoverResult> | null;
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    if (!(cause instanceof ApplicationFailure)) return null;
    const details = (cause.details?.[0] ?? {}) as Partial<SwitchoverResult>;
    return { ...details, outcome: cause.type as SwitchoverResult['outcome'] };
  }
}

/** A terminated run tells nothing at its end; its request id stands in its first event. */
async function readInputRequestId(
  client: Client,
  workflowId: string,
  runId: string,
): Promise<string | null> {
  const { history } = await withDeadline(client, () =>
    client.workflowService.getWorkflowExecutionHistory({
      namespace: client.options.namespace,
      execution: { workflowId, runId },
      maximumPageSize: 1,
    }),
  );
  const payloads = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads;
  const [input] = await decodeArrayFromPayloads(client.options.loadedDataConverter, payloads, {
    type: 'workflow',
    namespace: client.options.namespace,
    workflowId,
  });
  const requestId = (input as { readonly requestId?: unknown } | null | undefined)?.requestId;
  return typeof requestId === 'string' ? requestId : null;
}

async function withDeadline<T>(client: Client, call: () => Promise<T>): Promise<T> {
  try {
    return await client.withDeadline(Date.now() + TEMPORAL_RPC_TIMEOUT_MS, call);
  } catch (error) {
    if (!isUnknownEncoding(error)) throw error;
    const { payloadCodecs } = client.options.loadedDataConverter;
    throw new PayloadsEncodedError('read the earlier runs', payloadCodecs.length > 0);
  }
}
