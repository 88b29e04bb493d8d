/**
 * What a run's history alone says of its PUTs. Pure. Where the history does not prove that nothing
 * left, the answer is "possibly sent".
 */
import type { Evidence, Phase, SwitchoverResult } from '../contract/index.js';
import type { PreflightFindings } from '../domain/preflight-report.js';
import type {
  JobCall,
  LostReport,
  Observation,
  RunDeeds,
  SwapCall,
  SwapReport,
  WatchCall,
} from '../domain/reports.js';
import {
  concludeSending,
  countPossiblySent,
  countSent,
  uncertainty,
  isLost,
  isTurnedAway,
  mayBeOwnWork,
  readSilence,
  sharpen,
} from '../domain/swap.js';
import { readInstanceName } from '../domain/text.js';
import { iso, isRecord } from '../util.js';

import type { ActivityFacts, RunHistory } from './run-history.js';

// The PUTs of a run, as its history shows them. Pure.

/** What is certain of one PUT. */
type SwapState = 'possibly-sent' | 'accepted' | 'not-applied';

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

/** Whether an activity only reads, once the hold is over: its run has reported UNKNOWN, and keeps the lock until it ends. */
export function isLastLook({ call }: ActivityFacts): boolean {
  const { phase }: Partial<WatchCall> = recordOf(call);
  return phase === 'HOLDING';
}

/** Whether the PUT was the forward one or the one that takes it back. */
export function purposeOf({ call }: ActivityFacts): SwapCall['purpose'] {
  const { purpose }: Partial<SwapCall> = recordOf(call);
  return purpose ?? 'forward';
}

/** As the run itself reads a report that follows an attempt which was lost without a fence on record, or turned away. */
function reportAfter(earlier: readonly Swap[], activity: ActivityFacts): SwapReport | LostReport {
  const report = reportOf(activity);
  const isDoubted = earlier.some(
    (swap) =>
      (isLost(swap.report) || isTurnedAway(swap.report)) &&
      purposeOf(swap.activity) === purposeOf(activity),
  );
  return isDoubted && mayBeOwnWork(report) ? uncertainty(report) : report;
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
  const said = silence === undefined ? null : readSilence(silence);
  if (said !== null && said.kind !== 'lost') return said;
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

/** What is certain of a run's PUTs; the strongest of them where there are several. */
export type PutState = 'not-scheduled' | SwapState;

/** A history, interpreted. */
export interface SwapTrace
  extends RunDeeds, Pick<SwitchoverResult, 'checks' | 'region' | 'evidence'> {
  /** Of the instance, as the pre-check read it; `null` where it did not. */
  readonly instanceName: string | null;
  readonly put: PutState;
  /** The same as text, one sentence per PUT that may have had an effect, and for the last that had none. */
  readonly putSummary: string;
}

/** Interprets a history, of an open run or of one that ended without a result. */
export function traceSwaps(history: RunHistory): SwapTrace {
  const swaps = findSwaps(history.activities);
  const findings: Partial<PreflightFindings> = lastReport(history, ['preflight']);
  const watched: Partial<Observation> = lastReport(history, ['verifyRoles', 'watchRoles']);
  const states = swaps.map(stateOf);
  return {
    put: strongest(states),
    putSummary: describeSwaps(swaps) || 'PUT not scheduled: nothing was sent.',
    swapsSent: swaps.reduce((sum, { report }) => sum + countSent(report), 0),
    swapsPossiblySent: swaps
      .filter(({ adoptedJobId }) => adoptedJobId === null)
      .reduce((sum, { report }) => sum + countPossiblySent(report), 0),
    swapsAccepted: states.filter((state) => state === 'accepted').length,
    jobIds: swaps.flatMap((swap) => jobOf(swap) ?? []),
    swapRequestIds: swaps.flatMap(({ report }) =>
      'requestId' in report && typeof report.requestId === 'string' ? [report.requestId] : [],
    ),
    before: findings.before ?? null,
    after: watched.roles ?? null,
    instanceName: readInstanceName(findings.instanceName),
    checks: findings.checks ?? [],
    region: findings.request?.region ?? null,
    evidence: history.activities.flatMap(toEvidence),
  };
}

/** Whether no PUT of an ended run was, or may have been, handed to a socket: it leaves nothing unresolved. */
export function provesNothingSent(history: RunHistory): boolean {
  return traceSwaps(history).swapsSent === 0;
}

const MEASUREMENT = 'measure';

/** The phase that an open run is in, as far as its history reports. */
export function phaseOf({ activities: all, timerSinceMs }: RunHistory): Phase {
  // A measurement is beside what the run does; while it is waited for, the timer is its.
  const activities = all.filter(({ type }) => type !== MEASUREMENT);
  const isMeasuring = all.some(({ type, end }) => type === MEASUREMENT && end === 'open');
  const last = activities.at(-1);
  const swap = findSwaps(activities).at(-1);
  if (last === undefined) return 'PREFLIGHT';
  if (swap === undefined) return examiningPhaseOf(last);
  if (last.type !== 'requestSwap' && timerSinceMs !== null && !isMeasuring) return 'HOLDING';
  if (isLastLook(last)) return 'HOLDING';
  if (isReconciling(last, swap)) return 'RECONCILING';
  if (purposeOf(swap.activity) === 'compensate') return 'COMPENSATING';
  if (last.type === 'requestSwap') return 'SWAPPING';
  return last.type === 'awaitJob' ? 'AWAITING_JOB' : 'VERIFYING';
}

function strongest(states: readonly PutState[]): PutState {
  const order: readonly PutState[] = ['accepted', 'possibly-sent', 'not-applied'];
  return order.find((state) => states.includes(state)) ?? 'not-scheduled';
}

/** Attempts without an effect that are reported one by one; a busy instance may be tried for an hour. */
const SHOWN_ATTEMPTS = 3;

function describeSwaps(swaps: readonly Swap[]): string {
  const unreported = swaps
    .filter((swap) => stateOf(swap) === 'not-applied')
    .slice(0, -SHOWN_ATTEMPTS);
  return [
    ...(unreported.length === 0 ? [] : [`${unreported.length} earlier attempts did nothing.`]),
    ...swaps.filter((swap) => !unreported.includes(swap)).map(describeSwap),
  ].join(' ');
}

function describeSwap(swap: Swap): string {
  const { activity, report } = swap;
  const name = purposeOf(activity) === 'compensate' ? 'Compensating PUT' : 'PUT';
  const since = `(scheduled ${iso(activity.scheduledAtMs)})`;
  const detail = 'detail' in report ? `: ${report.detail}` : '';
  switch (stateOf(swap)) {
    case 'accepted':
      return `${name} accepted, job ${jobOf(swap) ?? 'unknown'} ${since}.`;
    case 'possibly-sent':
      return `${name} possibly sent ${since}${detail}.`;
    case 'not-applied':
      return countSent(report) === 0
        ? `${name} not sent ${since}${detail}.`
        : `${name} not applied ${since}${detail}.`;
  }
}

function isReconciling(last: ActivityFacts, swap: Swap): boolean {
  if (last.type !== 'watchRoles' || stateOf(swap) !== 'possibly-sent') return false;
  const { ownJobIds }: Partial<WatchCall> = recordOf(last.call);
  return ownJobIds?.length === 0;
}

/** Of a run without a swap: before its PUT, or one that only reads. */
function examiningPhaseOf(last: ActivityFacts): Phase {
  if (last.type === 'awaitJob') return 'AWAITING_JOB';
  if (last.type === 'verifyRoles') return 'VERIFYING';
  if (last.type !== 'watchRoles') return 'PREFLIGHT';
  const { putSent }: Partial<WatchCall> = recordOf(last.call);
  return putSent === 'possibly' ? 'RECONCILING' : 'VERIFYING';
}

/** The latest report of these activities. Histories of other versions may lack fields. */
function lastReport(history: RunHistory, types: readonly string[]): object {
  const reported = history.activities.filter(
    ({ type, report }) => types.includes(type) && isRecord(report),
  );
  return recordOf(reported.at(-1)?.report);
}

function toEvidence({ type, scheduledAtMs, endedAtMs, end, report }: ActivityFacts): Evidence[] {
  const scheduled = { at: iso(scheduledAtMs), what: `${type} scheduled` };
  if (endedAtMs === null) return [scheduled];
  const detail = isRecord(report) && typeof report['detail'] === 'string' ? report['detail'] : '';
  const what = [`${type} ${end}`, ...(detail === '' ? [] : [detail])].join(': ');
  return [scheduled, { at: iso(endedAtMs), what }];
}
