import { PROGRESS_QUERY } from '../../contract/index.js';
import type {
  MaintenanceInput,
  MaintenanceProgress,
  MaintenanceResult,
  MaintenanceItem,
} from '../../contract/index.js';
import { parseMaintenanceInput } from '../../schema/index.js';
import type { ClientContext } from '../../temporal/rpc.js';
import { awaitEnding, DEFAULT_WAIT_MS } from '../../temporal/run-ending.js';
import type { ResultOptions } from '../../temporal/run-ending.js';
import { checkMs, InvalidInputError, RunCancelledError, WaitTimedOutError } from '../errors.js';
import type { MaintenanceRef } from '../ref.js';

import { readMaintenanceEnding } from './ending.js';
import type { MaintenanceEnding } from './ending.js';
import { MaintenanceEndedOutsideError, NothingLeftError } from './errors.js';
import { findLastWork, findMaintenance, readStartInput } from './find.js';
import type { FoundMaintenance } from './find.js';
import { askWorker } from './messages.js';

/** Waits for a maintenance; see `MaintenanceClient.result`. */
export async function awaitMaintenance(
  context: ClientContext,
  ref: MaintenanceRef,
  { timeoutMs = DEFAULT_WAIT_MS, signal }: ResultOptions = {},
): Promise<MaintenanceResult> {
  signal?.throwIfAborted();
  const deadlineMs = Date.now() + checkMs('timeoutMs', timeoutMs);
  const maintenance = await findMaintenance(context, ref);
  const ending = maintenance.isOpen
    ? await awaitEnding(context, waitFor(context, maintenance), { deadlineMs, signal })
    : await readMaintenanceEnding(context, maintenance, context.rpcTimeoutMs);
  if (ending === null) {
    const { runId, taskQueue } = maintenance.ref;
    throw new WaitTimedOutError({ ...ref, taskQueue }, runId, timeoutMs);
  }
  return resultOf(maintenance, ending);
}

/** The result that an ending stands for. @throws the error that it stands for otherwise */
function resultOf(maintenance: FoundMaintenance, ending: MaintenanceEnding): MaintenanceResult {
  if (ending.kind === 'reported') return ending.result;
  throw toError(maintenance, ending);
}

type WithoutResult = Exclude<MaintenanceEnding, { readonly kind: 'reported' }>;

function toError({ ref }: FoundMaintenance, ending: WithoutResult): Error {
  switch (ending.kind) {
    case 'invalid-input':
      return new InvalidInputError(ending.problems);
    case 'cancelled':
      return new RunCancelledError(ref, ref.runId);
    case 'no-result':
      return new MaintenanceEndedOutsideError(ref, ref.runId, ending.cause, ending.detail);
  }
}

function waitFor(context: ClientContext, maintenance: FoundMaintenance) {
  return {
    read: (timeoutMs: number) => readMaintenanceEnding(context, maintenance, timeoutMs),
    probe: () => findMaintenance(context, maintenance.ref),
  };
}

/** Looks where a maintenance stands; see `MaintenanceClient.progress`. */
export async function readProgress(
  context: ClientContext,
  ref: MaintenanceRef,
): Promise<MaintenanceProgress> {
  const maintenance = await findMaintenance(context, ref);
  if (maintenance.isOpen) return query(context, maintenance);
  const ending = await readMaintenanceEnding(context, maintenance, context.rpcTimeoutMs);
  switch (ending.kind) {
    case 'reported':
      return fromResult(ending.result);
    case 'invalid-input':
      return fromResult(resultOf(maintenance, ending));
    case 'cancelled':
    case 'no-result':
      // It reported nothing of its items; only its own replay still knows them.
      return toLastKnown(maintenance, ending, await query(context, maintenance));
  }
}

function query(
  context: ClientContext,
  maintenance: FoundMaintenance,
): Promise<MaintenanceProgress> {
  const handle = context.client.workflow.getHandle(maintenance.workflowId, maintenance.latestRunId);
  return askWorker(context, maintenance, 'progress', () =>
    handle.query<MaintenanceProgress>(PROGRESS_QUERY),
  );
}

/** A replay knows nothing of the end that someone else has put to a run. */
function toLastKnown(
  maintenance: FoundMaintenance,
  ending: WithoutResult,
  last: MaintenanceProgress,
): MaintenanceProgress {
  return {
    ...last,
    phase: 'ENDED',
    since: maintenance.description.closeTime?.toISOString() ?? last.since,
    next: toError(maintenance, ending).message,
    isPaused: false,
    needsApproval: false,
  };
}

/** An ended maintenance is read without any worker. */
function fromResult(result: MaintenanceResult): MaintenanceProgress {
  const { maintenanceId, endedAt, message, outcome, cause } = result;
  const { window, decisions, counts, items, warnings } = result;
  return {
    maintenanceId,
    phase: 'ENDED',
    since: endedAt,
    next: message,
    isPaused: false,
    ...{ outcome, cause, window },
    needsApproval: false,
    ...{ decisions, counts, items, warnings },
  };
}

/** The input of what an ended maintenance left undone; see `MaintenanceClient.restOf`. */
export async function readRemainder(
  context: ClientContext,
  ref: MaintenanceRef,
  maintenanceId: string,
): Promise<MaintenanceInput> {
  const maintenance = await findLastWork(context, ref);
  const { runId, taskQueue } = maintenance.ref;
  if (maintenance.isOpen) throw new WaitTimedOutError({ ...ref, taskQueue }, runId, 0);
  const ending = await readMaintenanceEnding(context, maintenance, context.rpcTimeoutMs);
  const parsed = parseMaintenanceInput(await readStartInput(context, maintenance));
  if (!parsed.ok) throw new InvalidInputError(parsed.problems);
  const { selector, instanceIds, ...same } = parsed.input;
  const again = { ...same, maintenanceId, mode: 'run' } as const;
  // Nothing was ever started, not even an instance read: all of it is left.
  if (ending.kind === 'cancelled' || isUnmade(ending))
    return { ...again, ...(selector ? { selector } : {}), ...(instanceIds ? { instanceIds } : {}) };
  const { items } = resultOf(maintenance, ending);
  const isLeft = (item: MaintenanceItem): boolean =>
    !isDone(item) && !(same.toggle === true && isUnresolved(item));
  const left = items.filter(isLeft).map(({ instanceId }) => instanceId);
  if (left.length === 0) {
    const indeterminate = items.filter(isUnresolved).map(({ instanceId }) => instanceId);
    throw new NothingLeftError({ ...ref, taskQueue }, runId, indeterminate);
  }
  return { ...again, instanceIds: left };
}

function isUnmade(ending: MaintenanceEnding): boolean {
  return (
    ending.kind === 'reported' &&
    ending.result.outcome === 'PARTIAL' &&
    ending.result.items.length === 0
  );
}

/** Once it is known what it did, a toggle of the same instance might undo just that. */
function isUnresolved({ forward }: MaintenanceItem): boolean {
  return forward.outcome === 'UNKNOWN';
}

/** The forward leg counts: once a master has moved, to move it again is not to do what was left. */
function isDone({ forward }: MaintenanceItem): boolean {
  return forward.outcome === 'SUCCEEDED' || forward.outcome === 'NOOP';
}
