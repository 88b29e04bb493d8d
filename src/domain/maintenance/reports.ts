/**
 * What the activities of a plan tell its workflow: plain data that lands in history, so it is an API between
 * versions. Fields are only ever added.
 */
import type {
  Freeze,
  InputProblem,
  LegOutcome,
  MaintenanceRequest,
  SeenMaster,
  SearchAttributeName,
} from '../../contract/index.js';

/** From when to when, epoch milliseconds; the end is no longer part of it. */
export interface Span {
  readonly opensAtMs: number;
  readonly closesAtMs: number;
}

/** Argument of `planMaintenance`: the caller's input as it came, and what Temporal says of the run. */
export interface PlanCall {
  readonly input: unknown;
  readonly workflowId: string;
  /** Start of the first run of the chain, epoch milliseconds. */
  readonly startedAtMs: number;
  /** Nominal time of the firing that started it; `null` when no schedule did. The window is the first that ends after it. */
  readonly nominalAtMs: number | null;
  readonly hasCronSchedule: boolean;
  readonly hasRetryPolicy: boolean;
  readonly timeoutMs: number | null;
}

/** What `planMaintenance` concluded. */
export type PlanReport = InvalidPlanReport | UnreadablePlanReport | PlanFindings;

/** The input cannot be acted on. */
export interface InvalidPlanReport {
  readonly verdict: 'invalid';
  readonly problems: readonly InputProblem[];
  readonly searchAttributes: readonly SearchAttributeName[];
}

/** The instances could not be resolved: the API stayed unreadable, or there are too many. */
export interface UnreadablePlanReport {
  readonly verdict: 'unreadable';
  readonly request: MaintenanceRequest;
  readonly window: Span;
  readonly detail: string;
  readonly searchAttributes: readonly SearchAttributeName[];
}

/** Everything that the plan needs to know, read and resolved once. */
export interface PlanFindings {
  readonly verdict: 'planned';
  readonly request: MaintenanceRequest;
  readonly window: Span;
  /** In the order in which they are switched; each instance once. */
  readonly instances: readonly PlannedInstance[];
  readonly freeze: Freeze | null;
  readonly warnings: readonly string[];
  readonly searchAttributes: readonly SearchAttributeName[];
}

/** An instance as the plan found it. */
export interface PlannedInstance {
  readonly instanceId: string;
  readonly name: string | null;
  readonly master: SeenMaster | null;
  /** When it may be switched, in order; `[window]` unless its own window counts too. Empty: never. */
  readonly spans: readonly Span[];
  /** What stands in the way already, in words; `null` where nothing does. */
  readonly obstacle: string | null;
  /** Why its switchover would be refused if it began now, in words; absent: nothing was seen. */
  readonly refusedNow?: string;
}

/** Argument of `followRun`: a switchover that an earlier run of the plan's chain has started. */
export interface FollowCall {
  readonly workflowId: string;
  readonly runId: string;
}

/** How a switchover ended, as far as a plan cares. */
export interface LegEnding {
  readonly outcome: LegOutcome;
  readonly cause: string | null;
  readonly message: string;
  readonly swapsSent: number;
  readonly master: SeenMaster | null;
  /** The master right before it, where the roles were read. */
  readonly from?: SeenMaster | null;
  /** Nothing was sent, and nothing but what passes by itself stood in the way. Absent: not so, or not told. */
  readonly mayPass?: true;
}
