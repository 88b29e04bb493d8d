/** The switchover of an item: a child that outlives its maintenance. */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ActivityFailure,
  ChildWorkflowFailure,
  getExternalWorkflowHandle,
  log,
  ParentClosePolicy,
  patched,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import type { ChildWorkflowHandle } from '@temporalio/workflow';

import { SEARCH_ATTRIBUTES, SWITCHOVER_WORKFLOW_TYPE } from '../../contract/index.js';
import type { Leg, SwitchoverInput, SwitchoverResult } from '../../contract/index.js';
import { childInput } from '../../domain/maintenance/children.js';
import { clipMessage, endingWithoutResult, toLegEnding } from '../../domain/maintenance/ending.js';
import type { LegEnding } from '../../domain/maintenance/reports.js';
import type { ItemState, Stop } from '../../domain/maintenance/state.js';
import { endingOfFailure, endingOfValue, isSwitchoverResult } from '../../domain/run-ending.js';
import { switchoverTexts } from '../../domain/run-texts.js';
import { readInstanceName } from '../../domain/text.js';

import { followRun } from '../proxies.js';
import { pairsOf } from '../telemetry.js';

import { change, legOf, stop } from './run.js';
import type { MaintenanceRun } from './run.js';

const CANCELLED: Stop = { cause: 'CANCELLED', reason: 'the maintenance was cancelled' };

/** Whether the maintenance has been cancelled, in this run of the chain or before. */
export function isCancelled({ state, root }: MaintenanceRun): boolean {
  return root.consideredCancelled || state.stops.some(({ cause }) => cause === 'CANCELLED');
}

/**
 * From now on a cancellation of the maintenance stops further starts and is passed on to what runs. One that the run
 * before has heard of is passed on again: it may not have come that far.
 */
export function passOnCancellations(maintenance: MaintenanceRun): void {
  const react = (): void => {
    stop(maintenance, CANCELLED);
    for (const { forward, return: back } of maintenance.state.items)
      for (const leg of [forward, back])
        if (leg?.stage === 'open') cancelSwitchover(leg.workflowId, leg.runId);
  };
  if (isCancelled(maintenance)) react();
  else maintenance.root.cancelRequested.catch(react);
}

/** Asks a switchover to end without a PUT, where that is still possible; it decides by its own rules. */
function cancelSwitchover(workflowId: string | null, runId: string | null): void {
  if (workflowId === null || runId === null) return;
  getExternalWorkflowHandle(workflowId, runId)
    .cancel()
    // It has ended meanwhile.
    .catch((error: unknown) => {
      log.info('cancellation not passed on', { workflowId, error: String(error) });
    });
}

type Switchover = (input: SwitchoverInput) => Promise<SwitchoverResult>;

/** How long an item whose lock another client holds waits before it is tried again. */
const LOCK_RETRY_MS = 15_000;

/** Starts the switchover and waits for its end; `null` where none was started, which the leg then reports. */
export async function runSwitchover(
  maintenance: MaintenanceRun,
  item: ItemState,
  leg: Leg['leg'],
): Promise<LegEnding | null> {
  const { firstExecutionRunId } = workflowInfo();
  const child = childInput(maintenance.state, item, leg, firstExecutionRunId, Date.now());
  if (!child.ok) {
    const { cause, reason } = child;
    change(maintenance, item.instanceId, leg, { state: 'NOT_STARTED', cause, reason });
    return null;
  }
  change(maintenance, item.instanceId, leg, { state: 'RUNNING', stage: 'starting' });
  const handle = await start(maintenance, item, leg, child.workflowId, child.input);
  if (handle === null) return null;
  const { workflowId, firstExecutionRunId: runId } = handle;
  const startedAt = new Date().toISOString();
  const opened = {
    stage: 'open',
    cause: null,
    reason: null,
    workflowId,
    runId,
    startedAt,
  } as const;
  change(maintenance, item.instanceId, leg, opened);
  if (isCancelled(maintenance)) cancelSwitchover(workflowId, runId);
  return handle.result().then(readValue, readFailure);
}

/** Waits for a switchover of which only the ids are known any more. */
export async function followSwitchover(
  maintenance: MaintenanceRun,
  { instanceId }: ItemState,
  leg: Leg['leg'],
): Promise<LegEnding | null> {
  const { workflowId = null, runId = null } = legOf(maintenance, instanceId, leg) ?? {};
  if (workflowId === null || runId === null) return null;
  try {
    const ending = await followRun({ workflowId, runId });
    return { ...ending, message: clipMessage(ending.message) };
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return endingWithoutResult('RUN_UNREADABLE', 'it could not be followed to its end');
  }
}

async function start(
  maintenance: MaintenanceRun,
  { instanceId, name }: ItemState,
  leg: Leg['leg'],
  workflowId: string,
  input: SwitchoverInput,
): Promise<ChildWorkflowHandle<Switchover> | null> {
  const part = { maintenance: maintenance.maintenanceName, leg };
  try {
    return await startChild<Switchover>(SWITCHOVER_WORKFLOW_TYPE, {
      workflowId,
      args: [input],
      // A maintenance that ends, is terminated or continues as new must never end a switchover midway.
      parentClosePolicy: ParentClosePolicy.ABANDON,
      ...switchoverTexts(input, { instanceName: name, part }),
      ...searchAttributes(maintenance, name),
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    // What an earlier try was refused for is not what holds it up now; runs from before kept that as the cause.
    const hasCause = (legOf(maintenance, instanceId, leg)?.cause ?? null) !== null;
    change(maintenance, instanceId, leg, {
      ...{ state: 'PENDING', stage: null, retryAtMs: Date.now() + LOCK_RETRY_MS },
      ...(hasCause && patched('held-lock-is-the-cause') ? { cause: null } : {}),
      reason: `its lock ${workflowId} was held by another run`,
    });
    return null;
  }
}

/** Only where the namespace has it: a start with an unknown attribute would fail for ever. */
function searchAttributes({ state: { facts } }: MaintenanceRun, instanceName: string | null) {
  if (facts === null) return {};
  return {
    typedSearchAttributes: pairsOf(facts.searchAttributes, [
      [SEARCH_ATTRIBUTES.maintenanceId, facts.request.maintenanceId],
      [SEARCH_ATTRIBUTES.instanceName, readInstanceName(instanceName) ?? undefined],
    ]),
  };
}

function readValue(value: unknown): LegEnding {
  return toLegEnding(endingOfValue(value, isSwitchoverResult));
}

function readFailure(error: unknown): LegEnding {
  if (!(error instanceof ChildWorkflowFailure)) throw error;
  return toLegEnding(endingOfFailure(error.cause, isSwitchoverResult));
}
