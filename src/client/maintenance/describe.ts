/** What a maintenance was asked to do, as text and for comparison. */
import { command, inlineCode } from '../../domain/commands.js';
import type { CommandPlace } from '../../domain/commands.js';
import { describeTarget } from '../../domain/identity.js';
import { maintenanceLine } from '../../domain/maintenance/commands.js';
import type { RunTexts } from '../../domain/run-texts.js';
import { toRunTexts } from '../../domain/run-texts.js';
import type { WellFormedMaintenance } from '../../schema/index.js';
import { isRecord } from '../../util.js';
import { countOf } from '../../domain/text.js';

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
    isRecord(inner)
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
  if (instanceIds !== undefined) return countOf(instanceIds.length, 'instance');
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

/** The schedule that starts a maintenance. */
interface StartedBy {
  readonly scheduleId: string;
  /** When it fires, as text. */
  readonly when: string;
}

/** What people see of a maintenance in the Temporal UI before it has said a word itself. */
export function maintenanceTexts(
  input: WellFormedMaintenance,
  place: Pick<CommandPlace, 'taskQueue'>,
  schedule?: StartedBy,
): RunTexts {
  const { maintenanceId, projectId, mode, requestedBy, changeId, reason } = input;
  const goal = describeMaintenanceGoal(input);
  const look =
    schedule === undefined
      ? maintenanceLine({ verb: 'progress', name: maintenanceId }, place)
      : command(['schedule', 'describe', schedule.scheduleId], place);
  return toRunTexts({
    summary: goal,
    requestedBy,
    details: [
      ['What', goal],
      ['Window', describeWindow(input.window)],
      ['Who', requestedBy],
      ['Why', reason],
      ['Change', changeId],
      ['Approval', input.requireApproval === true ? 'required before anything starts' : null],
      ['Schedule', schedule && `${schedule.scheduleId}: ${schedule.when}`],
      ['Look', inlineCode(look)],
      ['Never', 'Terminate or Reset this run; abort or cancel it instead'],
    ],
    memo: { maintenanceId, projectId, mode, requestedBy, changeId, reason },
  });
}
