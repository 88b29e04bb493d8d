import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  patched,
  proxyActivities,
  sleep,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';

import type { Activities } from '../activities/index.js';
import type { LostReport, SwapReport } from '../domain/reports.js';
import { entered, swapAnswered } from '../domain/run-state.js';
import {
  concludeSending,
  uncertainty,
  isTry,
  isTurnedAway,
  isLost,
  isUnfenced,
  isUnpassedFence,
  isWithoutTurn,
  mayBeOwnWork,
  mayPass,
  readSilence,
  sharpen,
  whatTookTheTime,
} from '../domain/swap.js';
import type { Sending, SilentEnd, SwapIntent } from '../domain/swap.js';
import {
  lastTurnMs,
  resendDelayMs,
  SWAP_START_TO_CLOSE_MS,
  throttleDelayMs,
} from '../domain/timing.js';
import { lookedBeforePut, witnessPart } from '../domain/witnessing.js';

import { startOptions, summaryOf } from './proxies.js';
import { phaseOf } from './read-roles.js';
import type { Run } from './run.js';
import { countPut } from './telemetry.js';

// The one activity that sends. Lint lets `send.ts` import it and no one else.

/**
 * The irreversible one. `maximumAttempts: 1` is half of "at most one PUT"; the other half is the
 * activity's own guards. On cancellation the workflow waits for its report, because only the report
 * says whether the PUT had left.
 */
const requestSwapOf = (about: string | null): Pick<Activities, 'requestSwap'> =>
  proxyActivities<Activities>({
    startToCloseTimeout: SWAP_START_TO_CLOSE_MS,
    // Only so that the server takes the fence's heartbeat; the start-to-close timeout bounds the activity.
    heartbeatTimeout: SWAP_START_TO_CLOSE_MS,
    retry: { maximumAttempts: 1 },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    summary: summaryOf('Re-read, pass the fence, send one PUT async-swap', about),
  });

/** How an activity ended that gave no result, as plain facts. */
function toSilentEnd(error: unknown): SilentEnd {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  const unreported = { hasHeartbeat: false, failureType: '', failureMessage: '' };
  if (cause instanceof TimeoutFailure)
    return { ...unreported, by: 'timeout', hasHeartbeat: cause.lastHeartbeatDetails !== undefined };
  if (!(cause instanceof ApplicationFailure)) return { ...unreported, by: 'other' };
  const { type, message } = cause;
  return { ...unreported, by: 'failure', failureType: type ?? '', failureMessage: message };
}

/** A last try for a turn happens this long before the last instant, so that its PUT may still leave. */
const LAST_TRY_BEFORE_END_MS = 2_000;

/** Runs of earlier versions took a swap activity without a report, or without a fence, for one that may have sent. */
const FENCE_DECIDES = 'the-fence-decides-what-was-sent';

/** Runs of earlier versions took a PUT whose answer could not be encoded for one that may have been applied. */
const FAILURE_VOUCHES = 'the-type-of-a-failure-vouches';

/** Runs of earlier versions took it for granted that an attempt without a fence on record had sent nothing. */
const RECORD_MAY_BE_LOST = 'the-record-of-a-fence-may-be-lost';

/** Runs of earlier versions doubted also what an attempt had reported itself: that it did not pass its fence. */
const REPORT_VOUCHES = 'the-report-of-an-unpassed-fence-vouches';

/** Runs of earlier versions took it for granted that nothing in between had repeated a PUT that was turned away. */
const ANSWER_MAY_BE_LATER = 'the-answer-may-be-that-to-a-repetition';

/**
 * Sends the PUT: once, or again only after an attempt that provably was not applied, inside what the pre-check has left
 * of `busyWaitSeconds`, and the maintenance's last instant. Waiting for a quota is no attempt: it ends with the maintenance's
 * last instant only, and the time for a busy instance does not pass meanwhile.
 *
 * @throws a cancellation when the run is cancelled before any PUT was tried
 */
export async function send(run: Run, intent: SwapIntent): Promise<Sending> {
  const pauses = createPauses(intent);
  let hasTried = false;
  const read = createReading();
  let refusals = 0;
  let before: SwapReport | LostReport | null = null;
  for (;;) {
    run.record(entered(phaseOf(intent, 'SWAPPING'), nextStep(pauses.attempt())));
    const calledAtMs = Date.now();
    const report = read(await callOnce(run, intent, hasTried));
    // The patience is for the instance: a worker that is lost takes nothing of it.
    if (isUnfenced(report)) pauses.prolong(Date.now() - calledAtMs);
    run.record(swapAnswered(report));
    run.record(lookedBeforePut(intent.purpose, report, calledAtMs));
    countPut(intent.purpose, report);
    hasTried ||= isTry(report);
    refusals += report.kind === 'not-applied' && report.wasUnauthorized ? 1 : 0;
    const reported = whatTookTheTime(report, before);
    const ending = { ...concludeSending(reported, hasTried), calledAtMs };
    if (!mayPass(report) || refusals > 1) return ending;
    const delayMs = pauses.after(report);
    if (delayMs === null || !(await waited(delayMs, hasTried))) return ending;
    before = report;
  }
}

/** Reads the reports of one sending, in order: what looks like the work of an earlier attempt may be unresolved. */
function createReading(): (report: SwapReport | LostReport) => SwapReport | LostReport {
  let wasLost = false;
  let wasUnfenced = false;
  let wasTurnedAway = false;
  const isSilenceDoubted = (): boolean =>
    (wasLost || (wasUnfenced && !patched(REPORT_VOUCHES))) && patched(RECORD_MAY_BE_LOST);
  return (report) => {
    const isUnresolved =
      mayBeOwnWork(report) &&
      (isSilenceDoubted() || (wasTurnedAway && patched(ANSWER_MAY_BE_LATER)));
    wasTurnedAway ||= isTurnedAway(report);
    wasLost ||= isLost(report);
    wasUnfenced ||= isUnfenced(report);
    return isUnresolved ? uncertainty(report) : report;
  };
}

/** How long to wait before the next attempt. */
interface Pauses {
  /** The number of the next attempt, from 1. */
  readonly attempt: () => number;
  /** Lets the patience end so much later, in milliseconds. */
  readonly prolong: (ms: number) => void;
  /** The pause after this report, in milliseconds; `null`: time is over. */
  readonly after: (report: PassingReport) => number | null;
}

type PassingReport = Extract<SwapReport, { readonly retryAfterMs: number | null }>;

function createPauses({ request, notAfterMs, busyWaitedMs = 0 }: SwapIntent): Pauses {
  const { timing } = request;
  const { startTime } = workflowInfo();
  const limit = { notAfterMs, timing };
  const turnsEndAtMs = lastTurnMs(limit, startTime.getTime(), startOptions().timeoutMs);
  let giveUpAtMs = Date.now() + Math.max(0, timing.busyWaitSeconds * 1000 - busyWaitedMs);
  let attempt = 1;
  let throttled = 0;
  const pauseAfter = (report: PassingReport): number => {
    if (isWithoutTurn(report)) {
      throttled += 1;
      const delayMs = turnDelayMs(report, throttled, turnsEndAtMs - Date.now());
      giveUpAtMs = Math.max(giveUpAtMs, Math.min(giveUpAtMs + delayMs, turnsEndAtMs));
      return delayMs;
    }
    throttled = 0;
    attempt += 1;
    return resendDelayMs(attempt - 1, report.retryAfterMs, Math.random());
  };
  return {
    attempt: () => attempt,
    prolong: (ms) => {
      giveUpAtMs += ms;
    },
    after: (report) => {
      const delayMs = pauseAfter(report);
      return Date.now() + delayMs >= Math.min(giveUpAtMs, notAfterMs) ? null : delayMs;
    },
  };
}

/** With a last try right before the end, where the pause would last beyond it. */
function turnDelayMs(
  { retryAfterMs, windowMs = null }: Extract<SwapReport, { kind: 'not-sent' }>,
  tries: number,
  leftMs: number,
): number {
  const delayMs = throttleDelayMs({ tries, askedMs: retryAfterMs, windowMs }, Math.random());
  const lastTryMs = leftMs - LAST_TRY_BEFORE_END_MS;
  return delayMs < leftMs || lastTryMs < LAST_TRY_BEFORE_END_MS ? delayMs : lastTryMs;
}

/** Executes the swap activity. Its silence is no failure: whether it had passed its fence decides what is known. */
async function callOnce(
  { state }: Run,
  intent: SwapIntent,
  hasTried: boolean,
): Promise<SwapReport | LostReport> {
  const { requestSwap } = requestSwapOf(state.instanceName);
  try {
    const report = await requestSwap({
      purpose: intent.purpose,
      request: intent.request,
      expected: intent.from,
      knownSwapTaskIds: intent.knownSwapTaskIds,
      tasksListedAtMs: intent.tasksListedAtMs,
      notAfterMs: intent.notAfterMs,
      originalRunId: workflowInfo().originalExecutionRunId,
      ...(intent.undoes === undefined ? {} : { undoes: intent.undoes }),
      ...(intent.overBeforeMs === undefined ? {} : { overBeforeMs: intent.overBeforeMs }),
      ...witnessPart(state, intent.purpose),
    });
    return isUnpassedFence(report) && patched(FENCE_DECIDES) ? sharpen(report) : report;
  } catch (error) {
    if (!isCancellation(error)) return reportOfFailure(error);
    if (!hasTried) throw error;
    return { kind: 'not-sent', reason: 'cancelled', retryAfterMs: null, detail: 'cancelled' };
  }
}

function reportOfFailure(error: unknown): SwapReport | LostReport {
  const report = readSilence(toSilentEnd(error));
  const isKnown =
    report.kind === 'lost' || patched(report.kind === 'not-sent' ? FENCE_DECIDES : FAILURE_VOUCHES);
  return isKnown ? report : { kind: 'lost', detail: 'the swap activity did not report back' };
}

/** Waits; false when cancelled meanwhile, after a try whose outcome must still be reported. */
async function waited(delayMs: number, hasTried: boolean): Promise<boolean> {
  try {
    await sleep(delayMs, { summary: 'The PUT was not applied; wait, re-read, try again' });
    return true;
  } catch (error) {
    if (!isCancellation(error) || !hasTried) throw error;
    return false;
  }
}

function nextStep(attempt: number): string {
  const again = attempt === 1 ? '' : ` (attempt ${attempt}; the earlier ones were not applied)`;
  return `re-read roles and tasks, pass the fence, send one PUT${again}`;
}
