/** What a plan was asked to do, in words and for comparison. */
import type { Target } from '../../contract/index.js';
import { describeTarget } from '../../domain/roles.js';
import type { WellFormedMaintenance } from '../../schema/index.js';

/** Fields that say who asks and why; two callers that want the same may differ in them. */
const LABELS = ['reason', 'requestedBy', 'changeId'];

/** Names of the fields in which two inputs want something different; empty: one plan may serve both. */
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

/** The goal of a plan in words, such as `switch 12 instances so that the master is in AZ az2`. */
export function describeMaintenanceGoal(input: WellFormedMaintenance): string {
  const verb = input.mode === 'plan' ? 'plan to switch' : 'switch';
  const where =
    input.target === undefined
      ? ''
      : ` so that the master is ${describeTarget(input.target as Target)}`;
  const drill = input.returnLeg === undefined ? '' : ', and back';
  return `${verb} ${describeChoice(input)}${where}${drill}`;
}

/** Which instances, in words. */
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

/** The window in words, such as `02:00 to 04:00 Europe/Zurich on SUNDAY`. */
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
