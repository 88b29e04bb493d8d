/** Cases of promises by which runs are judged, as rows of a table of tests. */
import { expect } from '@jest/globals';

import type { Violation } from '../../src/domain/violations.js';

/** `found` is a part of what is found against a promise; `null`: it is kept. */
export type Case<Run> = readonly [what: string, run: Run, found: string | null];

/** What a test is called, what it judges, and what {@link foundAgainst} has to give. */
export function rowsOf<Run>(
  promise: string,
  cases: readonly Case<Run>[],
): [title: string, run: Run, expected: unknown][] {
  return cases.map(([what, run, found]) => [
    `${promise} is ${found === null ? 'kept' : 'broken'} by ${what}`,
    run,
    found === null ? '' : expect.stringContaining(found),
  ]);
}

/** What is found against one promise, as text. */
export function foundAgainst(promise: string, violations: readonly Violation[]): string {
  return violations
    .filter(({ name }) => name === promise)
    .map(({ found }) => found)
    .join('; ');
}
