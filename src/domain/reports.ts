/**
 * What activities report to the workflow: plain data that lands in history, so it is an API between
 * versions. Fields are only ever added.
 */
import type {
  Phase,
  RolesSnapshot,
  SwitchoverRequest,
  SwitchoverResult,
  Target,
} from '../contract/index.js';

import type { Cause } from './causes.js';
import type { ApiMs } from './clocks.js';
import type { NodeIdentity, RoleChange } from './identity.js';
import type { TakenLook, WitnessCall, WitnessSighting } from './witness.js';

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
  /** Of a swap back: what was over before the forward swap is no new one. Absent or `null`: not known. */
  readonly overBeforeMs?: ApiMs | null;
  /** What Redis itself has to show again. Absent where no one looks. */
  readonly witness?: WitnessCall;
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
  /** Temporal has no record of its fence, and takes none any more. Reported by the workflow, not by the activity. */
  | 'unfenced'
  /** The bad state that a swap back was to undo is gone. */
  | 'healed'
  /** A freeze is in force; forward swaps only. */
  | 'frozen'
  /** A quota of the API is spent: no turn for the re-read or the PUT, or the gateway turned the PUT away. */
  | 'throttled'
  /** A new swap task is our own user's: no one can vouch that no earlier execution has sent it. */
  | 'own-swap';

/**
 * What `requestSwap` did.
 *
 * - `not-sent`: no byte of a PUT left. `guard` cannot vouch for an earlier execution of the same
 *   activity, so the workflow reconciles.
 * - `not-applied`: the API answered that it did nothing now; may be tried again after a re-read.
 * - `rejected`: the API refused permanently. `ambiguous`: no one knows; only reading can show.
 */
export type SwapReport = SwapDeed & {
  /** Redis itself right before. Absent where no one looked, or could. */
  readonly redis?: TakenLook;
};

type SwapDeed =
  | {
      readonly kind: 'not-sent';
      readonly reason: NotSentReason;
      readonly retryAfterMs: number | null;
      readonly detail: string;
      /** Of `throttled`: the window of the quota, in milliseconds; `null` where no one reported. */
      readonly windowMs?: number | null;
      /** Of `throttled`: the PUT itself was turned away, not a reading before it. */
      readonly isOfPut?: boolean;
      /** Of `drift`: a PUT of an earlier execution, if there was one, would look like what was observed. */
      readonly mayBeOwnWork?: boolean;
      /** Of `unfenced`: its activity has reported that itself. */
      readonly isVouched?: boolean;
    }
  | {
      readonly kind: 'not-applied';
      readonly retryAfterMs: number | null;
      /** The credential was refused and has been read again; worth one further try, not more. */
      readonly wasUnauthorized: boolean;
      readonly detail: string;
      readonly requestId?: string | null;
    }
  | { readonly kind: 'rejected'; readonly detail: string; readonly requestId?: string | null }
  | (PutInstant & {
      readonly kind: 'ambiguous';
      readonly detail: string;
      readonly requestId?: string | null;
    })
  | (PutInstant & {
      readonly kind: 'accepted';
      readonly jobId: string;
      readonly requestId: string | null;
    });

/** When a PUT left, by the clock of its worker, epoch milliseconds. */
export interface PutInstant {
  readonly sentAtMs: number;
  /** The API's clock at the last answer before the PUT, epoch milliseconds. Absent: not known. */
  readonly notBeforeMs?: number | null;
  /** How far the worker's clock was ahead of Temporal's, see `domain/clocks.ts`. Absent in reports of earlier versions. */
  readonly clockAheadMs?: number;
  /** Of the worker's process: what it stamps elsewhere is by the same clock. Absent in reports of earlier versions. */
  readonly clockId?: string;
}

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
  /** The job's own duration, where the API reported begin and end. */
  readonly jobMs: number | null;
  /** When it ended by the API's clock, epoch milliseconds; `null` where the API did not say. */
  readonly endedAtMs?: number | null;
  /** The API's clock when its end was observed, which is no earlier. Absent in reports of earlier versions. */
  readonly observedEndedAtMs?: number | null;
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
  /** Our swap has begun no earlier. Absent or `null`: not known. */
  readonly sinceMs?: ApiMs | null;
  /** How long `watchRoles` watches; 0 = one reading. `verifyRoles` has `verifyTimeoutSeconds` instead. */
  readonly watchSeconds: number;
  /** After a compensation the node that was bad may stay Inactive; its master may not. */
  readonly mayHaveInactiveReplicas: boolean;
  /** Until when readings wait for a turn while a quota is spent, epoch milliseconds. */
  readonly turnsUntilMs?: number;
  /** Where the master should be: while a reading does not say, the next one may. */
  readonly target?: Target | null;
  /** Of a last look after the lock was held: the phase of the run. */
  readonly phase?: Phase;
  readonly putSent?: PutSent;
  /** What to compare Redis itself with. Absent where no one looks. */
  readonly witness?: WitnessCall;
}

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

/** What was observed of roles, health and tasks over a while. */
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
  /** Why the change is `disagree`, as text: which identifiers moved, and the setting for such an account. */
  readonly disagreement?: string | null;
  readonly change: RoleChange | null;
  /** The watch read the roles at its end, and every readable sample showed the prior roles. */
  readonly heldThroughout: boolean;
  /** Some readable sample showed another master than before. Absent: not reported. */
  readonly hasShownChange?: boolean;
  /** Exactly one master, and the API calls it Active. */
  readonly masterActive: boolean;
  /** Every node is Active. */
  readonly nodesActive: boolean;
  /** The instance is RUNNING and idle. */
  readonly instanceReady: boolean;
  /** What is not healthy, as text. */
  readonly complaints: readonly string[];
  /** New swap tasks at the last reading; `null` when the list could not be read. */
  readonly newSwapTasks: readonly NewSwapTask[] | null;
  readonly samples: number;
  readonly unreadable: number;
  /** The last reading error as text; `null` when the last reading worked. */
  readonly lastError: string | null;
  /** Redis itself, where it was looked at. */
  readonly witness?: WitnessSighting;
}

/** A verified bad state, as the last look before a swap back judges it again. */
export interface BadState {
  readonly cause: 'NEW_MASTER_INACTIVE' | 'OFF_TARGET';
  /** Roles before the forward swap: its master is to come back. */
  readonly before: RolesSnapshot;
  /** Where the forward swap was to move the master. */
  readonly target: Target | null;
}

/** `ours` and `other` are known; `unknown`: nothing proves either. */
export type Whose = 'ours' | 'other' | 'unknown';

/** The jobs that count as ours, and by what. */
export interface OwnJobs {
  /** Ids of jobs, and of task rows that were adopted. */
  readonly ids: readonly string[];
  /**
   * `answer`: a PUT was answered with them, which nothing outweighs. `row`: found in the task list by its user;
   * `word`: named by a person. A row of a user who is known to be another is foreign against both.
   */
  readonly by: 'answer' | 'row' | 'word';
  /** What was over by then, by the service's clock, is no new swap, however late it is listed. @default not known */
  readonly overBeforeMs?: ApiMs | null;
  /** They have begun no earlier, by the same clock. @default not known */
  readonly sinceMs?: ApiMs | null;
}

/** What the rule says of a swap. */
export interface Judgement {
  readonly outcome: 'SUCCEEDED' | 'FAILED_UNCHANGED' | 'UNKNOWN';
  readonly cause: Cause;
}

/** What a run has done, as its result says it: nothing of it is absent. */
export type RunDeeds = Required<
  Pick<
    SwitchoverResult,
    | ('swapsSent' | 'swapsPossiblySent' | 'swapsAccepted')
    | ('jobIds' | 'swapRequestIds' | 'before' | 'after')
  >
>;
