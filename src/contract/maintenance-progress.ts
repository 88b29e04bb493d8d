import type { DataPlaneReport } from './data-plane.js';

/**
 * How a maintenance ends. `COMPLETED`: every instance ended SUCCEEDED or NOOP (and is back, where a return leg was asked
 * for). `PLANNED`: mode `plan`. `PARTIAL`: anything else, with one item per instance.
 */
export const MAINTENANCE_OUTCOMES = ['COMPLETED', 'PLANNED', 'PARTIAL', 'INVALID_INPUT'] as const;

/** One of {@link MAINTENANCE_OUTCOMES}. */
export type MaintenanceOutcome = (typeof MAINTENANCE_OUTCOMES)[number];

/** Why a maintenance ended as it did, as a stable word. */
export type MaintenanceCause =
  | 'ALL_DONE'
  | 'NOTHING_SELECTED'
  | 'PLAN_ONLY'
  | 'INSTANCES_NOT_DONE'
  | 'BUDGET_SPENT'
  | 'CANARY_FAILED'
  | 'APPROVAL_REJECTED'
  | 'APPROVAL_MISSING'
  | 'WINDOW_OVER'
  | 'ABORTED'
  | 'HOOK_ABORTED'
  | 'CANCELLED'
  | 'FROZEN'
  | 'MAINTENANCE_UNREADABLE';

/** Where a maintenance stands. `PAUSED` is no phase: a maintenance may be paused in any. */
export type MaintenancePhase =
  | 'PLANNING'
  | 'AWAITING_APPROVAL'
  | 'AWAITING_WINDOW'
  | 'SWITCHING'
  | 'SOAKING'
  | 'RETURNING'
  | 'ENDED';

/** How a switchover of a maintenance ended; `CANCELLED` carries no result of its own. */
export type LegOutcome =
  | 'SUCCEEDED'
  | 'NOOP'
  | 'REFUSED'
  | 'FAILED_UNCHANGED'
  | 'COMPENSATED'
  | 'UNKNOWN'
  | 'INVALID_INPUT'
  | 'CANCELLED';

/** A master as it was observed. */
export interface ObservedMaster {
  readonly nodeId: string;
  readonly availabilityZone: string | null;
}

/** What one switchover cost the clients of its instance: the result of its run says more. */
export interface LegFigures {
  /** The longest interruption of writes (of reads, where no write was measured), in milliseconds; both 0: none. */
  readonly minMs: number;
  readonly maxMs: number;
  /** Acknowledged test writes that are gone; `null`: not known. */
  readonly lostWrites: number | null;
  readonly coverage: DataPlaneReport['coverage'];
}

/** One switchover of a maintenance: the forward leg (`forward`) or the return leg (`return`). */
export interface Leg {
  readonly leg: 'forward' | 'return';
  /** `PENDING` may still start; `NOT_STARTED` never will, and `reason` says why. */
  readonly state: 'PENDING' | 'RUNNING' | 'ENDED' | 'SKIPPED' | 'NOT_STARTED';
  /** `UNKNOWN` while it is `RUNNING`: it is unresolved and keeps its lock until `lockedUntil`. */
  readonly outcome: LegOutcome | null;
  readonly cause: string | null;
  /** The switchover's message, or why it was skipped, not started, or keeps its lock. */
  readonly reason: string | null;
  readonly workflowId: string | null;
  readonly runId: string | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly swapsSent: number;
  /** RFC 3339; only while it is unresolved and keeps its lock. */
  readonly lockedUntil?: string;
  /** The master at its end, where the roles were read. */
  readonly master: ObservedMaster | null;
  /** What it cost, where that was measured. Absent otherwise, and in results of earlier versions. */
  readonly figures?: LegFigures;
}

/** One instance of a maintenance. */
export interface MaintenanceItem {
  readonly instanceId: string;
  readonly name: string | null;
  /** The master at planning; `null` when it could not be read. */
  readonly master: ObservedMaster | null;
  readonly forward: Leg;
  /** `null` until the return leg begins, and where none was asked for. */
  readonly return: Leg | null;
}

/** The window of this maintenance, resolved once. All RFC 3339, UTC. */
export interface ResolvedWindow {
  readonly opensAt: string;
  readonly closesAt: string;
  /** `closesAt` − expected duration − compensation reserve: no switchover starts from here on. */
  readonly latestStartAt: string;
}

/** A decision of an operator. `by` is a claim, not an identity: Temporal's own access control says who may send one. */
export interface Decision {
  readonly what: 'approved' | 'rejected' | 'paused' | 'resumed' | 'skipped' | 'aborted';
  readonly by: string;
  readonly why: string | null;
  /** RFC 3339. */
  readonly at: string;
  readonly instanceId?: string;
}

/** How many instances are in which state; their sum is the number of items. */
export interface MaintenanceCounts {
  readonly pending: number;
  readonly running: number;
  /** SUCCEEDED and NOOP. */
  readonly done: number;
  readonly failed: number;
  readonly skipped: number;
  readonly notStarted: number;
}

/** Answer of the query `progress`. */
export interface MaintenanceProgress {
  readonly maintenanceId: string;
  readonly phase: MaintenancePhase;
  /** RFC 3339: when the phase began. */
  readonly since: string;
  readonly next: string;
  readonly isPaused: boolean;
  readonly outcome: MaintenanceOutcome | null;
  readonly cause: MaintenanceCause | null;
  readonly window: ResolvedWindow | null;
  readonly needsApproval: boolean;
  readonly decisions: readonly Decision[];
  /** Of the forward leg. */
  readonly counts: MaintenanceCounts;
  readonly items: readonly MaintenanceItem[];
  readonly warnings: readonly string[];
}

/** Completed value, or details[0] of the failure. Readers ignore fields they do not know. */
export interface MaintenanceResult {
  readonly outcome: Exclude<MaintenanceOutcome, 'INVALID_INPUT'>;
  readonly cause: MaintenanceCause;
  /** The verified state and what to do, in plain text. */
  readonly message: string;
  readonly maintenanceId: string;
  readonly projectId: string;
  readonly region: string | null;
  readonly mode: 'run' | 'plan';
  readonly window: ResolvedWindow | null;
  readonly counts: MaintenanceCounts;
  readonly items: readonly MaintenanceItem[];
  readonly decisions: readonly Decision[];
  readonly warnings: readonly string[];
  readonly startedAt: string;
  readonly endedAt: string;
  readonly reason: string | null;
  readonly requestedBy: string | null;
  readonly changeId: string | null;
}
