import type { Decision } from '../../contract/index.js';

import { byWhom } from './decisions.js';
import { legToSkip } from './skip.js';
import { addStop, patchLeg } from './state.js';
import type { MaintenanceState } from './state.js';

/** The state once a decision has been taken. */
export function applyDecision(state: MaintenanceState, decision: Decision): MaintenanceState {
  const told = { ...state, decisions: [...state.decisions, decision] };
  const reason = `the plan was ${words(decision)}`;
  switch (decision.what) {
    case 'approved':
    case 'paused':
    case 'resumed':
      return told;
    case 'rejected':
      return addStop(told, { cause: 'APPROVAL_REJECTED', reason });
    case 'aborted':
      return addStop(told, { cause: 'ABORTED', reason });
    case 'skipped':
      return skip(told, decision);
  }
}

function skip(state: MaintenanceState, decision: Decision): MaintenanceState {
  const { instanceId = '' } = decision;
  const row = state.rows.find((each) => each.instanceId === instanceId);
  const leg = row === undefined ? null : legToSkip(state, row);
  if (leg === null) return state;
  const reason = words(decision);
  return patchLeg(state, instanceId, leg, { state: 'SKIPPED', cause: 'SKIPPED', reason });
}

function words(decision: Decision): string {
  return `${byWhom(decision)}${decision.why === null ? '' : `: ${decision.why}`}`;
}
