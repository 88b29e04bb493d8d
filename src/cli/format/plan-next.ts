import type { Leg, MaintenanceResult, MaintenanceRow } from '../../contract/index.js';
import { commandsOf, doubtCommand } from '../../domain/commands.js';
import type { CommandPlace } from '../../domain/commands.js';
import { restLine } from '../../domain/maintenance/commands.js';

import type { PlanSource } from './plan-result.js';
import { legState } from '../../domain/maintenance/leg-state.js';
import { isDoneLeg } from './plan.js';

/** Commands that are named one by one; those of further rows that are UNKNOWN are like them. */
const MAX_NAMED = 10;

/**
 * The commands to run next, most urgent first: what is in doubt, then what is left. Empty when everything is
 * done, or where the message of the result has them all.
 */
export function nextPlanCommands(
  result: MaintenanceResult,
  { name, taskQueue }: Pick<PlanSource, 'name' | 'taskQueue'>,
): string[] {
  const place = { projectId: result.projectId, taskQueue };
  const doubts = result.rows.flatMap((row) => doubtsOf(row, place));
  const next = [...doubts.slice(0, MAX_NAMED), ...goOn(result, name, place)];
  // The message knows the task queue of the plan, this command only that of its own options.
  const told = commandsOf(result.message).map(withoutQueue);
  return next.filter((line) => !told.includes(withoutQueue(line)));
}

function withoutQueue(line: string): string {
  return line.replace(/ --task-queue .*$/, '');
}

/** Nothing where the way out is done: what a way back left is for a person to decide, as the message says. */
function goOn({ outcome, rows }: MaintenanceResult, name: string, place: CommandPlace): string[] {
  // Of one that could not even be made all is left.
  const isLeft =
    outcome === 'PARTIAL' &&
    (rows.length === 0 || !rows.every(({ forward }) => isDoneLeg(forward)));
  return isLeft ? [restLine(name, place)] : [];
}

function doubtsOf({ instanceId, ...row }: MaintenanceRow, place: CommandPlace): string[] {
  return [row.forward, row.return]
    .filter((leg): leg is Leg => leg !== null && legState(leg) === 'UNKNOWN')
    .flatMap(({ runId, cause }) =>
      runId === null ? [] : [doubtCommand({ ...place, instanceId }, { runId, cause })],
    );
}
