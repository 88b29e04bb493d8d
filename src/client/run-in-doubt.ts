import { makeSwitchoverWorkflowId } from '../contract/index.js';
import type { InstanceRef } from '../contract/index.js';
import { findUnresolvedRun } from '../domain/checks/runs.js';
import { isTransparent, readClosedRun } from '../run-history/earlier-run.js';
import type { RunsOf } from '../run-history/earlier-run.js';
import { readBack } from '../run-history/read-back.js';
import { listRuns } from '../run-history/run-list.js';

import { callTemporal } from './rpc.js';
import type { ClientContext } from './rpc.js';

/** How far back a run in doubt is looked for: nearly always the latest one tells. */
const MAX_LISTED_RUNS = 1_000;

/** The run that is in doubt now, as far as visibility shows it; `null` where none is, or it cannot be read. */
export async function findRunInDoubt(
  context: ClientContext,
  ref: InstanceRef,
): Promise<string | null> {
  const { client } = context;
  const workflowId = makeSwitchoverWorkflowId(ref);
  const runs: RunsOf = {
    ask: (operation, call) => callTemporal(context, operation, call),
    client,
    workflowId,
  };
  // A person's word is taken whatever can be read: without a name it is about every run before it.
  return search(runs).catch(() => null);
}

async function search(runs: RunsOf): Promise<string | null> {
  const { ask, client, workflowId } = runs;
  const listed = await ask('list the runs', () => listRuns(client, workflowId, MAX_LISTED_RUNS));
  const closed = listed
    .filter((run) => run.status !== 'RUNNING' && run.status !== 'PAUSED' && !isTransparent(run))
    .sort((a, b) => b.startedAtMs - a.startedAtMs);
  const read = await readBack(closed, (run) => readClosedRun(runs, run));
  return read === null ? null : (findUnresolvedRun(read)?.runId ?? null);
}
