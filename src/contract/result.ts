import type { DataPlaneReport } from './data-plane.js';
import type { Mode } from './switchover.js';

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
const COMPLETES = {
  ...{ SUCCEEDED: true, NOOP: true, PLANNED: true, RESOLVED: true },
  ...{ REFUSED: false, FAILED_UNCHANGED: false, COMPENSATED: false },
  ...{ UNKNOWN: false, INVALID_INPUT: false },
} as const satisfies Record<Outcome, boolean>;

/** An outcome that completes the workflow. */
export type CompletingOutcome = {
  [O in Outcome]: (typeof COMPLETES)[O] extends true ? O : never;
}[Outcome];

/** Whether a run with this outcome is Completed (true) or Failed (false). */
export function isCompletingOutcome(outcome: Outcome): outcome is CompletingOutcome {
  return COMPLETES[outcome];
}

/** All of {@link CompletingOutcome}. */
export const COMPLETING_OUTCOMES: readonly CompletingOutcome[] =
  OUTCOMES.filter(isCompletingOutcome);

/** Whether a string, read from somewhere else, names an outcome. */
export function isOutcome(value: unknown): value is Outcome {
  return (OUTCOMES as readonly unknown[]).includes(value);
}

/** Where a run stands. `HOLDING`: an UNKNOWN run keeps the lock until the settle period has passed. */
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
 * Values of the search attribute `DcsStatus`. Of a maintenance: `RUNNING`, `AWAITING_APPROVAL` or its outcome. Runs
 * that are about another run leave nothing unresolved themselves, and have values of their own. `REPEATED`: it gave the outcome of
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

/** What a node does; the API's `slave` is called replica here. */
export type NodeRole = 'master' | 'replica';

/** One data node as the API showed it; `null` where the API did not say. */
export interface NodeSnapshot {
  readonly nodeId: string | null;
  readonly replicationId: string | null;
  readonly ip: string | null;
  readonly role: NodeRole;
  readonly availabilityZone: string | null;
  /** The API's value, such as `Active` or `Inactive`. */
  readonly status: string | null;
  /** Promotion priority of a replica: 0 = never promoted, 1 = first, 100 = last. */
  readonly priority: number | null;
}

/** One shard. `ha` and `ha_rw_split` instances have one. */
export interface GroupSnapshot {
  readonly groupId: string;
  readonly nodes: readonly NodeSnapshot[];
}

/** The roles of an instance at one moment. */
export interface RolesSnapshot {
  /** RFC 3339, worker clock. */
  readonly observedAt: string;
  readonly groups: readonly GroupSnapshot[];
}

/** Names of the pre-checks; runbooks and callers match on them. */
export type CheckId =
  | 'api-readable'
  | 'api-quota'
  | 'instance-allowed'
  | 'instance-running'
  | 'instance-idle'
  | 'mode-supported'
  | 'one-master'
  | 'nodes-active'
  | 'replica-active'
  | 'replica-priority'
  | 'expected-master'
  | 'target-reachable'
  | 'cool-down'
  | 'not-after'
  | 'previous-run-resolved'
  | 'request-already-done'
  | 'request-id-reused'
  | 'no-open-run'
  | 'not-frozen'
  | 'no-drift'
  | 'swap-permission'
  | 'data-plane-ready'
  | 'examined-run-known';

/** One pre-check and what it saw. */
export interface Check {
  readonly id: CheckId;
  /** Only a failed `blocking` check refuses the run. */
  readonly severity: 'blocking' | 'info';
  /** `null`: could not be checked. */
  readonly passed: boolean | null;
  readonly observed: string;
  /** Request id of the API call behind `observed`, for a support case. May be absent in results of earlier versions. */
  readonly requestId: string | null;
  /** What a person can do about it; empty where the check passed. */
  readonly remedy: string;
}

/** Something seen or done, in order. */
export interface Evidence {
  /** RFC 3339. */
  readonly at: string;
  readonly what: string;
}

/** Durations in milliseconds; a phase that did not happen is absent. */
export interface Timings {
  readonly startedAt: string;
  readonly endedAt: string;
  readonly totalMs: number;
  readonly phasesMs: Readonly<Partial<Record<Phase, number>>>;
  /** The job's own `end_time − begin_time`, where the API reported both. */
  readonly jobMs: number | null;
}

/** Completed value, or details[0] of the failure. Readers ignore fields they do not know. */
export interface SwitchoverResult {
  readonly outcome: Exclude<Outcome, 'INVALID_INPUT'>;
  /** Why exactly, as a stable word: `JOB_STILL_RUNNING`, `FOREIGN_SWAP`, … `null` where the outcome says all. */
  readonly cause: string | null;
  /** The verified state and what to do, in plain text. */
  readonly message: string;
  readonly mode: Mode;
  readonly projectId: string;
  readonly instanceId: string;
  /** Name of the instance as the pre-check read it; `null` where it did not. May be absent in results of earlier versions. */
  readonly instanceName?: string | null;
  readonly region: string | null;
  /** PUTs handed to a connected socket, or that may have been, without those that the API's gateway turned away (429). */
  readonly swapsSent: number;
  /**
   * How many of `swapsSent` are not known to have left: no answer came. One whose job is found later is known to
   * have left. Absent in results of earlier versions.
   */
  readonly swapsPossiblySent?: number;
  /** PUTs known to have been accepted. */
  readonly swapsAccepted: number;
  readonly jobIds: readonly string[];
  /** Request ids of the answers that PUTs got, good or bad: for a support case. */
  readonly swapRequestIds?: readonly string[];
  /** The run that `verify` or `adopt` judged; `null` for other modes. May be absent in results of earlier versions. */
  readonly examinedRunId?: string | null;
  /**
   * The earlier run of the same `requestId` whose outcome this result repeats, with its jobs and roles: this run sent
   * nothing. `null` where the run did its own work. May be absent in results of earlier versions.
   */
  readonly repeatOfRunId?: string | null;
  /**
   * Nothing was sent, and all that stood in the way passes by itself, such as a busy instance: the same request may
   * go through later. Absent otherwise, and in results of earlier versions.
   */
  readonly mayPass?: boolean;
  readonly before: RolesSnapshot | null;
  readonly after: RolesSnapshot | null;
  readonly checks: readonly Check[];
  readonly warnings: readonly string[];
  readonly evidence: readonly Evidence[];
  readonly timings: Timings;
  readonly reason: string | null;
  readonly requestedBy: string | null;
  readonly requestId: string | null;
  readonly changeId: string | null;
  /** What Redis itself showed. Absent where no one looked, and in results of earlier versions. */
  readonly dataPlane?: DataPlaneReport;
}

/** Answer of the query `status`. */
export interface SwitchoverStatus {
  readonly phase: Phase;
  readonly outcome?: Outcome;
  /** Name of the instance; absent where it is not known (yet). */
  readonly instanceName?: string;
  /** Since when the run is in this phase, RFC 3339. */
  readonly since: string;
  /** What happens next, in plain text. */
  readonly next: string;
  /** Until when an unresolved run keeps the lock of its instance, RFC 3339; only while it does. */
  readonly lockedUntil?: string;
  readonly swapsSent: number;
  /** As in the result. */
  readonly swapsPossiblySent?: number;
  readonly jobIds: readonly string[];
  readonly before?: RolesSnapshot;
  readonly after?: RolesSnapshot;
  /** What Redis itself showed. Absent where no one has looked (yet), and in answers of earlier versions. */
  readonly dataPlane?: DataPlaneReport;
}
