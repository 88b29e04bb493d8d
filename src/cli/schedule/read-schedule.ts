import type { ScheduleInput, ScheduleSpec } from '../../contract/index.js';
import { isRecord } from '../../util.js';

import { UsageError } from '../cli-errors.js';
import type { CliIo } from '../io.js';
import { toPlanInput } from '../maintenance/input.js';
import type { Draft } from '../maintenance/input.js';
import type { PlanOptions } from '../maintenance/plan-options.js';
import { readInputFile } from '../read-input-file.js';

import type { ScheduleOptions } from './schedule-options.js';

/** What `schedule ensure` and `preview` are given. */
export type ScheduleAsk = PlanOptions & ScheduleOptions;

/** The ways to say when a schedule fires; they exclude each other. */
const WHEN = ['onWindow', 'cron', 'calendar', 'everySeconds', 'at'] as const;

/** Fields by which a plan's file is known; its id may be left to the command. */
const OF_A_PLAN = ['maintenanceId', 'window'];

/**
 * The schedule that file and options describe; options take precedence. The plan's id is the schedule's
 * where nothing else is said.
 *
 * @throws UsageError
 */
export async function readSchedule(
  io: CliIo,
  scheduleId: string | undefined,
  options: ScheduleAsk,
): Promise<ScheduleInput> {
  const draft = options.file === undefined ? {} : await readInputFile(options.file);
  const { schedule, maintenance, scheduleId: named, note, ...unknown } = draft;
  if (OF_A_PLAN.some((name) => name in unknown))
    throw new UsageError(
      `--file ${options.file ?? ''}: that is a plan. Put it under "maintenance", beside "scheduleId" and "schedule".`,
    );
  const id = scheduleId ?? named;
  if (id === undefined)
    throw new UsageError('The schedule has no id: name it, or put scheduleId into the file.');
  const plan: Draft = isRecord(maintenance) ? maintenance : {};
  const planId = 'maintenanceId' in plan ? undefined : (id as string);
  const input = {
    ...unknown,
    scheduleId: id,
    schedule: toSpec(options, isRecord(schedule) ? schedule : {}),
    // Whoever ensures it today is not who asks at each firing, so no name is added by itself.
    maintenance: toPlanInput({ ...io, userName: () => null }, planId, options, plan),
    ...(options.note === undefined && note === undefined ? {} : { note: options.note ?? note }),
  };
  return input as unknown as ScheduleInput;
}

/** The options' way to say when replaces the file's. */
function toSpec(options: ScheduleOptions, draft: Draft): ScheduleSpec {
  const { onWindow, cron, calendar, at, pauseOnFailure } = options;
  const fields = {
    ...{ onWindow, cron, calendar, everySeconds: options.every, at },
    offsetSeconds: options.offset,
    timeZone: options.scheduleTimeZone,
    jitterSeconds: options.jitter,
    leadSeconds: options.lead,
    catchUpSeconds: options.catchUp,
    pauseOnFailure,
  };
  const given = Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  );
  const replaces = WHEN.some((name) => name in given);
  const kept = Object.entries(draft).filter(
    ([name]) => !replaces || !(WHEN as readonly string[]).includes(name),
  );
  return { ...Object.fromEntries(kept), ...given };
}
