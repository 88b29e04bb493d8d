/** What people see of a plan in the Temporal UI before it has said a word itself. */
import { command, inlineCode } from '../../domain/commands.js';
import { maintenanceLine } from '../../domain/maintenance/commands.js';
import { oneLine } from '../../domain/one-line.js';
import type { WellFormedMaintenance } from '../../schema/index.js';

import { MAX_SUMMARY_BYTES, clipBytes, makeLines } from '../texts.js';

import { describeMaintenanceGoal, describeWindow } from './describe.js';

/** One line for lists. */
export function makePlanSummary(input: WellFormedMaintenance): string {
  const who = input.requestedBy === undefined ? '' : `, asked by ${oneLine(input.requestedBy)}`;
  return clipBytes(`${describeMaintenanceGoal(input)}${who}`, MAX_SUMMARY_BYTES);
}

/** The schedule that starts a plan. */
interface StartedBy {
  readonly scheduleId: string;
  /** When it fires, in words. */
  readonly when: string;
}

/** Who, why, what and when, as Markdown. */
export function makePlanDetails(input: WellFormedMaintenance, schedule?: StartedBy): string {
  const look =
    schedule === undefined
      ? maintenanceLine({ verb: 'progress', name: input.maintenanceId })
      : command(['schedule', 'describe', schedule.scheduleId]);
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['What', describeMaintenanceGoal(input)],
    ['Window', describeWindow(input.window)],
    ['Who', input.requestedBy],
    ['Why', input.reason],
    ['Change', input.changeId],
    ['Approval', input.requireApproval === true ? 'required before anything starts' : undefined],
    ['Schedule', schedule && `${schedule.scheduleId}: ${schedule.when}`],
    ['Look', inlineCode(look)],
    ['Never', 'Terminate or Reset this run; abort or cancel it instead'],
  ];
  return makeLines(rows.filter((row): row is [string, string] => row[1] !== undefined));
}

/** Ids and texts only, for people and scripts that list runs; decisions read the input itself. */
export function makePlanMemo(input: WellFormedMaintenance): Record<string, unknown> {
  const { maintenanceId, projectId, mode, requestedBy, changeId, reason } = input;
  return Object.fromEntries(
    Object.entries({ maintenanceId, projectId, mode, requestedBy, changeId, reason }).filter(
      ([, value]) => value !== undefined,
    ),
  );
}
