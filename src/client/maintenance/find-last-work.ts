import { PLAN_RUNS, listFreshly } from '../../run-history/fresh-list.js';
import { fetchRunInput } from '../../temporal/run-history.js';
import type { ListedRun } from '../../temporal/run-list.js';
import { parseMaintenanceInput } from '../../schema/index.js';

import { TemporalRequestError } from '../errors.js';
import { callTemporal } from '../../temporal/rpc.js';
import type { ClientContext } from '../../temporal/rpc.js';
import { runsOf } from '../runs-of.js';

import { findMaintenance } from './find.js';
import type { FoundMaintenance } from './find.js';
import type { MaintenanceRef } from './client.js';

/**
 * The latest plan of an id that was to switch. A run of mode "plan" has changed nothing, and must not hide the one
 * before it that has: a repeat of its toggles would swap back.
 *
 * @returns the plan that `ref` names where it names a run; one of mode "plan" only where there is no other
 * @throws MaintenanceNotFoundError; TemporalRequestError when it cannot be told
 */
export async function findLastWork(
  context: ClientContext,
  ref: MaintenanceRef,
): Promise<FoundMaintenance> {
  const latest = await findMaintenance(context, ref);
  if (ref.runId !== undefined || latest.isOpen || !(await isPlanOnly(context, latest)))
    return latest;
  const runs = await listRuns(context, latest);
  for (const { runId } of runs) {
    if (runId === latest.latestRunId) continue;
    const found = await findMaintenance(context, { ...ref, runId });
    if (!(await isPlanOnly(context, found))) return found;
  }
  if (runs.length < PLAN_RUNS.limit) return latest;
  throw untold(`the last ${PLAN_RUNS.limit} runs of it were of mode "plan"`);
}

/** What a plan was asked to do, as it came. */
export function readPlanInput(context: ClientContext, plan: FoundMaintenance): Promise<unknown> {
  const { workflowId, latestRunId } = plan;
  return callTemporal(context, 'read the input', () =>
    fetchRunInput(context.client, workflowId, latestRunId),
  );
}

async function isPlanOnly(context: ClientContext, plan: FoundMaintenance): Promise<boolean> {
  const parsed = parseMaintenanceInput(await readPlanInput(context, plan));
  return parsed.ok && parsed.input.mode === 'plan';
}

/** Latest first, with the run that is known. */
async function listRuns(
  context: ClientContext,
  { workflowId, latestRunId }: FoundMaintenance,
): Promise<readonly ListedRun[]> {
  const sinceMs = performance.now();
  const elapsedMs = (): number => performance.now() - sinceMs;
  const runs = runsOf(context, workflowId);
  const listed = await listFreshly(runs, { ...PLAN_RUNS, shows: latestRunId, elapsedMs });
  if (listed === null) throw untold('visibility lags behind');
  return listed;
}

function untold(why: string): TemporalRequestError {
  const detail = `whether an earlier plan of this id has switched cannot be told: ${why}. Try again, or give another id`;
  return new TemporalRequestError('look for earlier plans', null, detail);
}
