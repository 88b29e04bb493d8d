import type {
  Leg,
  MaintenanceCause,
  MaintenanceCounts,
  MaintenanceOutcome,
  MaintenanceProgress,
  MaintenanceRow,
} from '../../contract/index.js';

import { nextStep } from './next-step.js';
import { isDone, pausedBy } from './state.js';
import type { MaintenanceState, PlanLeg, PlanRow } from './state.js';
import { toPlannedWindow } from './window.js';

/** How a plan has ended. */
export interface Ending {
  readonly outcome: MaintenanceOutcome;
  readonly cause: MaintenanceCause | null;
  readonly message: string;
}

/** The answer of the query `progress`. */
export function toProgress(
  maintenanceId: string,
  state: MaintenanceState,
  ending: Ending | null,
): MaintenanceProgress {
  const { facts, phase, decisions, warnings } = state;
  return {
    ...{ maintenanceId, phase },
    since: new Date(state.sinceMs).toISOString(),
    next: ending?.message ?? nextStep(state),
    isPaused: pausedBy(state) !== null,
    ...{ outcome: ending?.outcome ?? null, cause: ending?.cause ?? null },
    window: facts === null ? null : toPlannedWindow(facts.window, facts.request),
    needsApproval: phase === 'AWAITING_APPROVAL',
    ...{ decisions, counts: countRows(state.rows), rows: state.rows.map(toRow), warnings },
  };
}

/** A row without what only its plan needs to know. */
export function toRow({
  instanceId,
  name,
  master,
  forward,
  return: back,
}: PlanRow): MaintenanceRow {
  return {
    instanceId,
    name,
    master,
    forward: toLeg(forward),
    return: back === null ? null : toLeg(back),
  };
}

/** Field by field: of a thousand rows, objects put together by spreading take ten times as long. */
function toLeg(leg: PlanLeg): Leg {
  return {
    leg: leg.leg,
    state: leg.state,
    outcome: leg.outcome,
    cause: leg.cause,
    reason: leg.reason,
    workflowId: leg.workflowId,
    runId: leg.runId,
    startedAt: leg.startedAt,
    endedAt: leg.endedAt,
    swapsSent: leg.swapsSent,
    master: leg.master,
  };
}

/** How many rows are in which state of the way out. */
export function countRows(rows: readonly PlanRow[]): MaintenanceCounts {
  const count = (isIt: (leg: PlanLeg) => boolean): number =>
    rows.filter(({ forward }) => isIt(forward)).length;
  return {
    pending: count(({ state }) => state === 'PENDING'),
    running: count(({ state }) => state === 'RUNNING'),
    done: count(isDone),
    failed: count((leg) => leg.state === 'ENDED' && !isDone(leg)),
    skipped: count(({ state }) => state === 'SKIPPED'),
    notStarted: count(({ state }) => state === 'NOT_STARTED'),
  };
}
