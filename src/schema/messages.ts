import { z } from 'zod';

import type {
  Freeze,
  InputProblem,
  MaintenanceMessage,
  MaintenanceUpdate,
  SkipMessage,
} from '../contract/index.js';

import {
  dropNulls,
  instanceId,
  instant,
  MAX_ID_LENGTH,
  MAX_TEXT_LENGTH,
  boundedText,
} from './fields.js';
import { toProblems } from './problems.js';

const by = boundedText(MAX_ID_LENGTH);
const why = boundedText(MAX_TEXT_LENGTH);

/** Shape of a message of which the reason may be left out. */
export const messageSchema = z.strictObject({ by, why: why.optional() });

/** Shape of a message that has to give its reason. */
export const reasonedMessageSchema = z.strictObject({ by, why });

/** Shape of `skip`. */
export const skipMessageSchema = z.strictObject({ by, why, instanceId });

/** Shape of the argument of each update. */
export const MESSAGE_SCHEMAS = {
  approve: messageSchema,
  reject: reasonedMessageSchema,
  pause: messageSchema,
  resume: messageSchema,
  skip: skipMessageSchema,
  abort: reasonedMessageSchema,
} as const satisfies Record<MaintenanceUpdate, z.ZodType>;

/** What {@link parseMessage} gives for each update. */
export type ParsedMessage<U extends MaintenanceUpdate = MaintenanceUpdate> =
  | { readonly ok: true; readonly message: U extends 'skip' ? SkipMessage : MaintenanceMessage }
  | { readonly ok: false; readonly problems: readonly InputProblem[] };

/**
 * Checks the argument of an update before it is sent. The plan itself checks again, by the same rules.
 *
 * @param raw anything; `null` fields count as absent, unknown fields are refused by name
 */
export function parseMessage<U extends MaintenanceUpdate>(
  update: U,
  raw: unknown,
): ParsedMessage<U> {
  const parsed = MESSAGE_SCHEMAS[update].safeParse(dropNulls(raw));
  if (!parsed.success) return { ok: false, problems: toProblems(parsed.error) };
  return { ok: true, message: parsed.data as never };
}

const DAY_MS = 86_400_000;

/** Bounds a mistyped year. */
const MAX_FREEZE_DAYS = 366;

/** Shape of a freeze. */
export const freezeSchema = z.strictObject({
  until: instant,
  reason: boundedText(MAX_TEXT_LENGTH),
  by: boundedText(MAX_ID_LENGTH),
});

/** Outcome of {@link parseFreeze}. */
export type ParsedFreeze =
  | { readonly ok: true; readonly freeze: Freeze }
  | { readonly ok: false; readonly problems: readonly InputProblem[] };

/**
 * Checks a freeze before it is put in force.
 *
 * @param nowMs epoch milliseconds
 */
export function parseFreeze(raw: unknown, nowMs: number): ParsedFreeze {
  const parsed = freezeSchema.safeParse(dropNulls(raw));
  if (!parsed.success) return { ok: false, problems: toProblems(parsed.error).map(withRemedy) };
  const problem = findUntilProblem(Date.parse(parsed.data.until) - nowMs);
  if (problem === null) return { ok: true, freeze: parsed.data };
  return { ok: false, problems: [problem] };
}

function findUntilProblem(leftMs: number): InputProblem | null {
  const field = 'until';
  if (leftMs <= 0)
    return { field, problem: 'has passed', remedy: 'Give a later instant; to end a freeze, thaw.' };
  if (leftMs > MAX_FREEZE_DAYS * DAY_MS)
    return {
      field,
      problem: `is more than ${MAX_FREEZE_DAYS} days away`,
      remedy: 'Give an earlier instant; a freeze can be prolonged by another.',
    };
  return null;
}

const REMEDIES: Readonly<Record<string, string>> = {
  until: 'Write it like 2026-11-24T02:00:00Z or 2026-11-24T03:00:00+01:00.',
  reason: 'Say why, in 1 to 1024 characters.',
};

function withRemedy(problem: InputProblem): InputProblem {
  return { ...problem, remedy: REMEDIES[problem.field] ?? problem.remedy };
}
