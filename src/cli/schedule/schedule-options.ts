import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';

import type { CalendarSpec } from '../../contract/index.js';
import { isRecord } from '../../is-record.js';

import { parseSeconds } from '../options.js';

/** Options that become fields of a schedule, beside those of its plan. */
export interface ScheduleOptions {
  readonly onWindow?: boolean;
  readonly lead?: number;
  readonly cron?: string;
  readonly calendar?: CalendarSpec;
  readonly every?: number;
  readonly offset?: number;
  readonly at?: string;
  readonly scheduleTimeZone?: string;
  readonly jitter?: number;
  readonly catchUp?: number;
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
    .option('--every <seconds>', 'from the epoch on, at least 60', parseSeconds)
    .option('--at <instant>', 'once: RFC 3339 with zone')
    .option('--lead <seconds>', 'earlier by this much, to gather approval', parseSeconds)
    .option('--offset <seconds>', 'with --every: later by this much', parseSeconds)
    .option('--schedule-time-zone <name>', 'of cron and calendar (default: the window’s, else UTC)')
    .option('--jitter <seconds>', 'later by up to this much (default: 0)', parseSeconds)
    .option('--catch-up <seconds>', 'how late a missed firing may still start', parseSeconds)
    .option('--pause-on-failure', 'pause the schedule after a plan that did not complete')
    .option('--note <text>', 'shown with the schedule')
    .optionsGroup('Options:');
}

function parseCalendar(text: string): CalendarSpec {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value) && !Array.isArray(value)) return value;
  } catch {
    // Told below, like anything else that is no object.
  }
  throw new InvalidArgumentError('Write it like {"dayOfWeek":["SATURDAY"],"hour":[2]}.');
}
