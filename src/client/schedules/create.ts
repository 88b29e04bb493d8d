import type { ScheduleDescription } from '@temporalio/client';

import type { InputProblem } from '../../contract/index.js';
import { isInstant } from '../../domain/text.js';
import { parseMaintenanceInput } from '../../schema/index.js';
import type { ClientContext } from '../../temporal/rpc.js';
import { nextFirings } from '../../windows/index.js';
import { InvalidInputError } from '../errors.js';

import {
  callSchedule,
  deleteSchedule,
  describeSchedule,
  pauseSchedule,
  resumeSchedule,
  triggerNow,
} from './change.js';
import { previewFirings } from './check.js';
import { BackfillRefusedError } from './client.js';
import type { SchedulesClient } from './client.js';
import { createOrUpdateSchedule } from './create-or-update.js';
import { listSchedules, readDetails, readMaintenance, readSpec } from './read.js';

/** More maintenance runs than this, one after another, are not what someone means. */
const MAX_FIRINGS = 100;

/** Which past firings are made up for. */
interface BackfillRange {
  readonly from: string;
  readonly until: string;
  readonly confirm: boolean;
}

/** Makes up for past firings; see `SchedulesClient.backfill`. */
async function backfillRange(
  context: ClientContext,
  scheduleId: string,
  { from, until, confirm }: BackfillRange,
): Promise<void> {
  checkBackfillRange(from, until);
  const description = await describeSchedule(context, scheduleId);
  const firings = countFirings(description, Date.parse(from), Date.parse(until));
  if (!confirm) throw new BackfillRefusedError(scheduleId, from, until, firings);
  if (firings !== null && firings > MAX_FIRINGS) throw new InvalidInputError([tooMany()]);
  const handle = context.client.schedule.getHandle(scheduleId);
  // Each was asked for, so none is skipped because the one before still runs: they follow each other.
  await callSchedule(context, 'backfill', scheduleId, () =>
    handle.backfill({ start: new Date(from), end: new Date(until), overlap: 'BUFFER_ALL' }),
  );
}

/** How many maintenance runs it would start, up to one more than the most; `null` where others made the schedule. */
function countFirings(
  description: ScheduleDescription,
  fromMs: number,
  untilMs: number,
): number | null {
  const spec = readSpec(description);
  const maintenance = parseMaintenanceInput(readMaintenance(description));
  if (spec === null || !maintenance.ok) return null;
  const firings = nextFirings(spec, maintenance.input.window, fromMs - 1000, MAX_FIRINGS + 1);
  return firings.filter(({ at }) => Date.parse(at) <= untilMs).length;
}

/** Checks a range before anything is asked for. @throws InvalidInputError */
export function checkBackfillRange(from: string, until: string): void {
  const problems = findRangeProblems(from, until);
  if (problems.length > 0) throw new InvalidInputError(problems);
}

function findRangeProblems(from: string, until: string): InputProblem[] {
  const malformed = Object.entries({ from, until }).filter(([, instant]) => !isInstant(instant));
  if (malformed.length > 0)
    return malformed.map(([field]) => ({
      field,
      problem: 'is not an RFC 3339 instant with a zone',
      remedy: 'Write it like 2026-11-24T02:00:00Z.',
    }));
  if (Date.parse(from) >= Date.parse(until))
    return [{ field: 'until', problem: 'is not after from', remedy: 'Give a later instant.' }];
  if (Date.parse(until) > Date.now())
    return [
      {
        field: 'until',
        problem: 'is still to come',
        remedy: 'Give an instant that has passed; to fire now, trigger.',
      },
    ];
  return [];
}

function tooMany(): InputProblem {
  return {
    field: 'from',
    problem: `reaches back over more than ${MAX_FIRINGS} firings`,
    remedy: 'Give a shorter range.',
  };
}

/** Schedules, on a connection that the caller owns. Opens nothing. */
export function createSchedulesClient(context: ClientContext): SchedulesClient {
  return {
    preview: (input, options) => previewFirings(input, options),
    createOrUpdate: (input) => createOrUpdateSchedule(context, input),
    list: () => listSchedules(context),
    describe: (scheduleId) => readDetails(context, scheduleId),
    pause: (scheduleId, note) => pauseSchedule(context, scheduleId, note),
    resume: (scheduleId, note) => resumeSchedule(context, scheduleId, note),
    trigger: (scheduleId) => triggerNow(context, scheduleId),
    backfill: (scheduleId, range) => backfillRange(context, scheduleId, range),
    delete: (scheduleId) => deleteSchedule(context, scheduleId),
  };
}
