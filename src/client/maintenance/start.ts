import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';

import { MAINTENANCE_WORKFLOW_TYPE, makeMaintenanceWorkflowId } from '../../contract/index.js';
import type { MaintenanceInput } from '../../contract/index.js';
import { MAINTENANCE_TASK_TIMEOUT_MS } from '../../domain/timing.js';
import { parseMaintenanceInput } from '../../schema/index.js';
import type { WellFormedMaintenance } from '../../schema/index.js';

import { sumSent } from '../../temporal/earlier-run.js';
import { TemporalRequestError } from '../../temporal/errors.js';
import { callTemporal } from '../../temporal/rpc.js';
import type { ClientContext } from '../../temporal/rpc.js';
import { AlreadyRunningError, InvalidInputError, NotFoundError } from '../errors.js';
import type { StartedMaintenance } from '../ref.js';

import { differingFields, maintenanceTexts } from './describe.js';
import { readMaintenanceEnding } from './ending.js';
import { findLastWork, findMaintenance, readStartInput } from './find.js';
import type { FoundMaintenance } from './find.js';

/** Each further try follows a maintenance that closed between our two calls. */
const MAX_START_ATTEMPTS = 3;

/** Checks an input as the maintenance's own first step will, without any call. @throws InvalidInputError */
export function checkMaintenanceInput(input: MaintenanceInput): WellFormedMaintenance {
  const parsed = parseMaintenanceInput(input);
  if (!parsed.ok) throw new InvalidInputError(parsed.problems);
  return parsed.input;
}

/** Starts a maintenance or finds the one that serves; see `MaintenanceClient.start`. */
export async function startMaintenance(
  context: ClientContext,
  input: MaintenanceInput,
): Promise<StartedMaintenance> {
  const request = checkMaintenanceInput(input);
  for (let attempt = 1; attempt <= MAX_START_ATTEMPTS; attempt += 1) {
    const latest = await findLatest(context, request);
    const reused = latest === null ? null : await reuse(context, request, latest);
    if (reused !== null) return reused;
    const runId = await tryStart(context, request);
    if (runId !== null) return toStarted(request, runId, null);
  }
  throw new TemporalRequestError(
    'start the maintenance',
    null,
    'another maintenance of this id was open at each try and was gone when looked at; try again',
  );
}

async function findLatest(
  context: ClientContext,
  { maintenanceId, mode }: WellFormedMaintenance,
): Promise<FoundMaintenance | null> {
  // Making a maintenance is stopped by an open one only.
  const find = mode === 'plan' ? findMaintenance : findLastWork;
  try {
    return await find(context, { maintenanceId });
  } catch (error) {
    if (error instanceof NotFoundError) return null;
    throw error;
  }
}

/**
 * What the latest maintenance of this id means for the request: it is or was the same one, it is in the way (throws),
 * or it is over and of no concern (`null`).
 */
async function reuse(
  context: ClientContext,
  request: WellFormedMaintenance,
  latest: FoundMaintenance,
): Promise<StartedMaintenance | null> {
  const { runId } = latest.ref;
  const theirs = parseMaintenanceInput(await readStartInput(context, latest));
  const differsIn = theirs.ok ? differingFields(theirs.input, request) : ['its whole input'];
  if (latest.isOpen) {
    if (differsIn.length === 0) return toStarted(request, runId, 'open');
    const requestedBy = theirs.ok ? (theirs.input.requestedBy ?? null) : null;
    const { maintenanceId } = request;
    const open = { workflowId: latest.workflowId, runId, requestedBy, differsIn };
    throw new AlreadyRunningError({ maintenanceId, taskQueue: latest.ref.taskQueue }, open);
  }
  const isRepeat = differsIn.length === 0 && request.mode === 'run';
  return isRepeat && (await hasSwitched(context, request, latest))
    ? toStarted(request, runId, 'closed')
    : null;
}

/**
 * Whether it has done its work, or sent anything: a repeat might swap back and forth. One of which nothing was sent is
 * carried out when it is asked for again, as its workers would do; so is one that cannot report, where it has a target.
 */
async function hasSwitched(
  context: ClientContext,
  { toggle }: WellFormedMaintenance,
  maintenance: FoundMaintenance,
): Promise<boolean> {
  const ending = await readMaintenanceEnding(context, maintenance, context.rpcTimeoutMs);
  if (ending.kind === 'no-result') return toggle === true;
  if (ending.kind !== 'reported') return false;
  const { outcome, items } = ending.result;
  return outcome === 'COMPLETED' || sumSent(items) !== 0;
}

/** The new maintenance's first run, or `null` when another maintenance of this id is open. */
async function tryStart(
  context: ClientContext,
  request: WellFormedMaintenance,
): Promise<string | null> {
  try {
    const handle = await callTemporal(context, 'start the maintenance', () =>
      context.client.workflow.start(MAINTENANCE_WORKFLOW_TYPE, {
        workflowId: makeMaintenanceWorkflowId(request.maintenanceId),
        taskQueue: context.taskQueue,
        args: [request],
        workflowTaskTimeout: MAINTENANCE_TASK_TIMEOUT_MS,
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        workflowIdConflictPolicy: 'FAIL',
        ...maintenanceTexts(request, { taskQueue: context.taskQueue }),
      }),
    );
    return handle.firstExecutionRunId;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return null;
    throw error;
  }
}

function toStarted(
  { maintenanceId }: WellFormedMaintenance,
  runId: string,
  reused: StartedMaintenance['reused'],
): StartedMaintenance {
  const workflowId = makeMaintenanceWorkflowId(maintenanceId);
  return { maintenanceId, workflowId, runId, reused };
}
