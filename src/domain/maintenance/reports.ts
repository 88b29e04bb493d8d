/**
 * What the activities of a maintenance report its workflow: plain data that lands in history, so it is an API between
 * versions. Fields are only ever added.
 */
import type {
  Freeze,
  LegFigures,
  LegOutcome,
  MaintenanceRequest,
  NotificationType,
  ObservedMaster,
  SearchAttributeName,
} from '../../contract/index.js';

import type { InvalidInputReport, PreflightCall } from '../preflight-report.js';

/** From when to when, epoch milliseconds; the end is no longer part of it. */
export interface Span {
  readonly opensAtMs: number;
  readonly closesAtMs: number;
}

/** Argument of `planMaintenance`: the caller's input as it came, and what Temporal says of the run. */
export interface PlanMaintenanceCall extends Omit<PreflightCall, 'runId' | 'taskQueue'> {
  /** Start of the first run of the chain, epoch milliseconds. */
  readonly startedAtMs: number;
  /** Nominal time of the firing that started it; `null` when no schedule did. The window is the first that ends after it. */
  readonly nominalAtMs: number | null;
}

/** What was asked and resolved, once the maintenance is made. */
export interface MaintenanceFacts {
  readonly request: MaintenanceRequest;
  readonly window: Span;
  readonly searchAttributes: readonly SearchAttributeName[];
  /** As of a switchover's pre-check. */
  readonly deliveries?: readonly NotificationType[];
}

/** What `planMaintenance` concluded. */
export type PlanMaintenanceReport =
  InvalidInputReport | UnreadableMaintenanceReport | MaintenanceFindings;

/** The instances could not be resolved: the API stayed unreadable, or there are too many. */
interface UnreadableMaintenanceReport extends MaintenanceFacts {
  readonly verdict: 'unreadable';
  readonly detail: string;
}

/** Everything that the maintenance needs to know, read and resolved once. */
export interface MaintenanceFindings extends MaintenanceFacts {
  readonly verdict: 'planned';
  /** In the order in which they are switched; each instance once. */
  readonly instances: readonly SelectedInstance[];
  readonly freeze: Freeze | null;
  readonly warnings: readonly string[];
}

/** An instance as the maintenance found it. */
export interface SelectedInstance {
  readonly instanceId: string;
  readonly name: string | null;
  readonly master: ObservedMaster | null;
  /** When it may be switched, in order; `[window]` unless its own window counts too. Empty: never. */
  readonly spans: readonly Span[];
  /** What stands in the way already, as text; `null` where nothing does. */
  readonly obstacle: string | null;
  /** Why its switchover would be refused if it began now, as text; absent: nothing was observed. */
  readonly refusedNow?: string;
}

/** Argument of `followRun`: a switchover that an earlier run of the maintenance's chain has started. */
export interface FollowCall {
  readonly workflowId: string;
  readonly runId: string;
}

/** How a switchover ended, as far as a maintenance cares. */
export interface LegEnding {
  readonly outcome: LegOutcome;
  readonly cause: string | null;
  readonly message: string;
  readonly swapsSent: number;
  readonly master: ObservedMaster | null;
  /** The master right before it, where the roles were read. */
  readonly from?: ObservedMaster | null;
  /** Nothing was sent, and nothing but what passes by itself stood in the way. Absent: not so, or not reported. */
  readonly mayPass?: true;
  /** What it cost; absent where that was not measured. */
  readonly figures?: LegFigures;
}
