import { makeSwitchoverWorkflowId } from '../contract/index.js';
import type { InstanceRef } from '../contract/index.js';
import type { SameRequest } from '../domain/facts.js';
import { isTransparent, readClosedRun } from '../run-history/earlier-run.js';
import type { RunsOf } from '../run-history/earlier-run.js';
import { listRuns } from '../run-history/run-list.js';
import { findSameRequest } from '../run-history/same-request.js';

import { callTemporal } from './rpc.js';
import type { ClientContext } from './rpc.js';

/** As far back as a run itself looks. */
const MAX_LISTED_RUNS = 10_000;

/** The run that did a request already, as far as visibility shows it: it may lag a few seconds behind. */
export async function findEarlierRequest(
  context: ClientContext,
  ref: InstanceRef,
  requestId: string,
): Promise<SameRequest | null> {
  const { client } = context;
  const workflowId = makeSwitchoverWorkflowId(ref);
  const runs: RunsOf = {
    ask: (operation, call) => callTemporal(context, operation, call),
    client,
    workflowId,
  };
  const listed = await runs.ask('list the runs', () =>
    listRuns(client, workflowId, MAX_LISTED_RUNS),
  );
  const closed = listed
    .filter((run) => run.status !== 'RUNNING' && run.status !== 'PAUSED' && !isTransparent(run))
    .sort((a, b) => b.startedAtMs - a.startedAtMs);
  return findSameRequest(runs, { ref, requestId, closed, read: (run) => readClosedRun(runs, run) });
}
