/**
 * What activities tell the workflow: plain data that lands in history, so it is an API between
 * versions. Fields are only ever added.
 */
import type {
  Check,
  InputProblem,
  Phase,
  RolesSnapshot,
  SearchAttributeName,
  SwitchoverRequest,
  Target,
} from '../contract/index.js';

import type { BadState } from './bad-state.js';
import type { Baseline } from './examination.js';
import type { ApiMs } from './clocks.js';
import type { NodeIdentity } from './identity.js';
import type { RepeatedRun } from './repeated-run.js';
import type { OwnJobs } from './tasks.js';
import type { Whose } from './users.js';

/** Argument of `preflight`: the caller's input as it came, and what Temporal says of the run. */
export interface PreflightCall {
  readonly input: unknown;
  readonly workflowId: string;
  readonly runId: string;
  /** Start of the run, epoch milliseconds: `notAfter` defaults from here. */
  readonly startedAtMs: number;
  readonly hasCronSchedule: boolean;
  readonly hasRetryPolicy: boolean;
  /** The shorter of run and execution timeout, in milliseconds; `null` when neither is set. */
  readonly timeoutMs: number | null;
  /** Queue of the run, for the commands in its texts. Absent in calls of older versions. */
  readonly taskQueue?: string;
}

/** What `preflight` concluded. */
export type PreflightReport = InvalidInputReport | PreflightFindings;

/** The input cannot be acted on; nothing was read, nothing sent. */
export interface InvalidInputReport {
  readonly verdict: 'invalid';
  readonly problems: readonly InputProblem[];
  readonly searchAttributes: readonly SearchAttributeName[];
}

/** The input is sound; `verdict` says what the checks allow. */
export interface PreflightFindings {
  /** `examine`: find out what the baseline's run did; a version that does not know the word does nothing. */
  readonly verdict: 'proceed' | 'noop' | 'refused' | 'resolved' | 'examine';
  readonly request: SwitchoverRequest;
  readonly checks: readonly Check[];
  readonly before: RolesSnapshot | null;
  /** Ids of the swap tasks already listed: whatever appears later is new. */
  readonly knownSwapTaskIds: readonly string[];
  /** The API's clock when it listed them, epoch milliseconds; our own task is not older. Absent: not known. */
  readonly tasksListedAtMs?: number | null;
  readonly warnings: readonly string[];
  /** Search attributes that exist in the namespace; others are not upserted. */
  readonly searchAttributes: readonly SearchAttributeName[];
  /**
   * The API's clock when it listed the tasks, which is the last reading before this report: how far it is from
   * Temporal's shows here. Absent where it told none.
   */
  readonly apiTimeMs?: ApiMs;
  /** The run that `verify` or `adopt` judges; for verdict `examine` only. */
  readonly baseline?: Baseline;
  /**
   * The run that did this request already: its outcome is the answer. With verdict `refused`, so that a version
   * that does not know the field sends nothing either.
   */
  readonly repeat?: RepeatedRun;
  /** With verdict `refused`: nothing but what passes by itself stood in the way. Absent: something else did. */
  readonly mayPass?: true;
  /** How long the pre-check has waited for a busy instance, and for what; absent where it has not. */
  readonly busyWait?: { readonly waitedMs: number; readonly observed: string };
}

/** Argument of `requestSwap`. */
export interface SwapCall {
  readonly purpose: 'forward' | 'compensate';
  readonly request: SwitchoverRequest;
  /** Roles that the last-moment re-read must find again. */
  readonly expected: RolesSnapshot;
  readonly knownSwapTaskIds: readonly string[];
  /** The API's clock when it listed them: no PUT of this run is older. Absent or `null`: not known. */
  readonly tasksListedAtMs?: ApiMs | null;
  /** Last instant at which the PUT may leave, epoch milliseconds. */
  readonly notAfterMs: number;
  /** The run's original execution run id; differs from the run id after a workflow reset. */
  readonly originalRunId: string;
  /** Of a swap back: the bad state that it is to undo. Absent from versions that do not look again. */
  readonly undoes?: BadState;
}

/** Why `requestSwap` sent nothing. */
export type NotSentReason =
  | 'cancelled'
  | 'drift'
  | 'busy'
  | 'too-late'
  | 'unreadable'
  | 'draining'
  | 'not-connected'
  | 'guard'
  | 'fence'
  /** Temporal has no record of its fence, and takes none any more. Told by the workflow, not by the activity. */
  | 'unfenced'
  /** The bad state that a swap back was to undo is gone. */
  | 'healed'
  /** A freeze is in force; forward swaps only. */
  | 'frozen'
  /** A quota of the API is spent: no turn for the re-read or the PUT, or the gateway turned the PUT away. */
  | 'throttled'
  /** A new swap task is our own user's: nobody can vouch that no earlier execution has sent it. */
  | 'own-swap';

/**
 * What `requestSwap` did.
 *
 * - `not-sent`: no byte of a PUT left. `guard` cannot vouch for an earlier execution of the same
 *   activity, so the workflow reconciles.
 * - `not-applied`: the API answered that it did nothing now; may be tried again after a re-read.
 * - `rejected`: the API refused for good. `ambiguous`: nobody knows; only reading can tell.
 */
export type SwapReport =
  | {
      readonly kind: 'not-sent';
      readonly reason: NotSentReason;
      readonly retryAfterMs: number | null;
      readonly detail: string;
      /** Of `throttled`: the window of the quota, in milliseconds; `null` where nobody told. */
      readonly windowMs?: number | null;
      /** Of `drift`: a PUT of an earlier execution, if there was one, would look like what was seen. */
      readonly mayBeOwnWork?: boolean;
    }
  | {
      readonly kind: 'not-applied';
      readonly retryAfterMs: number | null;
      /** The credential was refused and has been read anew; worth one further try, not more. */
      readonly wasUnauthorized: boolean;
      readonly detail: string;
      readonly requestId?: string | null;
    }
  | { readonly kind: 'rejected'; readonly detail: string; readonly requestId?: string | null }
  | {
      readonly kind: 'ambiguous';
      readonly detail: string;
      readonly sentAtMs: number;
      /** The API's clock at the last answer before the PUT, epoch milliseconds. Absent: not known. */
      readonly notBeforeMs?: number | null;
      readonly requestId?: string | null;
    }
  | {
      readonly kind: 'accepted';
      readonly jobId: string;
      readonly requestId: string | null;
      readonly sentAtMs: number;
      /** As for `ambiguous`. */
      readonly notBeforeMs?: number | null;
    };

/** Stands in for the report of a swap activity that passed its fence, or may have, and never reported. */
export interface LostReport {
  readonly kind: 'lost';
  readonly detail: string;
}

/** Argument of `awaitJob`. */
export interface JobCall {
  readonly request: SwitchoverRequest;
  readonly jobId: string;
  /** Id of the task row that was adopted; `null` when the PUT answered with the job id. */
  readonly taskId: string | null;
  /** When that row began by the API's clock, epoch milliseconds. Absent: not known. */
  readonly taskCreatedAtMs?: number | null;
  /** Of a job that a PUT was answered with: what its row is known by where no id leads to it. Absent: by ids alone. */
  readonly answered?: AnsweredPut;
  /** Epoch milliseconds after which the job counts as unfinished. */
  readonly deadlineMs: number;
  /** Until when readings wait for a turn while a quota is spent, epoch milliseconds. */
  readonly turnsUntilMs?: number;
  /** Of a last look after the lock was held: the phase of the run. */
  readonly phase?: Phase;
  /** What the job's PUT was, for people who look at the running poll. */
  readonly putSent?: PutSent;
}

/** What is known of the PUT that was answered with a job. */
export interface AnsweredPut {
  /** Ids of the swap tasks that were listed before it. */
  readonly knownSwapTaskIds: readonly string[];
  /** The API's clock at the last answer before it, epoch milliseconds; `null`: not known. */
  readonly notBeforeMs: ApiMs | null;
}

/** Whether a PUT was sent, in a word for people who look at a running activity. */
export type PutSent = 'yes' | 'possibly' | 'no';

/** What became of the job. `unfinished` covers a deadline passed and an API that stayed unreadable. */
export interface JobReport {
  readonly state: 'SUCCESS' | 'FAIL' | 'unfinished';
  /** The last status word that the API gave. */
  readonly lastStatus: string | null;
  readonly failReason: string | null;
  readonly polls: number;
  /** The job's own duration, where the API told begin and end. */
  readonly jobMs: number | null;
  /** When it ended by the API's clock, epoch milliseconds; `null` where the API did not tell. */
  readonly endedAtMs?: number | null;
  /** The API's clock when its end was seen, which is no earlier. Absent in reports of earlier versions. */
  readonly seenEndedAtMs?: number | null;
  /** When it began by the same clock. Absent in reports of earlier versions. */
  readonly beganAtMs?: number | null;
  /** The job's own id, where it was found by its task row in the task centre. */
  readonly jobId?: string | null;
  readonly detail: string;
}

/** Argument of `verifyRoles` and `watchRoles`. */
export interface WatchCall {
  readonly request: SwitchoverRequest;
  /** Roles before the swap that is being judged. */
  readonly before: RolesSnapshot;
  readonly knownSwapTaskIds: readonly string[];
  /** Jobs known to be ours: PUT answers and adopted tasks. */
  readonly ownJobIds: readonly string[];
  /** By what they are ours. @default "answer" */
  readonly ownJobsBy?: OwnJobs['by'];
  /** What was over by then is no new swap. Absent or `null`: not known. */
  readonly overBeforeMs?: ApiMs | null;
  /** How long `watchRoles` watches; 0 = one reading. `verifyRoles` has `verifyTimeoutSeconds` instead. */
  readonly watchSeconds: number;
  /** After a compensation the node that was bad may stay Inactive; its master may not. */
  readonly mayHaveInactiveReplicas: boolean;
  /** Until when readings wait for a turn while a quota is spent, epoch milliseconds. */
  readonly turnsUntilMs?: number;
  /** Where the master should be: while a reading does not tell, the next one may. */
  readonly target?: Target | null;
  /** Of a last look after the lock was held: the phase of the run. */
  readonly phase?: Phase;
  readonly putSent?: PutSent;
}

/** How the master compares with the one of before. `disagree`: the identifiers contradict each other. */
export type RoleChange = 'changed' | 'unchanged' | 'disagree';

/** A swap task that was not listed before the run. */
export interface NewSwapTask {
  readonly id: string;
  readonly jobId: string | null;
  readonly status: string | null;
  readonly userName: string | null;
  readonly userId?: string | null;
  /** Whose user that is. Absent where a version recorded it that did not look. */
  readonly user?: Whose;
  /** `ours`: a known job; `foreign`: a user known to be another; `unattributed`: nothing says whose. */
  readonly owner: 'ours' | 'unattributed' | 'foreign';
  readonly createdAtMs?: ApiMs | null;
}

/** What was seen of roles, health and tasks over a while. */
export interface Observation {
  /** The last readable roles; `null` when none were. */
  readonly roles: RolesSnapshot | null;
  /** The last samples agree on the master, and the last reading worked. */
  readonly stable: boolean;
  /**
   * The last samples agree on everything that the outcome depends on: roles, zones and statuses of the
   * nodes, readiness of the instance. Absent in reports of versions that did not look.
   */
  readonly steady?: boolean;
  /** By which identifier nodes were known again. */
  readonly nodeIdentity?: NodeIdentity;
  /** Why the change is `disagree`, in words: which identifiers moved, and the setting for such an account. */
  readonly disagreement?: string | null;
  readonly change: RoleChange | null;
  /** The watch read the roles at its end, and every readable sample showed the roles of before. */
  readonly heldThroughout: boolean;
  /** Some readable sample showed another master than before. Absent: not told. */
  readonly hasShownChange?: boolean;
  /** Exactly one master, and the API calls it Active. */
  readonly masterActive: boolean;
  /** Every node is Active. */
  readonly nodesActive: boolean;
  /** The instance is RUNNING and idle. */
  readonly instanceReady: boolean;
  /** What is not healthy, in words. */
  readonly complaints: readonly string[];
  /** New swap tasks at the last reading; `null` when the list could not be read. */
  readonly newSwapTasks: readonly NewSwapTask[] | null;
  readonly samples: number;
  readonly unreadable: number;
  /** The last reading error in words; `null` when the last reading worked. */
  readonly lastError: string | null;
}
