/**
 * How a run ends. `SUCCEEDED` only when the roles were read and have changed; whatever could not be
 * proved is `UNKNOWN`.
 */
export const OUTCOMES = [
  'SUCCEEDED',
  'NOOP',
  'PLANNED',
  'RESOLVED',
  'REFUSED',
  'FAILED_UNCHANGED',
  'COMPENSATED',
  'UNKNOWN',
  'INVALID_INPUT',
] as const;

/** One of {@link OUTCOMES}. */
export type Outcome = (typeof OUTCOMES)[number];

/** Outcomes that complete the workflow; all others fail it with an `ApplicationFailure` of that type. */
export const COMPLETING_OUTCOMES = ['SUCCEEDED', 'NOOP', 'PLANNED', 'RESOLVED'] as const;

/** One of {@link COMPLETING_OUTCOMES}. */
export type CompletingOutcome = (typeof COMPLETING_OUTCOMES)[number];

/** Whether a run with this outcome is Completed (true) or Failed (false). */
export function isCompletingOutcome(outcome: Outcome): outcome is CompletingOutcome {
  return (COMPLETING_OUTCOMES as readonly string[]).includes(outcome);
}

/** Whether a string, read from somewhere else, names an outcome. */
export function isOutcome(value: unknown): value is Outcome {
  return (OUTCOMES as readonly unknown[]).includes(value);
}

/** Where a run stands. `HOLDING`: an UNKNOWN run keeps the lock until the doubt has aged. */
export type Phase =
  | 'PREFLIGHT'
  | 'SWAPPING'
  | 'AWAITING_JOB'
  | 'VERIFYING'
  | 'RECONCILING'
  | 'COMPENSATING'
  | 'HOLDING'
  | 'ENDED';

/**
 * Values of the search attribute `DcsStatus`. Of a plan: `RUNNING`, `AWAITING_APPROVAL` or its outcome. Runs
 * that tell of another run leave no doubt of their own, and have values of their own. `REPEATED`: it gave the outcome of
 * an earlier run of the same request. `VERIFIED`: it has found out (`verify`, `adopt`); `NOT_VERIFIED`: it has not.
 */
export type StatusAttribute =
  | 'RUNNING'
  | 'RECONCILING'
  | 'COMPENSATING'
  | 'AWAITING_APPROVAL'
  | 'COMPLETED'
  | 'PARTIAL'
  | 'REPEATED'
  | 'VERIFIED'
  | 'NOT_VERIFIED'
  | Outcome;

/** Exit codes of the `dcs-switchover` command. */
export const EXIT_CODES = {
  success: 0,
  other: 1,
  usage: 2,
  refused: 3,
  failedUnchanged: 4,
  compensated: 5,
  unknown: 6,
  cancelled: 7,
  unreachable: 8,
  waitTimedOut: 9,
  partial: 10,
} as const;

/** Exit code of the command for each outcome. */
export const EXIT_CODE_BY_OUTCOME: Record<Outcome, number> = {
  SUCCEEDED: EXIT_CODES.success,
  NOOP: EXIT_CODES.success,
  PLANNED: EXIT_CODES.success,
  RESOLVED: EXIT_CODES.success,
  INVALID_INPUT: EXIT_CODES.usage,
  REFUSED: EXIT_CODES.refused,
  FAILED_UNCHANGED: EXIT_CODES.failedUnchanged,
  COMPENSATED: EXIT_CODES.compensated,
  UNKNOWN: EXIT_CODES.unknown,
};
