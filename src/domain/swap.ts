import type { Phase, RolesSnapshot, SwitchoverRequest, Target } from '../contract/index.js';

import type { StampedByWorker } from './clocks.js';
import type { LostReport, NotSentReason, SwapCall, SwapReport } from './reports.js';
import type { TakenLook } from './witness.js';

/** One swap that is to be performed: the forward one, or the one that takes it back. */
export interface SwapIntent extends Pick<SwapCall, 'purpose' | 'undoes' | 'overBeforeMs'> {
  readonly request: SwitchoverRequest;
  /** Roles that must still hold when the PUT leaves, and against which the result is judged. */
  readonly from: RolesSnapshot;
  readonly knownSwapTaskIds: readonly string[];
  readonly target: Target | null;
  readonly notAfterMs: number;
  /** The API's clock when it listed the known tasks, epoch milliseconds; `null`: not known. */
  readonly tasksListedAtMs: number | null;
  /** How much of `busyWaitSeconds` the pre-check has taken. @default 0 */
  readonly busyWaitedMs?: number;
  /** How far the API's clock was ahead of Temporal's at the pre-check, in milliseconds. @default not known: 0 */
  readonly apiAheadMs?: number;
  /** Until when readings wait for turns at the latest, epoch milliseconds. @default as long as an unresolved outcome is worth */
  readonly turnsEndMs?: number;
  /** The phase that readings count to. @default what they are for */
  readonly phase?: Phase;
}

/** How the sending of a swap ended. */
export interface Sending {
  /**
   * `accepted`: a job is known. `ambiguous`: a PUT may have left and nothing proves what it did.
   * `not-applied`: PUTs were tried and provably did nothing. `nothing-tried`: no PUT was tried.
   */
  readonly kind: 'accepted' | 'ambiguous' | 'not-applied' | 'nothing-tried';
  readonly jobId: string | null;
  readonly detail: string;
  /** Why the last attempt sent nothing; `null` where it is the one that may have sent. */
  readonly reason: NotSentReason | null;
  /** The API's clock before the PUT, epoch milliseconds: its task is not older. `null`: not known. */
  readonly notBeforeMs: number | null;
  /** The sending activity itself reported; false when its worker was lost or it timed out. */
  readonly hasReported: boolean;
  /** When the last attempt began, by Temporal's clock, epoch milliseconds. Absent: not known. */
  readonly calledAtMs?: number;
}

/** Reasons that may pass while one waits. */
const PASSING: readonly NotSentReason[] = [
  ...(['busy', 'unreadable', 'draining', 'not-connected', 'throttled', 'unfenced'] as const),
];

/**
 * Reasons after which no one can vouch that no earlier execution sent a PUT. `fence` is here for runs of
 * versions that did not know better (see {@link sharpen}): the guards have let only a first execution come
 * to its fence, so the one that reports that it did not pass is the only one.
 */
const NOT_VOUCHED: readonly NotSentReason[] = ['guard', 'fence', 'own-swap'];

/** Reasons that stand for a PUT of an earlier execution. */
const MAY_BE_SENT: readonly NotSentReason[] = ['guard', 'own-swap'];

/** Whether what kept a run from its PUT passes by itself: a later run may be let through. */
export function isPassingReason(reason: NotSentReason | null): boolean {
  return reason !== null && PASSING.includes(reason);
}

/** Whether the report proves that nothing was applied, for a cause that may pass. */
export function mayPass(
  report: SwapReport | LostReport,
): report is Extract<SwapReport, { readonly retryAfterMs: number | null }> {
  if (report.kind === 'not-applied') return true;
  return report.kind === 'not-sent' && PASSING.includes(report.reason);
}

/** A fence that was not passed, in the words of a run that knows what it means. */
export function sharpen(report: SwapReport | LostReport): SwapReport | LostReport {
  return isUnpassedFence(report) ? { ...report, reason: 'unfenced', isVouched: true } : report;
}

/** Whether the activity itself reports that Temporal did not accept its fence. */
export function isUnpassedFence(
  report: SwapReport | LostReport,
): report is Extract<SwapReport, { readonly kind: 'not-sent' }> {
  return report.kind === 'not-sent' && report.reason === 'fence';
}

/** Whether a worker was lost, or cut off from Temporal, before it could have sent. */
export function isUnfenced(report: SwapReport | LostReport): boolean {
  return report.kind === 'not-sent' && report.reason === 'unfenced';
}

/** The same, where only the server's record says so. */
export function isLost(report: SwapReport | LostReport): boolean {
  return isUnfenced(report) && !('isVouched' in report && report.isVouched);
}

/** Whether what was observed may be the work of an earlier attempt, if that one has sent after all. */
export function mayBeOwnWork(
  report: SwapReport | LostReport,
): report is Extract<SwapReport, { readonly kind: 'not-sent' }> {
  return report.kind === 'not-sent' && report.mayBeOwnWork === true;
}

/**
 * Whether the gateway turned the PUT away, which it did not pass on. What lies in between may have had another answer
 * before: a proxy that repeats requests passes on the last one.
 */
export function isTurnedAway(report: SwapReport | LostReport): boolean {
  return report.kind === 'not-sent' && report.isOfPut === true;
}

/**
 * The report of an attempt after one that did not report, without a fence on record, or whose PUT was turned away. A Temporal
 * server that was restored from an older copy, or a replica that lagged, may have lost the record, and a proxy may have
 * delivered the PUT before: what looks like the work of that attempt then is unresolved.
 */
export function uncertainty(
  report: Extract<SwapReport, { readonly kind: 'not-sent' }>,
): SwapReport {
  const detail = `${report.detail}; an attempt before, which did not report or was turned away, may have done it`;
  return { ...report, reason: 'own-swap', detail };
}

/** Whether a PUT was tried, by this report. */
export function isTry(report: SwapReport | LostReport): boolean {
  return report.kind !== 'not-sent' || report.reason === 'not-connected';
}

/** How many PUTs were, or may have been, handed to a socket, by this report. */
export function countSent(report: SwapReport | LostReport): number {
  return report.kind !== 'not-sent' || MAY_BE_SENT.includes(report.reason) ? 1 : 0;
}

/** Whether no one can vouch that the PUT of this report was sent: no answer came, or no report. */
export function countPossiblySent(report: SwapReport | LostReport): number {
  const isAnswered = report.kind !== 'lost' && report.kind !== 'ambiguous';
  const hasRequestId = 'requestId' in report && (report.requestId ?? null) !== null;
  if (report.kind === 'not-sent') return countSent(report);
  return isAnswered || hasRequestId ? 0 : 1;
}

/** When the first PUT left that may have had an effect; `unknown` where its sender did not report. */
export type FirstSent = StampedByWorker | 'unknown';

/** When the PUT of this report left; `null` where it had no effect. */
export function sentInstant(report: SwapReport | LostReport): FirstSent | null {
  if (report.kind === 'lost') return 'unknown';
  if (report.kind !== 'accepted' && report.kind !== 'ambiguous') return null;
  const { sentAtMs: atMs, clockAheadMs: aheadMs = null, clockId } = report;
  return { atMs, aheadMs, ...(clockId === undefined ? {} : { clockId }) };
}

/** A swap of our own user that was there already is never taken for that of a later PUT. */
function ownSwapOnly(reason: NotSentReason): NotSentReason | null {
  return reason === 'own-swap' ? reason : null;
}

/** Reasons that may say no more than that there was too little time left. */
const SHORT_OF_TIME: readonly NotSentReason[] = ['too-late', 'unreadable', 'unfenced'];

/**
 * What a sending ends by whose time is over. Where the try before the last had no turn, the wait for the quota took
 * the time: a last try that came too late, or was not done in what was left, does not say so.
 *
 * @param before the report of the try before; `null` where there was none
 */
export function whatTookTheTime(
  last: SwapReport | LostReport,
  before: SwapReport | LostReport | null,
): SwapReport | LostReport {
  const isShort = last.kind === 'not-sent' && SHORT_OF_TIME.includes(last.reason);
  return isShort && before !== null && isWithoutTurn(before) ? before : last;
}

/** Whether a quota of the API was spent. */
export function isWithoutTurn(
  report: SwapReport | LostReport,
): report is Extract<SwapReport, { readonly kind: 'not-sent' }> {
  return report.kind === 'not-sent' && report.reason === 'throttled';
}

/** Sums up a sending by its last report. */
export function concludeSending(report: SwapReport | LostReport, hasTried: boolean): Sending {
  const notBeforeMs = 'notBeforeMs' in report ? (report.notBeforeMs ?? null) : null;
  const detail = 'detail' in report ? report.detail : '';
  const base = { jobId: null, detail, reason: null, notBeforeMs };
  switch (report.kind) {
    case 'accepted':
      return { ...base, kind: 'accepted', jobId: report.jobId, hasReported: true };
    case 'ambiguous':
      return { ...base, kind: 'ambiguous', hasReported: true };
    case 'lost':
      return { ...base, kind: 'ambiguous', hasReported: false };
    case 'not-applied':
    case 'rejected':
      return { ...base, kind: 'not-applied', hasReported: true };
    case 'not-sent':
      if (NOT_VOUCHED.includes(report.reason))
        return {
          ...base,
          kind: 'ambiguous',
          reason: ownSwapOnly(report.reason),
          hasReported: false,
        };
      return {
        ...base,
        kind: hasTried ? 'not-applied' : 'nothing-tried',
        reason: report.reason,
        hasReported: true,
      };
  }
}

// What a swap activity that did not report can have done. Pure; for the run itself and for whoever reads
// its history later.

/**
 * How an activity ended, or is left, without a report of its own.
 *
 * - `timeout`: the server gave it up. `run-ended`: its run was ended while it was open.
 * - `failure`: its worker reported a failure instead of a result. `other`: anything else.
 */
export interface SilentEnd {
  readonly by: 'timeout' | 'run-ended' | 'failure' | 'other';
  /** A heartbeat is on record. The swap activity has only one: its fence, right before the PUT. */
  readonly hasHeartbeat: boolean;
  /** Type and message of the failure; empty where there are none, or where they are encoded. */
  readonly failureType: string;
  readonly failureMessage: string;
}

/** Type of the failure by which the swap activity itself says that it has sent nothing. */
export const NOTHING_SENT = 'NothingSent';

/** Type of the failure by which it says that the API has answered its PUT, and done nothing. */
export const NOT_APPLIED = 'NotApplied';

/** The type of the failure that stands for a report, should that be lost; `null`: its PUT may have had an effect. */
export function failureTypeOf(report: SwapReport): string | null {
  switch (report.kind) {
    case 'not-sent':
      return MAY_BE_SENT.includes(report.reason) ? null : NOTHING_SENT;
    case 'not-applied':
    case 'rejected':
      return NOT_APPLIED;
    case 'ambiguous':
    case 'accepted':
      return null;
  }
}

/** What the SDK (1.24) says where it did not come to call the activity's function. */
const NEVER_CALLED: readonly { readonly type: string | null; readonly message: string }[] = [
  { type: 'NotFoundError', message: 'Activity function requestSwap is not registered' },
  { type: null, message: 'Failed to parse activity args for activity requestSwap' },
];

/** What is certain of a PUT whose activity did not report. */
export function readSilence(end: SilentEnd): SwapReport | LostReport {
  if (hasSentNothing(end)) {
    const detail = 'the swap activity was lost before its fence, so it has sent nothing';
    return { kind: 'not-sent', reason: 'unfenced', retryAfterMs: null, detail };
  }
  // Not to be tried again: what the API has answered is lost, and after some answers a further PUT does harm.
  if (end.by === 'failure' && end.failureType === NOT_APPLIED) {
    const detail = 'the API did not apply the PUT; its answer could not be encoded';
    return { kind: 'rejected', detail, requestId: null };
  }
  return { kind: 'lost', detail: 'the swap activity did not report back' };
}

/**
 * Whether nothing was sent, and nothing can be sent any more. The server keeps the heartbeat by which the
 * fence is passed, and takes none for an activity that is closed: without one on record no execution of it
 * has passed, and none will. A failure proves it only as text that stand for "before the fence": the
 * record of heartbeats is gone when an activity has failed.
 */
function hasSentNothing({ by, hasHeartbeat, failureType, failureMessage }: SilentEnd): boolean {
  if (hasHeartbeat) return false;
  if (by === 'timeout' || by === 'run-ended') return true;
  if (by !== 'failure') return false;
  return (
    failureType === NOTHING_SENT ||
    NEVER_CALLED.some(
      ({ type, message }) =>
        (type === null || type === failureType) && failureMessage.startsWith(message),
    )
  );
}

/**
 * The look at Redis right before the PUT; `undefined`: there was none. What kept a PUT from leaving may be the work of one
 * before it: what Redis showed then is no state from before the swap.
 */
export function redisOf(report: SwapReport | LostReport): TakenLook | undefined {
  return report.kind === 'lost' || report.kind === 'not-sent' ? undefined : report.redis;
}
