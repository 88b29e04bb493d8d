import type { CalendarSpec, ScheduleSpec } from '../../contract/index.js';

/** When a schedule fires, in words; `null`: it was made by other means than ours. */
export function describeWhen(spec: ScheduleSpec | null, window: string): string {
  if (spec === null) return 'by a spec that was not made here; see it in the Temporal UI';
  const { jitterSeconds, leadSeconds } = spec;
  return [
    describeWay(spec, window),
    ...(isGiven(leadSeconds) ? [`${inWords(leadSeconds)} earlier`] : []),
    ...(isGiven(jitterSeconds) ? [`up to ${inWords(jitterSeconds)} later at random`] : []),
  ].join(', ');
}

function describeWay(spec: ScheduleSpec, window: string): string {
  const zone = spec.timeZone ?? null;
  const inZone = zone === null ? '' : ` (${zone})`;
  if (spec.onWindow === true) return `when the window opens: ${window}`;
  if (isText(spec.cron)) return `cron ${spec.cron}${inZone}`;
  if (isText(spec.at)) return `once, at ${spec.at}`;
  if (isGiven(spec.everySeconds)) {
    const offset = isGiven(spec.offsetSeconds) ? `, offset ${inWords(spec.offsetSeconds)}` : '';
    return `every ${inWords(spec.everySeconds)}${offset}`;
  }
  return `${describeCalendar(spec.calendar ?? {})}${inZone}`;
}

function describeCalendar({ month, dayOfMonth, dayOfWeek, hour, minute }: CalendarSpec): string {
  const parts: (readonly [string, readonly (number | string)[] | null | undefined])[] = [
    ['month', month],
    ['day', dayOfMonth],
    ['on', dayOfWeek],
    ['hour', hour],
    ['minute', minute ?? [0]],
  ];
  return parts
    .flatMap(([label, values]) => (Array.isArray(values) ? [`${label} ${values.join(', ')}`] : []))
    .join(', ');
}

function inWords(seconds: number): string {
  const [unit, size] = UNITS.find(([, length]) => seconds % length === 0) ?? ['s', 1];
  return `${seconds / size} ${unit}`;
}

const UNITS = [
  ['h', 3600],
  ['min', 60],
] as const;

function isGiven(value: number | null | undefined): value is number {
  return typeof value === 'number' && value > 0;
}

function isText(value: string | null | undefined): value is string {
  return typeof value === 'string';
}
