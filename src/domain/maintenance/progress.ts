import type {
  Leg,
  MaintenanceCause,
  MaintenanceCounts,
  MaintenanceOutcome,
  MaintenanceProgress,
  MaintenanceRow,
} from '../../contract/index.js';

import { isHolding } from './leg-state.js';
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
  return { ...toView(maintenanceId, state, ending), rows: state.rows.map(toRow) };
}

/** The same to look at, made at each change: the rows are those of the state, with all that stands in them. */
export function toView(
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
    ...{ decisions, counts: countRows(state.rows), rows: state.rows, warnings },
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
    ...(isHolding(leg) ? { lockedUntil: leg.lockedUntil } : null),
    master: leg.master,
  };
}

/** How many rows are in which state of the way out. */
export function countRows(rows: readonly PlanRow[]): MaintenanceCounts {
  const counts = { pending: 0, running: 0, done: 0, failed: 0, skipped: 0, notStarted: 0 };
  for (const { forward } of rows) {
    if (forward.state === 'ENDED') counts[isDone(forward) ? 'done' : 'failed'] += 1;
    else counts[COUNTED_AS[forward.state]] += 1;
  }
  return counts;
}

const COUNTED_AS = {
  PENDING: 'pending',
  RUNNING: 'running',
  SKIPPED: 'skipped',
  NOT_STARTED: 'notStarted',
} as const;
