import { MAINTENANCE_OUTCOMES } from '../../contract/index.js';
import type { MaintenanceResult } from '../../contract/index.js';
import type { RunEnding } from '../../domain/run-ending.js';
import { readChainedFailure } from '../../temporal/earlier-run.js';
import type { ClientContext } from '../../temporal/rpc.js';
import { readRunEnding } from '../../temporal/run-ending.js';
import { isRecord } from '../../util.js';

/** How a maintenance ended. `without a result`: it was ended from outside, or is not one of ours. */
export type MaintenanceEnding = RunEnding<MaintenanceResult>;

/** The chain of runs that a maintenance is. */
export interface MaintenanceChain {
  readonly workflowId: string;
  /** The chain's latest run: the one that can be asked. */
  readonly latestRunId: string;
  readonly isOpen: boolean;
}

/**
 * Waits up to `timeoutMs` for a maintenance to end, across its chain of runs, and says how it did.
 *
 * @throws TemporalUnreachableError, also when the maintenance is still open after `timeoutMs`
 */
export function readMaintenanceEnding(
  context: ClientContext,
  { workflowId, latestRunId, isOpen }: MaintenanceChain,
  timeoutMs: number,
): Promise<MaintenanceEnding> {
  // The chain of one that is over has ended: what a cron schedule or a retry policy put behind it is another.
  const { client } = context;
  const handle = client.workflow.getHandle(workflowId, latestRunId, { followRuns: isOpen });
  const chained = { readChained: () => readChainedFailure(client, workflowId, latestRunId) };
  const run = { result: () => handle.result(), isResult, ...(isOpen ? {} : chained) };
  return readRunEnding(context, run, timeoutMs);
}

function isResult(value: unknown): value is MaintenanceResult {
  if (!isRecord(value) || !Array.isArray(value['items'])) return false;
  return (MAINTENANCE_OUTCOMES as readonly unknown[]).includes(value['outcome']);
}
