import type { RunsOf } from '../temporal/earlier-run.js';

import { callTemporal } from '../temporal/rpc.js';
import type { ClientContext } from '../temporal/rpc.js';

/** How this client asks about the runs of a workflow id. */
export function runsOf(context: ClientContext, workflowId: string): RunsOf {
  const { client } = context;
  return { ask: (operation, call) => callTemporal(context, operation, call), client, workflowId };
}
