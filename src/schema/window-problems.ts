import type { InputProblem } from '../contract/index.js';

import type { WellFormedMaintenance } from './maintenance-input.js';

type Window = WellFormedMaintenance['window'];

/** What makes no sense in a window whose fields are well formed. */
export function findWindowProblems(window: Window): InputProblem[] {
  if ('closesAt' in window) {
    const { opensAt, closesAt } = window;
    if (opensAt === undefined || Date.parse(opensAt) < Date.parse(closesAt)) return [];
    return [
      {
        field: 'window.closesAt',
        problem: 'is not after opensAt',
        remedy: 'Give a later instant.',
      },
    ];
  }
  return [...zoneProblems(window.timeZone), ...localProblems(window)];
}

function zoneProblems(timeZone: string): InputProblem[] {
  if (isTimeZone(timeZone)) return [];
  return [
    {
      field: 'window.timeZone',
      problem: 'is not a known time zone',
      remedy: 'Give an IANA name such as Europe/Zurich or UTC.',
    },
  ];
}

function localProblems({
  start,
  end,
  daysOfWeek,
  dates,
}: Extract<Window, { timeZone: string }>): InputProblem[] {
  return [
    ...(start === end
      ? [
          {
            field: 'window.end',
            problem: 'is the same as start',
            remedy: 'Give another time; one that is earlier means the next day.',
          },
        ]
      : []),
    ...(daysOfWeek !== undefined && dates !== undefined
      ? [
          {
            field: 'window.dates',
            problem: 'and daysOfWeek are both given',
            remedy: 'Leave one of the two out.',
          },
        ]
      : []),
  ];
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) instanceof Intl.DateTimeFormat;
  } catch {
    return false;
  }
}
