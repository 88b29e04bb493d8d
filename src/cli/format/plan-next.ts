import type { Leg, MaintenanceResult, MaintenanceRow } from '../../contract/index.js';
import { verifyCommand } from '../../domain/commands.js';
import { restLine } from '../../domain/maintenance/commands.js';

import { isDoneLeg, legState } from './plan-words.js';

/** Commands that are named one by one; those of further rows that are UNKNOWN are like them. */
const MAX_NAMED = 10;

/**
 * The commands to run next, most urgent first: what is in doubt, then what is left. Empty when everything
 * is done.
 *
 * @param name the plan as commands take it
 */
export function nextPlanCommands(result: MaintenanceResult, name: string): string[] {
  const doubts = result.rows.flatMap((row) => doubtsOf(row, result.projectId));
  return [...doubts.slice(0, MAX_NAMED), ...goOn(result, name)];
}

/** Nothing where the way out is done: what a way back left is for a person to decide, as the message says. */
function goOn({ outcome, rows }: MaintenanceResult, name: string): string[] {
  // Of one that could not even be made all is left.
  const isLeft =
    outcome === 'PARTIAL' &&
    (rows.length === 0 || !rows.every(({ forward }) => isDoneLeg(forward)));
  return isLeft ? [restLine(name)] : [];
}

function doubtsOf({ instanceId, ...row }: MaintenanceRow, projectId: string): string[] {
  return [row.forward, row.return]
    .filter((leg): leg is Leg => leg !== null && legState(leg) === 'UNKNOWN')
    .map(({ runId }) => runId)
    .filter((runId) => runId !== null)
    .map((runId) => verifyCommand({ projectId, instanceId }, runId));
}
