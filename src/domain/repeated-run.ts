/** What a request gets that an earlier run has done. Part of a report in history: fields are only added. */
import type { RolesSnapshot } from '../contract/index.js';

/** An earlier run of the same request, and what is known of it now. */
export interface RepeatedRun {
  readonly runId: string;
  /** Its own; where that was UNKNOWN, what has been found out since. */
  readonly outcome: RepeatedOutcome;
  readonly cause: string;
  /** What it told, in words. */
  readonly message: string;
  /** The run that found out, or recorded, what it did; `null` where its own outcome stands. */
  readonly settledByRunId: string | null;
  readonly jobIds: readonly string[];
  readonly swapRequestIds: readonly string[];
  readonly before: RolesSnapshot | null;
  readonly after: RolesSnapshot | null;
}

/** Outcomes of runs that sent a PUT, or may have. */
export type RepeatedOutcome =
  | 'SUCCEEDED'
  | 'FAILED_UNCHANGED'
  | 'COMPENSATED'
  | 'UNKNOWN'
  /** By a person's word it succeeded: nobody has read so. */
  | 'RESOLVED';
