import { makeSwitchoverWorkflowId } from '../contract/index.js';
import type { InstanceRef } from '../contract/index.js';
import { findUnresolvedRun } from '../domain/checks/runs.js';
import { findClosedTelling, readClosedRun } from '../temporal/earlier-run.js';
import type { RunsOf } from '../temporal/earlier-run.js';
import { listLatestFirst } from '../run-history/fresh-list.js';
import { readBack } from '../run-history/read-back.js';

import type { ClientContext } from '../temporal/rpc.js';
import { runsOf } from './runs-of.js';

/** How far back a run in doubt is looked for: nearly always the latest one tells. */
const MAX_LISTED_RUNS = 1_000;

/** The run that is in doubt now, as far as visibility shows it; `null` where none is, or it cannot be read. */
export async function findRunInDoubt(
  context: ClientContext,
  ref: InstanceRef,
): Promise<string | null> {
  // A person's word is taken whatever can be read: without a name it is about every run before it.
  return search(runsOf(context, makeSwitchoverWorkflowId(ref))).catch(() => null);
}

async function search(runs: RunsOf): Promise<string | null> {
  const closed = findClosedTelling(await listLatestFirst(runs, MAX_LISTED_RUNS));
  const read = await readBack(closed, (run) => readClosedRun(runs, run));
  return findUnresolvedRun(read)?.runId ?? null;
}
