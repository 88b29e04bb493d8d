import { makeSwitchoverWorkflowId } from '../contract/index.js';
import type { InstanceRef } from '../contract/index.js';
import type { SameRequest } from '../domain/facts.js';
import { findClosedTelling, readClosedRun } from '../temporal/earlier-run.js';
import { listLatestFirst } from '../run-history/fresh-list.js';
import { findSameRequest } from '../temporal/same-request.js';

import type { ClientContext } from '../temporal/rpc.js';
import { runsOf } from './runs-of.js';

/** As far back as a run itself looks. */
const MAX_LISTED_RUNS = 10_000;

/** The run that did a request already, as far as visibility shows it: it may lag a few seconds behind. */
export async function findEarlierRequest(
  context: ClientContext,
  ref: InstanceRef,
  requestId: string,
): Promise<SameRequest | null> {
  const runs = runsOf(context, makeSwitchoverWorkflowId(ref));
  const closed = findClosedTelling(await listLatestFirst(runs, MAX_LISTED_RUNS));
  return findSameRequest(runs, { ref, requestId, closed, read: (run) => readClosedRun(runs, run) });
}
