/** Whether the id of a maintenance has done work before: then only an explicit word repeats it. */
import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure, WorkflowFailedError } from '@temporalio/client';
import type { Client } from '@temporalio/client';

import { MAINTENANCE_WORKFLOW_TYPE } from '../../contract/index.js';
import type { InputProblem, MaintenanceResult } from '../../contract/index.js';
import type { ListedRun } from '../../run-history/run-list.js';
import { isRecord } from '../../is-record.js';

import { listFreshly } from '../earlier-runs.js';
import { askTemporal } from '../temporal.js';

/** Runs of one id that are looked at, latest first. With so many, an earlier one may not be listed. */
const MAX_RUNS = 100;

/** How long visibility may take to show the asking run before its answer counts as too old. */
const FRESHNESS_TIMEOUT_MS = 5_000;

/**
 * The problem of an id under which another start has switched, or may have; `null` where none has. Runs of the
 * asking one's own chain (a reset, a continuation) do not count: each child knows by its request id what is done.
 *
 * @param workflowId of the maintenance; firings of a schedule have ids of their own
 * @throws TemporalUnreadableError, VisibilityBehindError
 */
export async function findUsedId(client: Client, workflowId: string): Promise<InputProblem | null> {
  const ownRunId = activityInfo().workflowExecution?.runId ?? '';
  const bounds = { limit: MAX_RUNS, withinMs: FRESHNESS_TIMEOUT_MS };
  const runs = await listFreshly(client, workflowId, ownRunId, bounds);
  const ownChain = runs.length === 1 ? ownRunId : await chainOf(client, workflowId, ownRunId);
  for (const run of runs) {
    const isCandidate =
      run.runId !== ownRunId &&
      run.type === MAINTENANCE_WORKFLOW_TYPE &&
      run.status !== 'CONTINUED_AS_NEW';
    if (!isCandidate || (await chainOf(client, workflowId, run.runId)) === ownChain) continue;
    const sent = await countSent(client, workflowId, run);
    if (sent !== 0) return toProblem(run.runId, sent);
  }
  // A caller that is refused again and again pushes the run that switched out of the list.
  return runs.length < MAX_RUNS ? null : usedProblem(`at least ${MAX_RUNS} runs of it are listed`);
}

function toProblem(runId: string, sent: number | null): InputProblem {
  const what = sent === null ? 'may have switched instances' : `has sent ${sent} PUT(s)`;
  return usedProblem(`run ${runId} of it ${what}`);
}

function usedProblem(how: string): InputProblem {
  return {
    field: 'maintenanceId',
    problem: `has been used: ${how}`,
    remedy:
      'Give another maintenanceId. To do the work again under this one, say again: true (in a command: --again).',
  };
}

/** The first run of the chain that a run belongs to; a reset keeps it. */
async function chainOf(client: Client, workflowId: string, runId: string): Promise<string> {
  const { workflowExecutionInfo: info } = await askTemporal(client, 'describe a run', () =>
    client.workflowService.describeWorkflowExecution({
      namespace: client.options.namespace,
      execution: { workflowId, runId },
    }),
  );
  return info?.firstRunId ?? runId;
}

/** How many PUTs a closed run has sent, by its own result; `null`: it told none, and may have sent some. */
async function countSent(
  client: Client,
  workflowId: string,
  run: ListedRun,
): Promise<number | null> {
  try {
    const handle = client.workflow.getHandle(workflowId, run.runId, { followRuns: false });
    return sumOf(await askTemporal(client, 'read a result', () => handle.result()));
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    if (!(cause instanceof ApplicationFailure)) return null;
    return cause.type === 'INVALID_INPUT' ? 0 : sumOf(cause.details?.[0]);
  }
}

/** An unknown outcome may stand for a PUT that no result has counted. */
function sumOf(result: unknown): number | null {
  const rows = isRecord(result) ? (result as Partial<MaintenanceResult>).rows : undefined;
  if (rows === undefined) return null;
  const legs = rows.flatMap(({ forward, return: back }) =>
    back === null ? [forward] : [forward, back],
  );
  if (legs.some(({ outcome, swapsSent }) => outcome === 'UNKNOWN' && swapsSent === 0)) return null;
  return legs.reduce((sum, { swapsSent }) => sum + swapsSent, 0);
}
