import type { Check, CheckId, Freeze, Outcome, RolesSnapshot } from '../contract/index.js';

import type { ApiMs, Present } from './clocks.js';
import type { Goal } from './goal.js';
import type { InstancePolicy, PolicySubject } from './policy.js';
import type { RunDeeds } from './reports.js';

/** A value with the request id of the API call that showed it. */
export interface Observed<T> {
  readonly value: T;
  readonly requestId: string | null;
  /** The API's own clock when it answered; absent or `null` where it reported none. */
  readonly serverTimeMs?: ApiMs | null;
}

/** Why a reading failed, as text. */
export interface Unreadable extends Observed<string> {
  /** Whether it may work later, without anyone's doing: the service answered 503, for example. @default false */
  readonly mayPass?: boolean;
}

/** Where an instance's Redis answers, as its page shows it; `null`: not shown. */
export interface InstanceAddress {
  readonly ip: string | null;
  readonly port: number | null;
  readonly domainName: string | null;
  /** Whether connections are encrypted. */
  readonly isTls: boolean | null;
  /** Whether it lets everyone in, with any password or none. */
  readonly needsNoPassword: boolean | null;
}

/** What of an instance decides whether it may be switched. */
export interface InstanceFacts {
  readonly name: string | null;
  /** `null` where the API did not show them. */
  readonly tags: PolicySubject['tags'];
  /** They were asked for by themselves and are not shown: asking once more costs a call and shows nothing. */
  readonly areTagsRefused?: true;
  readonly status: string | null;
  readonly cacheMode: string | null;
  readonly engine: string | null;
  /** Such as `6.0`; may be absent in facts of earlier versions. */
  readonly engineVersion?: string | null;
  /** What the instance is busy with, as text; `null` when idle. */
  readonly busyWith: string | null;
  /** Absent in facts of earlier versions. */
  readonly address?: InstanceAddress;
}

/** A row of the task list, as far as decisions need it. */
export interface TaskFacts {
  readonly id: string;
  readonly name: string | null;
  readonly status: string | null;
  readonly jobId: string | null;
  readonly userName: string | null;
  readonly userId: string | null;
  readonly createdAtMs: ApiMs | null;
  readonly updatedAtMs: ApiMs | null;
}

/** How an earlier run of the same workflow id ended. */
export interface EarlierRun {
  readonly runId: string;
  /** What the run reported; `null` when it was terminated, timed out, or failed without an outcome. */
  readonly outcome: Outcome | null;
  /** Why, as it reported; absent where it did not. */
  readonly cause?: string | null;
  /** Temporal's status, such as `TERMINATED`, for messages. */
  readonly status: string;
  readonly requestId: string | null;
  /** What the run was asked to do, by its own input; `switch` where that does not say. */
  readonly mode: string;
  /** The run that it judged (`verify`, `adopt`). */
  readonly examinedRunId: string | null;
  /** The run whose outcome it repeated, sending nothing; `null` where it did its own work. */
  readonly repeatOfRunId: string | null;
  /** It reported no outcome, and its history proves that no PUT of it has left, or that those that have did nothing. */
  readonly isProvedUnsent: boolean;
}

/** An earlier run that had the request id that is asked for, and that sent a PUT or may have. */
export interface SameRequest {
  readonly run: RepeatedRun;
  /** What it was asked for; `null` where its input cannot be read by this version. */
  readonly goal: Goal | null;
}

/** What Temporal shows of the runs of an instance. */
export interface RunHistoryFacts {
  /** Latest first; only closed runs under the lock id, without the asking run. */
  readonly closed: readonly EarlierRun[];
  /** Another run that is open under the lock id; only `plan` can see one. */
  readonly openRunId: string | null;
  /** `null` where there is none, or no request id was given. */
  readonly sameRequest: SameRequest | null;
}

/** Everything the pre-checks look at. `null` means unreadable, with the reason in `unreadable`. */
export interface PreflightFacts {
  readonly instance: Observed<InstanceFacts> | null;
  readonly roles: Observed<RolesSnapshot> | null;
  readonly tasks: Observed<readonly TaskFacts[]> | null;
  readonly runs: RunHistoryFacts | null;
  /** The freeze in force, `none` where there is none. */
  readonly freeze: Freeze | 'none' | null;
  readonly unreadable: readonly Unreadable[];
  /** Why there was no turn for a reading, while a quota of the API was spent; empty where there was. */
  readonly throttled?: readonly Observed<string>[];
  /** What the worker's settings say of this project's instances. */
  readonly policy: InstancePolicy;
  /** The present, by every clock that the activity knows. */
  readonly present: Present;
}

// What a request gets that an earlier run has done. Part of a report in history: fields are only added.

/** An earlier run of the same request, and what is known of it now. */
export interface RepeatedRun extends Pick<
  RunDeeds,
  'jobIds' | 'swapRequestIds' | 'before' | 'after'
> {
  readonly runId: string;
  /** Its own; where that was UNKNOWN, what has been found out since. */
  readonly outcome: RepeatedOutcome;
  readonly cause: string;
  /** What it reported, as text. */
  readonly message: string;
  /** The run that found out, or recorded, what it did; `null` where its own outcome stands. */
  readonly settledByRunId: string | null;
}

/** Outcomes of runs that sent a PUT, or may have. */
export type RepeatedOutcome =
  | 'SUCCEEDED'
  | 'FAILED_UNCHANGED'
  | 'COMPENSATED'
  | 'UNKNOWN'
  /** By an operator's statement it succeeded: no one has read so. */
  | 'RESOLVED';

/** What a check function says: only what differs from "passed". */
export interface CheckVerdict {
  /** `null`: could not be checked because something was unreadable. */
  readonly passed: boolean | null;
  readonly observed: string;
  readonly requestId?: string | null;
  /** What a person can do about it; dropped where the check passed. */
  readonly remedy?: string;
}

/** What a check says when the reading that it needs failed; `api-readable` carries the reason. */
export const NOT_READ: CheckVerdict = { passed: null, observed: 'not read' };

/** Turns a finding into the contract's shape. */
export function toCheck(id: CheckId, severity: Check['severity'], finding: CheckVerdict): Check {
  const { passed, observed, requestId = null, remedy = '' } = finding;
  return { id, severity, passed, observed, requestId, remedy: passed === true ? '' : remedy };
}

/** The blocking checks that did not pass; unchecked ones count. */
export function failedChecks(checks: readonly Check[]): readonly Check[] {
  return checks.filter(({ severity, passed }) => severity === 'blocking' && passed !== true);
}
