import type {
  Check,
  DataPlaneReport,
  InputProblem,
  Look,
  NotificationType,
  RolesSnapshot,
  SearchAttributeName,
  SwitchoverRequest,
  Target,
} from '../contract/index.js';

import type { RedisCause } from './causes.js';
import type { ApiMs, TemporalMs } from './clocks.js';
import type { RepeatedRun } from './facts.js';
import type { JobReport, Judgement, SwapCall } from './reports.js';

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
  /** As {@link PreflightFindings.deliveries}. */
  readonly deliveries?: readonly NotificationType[];
}

/** The input is sound; `verdict` says what the checks allow. */
export interface PreflightFindings {
  /** `examine`: find out what the examined run did; a version that does not know the word does nothing. */
  readonly verdict: 'proceed' | 'noop' | 'refused' | 'resolved' | 'examine';
  readonly request: SwitchoverRequest;
  /** Name of the instance. Absent: not read, or in reports of earlier versions. */
  readonly instanceName?: string;
  readonly checks: readonly Check[];
  readonly before: RolesSnapshot | null;
  /** Ids of the swap tasks already listed: whatever appears later is new. */
  readonly knownSwapTaskIds: readonly string[];
  /** The API's clock when it listed them, epoch milliseconds; our own task is not older. Absent: not known. */
  readonly tasksListedAtMs?: number | null;
  readonly warnings: readonly string[];
  /** Search attributes that exist in the namespace; others are not upserted. */
  readonly searchAttributes: readonly SearchAttributeName[];
  /** Notifications that the worker's webhook has delivered by runs of their own. Absent in reports of earlier versions. */
  readonly deliveries?: readonly NotificationType[];
  /**
   * The API's clock when it listed the tasks, which is the last reading before this report: how far it is from
   * Temporal's shows here. Absent where it reported none.
   */
  readonly apiTimeMs?: ApiMs;
  /** The run that `verify` or `adopt` judges; for verdict `examine` only. */
  readonly examined?: ExaminedRun;
  /**
   * The run that did this request already: its outcome is the answer. With verdict `refused`, so that a version
   * that does not know the field sends nothing either.
   */
  readonly repeat?: RepeatedRun;
  /** With verdict `refused`: nothing but what passes by itself stood in the way. Absent: something else did. */
  readonly mayPass?: true;
  /** How long the pre-check has waited for a busy instance, and for what; absent where it has not. */
  readonly busyWait?: { readonly waitedMs: number; readonly observed: string };
  /** What of Redis itself may be looked at. Absent where no one looks, and in reports of versions that did not. */
  readonly dataPlane?: DataPlaneFindings;
}

/** What the pre-check knows of the Redis behind the instance. */
export interface DataPlaneFindings extends Pick<DataPlaneReport, 'address' | 'binding'> {
  /** The worker's settings say how it is reached. */
  readonly offered: boolean;
  /** What it says may lower an outcome, or hold a PUT back. */
  readonly judges: boolean;
  readonly look: Look | null;
  /** When it was taken, since the activity began, in milliseconds, at the least. */
  readonly lookedAfterMs?: number;
  /** Why there is no look, or no measurement, in plain words; `null` where nothing is wrong. */
  readonly why: string | null;
  /** A measurement was asked for and is possible. */
  readonly measures: boolean;
  readonly periodMs: number;
  /** Whether the measurement may write. */
  readonly write: boolean;
}

/** The examined run: its last swap that was tried, else the one that it was about to send. */
export interface ExaminedRun {
  readonly runId: string;
  /** Name of the instance, as its pre-check read it. Absent: not known. */
  readonly instanceName?: string;
  /** How it ended: its outcome, else Temporal's status. */
  readonly ended: string;
  readonly purpose: SwapCall['purpose'];
  /** Roles before that swap. */
  readonly from: RolesSnapshot;
  readonly knownSwapTaskIds: readonly string[];
  readonly target: Target | null;
  /** Of a swap back: the roles that it was to bring back. Absent in reports of versions that have the target alone. */
  readonly restores?: RolesSnapshot;
  /** `not-applied`: provably nothing was sent, or what was sent did nothing. */
  readonly sending: 'accepted' | 'ambiguous' | 'not-applied';
  /** What was sent, as text. */
  readonly putSummary: string;
  /** A PUT before the accepted one has no trace. Absent: none. */
  readonly isEarlierUnresolved?: boolean;
  /** The job of an accepted PUT. */
  readonly jobId: string | null;
  /** The task row by which that job was found, where the PUT had no answer. */
  readonly taskId: string | null;
  /** How that job ended, where the run itself saw it end. */
  readonly job: JobReport | null;
  /**
   * When an ambiguous PUT may have left, by the API's clock where the run recorded how far it was from Temporal's;
   * `null` where none is ambiguous.
   */
  readonly sentBetweenMs: readonly [from: ApiMs, until: ApiMs] | null;
  /** The API's clock before its first PUT, epoch milliseconds: its task is not older. Absent: not known. */
  readonly notBeforeMs?: number | null;
  /** What the run itself could say when it had read unchanged roles after the end of its job. */
  readonly unchangedAtEnd?: Judgement | null;
  /** What its own looks at Redis left to compare with. Absent: it did not look. */
  readonly witness?: ExaminedWitness;
  /** By which cause Redis had contradicted what would have been its outcome. Absent: it had not, or that is not known. */
  readonly redisCause?: RedisCause | null;
  /** Swaps of other runs of the same instance near it: none of them is its own. Absent: not looked for. */
  readonly otherSwaps?: readonly OtherSwaps[];
}

/** What a run saw of Redis before its swap. */
export interface ExaminedWitness extends Pick<DataPlaneFindings, 'address' | 'binding' | 'judges'> {
  readonly look: Look;
  /** When it was taken at the earliest, by Temporal's clock, epoch milliseconds. */
  readonly sinceMs: TemporalMs;
}

/** The swaps of another run. */
export interface OtherSwaps {
  readonly runId: string;
  /** Ids of its jobs and of their rows. */
  readonly ids: readonly string[];
}
