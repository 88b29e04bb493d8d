/**
 * Which runs a workflow id has had. Asked of the service itself: the SDK's client decodes the memo of
 * each run, which here costs a codec's call apiece and fails on runs of other keys.
 */
import type { Client, WorkflowExecutionStatusName } from '@temporalio/client';

/** One run of a workflow id. */
export interface ListedRun {
  readonly runId: string;
  readonly startedAtMs: number;
}

/**
 * Lists the runs of a workflow id as visibility shows them.
 *
 * @param limit the most that are listed
 */
export async function listRuns(
  client: Client,
  workflowId: string,
  limit: number,
): Promise<ListedRun[]> {
  const { namespace } = client.options;
  const query = `WorkflowId = "${workflowId}"`;
  const runs: ListedRun[] = [];
  let nextPageToken: Uint8Array = new Uint8Array();
  do {
    const page = await client.workflowService.listWorkflowExecutions({
      namespace,
      query,
      nextPageToken,
    });
    for (const { execution, startTime } of page.executions) {
      const startedAtMs = Number(startTime?.seconds ?? 0) * 1000 + (startTime?.nanos ?? 0) / 1e6;
      runs.push({ runId: execution?.runId ?? '', startedAtMs });
    }
    nextPageToken = page.nextPageToken;
  } while (nextPageToken.length > 0 && runs.length < limit);
  return runs.slice(0, limit);
}

/** By the numbers of the service's enumeration. */
const STATUS_NAMES: readonly WorkflowExecutionStatusName[] = [
  'UNSPECIFIED',
  'RUNNING',
  'COMPLETED',
  'FAILED',
  'CANCELLED',
  'TERMINATED',
  'CONTINUED_AS_NEW',
  'TIMED_OUT',
  'PAUSED',
];

/** How a run stands by its own record, which does not lag behind. */
export async function readRunStatus(
  client: Client,
  workflowId: string,
  runId: string,
): Promise<WorkflowExecutionStatusName> {
  return (await readRunState(client, workflowId, runId)).status;
}

/** How a run stands, and when it was closed. */
export interface RunState {
  readonly status: WorkflowExecutionStatusName;
  /** Epoch milliseconds; `null` while it is open. */
  readonly closedAtMs: number | null;
}

/** As {@link readRunStatus}, with the time of the end. */
export async function readRunState(
  client: Client,
  workflowId: string,
  runId: string,
): Promise<RunState> {
  const { workflowExecutionInfo: info } = await client.workflowService.describeWorkflowExecution({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
  });
  const status = STATUS_NAMES[info?.status ?? 0] ?? 'UNKNOWN';
  const closedAtMs = Number(info?.closeTime?.seconds ?? 0) * 1000;
  return { status, closedAtMs: closedAtMs === 0 ? null : closedAtMs };
}
