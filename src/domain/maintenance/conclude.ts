import type {
  MaintenanceCause,
  MaintenanceRequest,
  MaintenanceResult,
} from '../../contract/index.js';

import { hasMoved } from './next-moves.js';
import { isDone } from './state.js';
import type { MaintenanceState } from './state.js';

/** Outcome and cause of a maintenance of which nothing is under way any more. */
export interface Conclusion {
  readonly outcome: Exclude<MaintenanceResult['outcome'], 'PLANNED'>;
  readonly cause: MaintenanceCause;
}

/**
 * COMPLETED only where every instance ended SUCCEEDED or NOOP, and every master that was moved is back where a
 * return leg was asked for. Otherwise PARTIAL, by what stopped the maintenance first.
 */
export function conclude(state: MaintenanceState): Conclusion {
  const { rows, stops, facts } = state;
  // A maintenance that was stopped before it had anything to do was stopped all the same.
  if (rows.length === 0 && stops.length === 0)
    return {
      outcome: mayBeEmpty(facts?.request) ? 'COMPLETED' : 'PARTIAL',
      cause: 'NOTHING_SELECTED',
    };
  if (rows.length > 0 && isAllDone(state)) return { outcome: 'COMPLETED', cause: 'ALL_DONE' };
  const [stop] = stops;
  if (stop !== undefined) return { outcome: 'PARTIAL', cause: stop.cause };
  const isLate = rows.some(({ forward }) => forward.cause === 'WINDOW_OVER');
  return { outcome: 'PARTIAL', cause: isLate ? 'WINDOW_OVER' : 'INSTANCES_NOT_DONE' };
}

/** A selector that fits nothing is mistyped more often than meant. */
export function mayBeEmpty(request: Pick<MaintenanceRequest, 'allowEmpty'> | undefined): boolean {
  return request?.allowEmpty !== false;
}

function isAllDone({ rows, facts }: MaintenanceState): boolean {
  const hasReturnLeg = (facts?.request.returnLeg ?? null) !== null;
  return rows.every((row) => {
    if (!isDone(row.forward)) return false;
    return !hasReturnLeg || !hasMoved(row) || (row.return !== null && isDone(row.return));
  });
}
