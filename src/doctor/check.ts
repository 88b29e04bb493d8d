/** What the doctor says about one thing, and how it adds up. */
import { setTimeout as sleep } from 'node:timers/promises';

import { EXIT_CODES } from '../contract/index.js';

/** `skip`: not looked at, for a reason that `found` gives. */
export type CheckStatus = 'ok' | 'warn' | 'fail' | 'skip';

/** What a failure means for the exit code. */
export type FailureKind = 'configuration' | 'unreachable' | 'other';

/** One line of the doctor. */
export interface DoctorCheck {
  /** Stable name, such as `temporal-namespace`. */
  readonly id: string;
  /** The project that it is about; `null`: the environment as a whole. */
  readonly projectId: string | null;
  readonly status: CheckStatus;
  /** What was observed, or why nothing was looked at. Never a secret. */
  readonly found: string;
  /** What to do, as a command or an instruction; only for `warn` and `fail`. */
  readonly fix: string | null;
  /** Only for `fail`. */
  readonly kind: FailureKind | null;
}

/** A check before it is known which project it is about. */
export type CheckFinding = Omit<DoctorCheck, 'projectId'>;

/** All is well. */
export function ok(id: string, found: string): CheckFinding {
  return { id, status: 'ok', found, fix: null, kind: null };
}

/** It works, but not as well as it could, or not for long. */
export function warn(id: string, found: string, fix: string): CheckFinding {
  return { id, status: 'warn', found, fix, kind: null };
}

/** A switchover would not work. */
export function fail(id: string, found: string, fix: string, kind: FailureKind): CheckFinding {
  return { id, status: 'fail', found, fix, kind };
}

/** Not looked at. */
export function skip(id: string, why: string): CheckFinding {
  return { id, status: 'skip', found: why, fix: null, kind: null };
}

/** Attaches findings to a project, or to none. */
export function about(projectId: string | null, findings: readonly CheckFinding[]): DoctorCheck[] {
  return findings.map((finding) => ({ ...finding, projectId }));
}

/** Exit code by kind, the worst first: what has to be put right first decides. */
const EXIT_CODE_BY_KIND: readonly (readonly [FailureKind, number])[] = [
  ['configuration', EXIT_CODES.usage],
  ['unreachable', EXIT_CODES.unreachable],
  ['other', EXIT_CODES.other],
];

/** 0 without failures (warnings are allowed), 2 configuration, 8 out of reach, 1 anything else. */
export function exitCodeOf(checks: readonly Pick<CheckFinding, 'kind'>[]): number {
  const hit = EXIT_CODE_BY_KIND.find(([kind]) => checks.some((check) => check.kind === kind));
  return hit?.[1] ?? EXIT_CODES.success;
}

/** The fixes in the order of the checks, each once: what comes first often cures what follows. */
export function fixesOf(checks: readonly DoctorCheck[]): string[] {
  return [...new Set(checks.flatMap(({ fix }) => fix ?? []))];
}

/** Thrown when something was not done in time. */
export class TooLateError extends Error {
  override readonly name = 'TooLateError';
}

/**
 * Waits for `work`, but not longer than `timeoutMs`; what is given up goes on unheard.
 *
 * @param what named in the error
 * @throws TooLateError
 */
export async function within<T>(timeoutMs: number, what: string, work: Promise<T>): Promise<T> {
  const isDone = new AbortController();
  const tooLate = sleep(timeoutMs, undefined, isDone).then(() => {
    throw new TooLateError(`${what} was not done within ${timeoutMs / 1000} s`);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    isDone.abort();
  }
}
