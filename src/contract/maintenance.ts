import type { ProbePolicy } from './data-plane.js';
import type { Leg, LegOutcome, MaintenancePhase } from './maintenance-progress.js';
import type { CompensationPolicy, Target, Timing } from './switchover.js';

/** Workflow type that switches many instances inside a window. */
export const MAINTENANCE_WORKFLOW_TYPE = 'dcsMaintenance';

/** Workflow id of a maintenance; a schedule appends `-` and the nominal time of the firing. */
export function makeMaintenanceWorkflowId(maintenanceId: string): string {
  return `dcs-maintenance:${maintenanceId}`;
}

/** Name of the query that shows where a maintenance stands; answers with a `MaintenanceProgress`. */
export const PROGRESS_QUERY = 'progress';

/** Name of the signal by which an unresolved switchover informs its maintenance that it keeps its lock. No one else sends it. */
export const HOLDING_SIGNAL = 'switchoverHolding';

/** Argument of {@link HOLDING_SIGNAL}. */
export interface SwitchoverHolding {
  readonly workflowId: string;
  /** The switchover's first run. */
  readonly runId: string;
  /** Until when the lock is kept, RFC 3339. */
  readonly lockedUntil: string;
  /** Why its outcome is UNKNOWN, as text. */
  readonly why: string;
}

/** Picks instances of the project; an instance has to fit all parts that are given. Resolved once, at planning. */
export interface InstanceSelector {
  /** Tags that an instance has to carry. */
  readonly tags?: Readonly<Record<string, string>> | null;
  /** Name of the instance, `*` for any characters. */
  readonly namePattern?: string | null;
  /** Zone in which the master is at planning: an AZ drain. */
  readonly masterAvailabilityZone?: string | null;
}

/** The return leg of a drill: after the soak, each master that was moved goes back to where it was. */
export interface ReturnLeg {
  /** Pause between the end of the forward leg and the return leg. Not below `timing.coolDownSeconds`. */
  readonly soakSeconds: number;
  /** How long after the soak a PUT of the return leg may leave, whatever the window says. @default 900 */
  readonly withinSeconds?: number | null;
}

/** Activities of the caller's own, on a queue of the caller's own. */
export interface Hooks {
  readonly taskQueue: string;
  /** Activity that is called before each switchover; answers with a `HookAnswer`. */
  readonly before?: string | null;
  /** Activity that is called after each switchover. Its answer changes nothing. */
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
  /** Whether the work may be done again under an id of which a run has already sent a PUT. @default false */
  readonly again?: boolean | null;
  /** The instances in the order in which they are switched; or `selector`. */
  readonly instanceIds?: readonly string[] | null;
  readonly selector?: InstanceSelector | null;
  /** Whether a selector that fits no instance counts as done. Without it such a maintenance ends PARTIAL. @default false */
  readonly allowEmpty?: boolean | null;
  /** Where each master should be; or `toggle`. Safe to repeat. */
  readonly target?: Target | null;
  /** Swap each instance while its master is the one that was read at planning. Not safe to repeat. */
  readonly toggle?: boolean | null;
  readonly window: MaintenanceWindow;
  /** Whether each instance is switched only inside its own `maintain_begin` to `maintain_end` as well. @default false */
  readonly withinInstanceWindow?: boolean | null;
  /** How long one switchover takes; part of the latest safe start. @default 120 */
  readonly expectedDurationSeconds?: number | null;
  /** How long a swap back would take in addition. @default 120 */
  readonly compensationReserveSeconds?: number | null;
  /** Whether nothing starts before someone has sent `approve`. @default false */
  readonly requireApproval?: boolean | null;
  /** Switchovers at a time. @default 1 */
  readonly maxConcurrent?: number | null;
  /** How many of the first instances must all succeed before any other starts. @default 0 */
  readonly canaryCount?: number | null;
  /** Error budget: with one more instance that did not end SUCCEEDED or NOOP, no further one starts. @default 0 */
  readonly maxFailures?: number | null;
  /** Passed on to each switchover. @default "swap-back" */
  readonly compensation?: CompensationPolicy | null;
  /** Passed on to each switchover. @default "off" */
  readonly probe?: ProbePolicy | null;
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
  /** Absent in records from before there was such a field: then an empty selection counted as done. */
  readonly allowEmpty?: boolean;
  readonly region: string;
  readonly expectedDurationSeconds: number;
  readonly compensationReserveSeconds: number;
  readonly requireApproval: boolean;
  readonly maxConcurrent: number;
  readonly canaryCount: number;
  readonly maxFailures: number;
  readonly compensation: CompensationPolicy;
  /** Absent in records of versions that did not measure: `off`. */
  readonly probe?: ProbePolicy;
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

/** Smallest and largest accepted value, and the default, of each number of a maintenance. */
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

/** Most instances of one maintenance. */
export const MAX_MAINTENANCE_INSTANCES = 1000;

/** Days as the window's `daysOfWeek` names them. */
export const DAYS_OF_WEEK = [
  'MONDAY',
  'TUESDAY',
  'WEDNESDAY',
  'THURSDAY',
  'FRIDAY',
  'SATURDAY',
  'SUNDAY',
] as const;

/** One of {@link DAYS_OF_WEEK}. */
export type DayOfWeek = (typeof DAYS_OF_WEEK)[number];

/**
 * A window that recurs, in local time. One that ends at or before its start crosses midnight and belongs to the
 * day on which it starts. A local time that a DST change skips is moved forward by the length of the gap; of
 * one that occurs twice, the start is the earlier and the end the later.
 */
export interface LocalWindow {
  /** IANA name, such as `Europe/Zurich`. */
  readonly timeZone: string;
  /** `HH:MM`, local time. */
  readonly start: string;
  /** `HH:MM`, local time; different from `start`. */
  readonly end: string;
  /** Days on which it starts. @default every day */
  readonly daysOfWeek?: readonly DayOfWeek[] | null;
  /** Dates on which it starts, `YYYY-MM-DD`; not together with `daysOfWeek`. */
  readonly dates?: readonly string[] | null;
  /** Local dates on which nothing runs: a window that touches one is left out as a whole. */
  readonly blackoutDates?: readonly string[] | null;
}

/** A window between two instants. */
export interface FixedWindow {
  /** RFC 3339 with zone. @default the start of the maintenance */
  readonly opensAt?: string | null;
  /** RFC 3339 with zone. */
  readonly closesAt: string;
}

/** When a maintenance may switch. */
export type MaintenanceWindow = LocalWindow | FixedWindow;

/** Names of the updates that people and services send to a maintenance; each answers with a `MessageReceipt`. */
export const MAINTENANCE_UPDATES = {
  approve: 'approve',
  reject: 'reject',
  pause: 'pause',
  resume: 'resume',
  skip: 'skip',
  abort: 'abort',
} as const;

/** Name of one of the updates. */
export type MaintenanceUpdate = keyof typeof MAINTENANCE_UPDATES;

/** Argument of `approve`, `pause` and `resume`. */
export interface MaintenanceMessage {
  /** Who decides: 1 to 128 characters. */
  readonly by: string;
  /** Why: 1 to 1024 characters. */
  readonly why?: string | null;
}

/** Argument of `reject` and `abort`. */
export interface ReasonedMessage extends MaintenanceMessage {
  /** 1 to 1024 characters. */
  readonly why: string;
}

/** Argument of `skip`, which leaves out an instance that has not started yet. */
export interface SkipMessage extends ReasonedMessage {
  readonly instanceId: string;
}

/** The argument of each update. */
export interface MaintenanceMessages {
  readonly approve: MaintenanceMessage;
  readonly reject: ReasonedMessage;
  readonly pause: MaintenanceMessage;
  readonly resume: MaintenanceMessage;
  readonly skip: SkipMessage;
  readonly abort: ReasonedMessage;
}

/** Answer of every update. */
export interface MessageReceipt {
  /** `false`: the maintenance was in that state already; nothing changed. */
  readonly changed: boolean;
  /** In plain text: the state now. */
  readonly message: string;
  readonly phase: MaintenancePhase;
  readonly isPaused: boolean;
}

/** Types of the failures with which a maintenance answers an update that it rejects. */
export type MessageRefusal =
  /** The argument is malformed; details[0] is `{problems}`. */
  | 'INVALID_MESSAGE'
  /** It comes too late, or does not fit what the maintenance is. */
  | 'NOT_POSSIBLE_NOW';
