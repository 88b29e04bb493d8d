import { hasMoved, shouldReturn } from './rules.js';
import type { MaintenanceState, PlanRow } from './state.js';

/** What skipping an instance means now. */
export interface SkipVerdict {
  readonly kind: 'taken' | 'already' | 'refused';
  readonly message: string;
}

/** An instance is left out of what has not begun for it: the way out, or once that is done the way back. */
export function judgeSkip(state: MaintenanceState, instanceId: string): SkipVerdict {
  if (state.facts === null)
    return refuse('The instances are not known yet: the plan is being made.');
  const row = state.rows.find((each) => each.instanceId === instanceId);
  if (row === undefined) return refuse(`The plan has no instance ${instanceId}.`);
  const leg = legToSkip(state, row);
  if (leg === 'forward')
    return { kind: 'taken', message: `Instance ${instanceId} is left out: nothing is sent to it.` };
  if (leg === 'return')
    return { kind: 'taken', message: `Instance ${instanceId} is not brought back.` };
  const isSkipped = [row.forward, row.return].some((each) => each?.state === 'SKIPPED');
  if (isSkipped) return { kind: 'already', message: `Instance ${instanceId} is left out already.` };
  const isUnderWay = [row.forward, row.return].some((each) => each?.state === 'RUNNING');
  return refuse(
    isUnderWay
      ? `Instance ${instanceId} is being switched; a switchover is finished, not skipped.`
      : `Instance ${instanceId} is over; nothing is left to skip.`,
  );
}

/** Which leg a skip takes away; `null` when none is left. */
export function legToSkip(state: MaintenanceState, row: PlanRow): 'forward' | 'return' | null {
  if (row.forward.state === 'PENDING') return 'forward';
  const isBackOpen = row.return === null || row.return.state === 'PENDING';
  return isBackOpen && hasMoved(row) && shouldReturn(state) ? 'return' : null;
}

function refuse(message: string): SkipVerdict {
  return { kind: 'refused', message };
}
