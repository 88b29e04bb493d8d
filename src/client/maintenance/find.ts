import { WorkflowContinuedAsNewError } from '@temporalio/client';
import type { WorkflowExecutionDescription } from '@temporalio/client';

import type { InputProblem } from '../../contract/index.js';
import { parseMaintenanceInput } from '../../schema/index.js';
import { TemporalRequestError } from '../../temporal/errors.js';
import { callTemporal, isNotFound } from '../../temporal/rpc.js';
import type { ClientContext } from '../../temporal/rpc.js';
import { fetchRunInput } from '../../temporal/run-history.js';
import { isOpenStatus, listFreshly, MAINTENANCE_RUNS, runsOf } from '../../temporal/run-list.js';
import type { ListedRun } from '../../temporal/run-list.js';
import { InvalidInputError, NotFoundError } from '../errors.js';
import { findRunIdProblems } from '../switchover/run.js';
import { maintenanceWorkflowIdOf } from '../ref.js';
import type { MaintenanceRef } from '../ref.js';

import { readMaintenanceEnding } from './ending.js';
import type { MaintenanceChain } from './ending.js';

const MAINTENANCE_ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;
/** As the server writes it into the workflow id: UTC, whole seconds. */
const NOMINAL_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/**
 * Checks that a reference is made of the contract's ids, which become part of a workflow id.
 *
 * @throws InvalidInputError
 */
export function checkMaintenanceRef({ maintenanceId, nominalTime, runId }: MaintenanceRef): void {
  const problems: InputProblem[] = [];
  if (!MAINTENANCE_ID.test(maintenanceId))
    problems.push({
      field: 'maintenanceId',
      problem: 'is not 1 to 64 of a-z 0-9 . _ - with a letter or digit first',
      remedy: 'Copy it from what started the maintenance, without "dcs-maintenance:".',
    });
  if (nominalTime !== undefined && !NOMINAL_TIME.test(nominalTime))
    problems.push({
      field: 'nominalTime',
      problem: 'is not an instant like 2026-12-05T01:00:00Z',
      remedy: 'Copy it from the end of the workflow id.',
    });
  problems.push(...findRunIdProblems(runId));
  if (problems.length > 0) throw new InvalidInputError(problems);
}

/** A maintenance continues as new once in thousands of events; more links than this are no maintenance of ours. */
export const MAX_LINKS = 1000;

/** One maintenance, pinned: the chain of runs that it is, and the run of it that is the latest. */
export interface FoundMaintenance extends MaintenanceChain {
  /** With the chain's first run, which names the maintenance permanently. */
  readonly ref: MaintenanceRef & { readonly runId: string };
  readonly description: WorkflowExecutionDescription;
}

/**
 * Finds the maintenance that a reference means, wherever its chain has come to.
 *
 * @throws InvalidInputError (before any call), NotFoundError, TemporalUnreachableError
 */
export async function findMaintenance(
  context: ClientContext,
  ref: MaintenanceRef,
): Promise<FoundMaintenance> {
  checkMaintenanceRef(ref);
  const workflowId = maintenanceWorkflowIdOf(ref);
  try {
    const description = await describeLatest(context, workflowId, ref.runId);
    const { runId: latestRunId, status, taskQueue } = description;
    return {
      ref: { ...ref, runId: firstRunIdOf(description), taskQueue },
      workflowId,
      latestRunId,
      isOpen: isOpenStatus(status.name),
      description,
    };
  } catch (error) {
    throw isNotFound(error) ? new NotFoundError(ref, workflowId) : error;
  }
}

function firstRunIdOf({ raw, runId }: WorkflowExecutionDescription): string {
  const first = raw.workflowExecutionInfo?.firstRunId ?? '';
  return first === '' ? runId : first;
}

/** The latest run of the chain that `runId` belongs to; of the latest chain where none is given. */
async function describeLatest(
  context: ClientContext,
  workflowId: string,
  runId: string | undefined,
): Promise<WorkflowExecutionDescription> {
  let description = await describe(context, workflowId, runId);
  for (let link = 0; link < MAX_LINKS; link += 1) {
    if (description.status.name !== 'CONTINUED_AS_NEW') return description;
    const next = await readSuccessor(context, workflowId, description.runId);
    if (next === null) return description;
    description = await describe(context, workflowId, next);
  }
  return description;
}

function describe(
  context: ClientContext,
  workflowId: string,
  runId: string | undefined,
): Promise<WorkflowExecutionDescription> {
  const handle = context.client.workflow.getHandle(workflowId, runId);
  return callTemporal(context, 'describe', () => handle.describe());
}

async function readSuccessor(
  context: ClientContext,
  workflowId: string,
  runId: string,
): Promise<string | null> {
  const handle = context.client.workflow.getHandle(workflowId, runId, { followRuns: false });
  try {
    await callTemporal(context, 'read the history', () => handle.result());
    return null;
  } catch (error) {
    if (error instanceof WorkflowContinuedAsNewError) return error.newExecutionRunId;
    throw error;
  }
}

/**
 * The latest maintenance of an id that has come to its instances. One of mode "plan", one that was cancelled before it
 * had started anything, and one whose input was invalid have changed nothing, and must not hide the one before them
 * that has: a repeat of its toggles would swap back.
 *
 * @returns the maintenance that `ref` names where it names a run; one that has changed nothing only where there is no
 * other
 * @throws NotFoundError; TemporalRequestError when it cannot be determined
 */
export async function findLastWork(
  context: ClientContext,
  ref: MaintenanceRef,
): Promise<FoundMaintenance> {
  const latest = await findMaintenance(context, ref);
  if (ref.runId !== undefined || latest.isOpen || !(await isIdle(context, latest))) return latest;
  const runs = await listRuns(context, latest);
  for (const { runId } of runs) {
    if (runId === latest.latestRunId) continue;
    const found = await findMaintenance(context, { ...ref, runId });
    if (!(await isIdle(context, found))) return found;
  }
  if (runs.length < MAINTENANCE_RUNS.limit) return latest;
  throw unreported(`the last ${MAINTENANCE_RUNS.limit} runs of it have started nothing`);
}

/** What a maintenance was asked to do, as it came. */
export function readStartInput(
  context: ClientContext,
  maintenance: FoundMaintenance,
): Promise<unknown> {
  const { workflowId, latestRunId } = maintenance;
  return callTemporal(context, 'read the input', () =>
    fetchRunInput(context.client, workflowId, latestRunId),
  );
}

async function isIdle(context: ClientContext, maintenance: FoundMaintenance): Promise<boolean> {
  const parsed = parseMaintenanceInput(await readStartInput(context, maintenance));
  if (parsed.ok && parsed.input.mode === 'plan') return true;
  if (maintenance.isOpen) return false;
  const { kind } = await readMaintenanceEnding(context, maintenance, context.rpcTimeoutMs);
  return kind === 'cancelled' || kind === 'invalid-input';
}

/** Latest first, with the run that is known. */
async function listRuns(
  context: ClientContext,
  { workflowId, latestRunId }: FoundMaintenance,
): Promise<readonly ListedRun[]> {
  const sinceMs = performance.now();
  const elapsedMs = (): number => performance.now() - sinceMs;
  const runs = runsOf(context, workflowId);
  const listed = await listFreshly(runs, { ...MAINTENANCE_RUNS, shows: latestRunId, elapsedMs });
  if (listed === null) throw unreported('visibility lags behind');
  return listed;
}

function unreported(why: string): TemporalRequestError {
  const detail = `whether an earlier maintenance of this id has switched cannot be determined: ${why}. Try again, or give another id`;
  return new TemporalRequestError('look for earlier runs of the maintenance', null, detail);
}
