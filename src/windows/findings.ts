import type { InputProblem } from '../contract/index.js';

/** Something wrong with a field of a window or a schedule; the field `''` is the whole. */
export type Finding = readonly [field: string, problem: string, remedy: string];

/** The finding, unless it is right. */
export function unless(isRight: boolean, ...finding: Finding): Finding[] {
  return isRight ? [] : [finding];
}

/**
 * Findings in the contract's form.
 *
 * @param path what the names of the fields begin with
 */
export function toProblems(findings: readonly Finding[], path: string): InputProblem[] {
  return findings.map(([field, problem, remedy]) => ({
    field: field === '' ? path : `${path}.${field}`,
    problem,
    remedy,
  }));
}
