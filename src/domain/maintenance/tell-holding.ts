import type { SwitchoverHolding } from '../../contract/index.js';
import { isRecord } from '../../util.js';

import { clipMessage } from './ending.js';
import { patchLeg } from './state.js';
import type { MaintenanceState } from './state.js';

/**
 * The state once a switchover has told that it is in doubt and keeps its lock.
 *
 * @param told as it came: whoever may signal the plan may have sent it
 * @returns the state itself where it names no switchover that runs
 */
export function tellHolding(state: MaintenanceState, told: unknown): MaintenanceState {
  if (!isHoldingTold(told)) return state;
  const { workflowId, runId, lockedUntil, why } = told;
  for (const { instanceId, forward, return: back } of state.rows)
    for (const leg of [forward, back]) {
      if (leg?.state !== 'RUNNING' || leg.workflowId !== workflowId || leg.runId !== runId)
        continue;
      const reason = clipMessage(`its lock is held until ${lockedUntil}: ${why}`);
      return patchLeg(state, instanceId, leg.leg, { outcome: 'UNKNOWN', reason, lockedUntil });
    }
  return state;
}

function isHoldingTold(value: unknown): value is SwitchoverHolding {
  if (!isRecord(value)) return false;
  const { workflowId, runId, lockedUntil, why } = value;
  const areTexts = [workflowId, runId, lockedUntil, why].every((each) => typeof each === 'string');
  return areTexts && !Number.isNaN(Date.parse(lockedUntil as string));
}
