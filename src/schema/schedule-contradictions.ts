import type { InputProblem } from '../contract/index.js';

import { CronError, parseCron } from '../windows/cron.js';
import { isTimeZone } from '../windows/index.js';

import type { WellFormedSchedule, WellFormedScheduleSpec } from './schedule-input.js';

/** The five ways to say when a schedule fires. */
const WAYS = ['onWindow', 'cron', 'calendar', 'everySeconds', 'at'] as const;
type Way = (typeof WAYS)[number];

/** Fields that only some of the ways have a use for. */
const USED_BY: Readonly<Record<'offsetSeconds' | 'timeZone' | 'leadSeconds', readonly Way[]>> = {
  offsetSeconds: ['everySeconds'],
  timeZone: ['cron', 'calendar'],
  leadSeconds: ['onWindow', 'at'],
};

/** Fields of a schedule that are each well formed but make no sense together. */
export function findScheduleContradictions(input: WellFormedSchedule): InputProblem[] {
  const { schedule } = input;
  const ways = WAYS.filter((way) => schedule[way] !== undefined && schedule[way] !== false);
  if (ways.length !== 1)
    return [
      {
        field: 'schedule',
        problem: ways.length === 0 ? 'does not say when it fires' : `has ${ways.join(' and ')}`,
        remedy: `Give exactly one of ${WAYS.join(', ')}.`,
      },
    ];
  return [
    ...misplaced(schedule, ways),
    ...offsetProblems(schedule),
    ...zoneProblems(schedule),
    ...cronProblems(schedule),
    ...windowProblems(input),
  ];
}

function misplaced(schedule: WellFormedScheduleSpec, ways: readonly Way[]): InputProblem[] {
  return Object.entries(USED_BY)
    .filter(([field]) => schedule[field as keyof typeof USED_BY] !== undefined)
    .filter(([, users]) => !users.some((way) => ways.includes(way)))
    .map(([field, users]) => ({
      field: `schedule.${field}`,
      problem: `has no meaning with ${ways.join(', ')}`,
      remedy: `Leave it out; it belongs to ${users.join(' and ')}.`,
    }));
}

function offsetProblems({ everySeconds, offsetSeconds }: WellFormedScheduleSpec): InputProblem[] {
  if (everySeconds === undefined || offsetSeconds === undefined || offsetSeconds < everySeconds)
    return [];
  return [
    {
      field: 'schedule.offsetSeconds',
      problem: 'is not below everySeconds',
      remedy: 'Give what is left after dividing by everySeconds.',
    },
  ];
}

/** A window between two instants opens once: `at` says so, `onWindow` is for those that recur. */
function windowProblems({ schedule, maintenance: { window } }: WellFormedSchedule): InputProblem[] {
  if (schedule.onWindow !== true || 'timeZone' in window) return [];
  return [
    {
      field: 'schedule.onWindow',
      problem: 'needs a window in local time; this one is between two instants',
      remedy: 'Use "at" with the instant at which the window opens.',
    },
  ];
}

function zoneProblems({ timeZone }: WellFormedScheduleSpec): InputProblem[] {
  if (timeZone === undefined || isTimeZone(timeZone)) return [];
  return [
    {
      field: 'schedule.timeZone',
      problem: 'is not a known time zone',
      remedy: 'Give an IANA name such as Europe/Zurich or UTC.',
    },
  ];
}

function cronProblems({ cron }: WellFormedScheduleSpec): InputProblem[] {
  if (cron === undefined) return [];
  try {
    parseCron(cron);
    return [];
  } catch (error) {
    if (!(error instanceof CronError)) throw error;
    const remedy = 'Write minute, hour, day of month, month, day of week, such as "0 2 * * SUN".';
    return [{ field: 'schedule.cron', problem: error.message, remedy }];
  }
}
