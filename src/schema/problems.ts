import type { z } from 'zod';

import type { InputProblem } from '../contract/index.js';
import { nameOfField } from '../domain/text.js';
import { entryOf, isRecord } from '../util.js';

type Issue = z.core.$ZodIssue;

const REMEDIES: Readonly<Record<string, string>> = {
  projectId: 'Copy it from "My Credentials" in the console: 32 hex digits in lower case.',
  instanceId: 'Copy it from the instance page in the console: a UUID in lower case.',
  notAfter: 'Write it like 2026-11-24T02:00:00Z or 2026-11-24T03:00:00+01:00.',
  compensateNotAfter: 'Write it like 2026-11-24T02:00:00Z or 2026-11-24T03:00:00+01:00.',
  region: 'Write it like eu-west-101, or leave it out.',
  examinedRunId: 'Copy it from the command history, or from the run in the Temporal UI.',
  jobId: 'Copy it from the examined run, or from the task in the console.',
  expectedMasterNodeId: 'Copy the node id that the command plan shows for the master.',
  maintenanceId: 'Give it a short name in lower case, such as drill-2026-12.',
  instanceIds: 'Copy the ids from the instance list in the console: UUIDs in lower case.',
  'window.timeZone': 'Give an IANA name such as Europe/Zurich or UTC.',
  'window.start': 'Write local time like 02:00.',
  'window.end': 'Write local time like 04:30; one that is earlier than start means the next day.',
  'window.daysOfWeek': 'Write days like ["MONDAY", "SATURDAY"].',
  'window.dates': 'Write dates like ["2026-12-05"].',
  'window.blackoutDates': 'Write dates like ["2026-12-24"].',
  'window.opensAt': 'Write it like 2026-11-24T02:00:00Z or 2026-11-24T03:00:00+01:00.',
  'window.closesAt': 'Write it like 2026-11-24T02:00:00Z or 2026-11-24T03:00:00+01:00.',
  window: 'Give {timeZone, start, end}, or {opensAt, closesAt}.',
  until: 'Write it like 2026-11-24T02:00:00Z or 2026-11-24T03:00:00+01:00.',
  reason: 'Say why, in 1 to 1024 characters.',
  by: 'Say who sends it, in 1 to 128 characters.',
  why: 'Give the reason, in 1 to 1024 characters.',
};

/** Outcome of {@link parse}. */
export type Parsed<T> =
  | { readonly ok: true; readonly input: T }
  | { readonly ok: false; readonly problems: readonly InputProblem[] };

/**
 * Checks what someone asks for: field by field, then how the fields fit together.
 *
 * @param raw anything; `null` and `undefined` fields count as absent, unknown fields are refused by name
 * @param findContradictions among fields that are each well formed
 */
export function parse<T>(
  schema: z.ZodType<T>,
  raw: unknown,
  findContradictions: (input: T) => readonly InputProblem[] = () => [],
): Parsed<T> {
  const parsed = schema.safeParse(dropAbsent(raw));
  const ignored = findIgnored(raw);
  if (!parsed.success || ignored.length > 0)
    return { ok: false, problems: [...ignored, ...toProblems(parsed.error)] };
  const problems = findContradictions(parsed.data);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, input: parsed.data };
}

/** Objects of the inputs lie no deeper in one another; what does is refused by its name, so it need not be walked. */
const MAX_DEPTH = 8;

/** The same value without its `null` and `undefined` fields, outside of lists: both mean absent. */
function dropAbsent(value: unknown, depth = MAX_DEPTH): unknown {
  if (!isRecord(value) || depth === 0) return value;
  const entries = Object.entries(value).filter(
    ([, field]) => field !== null && field !== undefined,
  );
  return Object.fromEntries(entries.map(([key, field]) => [key, dropAbsent(field, depth - 1)]));
}

/** The schema library passes over a name of this spelling wherever names are free: a tag would select nothing less. */
const IGNORED_NAME = '__proto__';

function findIgnored(value: unknown, path: readonly string[] = []): InputProblem[] {
  if (!isRecord(value) || path.length === MAX_DEPTH) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === IGNORED_NAME
      ? [{ field: [...path, key].join('.'), ...NO_NAME }]
      : findIgnored(inner, [...path, nameOfField(key)]),
  );
}

const NO_NAME = { problem: 'is no name that can be used', remedy: 'Use another name.' };

/** More problems than a person corrects at once; a list of a thousand wrong ids must not become a message of as many. */
const MAX_PROBLEMS = 20;

/**
 * Turns a schema error into the contract's list of problems, one per field, without repeating the
 * caller's values.
 */
function toProblems(error: z.ZodError | undefined): InputProblem[] {
  const byField = new Map<string, InputProblem>();
  for (const problem of (error?.issues ?? []).flatMap(toProblem))
    if (!byField.has(problem.field)) byField.set(problem.field, problem);
  const problems = [...byField.values()];
  const unnamed = problems.length - MAX_PROBLEMS;
  if (unnamed <= 0) return problems;
  const problem = `has ${unnamed} more problems`;
  const further = { field: 'input', problem, remedy: 'Correct these first.' };
  return [...problems.slice(0, MAX_PROBLEMS), further];
}

function toProblem(issue: Issue): InputProblem[] {
  const path = issue.path.map(String).map(nameOfField);
  if (issue.code === 'invalid_union') {
    const likeliest = likeliestBranch(issue.errors);
    if (likeliest.length > 0)
      return likeliest.flatMap((inner) =>
        toProblem({ ...inner, path: [...issue.path, ...inner.path] }),
      );
  }
  if (issue.code === 'unrecognized_keys')
    return issue.keys.slice(0, 10).map((key) => ({
      field: [...path, nameOfField(key)].join('.'),
      problem: 'is not a field of this input',
      remedy: 'Remove it, or check its spelling (camelCase).',
    }));
  const field = path.join('.') || 'input';
  return [{ field, problem: describe(issue), remedy: remedyFor(path, issue) }];
}

/** Of the shapes that a value may have, the one of which it has the fewest strange fields; none where two tie. */
function likeliestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] {
  const strange = (issues: readonly Issue[]): number =>
    issues.reduce(
      (sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 0),
      0,
    );
  const [likeliest = [], next] = [...branches].sort((a, b) => strange(a) - strange(b));
  return next !== undefined && strange(likeliest) === strange(next) ? [] : likeliest;
}

function describe(issue: Issue): string {
  if (issue.code === 'invalid_type' && issue.input === undefined) return missingOrWrong(issue);
  if (issue.code === 'invalid_union') return 'needs start, end and timeZone, or closesAt';
  if (issue.code === 'invalid_value') return `is not one of ${issue.values.join(', ')}`;
  return issue.message;
}

/** Without `reportInput` the schema library does not tell a missing value from a wrong one; its text does. */
function missingOrWrong(issue: Extract<Issue, { code: 'invalid_type' }>): string {
  if (issue.message.endsWith('received undefined')) return 'is missing';
  return issue.message.startsWith('is ') ? issue.message : `is not of type ${issue.expected}`;
}

function remedyFor(path: readonly string[], issue: Issue): string {
  if (path.length === 1 && path[0] === 'target')
    return 'Give one of availabilityZone, nodeId, avoidAvailabilityZone.';
  const known = entryOf(REMEDIES, path.slice(0, 2).join('.')) ?? entryOf(REMEDIES, path[0] ?? '');
  if (known !== undefined) return known;
  if (path[0] === 'timing')
    return 'Durations are whole seconds; see the bounds in docs/contract.md.';
  return issue.code === 'invalid_type' ? `Give a value of type ${issue.expected}.` : 'Correct it.';
}
