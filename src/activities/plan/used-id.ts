/** Whether the id of a maintenance has done work before: then only an explicit word repeats it. */
import { activityInfo } from '@temporalio/activity';
import type { Client } from '@temporalio/client';

import { MAINTENANCE_WORKFLOW_TYPE } from '../../contract/index.js';
import type { InputProblem } from '../../contract/index.js';
import type { RunsOf } from '../../temporal/earlier-run.js';
import { PLAN_RUNS } from '../../run-history/fresh-list.js';
import { countSentByPlan } from '../../run-history/plan-end.js';

import { askOf, listForRun } from '../earlier-runs.js';

/**
 * The problem of an id under which another start has switched, or may have; `null` where none has. Runs of the
 * asking one's own chain (a reset, a continuation) do not count: each child knows by its request id what is done.
 *
 * @param workflowId of the maintenance; firings of a schedule have ids of their own
 * @throws TemporalUnreadableError, VisibilityBehindError
 */
export async function findUsedId(client: Client, workflowId: string): Promise<InputProblem | null> {
  const ownRunId = activityInfo().workflowExecution?.runId ?? '';
  const runs: RunsOf = { ask: askOf(client), client, workflowId };
  const listed = await listForRun(runs, ownRunId, PLAN_RUNS);
  const ownChain = listed.length === 1 ? ownRunId : await chainOf(runs, ownRunId);
  for (const run of listed) {
    const isCandidate =
      run.runId !== ownRunId &&
      run.type === MAINTENANCE_WORKFLOW_TYPE &&
      run.status !== 'CONTINUED_AS_NEW';
    if (!isCandidate || (await chainOf(runs, run.runId)) === ownChain) continue;
    const sent = await countSentByPlan(runs, run.runId);
    if (sent !== 0) return toProblem(run.runId, sent);
  }
  // A caller that is refused again and again pushes the run that switched out of the list.
  const { limit } = PLAN_RUNS;
  return listed.length < limit ? null : usedProblem(`at least ${limit} runs of it are listed`);
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
async function chainOf({ ask, client, workflowId }: RunsOf, runId: string): Promise<string> {
  const { workflowExecutionInfo: info } = await ask('describe a run', () =>
    client.workflowService.describeWorkflowExecution({
      namespace: client.options.namespace,
      execution: { workflowId, runId },
    }),
  );
  return info?.firstRunId ?? runId;
}
