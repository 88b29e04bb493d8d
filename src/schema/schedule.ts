import { z } from 'zod';

import { DAYS_OF_WEEK } from '../contract/index.js';
import type { InputProblem } from '../contract/index.js';
import { findScheduleProblems } from '../windows/index.js';

import { entryOf, isRecord } from '../util.js';

import { boundedText, instant, MAX_ID_LENGTH, MAX_TEXT_LENGTH, wholeNumber } from './fields.js';
import { parseMaintenanceInput } from './maintenance.js';
import type { WellFormedMaintenance } from './maintenance.js';
import { parse } from './problems.js';
import type { Parsed } from './problems.js';

const SCHEDULE_ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** Smallest and largest accepted value of each number of a schedule, in seconds. */
export const SCHEDULE_BOUNDS = {
  everySeconds: { min: 60, max: 366 * 86_400 },
  offsetSeconds: { min: 0, max: 366 * 86_400 },
  jitterSeconds: { min: 0, max: 86_400 },
  leadSeconds: { min: 0, max: 14 * 86_400 },
  // The server takes no less than 10 s.
  catchUpSeconds: { min: 10, max: 14 * 86_400 },
} as const;

const numbers = (min: number, max: number) =>
  z
    .array(
      z
        .int('has an entry that is not a whole number')
        .min(min, `has an entry below ${min}`)
        .max(max, `has an entry above ${max}`),
    )
    .min(1, 'is empty')
    .max(max - min + 1, 'has an entry twice')
    .exactOptional();

const calendar = z.strictObject({
  month: numbers(1, 12),
  dayOfMonth: numbers(1, 31),
  dayOfWeek: z
    .array(z.enum(DAYS_OF_WEEK))
    .min(1, 'is empty')
    .max(7, 'has an entry twice')
    .exactOptional(),
  hour: numbers(0, 23),
  minute: numbers(0, 59),
});

/** Shape of when a schedule fires. How its fields fit together is checked apart. */
export const scheduleSpecSchema = z.strictObject({
  onWindow: z.boolean().exactOptional(),
  cron: boundedText(MAX_ID_LENGTH).exactOptional(),
  calendar: calendar.exactOptional(),
  everySeconds: wholeNumber(SCHEDULE_BOUNDS.everySeconds),
  offsetSeconds: wholeNumber(SCHEDULE_BOUNDS.offsetSeconds),
  at: instant.exactOptional(),
  timeZone: boundedText(MAX_ID_LENGTH).exactOptional(),
  jitterSeconds: wholeNumber(SCHEDULE_BOUNDS.jitterSeconds),
  leadSeconds: wholeNumber(SCHEDULE_BOUNDS.leadSeconds),
  catchUpSeconds: wholeNumber(SCHEDULE_BOUNDS.catchUpSeconds),
  pauseOnFailure: z.boolean().exactOptional(),
});

/** The frame of a schedule; the maintenance inside has a schema of its own. */
export const scheduleFrameSchema = z.strictObject({
  scheduleId: z
    .string()
    .max(64, 'is longer than 64 characters')
    .regex(SCHEDULE_ID, 'is not 1 to 64 of a-z 0-9 . _ - with a letter or digit first'),
  schedule: scheduleSpecSchema,
  maintenance: z.record(z.string(), z.unknown()),
  note: boundedText(MAX_TEXT_LENGTH).exactOptional(),
});

/** When a schedule fires, its fields well formed. */
export type WellFormedScheduleSpec = z.output<typeof scheduleSpecSchema>;

/** A well-formed schedule. */
export interface WellFormedSchedule {
  readonly scheduleId: string;
  readonly schedule: WellFormedScheduleSpec;
  readonly maintenance: WellFormedMaintenance;
  readonly note?: string;
}

/**
 * Checks a schedule: field by field, the maintenance inside by the maintenance's own rules, then how all fits together and
 * whether it will fire.
 *
 * @param nowMs epoch milliseconds
 */
export function parseScheduleInput(raw: unknown, nowMs: number): Parsed<WellFormedSchedule> {
  const parsed = parse(scheduleFrameSchema, raw);
  const maintenance = parseMaintenanceInput(isRecord(raw) ? raw['maintenance'] : undefined);
  if (!parsed.ok || !maintenance.ok) {
    const ofFrame = parsed.ok ? [] : parsed.problems.map(withRemedy);
    // Without any maintenance the frame has said so.
    const hasMaintenance = !ofFrame.some(
      ({ field }) => field === 'maintenance' || field === 'input',
    );
    const ofMaintenance =
      maintenance.ok || !hasMaintenance ? [] : maintenance.problems.map(insideMaintenance);
    return { ok: false, problems: [...ofFrame, ...ofMaintenance] };
  }
  const input = { ...parsed.input, maintenance: maintenance.input };
  const problems = findScheduleProblems(input.schedule, maintenance.input.window, nowMs);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, input };
}

function insideMaintenance(problem: InputProblem): InputProblem {
  return { ...problem, field: `maintenance.${problem.field}` };
}

const REMEDIES: Readonly<Record<string, string>> = {
  scheduleId: 'Give it a short name in lower case, such as weekly-drill.',
  schedule: 'Give when it fires, such as {"onWindow": true}.',
  maintenance: 'Give the maintenance that each firing starts.',
  'schedule.cron': 'Write five fields, such as "0 2 * * SUN".',
  'schedule.at': 'Write it like 2026-11-24T02:00:00Z or 2026-11-24T03:00:00+01:00.',
  'schedule.calendar': 'Write it like {"dayOfWeek": ["SUNDAY"], "hour": [2]}.',
  'schedule.timeZone': 'Give an IANA name such as Europe/Zurich or UTC.',
};

function withRemedy(problem: InputProblem): InputProblem {
  const [first = '', second = ''] = problem.field.split('.');
  const remedy = entryOf(REMEDIES, `${first}.${second}`) ?? entryOf(REMEDIES, problem.field);
  return remedy === undefined || problem.problem.startsWith('is not a field')
    ? problem
    : { ...problem, remedy };
}
