import type { MaintenanceRequest, SeenMaster } from '../../contract/index.js';

import type { Rules } from './next-moves.js';
import { isDone, stopOf } from './state.js';
import type { MaintenanceState, PlanFacts, PlanRow } from './state.js';
import { latestStartMs } from './window.js';

/** Limits of the way out: inside each row's own times, up to its latest safe start. */
export function forwardRules({ request }: PlanFacts): Rules {
  const { maxConcurrent, canaryCount, maxFailures } = request;
  const timesOf = ({ spans }: PlanRow) =>
    spans.map((span) => ({ fromMs: span.opensAtMs, untilMs: latestStartMs(span, request) }));
  return { leg: 'forward', maxConcurrent, canaryCount, maxFailures, timesOf };
}

/** Limits of the way back: within its own time after the soak, whatever the window says. */
export function returnRules({ request }: PlanFacts, soakEndsAtMs: number): Rules {
  const time = { fromMs: soakEndsAtMs, untilMs: returnNotAfterMs(request, soakEndsAtMs) };
  const { maxConcurrent } = request;
  const limits = { canaryCount: 0, maxFailures: null };
  return { leg: 'return', maxConcurrent, ...limits, timesOf: () => [time] };
}

/** Last instant at which a PUT of the way back may leave, epoch milliseconds. */
export function returnNotAfterMs({ returnLeg }: MaintenanceRequest, soakEndsAtMs: number): number {
  return soakEndsAtMs + (returnLeg?.withinSeconds ?? 0) * 1000;
}

/** Whether some master has been moved that the way back brings home. */
export function shouldReturn(state: MaintenanceState): boolean {
  const isAsked = (state.facts?.request.returnLeg ?? null) !== null;
  return isAsked && stopOf(state, 'return') === null && state.rows.some(hasMoved);
}

/**
 * Where the master of a row was before this plan moved it. The plan may have seen it days ago, elsewhere or not at
 * all; the switchover has read it right before its PUT.
 */
export function homeOf({ master, forward }: PlanRow): SeenMaster | null {
  return forward.from ?? master;
}

/** Whether this plan has moved the master of a row. */
export function hasMoved({ forward }: PlanRow): boolean {
  return isDone(forward) && forward.outcome === 'SUCCEEDED';
}
