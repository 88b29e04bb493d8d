import { MAINTENANCE_OUTCOMES } from '../../contract/index.js';
import type { MaintenanceResult } from '../../contract/index.js';
import { isRecord } from '../../is-record.js';

import type { ClientContext } from '../rpc.js';
import { readRunEnding } from '../run-ending.js';
import type { RunEnding } from '../run-ending.js';

import type { FoundMaintenance } from './find-maintenance.js';

/** How a plan ended. `untold`: it was ended from outside, or is not one of ours. */
export type MaintenanceEnding = RunEnding<MaintenanceResult>;

/**
 * Waits up to `timeoutMs` for a plan to end, across its chain of runs, and says how it did.
 *
 * @throws TemporalUnreachableError, also when the plan is still open after `timeoutMs`
 */
export function readMaintenanceEnding(
  context: ClientContext,
  { workflowId, latestRunId }: FoundMaintenance,
  timeoutMs: number,
): Promise<MaintenanceEnding> {
  const handle = context.client.workflow.getHandle(workflowId, latestRunId, { followRuns: true });
  return readRunEnding(context, { result: () => handle.result(), isResult }, timeoutMs);
}

function isResult(value: unknown): value is MaintenanceResult {
  if (!isRecord(value) || !Array.isArray(value['rows'])) return false;
  return (MAINTENANCE_OUTCOMES as readonly unknown[]).includes(value['outcome']);
}
