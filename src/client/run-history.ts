import { fetchRunHistory, fetchRunInput } from '../temporal/run-history.js';
import type { RunHistory } from '../temporal/run-history.js';

import type { DescribedRun } from './switchover/run.js';
import { callTemporal } from '../temporal/rpc.js';
import type { ClientContext } from '../temporal/rpc.js';

/** Reads the whole history of one run. @throws TemporalUnreachableError, TemporalRequestError */
export function readRunHistory(context: ClientContext, run: DescribedRun): Promise<RunHistory> {
  const { workflowId, ref } = run;
  return callTemporal(context, 'read the history', () =>
    fetchRunHistory(context.client, workflowId, ref.runId),
  );
}

/** Reads only what the run was asked to do: the first event. */
export function readRunInput(context: ClientContext, run: DescribedRun): Promise<unknown> {
  const { workflowId, ref } = run;
  return callTemporal(context, 'read the input', () =>
    fetchRunInput(context.client, workflowId, ref.runId),
  );
}
