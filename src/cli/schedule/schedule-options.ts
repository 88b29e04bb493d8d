import type { Command } from 'commander';

import { numberOrText } from '../switch-input.js';

/** Options that become fields of a schedule, beside those of its plan. */
export interface ScheduleOptions {
  readonly onWindow?: boolean;
  readonly lead?: number | string;
  readonly cron?: string;
  readonly calendar?: unknown;
  readonly every?: number | string;
  readonly offset?: number | string;
  readonly at?: string;
  readonly scheduleTimeZone?: string;
  readonly jitter?: number | string;
  readonly catchUp?: number | string;
  readonly pauseOnFailure?: boolean;
  readonly note?: string;
}

/** Adds {@link ScheduleOptions}. */
export function withScheduleOptions(command: Command): Command {
  return command
    .optionsGroup('When it fires (one of the first five):')
    .option('--on-window', 'at each opening of the plan’s own window')
    .option('--cron <fields>', 'five fields, such as "0 2 * * 6"')
    .option('--calendar <json>', 'such as {"dayOfWeek":["SATURDAY"],"hour":[2]}', parseCalendar)
    .option('--every <seconds>', 'from the epoch on, at least 60', numberOrText)
    .option('--at <instant>', 'once: RFC 3339 with zone')
    .option('--lead <seconds>', 'earlier by this much, to gather approval', numberOrText)
    .option('--offset <seconds>', 'with --every: later by this much', numberOrText)
    .option('--schedule-time-zone <name>', 'of cron and calendar (default: the window’s, else UTC)')
    .option('--jitter <seconds>', 'later by up to this much (default: 0)', numberOrText)
    .option('--catch-up <seconds>', 'how late a missed firing may still start', numberOrText)
    .option('--pause-on-failure', 'pause the schedule after a plan that did not complete')
    .option('--note <text>', 'shown with the schedule')
    .optionsGroup('Options:');
}

/** What is no JSON stays text, which the contract refuses by its field. */
function parseCalendar(text: string): unknown {
  try {
    return (JSON.parse(text) as unknown) ?? text;
  } catch {
    return text;
  }
}
