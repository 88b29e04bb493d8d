import { MAINTENANCE_OUTCOMES, PROGRESS_QUERY } from '../../contract/index.js';
import type {
  MaintenanceInput,
  MaintenanceProgress,
  MaintenanceResult,
  MaintenanceRow,
} from '../../contract/index.js';
import { parseMaintenanceInput } from '../../schema/index.js';
import { readChainedFailure } from '../../temporal/earlier-run.js';
import type { ClientContext } from '../../temporal/rpc.js';
import { awaitEnding, DEFAULT_WAIT_MS, readRunEnding } from '../../temporal/run-ending.js';
import type { ResultOptions, RunEnding } from '../../temporal/run-ending.js';
import { isRecord } from '../../util.js';
import { InvalidInputError } from '../errors.js';
import { checkMs } from '../texts.js';

import {
  MaintenanceCancelledError,
  MaintenanceEndedOutsideError,
  MaintenanceWaitTimedOutError,
  NothingLeftError,
} from './errors.js';
import { findLastWork, findMaintenance, readPlanInput } from './find.js';
import type { FoundMaintenance } from './find.js';
import { askWorker } from './messages.js';
import type { MaintenanceRef } from './ref.js';

/** How a plan ended. `untold`: it was ended from outside, or is not one of ours. */
type MaintenanceEnding = RunEnding<MaintenanceResult>;

/**
 * Waits up to `timeoutMs` for a plan to end, across its chain of runs, and says how it did.
 *
 * @throws TemporalUnreachableError, also when the plan is still open after `timeoutMs`
 */
export function readMaintenanceEnding(
  context: ClientContext,
  { workflowId, latestRunId, isOpen }: FoundMaintenance,
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
  if (!isRecord(value) || !Array.isArray(value['rows'])) return false;
  return (MAINTENANCE_OUTCOMES as readonly unknown[]).includes(value['outcome']);
}

/** Waits for a plan; see `MaintenanceClient.result`. */
export async function awaitMaintenance(
  context: ClientContext,
  ref: MaintenanceRef,
  { timeoutMs = DEFAULT_WAIT_MS, signal }: ResultOptions = {},
): Promise<MaintenanceResult> {
  signal?.throwIfAborted();
  const deadlineMs = Date.now() + checkMs('timeoutMs', timeoutMs);
  const plan = await findMaintenance(context, ref);
  const ending = plan.isOpen
    ? await awaitEnding(context, waitFor(context, plan), { deadlineMs, signal })
    : await readMaintenanceEnding(context, plan, context.rpcTimeoutMs);
  if (ending === null) {
    const { runId, taskQueue } = plan.ref;
    throw new MaintenanceWaitTimedOutError({ ...ref, taskQueue }, runId, timeoutMs);
  }
  return resultOf(plan, ending);
}

/** The result that an ending stands for. @throws the error that it stands for otherwise */
function resultOf({ ref }: FoundMaintenance, ending: MaintenanceEnding): MaintenanceResult {
  switch (ending.kind) {
    case 'told':
      return ending.result;
    case 'invalid-input':
      throw new InvalidInputError(ending.problems);
    case 'cancelled':
      throw new MaintenanceCancelledError(ref, ref.runId);
    case 'untold':
      throw new MaintenanceEndedOutsideError(ref, ref.runId, ending.cause, ending.detail);
  }
}

function waitFor(context: ClientContext, plan: FoundMaintenance) {
  return {
    read: (timeoutMs: number) => readMaintenanceEnding(context, plan, timeoutMs),
    probe: () => findMaintenance(context, plan.ref),
  };
}

/** Looks where a plan stands; see `MaintenanceClient.progress`. */
export async function readProgress(
  context: ClientContext,
  ref: MaintenanceRef,
): Promise<MaintenanceProgress> {
  const plan = await findMaintenance(context, ref);
  if (plan.isOpen) return query(context, plan);
  const ending = await readMaintenanceEnding(context, plan, context.rpcTimeoutMs);
  switch (ending.kind) {
    case 'told':
      return fromResult(ending.result);
    case 'invalid-input':
      return fromResult(resultOf(plan, ending));
    case 'cancelled':
    case 'untold':
      // It told nothing of its rows; only its own replay still knows them.
      return query(context, plan);
  }
}

function query(context: ClientContext, plan: FoundMaintenance): Promise<MaintenanceProgress> {
  const handle = context.client.workflow.getHandle(plan.workflowId, plan.latestRunId);
  return askWorker(context, plan, 'progress', () =>
    handle.query<MaintenanceProgress>(PROGRESS_QUERY),
  );
}

/** An ended plan is read without any worker. */
function fromResult(result: MaintenanceResult): MaintenanceProgress {
  const { maintenanceId, endedAt, message, outcome, cause } = result;
  const { window, decisions, counts, rows, warnings } = result;
  return {
    maintenanceId,
    phase: 'ENDED',
    since: endedAt,
    next: message,
    isPaused: false,
    ...{ outcome, cause, window },
    needsApproval: false,
    ...{ decisions, counts, rows, warnings },
  };
}

/** The input of what an ended plan left undone; see `MaintenanceClient.restOf`. */
export async function readRest(
  context: ClientContext,
  ref: MaintenanceRef,
  maintenanceId: string,
): Promise<MaintenanceInput> {
  const plan = await findLastWork(context, ref);
  const { runId, taskQueue } = plan.ref;
  if (plan.isOpen) throw new MaintenanceWaitTimedOutError({ ...ref, taskQueue }, runId, 0);
  const ending = await readMaintenanceEnding(context, plan, context.rpcTimeoutMs);
  const parsed = parseMaintenanceInput(await readPlanInput(context, plan));
  if (!parsed.ok) throw new InvalidInputError(parsed.problems);
  const { selector, instanceIds, ...same } = parsed.input;
  const again = { ...same, maintenanceId, mode: 'run' } as const;
  // Nothing was ever started, not even an instance read: all of it is left.
  if (ending.kind === 'cancelled' || isUnmade(ending))
    return {
      ...again,
      ...(selector === undefined ? { instanceIds } : { selector }),
    } as MaintenanceInput;
  const { rows } = resultOf(plan, ending);
  const isLeft = (row: MaintenanceRow): boolean =>
    !isDone(row) && !(same.toggle === true && isInDoubt(row));
  const left = rows.filter(isLeft).map(({ instanceId }) => instanceId);
  if (left.length === 0) {
    const doubtful = rows.filter(isInDoubt).map(({ instanceId }) => instanceId);
    throw new NothingLeftError({ ...ref, taskQueue }, runId, doubtful);
  }
  return { ...again, instanceIds: left } as MaintenanceInput;
}

function isUnmade(ending: MaintenanceEnding): boolean {
  return (
    ending.kind === 'told' && ending.result.outcome === 'PARTIAL' && ending.result.rows.length === 0
  );
}

/** Once it is known what it did, a toggle of the same instance might undo just that. */
function isInDoubt({ forward }: MaintenanceRow): boolean {
  return forward.outcome === 'UNKNOWN';
}

/** The way out counts: once a master has moved, to move it again is not to do what was left. */
function isDone({ forward }: MaintenanceRow): boolean {
  return forward.outcome === 'SUCCEEDED' || forward.outcome === 'NOOP';
}
