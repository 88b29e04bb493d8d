/** What a maintenance was asked to do, as text and for comparison. */
import { command, inlineCode } from '../../domain/commands.js';
import { describeTarget } from '../../domain/identity.js';
import { maintenanceLine } from '../../domain/maintenance/commands.js';
import { oneLine } from '../../domain/text.js';
import type { WellFormedMaintenance } from '../../schema/index.js';
import { clipField, makeLines, MAX_SUMMARY_BYTES } from '../texts.js';

/** Fields that say who asks and why; two callers that want the same may differ in them. */
const LABELS = ['reason', 'requestedBy', 'changeId'];

/** Names of the fields in which two inputs want something different; empty: one maintenance may serve both. */
export function differingFields(a: WellFormedMaintenance, b: WellFormedMaintenance): string[] {
  const [left, right] = [asRecord(a), asRecord(b)];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])]
    .filter((field) => !LABELS.includes(field))
    .filter((field) => canonical(left[field]) !== canonical(right[field]));
}

/** JSON with the keys of every object in order, so that equal values have equal texts. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(
          Object.entries(inner)
            .filter(([, field]) => field !== null && field !== undefined)
            .sort(([x], [y]) => (x < y ? -1 : 1)),
        )
      : inner,
  );
}

/** The goal of a maintenance as text, such as `switch 12 instances so that the master is in AZ az2`. */
export function describeMaintenanceGoal(input: WellFormedMaintenance): string {
  const verb = input.mode === 'plan' ? 'plan to switch' : 'switch';
  const where =
    input.target === undefined ? '' : ` so that the master is ${describeTarget(input.target)}`;
  const drill = input.returnLeg === undefined ? '' : ', and back';
  return `${verb} ${describeChoice(input)}${where}${drill}`;
}

/** Which instances, as text. */
function describeChoice({ instanceIds, selector = {} }: WellFormedMaintenance): string {
  if (instanceIds !== undefined)
    return instanceIds.length === 1 ? '1 instance' : `${instanceIds.length} instances`;
  const { tags = {}, namePattern, masterAvailabilityZone } = selector;
  const parts = [
    ...Object.entries(tags).map(([key, value]) => `tag ${key}=${value}`),
    ...(namePattern === undefined ? [] : [`name ${namePattern}`]),
    ...(masterAvailabilityZone === undefined ? [] : [`master in ${masterAvailabilityZone}`]),
  ];
  return `the instances with ${parts.join(', ')}`;
}

/** The window as text, such as `02:00 to 04:00 Europe/Zurich on SUNDAY`. */
export function describeWindow(window: WellFormedMaintenance['window']): string {
  if ('closesAt' in window) return `${window.opensAt ?? 'the start'} to ${window.closesAt}`;
  const { start, end, timeZone, daysOfWeek, dates, blackoutDates } = window;
  const days = daysOfWeek ?? dates;
  const on = days === undefined ? ' every day' : ` on ${days.join(', ')}`;
  const but = blackoutDates === undefined ? '' : `, not on ${blackoutDates.join(', ')}`;
  return `${start} to ${end} ${timeZone}${on}${but}`;
}

function asRecord(input: WellFormedMaintenance): Record<string, unknown> {
  return { ...input };
}

// What people see of a maintenance in the Temporal UI before it has said a word itself.

/** One line for lists. */
export function makeMaintenanceSummary(input: WellFormedMaintenance): string {
  const who = input.requestedBy === undefined ? '' : `, asked by ${oneLine(input.requestedBy)}`;
  return clipField(`${describeMaintenanceGoal(input)}${who}`, MAX_SUMMARY_BYTES);
}

/** The schedule that starts a maintenance. */
interface StartedBy {
  readonly scheduleId: string;
  /** When it fires, as text. */
  readonly when: string;
}

/** Who, why, what and when, as Markdown. */
export function makeMaintenanceDetails(input: WellFormedMaintenance, schedule?: StartedBy): string {
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
export function makeMaintenanceMemo(input: WellFormedMaintenance): Record<string, unknown> {
  const { maintenanceId, projectId, mode, requestedBy, changeId, reason } = input;
  return Object.fromEntries(
    Object.entries({ maintenanceId, projectId, mode, requestedBy, changeId, reason }).filter(
      ([, value]) => value !== undefined,
    ),
  );
}
