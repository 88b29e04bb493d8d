import type { CompensationPolicy, Target, Timing } from './switchover.js';
import type { Leg, LegOutcome } from './maintenance-progress.js';
import type { MaintenanceWindow } from './window.js';

/** Workflow type that switches many instances inside a window. */
export const MAINTENANCE_WORKFLOW_TYPE = 'dcsMaintenance';

/** Workflow id of a plan; a schedule appends `-` and the nominal time of the firing. */
export function makeMaintenanceWorkflowId(maintenanceId: string): string {
  return `dcs-maintenance:${maintenanceId}`;
}

/** Name of the query that tells where a plan stands; answers with a `MaintenanceProgress`. */
export const PROGRESS_QUERY = 'progress';

/** Name of the signal by which a switchover in doubt tells its plan that it keeps its lock. Nobody else sends it. */
export const HOLDING_SIGNAL = 'switchoverHolding';

/** Argument of {@link HOLDING_SIGNAL}. */
export interface SwitchoverHolding {
  readonly workflowId: string;
  /** The switchover's first run. */
  readonly runId: string;
  /** Until when the lock is kept, RFC 3339. */
  readonly lockedUntil: string;
  /** Why its outcome is UNKNOWN, in words. */
  readonly why: string;
}

/** Picks instances of the project; all given parts have to fit. Resolved once, when the plan is made. */
export interface InstanceSelector {
  /** Tags that an instance has to carry. */
  readonly tags?: Readonly<Record<string, string>> | null;
  /** Name of the instance, `*` for any characters. */
  readonly namePattern?: string | null;
  /** Zone in which the master is when the plan is made: an AZ drain. */
  readonly masterAvailabilityZone?: string | null;
}

/** The way back of a drill: after the soak, each master that was moved goes back to where it was. */
export interface ReturnLeg {
  /** Pause between the end of the way out and the way back. Not below `timing.coolDownSeconds`. */
  readonly soakSeconds: number;
  /** How long after the soak a PUT of the way back may leave, whatever the window says. @default 900 */
  readonly withinSeconds?: number | null;
}

/** Activities of the caller's own, on a queue of the caller's own. */
export interface Hooks {
  readonly taskQueue: string;
  /** Activity that is asked before each switchover; answers with a `HookAnswer`. */
  readonly before?: string | null;
  /** Activity that is told of each ended switchover. What it answers changes nothing. */
  readonly after?: string | null;
  /** Longest time for one hook, retries included. @default 300 */
  readonly timeoutSeconds?: number | null;
}

/** Argument of a hook. */
export interface HookCall {
  readonly maintenanceId: string;
  readonly workflowId: string;
  readonly projectId: string;
  readonly instanceId: string;
  readonly leg: Leg['leg'];
  /** `null` for `before`. */
  readonly outcome: LegOutcome | null;
  readonly message: string | null;
}

/** What a `before` hook says: go on, leave this instance out, or start nothing more. */
export interface HookAnswer {
  readonly answer: 'proceed' | 'skip' | 'abort';
  /** Required for `skip` and `abort`. */
  readonly reason?: string | null;
}

/** Argument of the workflow `dcsMaintenance`. Instants are RFC 3339 with zone; `null` means absent. */
export interface MaintenanceInput {
  /** 1 to 64 of `a-z 0-9 . _ -`, first a letter or digit: the tail of the workflow id. */
  readonly maintenanceId: string;
  readonly projectId: string;
  /** `plan` resolves and checks everything and starts nothing. @default "run" */
  readonly mode?: 'run' | 'plan' | null;
  /** Whether the work may be done again under an id that has sent something already. @default false */
  readonly again?: boolean | null;
  /** The instances in the order in which they are switched; or `selector`. */
  readonly instanceIds?: readonly string[] | null;
  readonly selector?: InstanceSelector | null;
  /** Whether a selector that fits no instance is as good as done. Without it that ends PARTIAL. @default false */
  readonly allowEmpty?: boolean | null;
  /** Where each master shall be; or `toggle`. Safe to repeat. */
  readonly target?: Target | null;
  /** Swap each instance while its master is the one seen when the plan was made. */
  readonly toggle?: boolean | null;
  readonly window: MaintenanceWindow;
  /** Whether each instance is switched only inside its own `maintain_begin` to `maintain_end` as well. @default false */
  readonly withinInstanceWindow?: boolean | null;
  /** What one switchover takes; part of the latest safe start. @default 120 */
  readonly expectedDurationSeconds?: number | null;
  /** What a swap back would take on top. @default 120 */
  readonly compensationReserveSeconds?: number | null;
  /** Whether nothing starts before somebody has sent `approve`. @default false */
  readonly requireApproval?: boolean | null;
  /** Switchovers at a time. @default 1 */
  readonly maxConcurrent?: number | null;
  /** How many of the first instances must all succeed before any other starts. @default 0 */
  readonly canaryCount?: number | null;
  /** Error budget: with one more instance that did not end SUCCEEDED or NOOP, no further one starts. @default 0 */
  readonly maxFailures?: number | null;
  /** Passed on to each switchover. @default "swap-back" */
  readonly compensation?: CompensationPolicy | null;
  /** Passed on to each switchover. */
  readonly timing?: { readonly [K in keyof Timing]?: Timing[K] | null } | null;
  readonly returnLeg?: ReturnLeg | null;
  readonly hooks?: Hooks | null;
  /** @default the region of the worker's entry for the project */
  readonly region?: string | null;
  readonly reason?: string | null;
  readonly requestedBy?: string | null;
  readonly changeId?: string | null;
}

/** A validated input with every default filled in. The window is resolved apart. */
export interface MaintenanceRequest {
  readonly maintenanceId: string;
  readonly projectId: string;
  readonly mode: 'run' | 'plan';
  readonly target: Target | null;
  readonly toggle: boolean;
  /** Absent in records of before there was such a field: then an empty selection was as good as done. */
  readonly allowEmpty?: boolean;
  readonly region: string;
  readonly expectedDurationSeconds: number;
  readonly compensationReserveSeconds: number;
  readonly requireApproval: boolean;
  readonly maxConcurrent: number;
  readonly canaryCount: number;
  readonly maxFailures: number;
  readonly compensation: CompensationPolicy;
  readonly timing: Timing;
  readonly returnLeg: { readonly soakSeconds: number; readonly withinSeconds: number } | null;
  readonly hooks: {
    readonly taskQueue: string;
    readonly before: string | null;
    readonly after: string | null;
    readonly timeoutSeconds: number;
  } | null;
  readonly reason: string | null;
  readonly requestedBy: string | null;
  readonly changeId: string | null;
}

/** Smallest and largest accepted value, and the default, of each number of a plan. */
export const MAINTENANCE_BOUNDS = {
  expectedDurationSeconds: { min: 1, max: 7200, default: 120 },
  compensationReserveSeconds: { min: 0, max: 7200, default: 120 },
  maxConcurrent: { min: 1, max: 50, default: 1 },
  canaryCount: { min: 0, max: 50, default: 0 },
  maxFailures: { min: 0, max: 1000, default: 0 },
  'returnLeg.soakSeconds': { min: 0, max: 86_400, default: null },
  'returnLeg.withinSeconds': { min: 1, max: 86_400, default: 900 },
  'hooks.timeoutSeconds': { min: 1, max: 3600, default: 300 },
} as const;

/** Most instances of one plan. */
export const MAX_MAINTENANCE_INSTANCES = 1000;
