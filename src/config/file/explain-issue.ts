import type { z } from 'zod';

type RawIssue = z.core.$ZodRawIssue;

/** What is wrong with a field, for issues without words of their own; never repeats a text's content. */
export function explainIssue(issue: RawIssue): string {
  if (issue.code === 'invalid_type') return wrongType(issue.input, issue.expected);
  if (issue.code === 'invalid_union') return `is none of ${namesOf(issue.options)}`;
  if (issue.code === 'too_small') return `is less than ${issue.minimum}`;
  if (issue.code !== 'too_big') return 'is not valid';
  if (issue.origin === 'array') return `has more than ${issue.maximum} entries`;
  return `is more than ${issue.maximum}`;
}

function namesOf(options: unknown): string {
  return ((options as readonly string[] | undefined) ?? []).join(', ');
}

function wrongType(input: unknown, expected: string): string {
  if (input === undefined) return 'is missing';
  if (input === null) return 'is empty: fill it, or leave it out';
  if (expected === 'string' && typeof input !== 'object')
    return `is read as a ${typeof input}: put it in quotes`;
  return `is not of type ${EXPECTED[expected] ?? expected}`;
}

const EXPECTED: Readonly<Record<string, string>> = {
  int: 'whole number',
  array: 'list',
  object: 'mapping with fields',
  string: 'text',
};

/** A path as a person writes it: `projects[0].credentials.source`. */
export function pathOf(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) =>
      typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${clip(String(part))}`,
    )
    .join('');
}

const MAX_NAME_LENGTH = 64;

/** Names of fields come from the file; they must not forge a line of a log. */
function clip(name: string): string {
  return name.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?').slice(0, MAX_NAME_LENGTH);
}
