/** The PUTs of a run, as its history shows them. Pure. */
import type { JobCall, LostReport, SwapCall, SwapReport, WatchCall } from '../domain/reports.js';
import { hasSentNothing } from '../domain/silent-swap.js';
import { concludeSending, doubt, isUnfenced, mayBeOwnWork, sharpen } from '../domain/swap.js';
import { isRecord } from '../util.js';

import type { ActivityFacts } from '../temporal/run-history.js';

/** What is certain of one PUT. */
export type SwapState = 'possibly-sent' | 'accepted' | 'not-applied';

/** One execution of the swap activity. */
export interface Swap {
  readonly activity: ActivityFacts;
  readonly report: SwapReport | LostReport;
  /** The job that was found in the task list after a PUT without an answer. */
  readonly adoptedJobId: string | null;
}

/** Every execution of the swap activity, in order. */
export function findSwaps(activities: readonly ActivityFacts[]): readonly Swap[] {
  const swaps: Swap[] = [];
  for (const activity of activities) {
    if (activity.type === 'requestSwap')
      swaps.push({ activity, report: reportAfter(swaps, activity), adoptedJobId: null });
    const adoptedJobId = activity.type === 'awaitJob' ? adoptedJobOf(activity) : null;
    const latest = swaps.at(-1);
    if (adoptedJobId !== null && latest !== undefined)
      swaps.splice(-1, 1, { ...latest, adoptedJobId });
  }
  return swaps;
}

/** A job that carries a task id was not answered by the PUT, but found in the task list. */
function adoptedJobOf(activity: ActivityFacts): string | null {
  const { jobId, taskId }: Partial<JobCall> = recordOf(activity.call);
  return typeof taskId === 'string' ? (jobId ?? null) : null;
}

/** Whether an activity only reads, once the hold is over: its run has told its doubt, and keeps the lock until it ends. */
export function isLastLook({ call }: ActivityFacts): boolean {
  const { phase }: Partial<WatchCall> = recordOf(call);
  return phase === 'HOLDING';
}

/** Whether the PUT was the forward one or the one that takes it back. */
export function purposeOf({ call }: ActivityFacts): SwapCall['purpose'] {
  const { purpose }: Partial<SwapCall> = recordOf(call);
  return purpose ?? 'forward';
}

/** As the run itself reads a report that follows an attempt without a fence on record. */
function reportAfter(earlier: readonly Swap[], activity: ActivityFacts): SwapReport | LostReport {
  const report = reportOf(activity);
  const wasUnfenced = earlier.some(
    (swap) => isUnfenced(swap.report) && purposeOf(swap.activity) === purposeOf(activity),
  );
  return wasUnfenced && mayBeOwnWork(report) ? doubt(report) : report;
}

function reportOf(activity: ActivityFacts): SwapReport | LostReport {
  const { end, report, silence } = activity;
  if (end === 'never-started')
    return {
      kind: 'not-sent',
      reason: 'cancelled',
      retryAfterMs: null,
      detail: 'no worker took it',
    };
  if (end === 'completed' && isSwapReport(report)) return sharpen(report);
  if (silence !== undefined && hasSentNothing(silence))
    return {
      kind: 'not-sent',
      reason: 'unfenced',
      retryAfterMs: null,
      detail: 'its worker was lost before the fence',
    };
  return { kind: 'lost', detail: end === 'open' ? 'no report yet' : 'no report' };
}

/** What is certain of one PUT. */
export function stateOf({ report, adoptedJobId }: Swap): SwapState {
  if (adoptedJobId !== null) return 'accepted';
  const { kind } = concludeSending(report, false);
  if (kind === 'accepted') return 'accepted';
  return kind === 'ambiguous' ? 'possibly-sent' : 'not-applied';
}

/** The job that a PUT started, where one is known. */
export function jobOf({ report, adoptedJobId }: Swap): string | null {
  return report.kind === 'accepted' ? report.jobId : adoptedJobId;
}

const SWAP_REPORT_KINDS = ['not-sent', 'not-applied', 'rejected', 'ambiguous', 'accepted'];

function isSwapReport(value: unknown): value is SwapReport {
  return isRecord(value) && SWAP_REPORT_KINDS.includes(String(value['kind']));
}

/** Histories of other versions may hold anything. */
export function recordOf(value: unknown): object {
  return isRecord(value) ? value : {};
}
