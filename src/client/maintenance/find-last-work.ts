import { setTimeout as pause } from 'node:timers/promises';

import { fetchRunInput } from '../../run-history/run-history.js';
import { listRuns } from '../../run-history/run-list.js';
import type { ListedRun } from '../../run-history/run-list.js';
import { parseMaintenanceInput } from '../../schema/index.js';

import { TemporalRequestError } from '../errors.js';
import { callTemporal } from '../rpc.js';
import type { ClientContext } from '../rpc.js';

import { findMaintenance } from './find-maintenance.js';
import type { FoundMaintenance } from './find-maintenance.js';
import type { MaintenanceRef } from './maintenance-client.js';

/** Runs that are looked at on the way back to one that was to switch. */
const MAX_LOOKED_AT = 100;

/** How long visibility may take to show the latest run before its answer counts as too old. */
const FRESHNESS_TIMEOUT_MS = 5_000;
const FRESHNESS_STEP_MS = 200;

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
  const runs = await listFreshly(context, latest);
  for (const { runId } of runs) {
    if (runId === latest.latestRunId) continue;
    const found = await findMaintenance(context, { ...ref, runId });
    if (!(await isPlanOnly(context, found))) return found;
  }
  if (runs.length < MAX_LOOKED_AT) return latest;
  throw untold(`the last ${MAX_LOOKED_AT} runs of it were of mode "plan"`);
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

/** Visibility lags behind: it is asked until it shows the run that is known. Latest first. */
async function listFreshly(
  context: ClientContext,
  { workflowId, latestRunId }: FoundMaintenance,
): Promise<readonly ListedRun[]> {
  const givesUpAtMs = performance.now() + FRESHNESS_TIMEOUT_MS;
  for (;;) {
    const runs = await callTemporal(context, 'list the runs', () =>
      listRuns(context.client, workflowId, MAX_LOOKED_AT),
    );
    if (runs.some(({ runId }) => runId === latestRunId))
      return [...runs].sort((one, other) => other.startedAtMs - one.startedAtMs);
    if (performance.now() >= givesUpAtMs) throw untold('visibility lags behind');
    await pause(FRESHNESS_STEP_MS);
  }
}

function untold(why: string): TemporalRequestError {
  const detail = `whether an earlier plan of this id has switched cannot be told: ${why}. Try again, or give another id`;
  return new TemporalRequestError('look for earlier plans', null, detail);
}
