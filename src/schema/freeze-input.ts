import { z } from 'zod';

import type { Freeze, InputProblem } from '../contract/index.js';

import { dropNulls } from './drop-nulls.js';
import { MAX_ID_LENGTH, MAX_TEXT_LENGTH, instant, text } from './fields.js';
import { toProblems } from './problems.js';

const DAY_MS = 86_400_000;

/** A year that was mistyped would brake for ever. */
const MAX_FREEZE_DAYS = 366;

/** Shape of a freeze. */
export const freezeSchema = z.strictObject({
  until: instant,
  reason: text(MAX_TEXT_LENGTH),
  by: text(MAX_ID_LENGTH),
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
