import type { ProbePolicy } from './data-plane.js';

/** Task queue of every `dcs-switchover` worker, unless `DCS_SWITCHOVER_TASK_QUEUE` names another. */
export const DEFAULT_TASK_QUEUE = 'dcs-switchover';

/** Workflow type that switches one instance. */
export const SWITCHOVER_WORKFLOW_TYPE = 'dcsSwitchover';

/** The instance that a run is about; both ids in lower case. */
export interface InstanceRef {
  readonly projectId: string;
  readonly instanceId: string;
}

/**
 * Workflow id of the runs that may change an instance, and of those that judge them. The id is the lock: Temporal lets at most one
 * run of an id be open, no matter who starts it.
 */
export function makeSwitchoverWorkflowId({ projectId, instanceId }: InstanceRef): string {
  return `dcs-switchover:${projectId}:${instanceId}`;
}

/** Workflow id of `mode: "plan"` runs, which send nothing and so do not hold the lock. */
export function makePlanWorkflowId({ projectId, instanceId }: InstanceRef): string {
  return `dcs-switchover-plan:${projectId}:${instanceId}`;
}

/** Workflow id under which a run of `mode` has to be started. */
export function makeWorkflowId(mode: string, ref: InstanceRef): string {
  return mode === 'plan' ? makePlanWorkflowId(ref) : makeSwitchoverWorkflowId(ref);
}

/** Name of the query that shows where a run stands; answers with a `SwitchoverStatus`. */
export const STATUS_QUERY = 'status';

/** Search attributes (all of type Keyword, all optional). */
export const SEARCH_ATTRIBUTES = {
  instanceId: 'DcsInstanceId',
  instanceName: 'DcsInstanceName',
  status: 'DcsStatus',
  maintenanceId: 'DcsMaintenanceId',
} as const;

/** Name of one of our search attributes. */
export type SearchAttributeName = (typeof SEARCH_ATTRIBUTES)[keyof typeof SEARCH_ATTRIBUTES];

/**
 * What a run is asked to do. `plan` reads only; `resolve` records an operator's statement; `verify` finds out by
 * reading what an earlier run did; `adopt` does so by a job that is known from elsewhere. Only `switch`
 * sends.
 */
export type Mode = 'switch' | 'plan' | 'resolve' | 'verify' | 'adopt';

/** Modes that find out what an earlier run did, and never send. */
export const EXAMINING_MODES = ['verify', 'adopt'] as const;

/** Whether a mode, read from somewhere else, is one of {@link EXAMINING_MODES}. */
export function isExaminingMode(mode: unknown): mode is (typeof EXAMINING_MODES)[number] {
  return (EXAMINING_MODES as readonly unknown[]).includes(mode);
}

/** The desired state; exactly one field. Already there is NOOP, impossible is REFUSED. */
export type Target =
  | { readonly availabilityZone: string }
  | { readonly nodeId: string }
  | { readonly avoidAvailabilityZone: string };

/** What to do with a verified bad state after our own swap. */
export type CompensationPolicy = 'swap-back' | 'none';

/** Whether one further PUT may follow an ambiguous one that left no trace. */
export type ReissuePolicy = 'never' | 'once';

/**
 * Least `settleSeconds` with {@link ReissuePolicy} `once`: a PUT is given up 15 s after it was handed over, and what
 * lies between may keep it as long again. One that arrives later would make two accepted swaps of one run.
 */
export const MIN_REISSUE_SETTLE_SECONDS = 30;

/** Time limits of a run, in seconds. */
export interface Timing {
  /** How long the job may take before the run ends UNKNOWN (`JOB_STILL_RUNNING`). @default 600 */
  readonly jobTimeoutSeconds: number;
  /** How long unchanged roles are watched before they count as unchanged. @default 30 */
  readonly settleSeconds: number;
  /** Consecutive equal role samples that count as stable. @default 2 */
  readonly verifySamples: number;
  /** Pause between role samples. @default 2 */
  readonly verifyIntervalSeconds: number;
  /** How long changed roles may take to become stable and healthy. @default 120 */
  readonly verifyTimeoutSeconds: number;
  /**
   * How long a busy instance is waited for before a PUT, by pre-check and last look together; until `notAfter` at the
   * most. Waiting for a quota (429) does not count. @default 120
   */
  readonly busyWaitSeconds: number;
  /** Minimum age of the previous swap of this instance. @default 300 */
  readonly coolDownSeconds: number;
  /**
   * How much longer the readings after a PUT may take while a quota of the API is spent (429). Absent in requests
   * that were recorded by earlier versions. @default 1800
   */
  readonly quotaPatienceSeconds?: number;
}

/** An operator's statement about an unresolved run (`mode: "resolve"`). */
export interface Resolution {
  /** What, by this operator's statement, the unresolved run did. */
  readonly outcome: 'SUCCEEDED' | 'FAILED_UNCHANGED' | 'COMPENSATED';
  /** How the operator knows. */
  readonly statement: string;
  /** The operator's name. */
  readonly resolvedBy: string;
}

/** Argument of the workflow `dcsSwitchover`. Instants are RFC 3339 with zone; `null` means absent. */
export interface SwitchoverInput {
  readonly projectId: string;
  readonly instanceId: string;
  /** @default "switch" */
  readonly mode?: Mode | null;
  readonly target?: Target | null;
  /** Compare-and-swap guard: REFUSED unless this node is the master. */
  readonly expectedMasterNodeId?: string | null;
  /** Asks explicitly for a bare toggle, which is not safe to repeat. */
  readonly toggle?: boolean | null;
  /** @default the region of the worker's entry for the project */
  readonly region?: string | null;
  /** Last instant at which a PUT may leave. @default start of the run + 900 s */
  readonly notAfter?: string | null;
  readonly reason?: string | null;
  readonly requestedBy?: string | null;
  /** The caller's own id of this request: within Temporal's retention the same id does the work once. */
  readonly requestId?: string | null;
  readonly changeId?: string | null;
  /** @default "swap-back" */
  readonly compensation?: CompensationPolicy | null;
  /** Last instant at which a compensating PUT may leave. @default notAfter + the time a whole run may take */
  readonly compensateNotAfter?: string | null;
  /** @default "never" */
  readonly reissue?: ReissuePolicy | null;
  /** Whether the interruption is measured at Redis itself; for `switch` and `plan` alone. @default "off" */
  readonly probe?: ProbePolicy | null;
  readonly timing?: { readonly [K in keyof Timing]?: Timing[K] | null } | null;
  readonly resolution?: Resolution | null;
  /**
   * The examined run: required for `verify`. Only for `verify`, `adopt` and `resolve`, which then settles
   * that run and those before it, and none that came after.
   * @default for `adopt` the latest unresolved run; for `resolve` every run before it
   */
  readonly examinedRunId?: string | null;
  /** The job that the examined run started: required for, and only for, `adopt`. */
  readonly jobId?: string | null;
}

/** Default of `notAfter`: seconds after the start of the run, so that one that no worker took up for a day sends nothing then. */
export const DEFAULT_NOT_AFTER_SECONDS = 900;

/** Defaults of {@link Timing}. */
export const DEFAULT_TIMING: Timing = {
  jobTimeoutSeconds: 600,
  settleSeconds: 30,
  verifySamples: 2,
  verifyIntervalSeconds: 2,
  verifyTimeoutSeconds: 120,
  busyWaitSeconds: 120,
  coolDownSeconds: 300,
  quotaPatienceSeconds: 1800,
};

/** Smallest and largest accepted value of each field of {@link Timing}; small ones serve drills and tests. */
export const TIMING_BOUNDS: Record<keyof Timing, { readonly min: number; readonly max: number }> = {
  jobTimeoutSeconds: { min: 1, max: 3600 },
  settleSeconds: { min: 0, max: 600 },
  verifySamples: { min: 1, max: 10 },
  verifyIntervalSeconds: { min: 0, max: 30 },
  verifyTimeoutSeconds: { min: 1, max: 1800 },
  busyWaitSeconds: { min: 0, max: 3600 },
  coolDownSeconds: { min: 0, max: 86_400 },
  quotaPatienceSeconds: { min: 0, max: 86_400 },
};

/** A validated input with every default filled in; instants in epoch milliseconds. */
export interface SwitchoverRequest {
  readonly projectId: string;
  readonly instanceId: string;
  readonly mode: Mode;
  readonly target: Target | null;
  readonly expectedMasterNodeId: string | null;
  readonly toggle: boolean;
  readonly region: string;
  readonly notAfterMs: number;
  readonly reason: string | null;
  readonly requestedBy: string | null;
  readonly requestId: string | null;
  readonly changeId: string | null;
  readonly compensation: CompensationPolicy;
  readonly compensateNotAfterMs: number;
  readonly reissue: ReissuePolicy;
  readonly timing: Timing;
  readonly resolution: Resolution | null;
  /** Absent in requests that were recorded by versions without `verify` and `adopt`. */
  readonly examinedRunId?: string | null;
  readonly jobId?: string | null;
  /** Absent in requests of versions that did not measure: `off`. */
  readonly probe?: ProbePolicy;
  /** Queue that the run was started on, for the commands in its texts. Absent in requests of older versions. */
  readonly taskQueue?: string;
}

/** One thing that is wrong with an input: details[0].problems of an INVALID_INPUT failure. */
export interface InputProblem {
  /** Path of the field, such as `timing.settleSeconds`; `input` for the whole. */
  readonly field: string;
  readonly problem: string;
  readonly remedy: string;
}
