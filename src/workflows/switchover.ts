import {
  ActivityFailure,
  CancellationScope,
  isCancellation,
  patched,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';

import type { SwitchoverInput, SwitchoverResult } from '../contract/index.js';
import { refusalCause } from '../domain/checks/index.js';
import type {
  PreflightCall,
  PreflightFindings,
  PreflightReport,
} from '../domain/preflight-report.js';
import type { Judgement } from '../domain/reports.js';
import { noted, preChecked, repeated, timingsOf, warned } from '../domain/run-state.js';
import type { Sending, SwapIntent } from '../domain/swap.js';
import { cutDeep } from '../domain/text.js';
import { firstLooked, whyNoReissue } from '../domain/witnessing.js';

import { compensate } from './compensate.js';
import { end, endInvalid, endUnread, mayPassBy, refuseUnsent } from './end.js';
import { examine } from './examine.js';
import { hold } from './hold.js';
import { startMeasuring } from './measure.js';
import { checkFor, startOptions, wholeInput } from './proxies.js';
import { openRun, publish, reportEnd } from './run.js';
import type { Run } from './run.js';
import { send } from './send.js';
import { judgeSwap, settle } from './settle.js';
import type { Settlement } from './settle.js';
import { countRun, recordDataPlane, recordPhases } from './telemetry.js';

/**
 * Reads everything that decides whether the run may go on.
 *
 * @throws ApplicationFailure of type REFUSED when the pre-check could not be carried out at all
 */
async function check(run: Run, input: unknown): Promise<PreflightReport> {
  const { runId, startTime, taskQueue } = workflowInfo();
  const call: PreflightCall = {
    ...{ input: cutDeep(input), runId, taskQueue, startedAtMs: startTime.getTime() },
    ...startOptions(),
  };
  try {
    return await checkFor(modeOf(input)).preflight(call);
  } catch (error) {
    if (error instanceof ActivityFailure && !isCancellation(error))
      throw endUnread(run, input, error);
    throw error;
  }
}

/** The input is not validated yet, and may be anything. */
function modeOf(input: unknown): unknown {
  return typeof input === 'object' && input !== null && 'mode' in input ? input.mode : undefined;
}

/**
 * Workflow `dcsSwitchover`: switches one instance, at most once, and ends with the verified outcome. Modes
 * `verify` and `adopt` leave it for `examine.ts`, which cannot send.
 *
 * MUST: at most one accepted forward swap per run; SUCCEEDED only after the roles were read and have
 * changed; unresolved UNKNOWN, never a second toggle. A cancellation that comes before the fence ends the
 * run Cancelled with nothing sent; one that comes later is answered by finishing.
 *
 * @param only see `SwitchoverInput`; validated by the first activity, whoever starts the run
 * @param others none: with a second argument the input is invalid
 * @throws ApplicationFailure, non-retryable, whose type is the outcome, for every outcome that did not
 * reach what was asked for; `details[0]` is the result
 */
export async function dcsSwitchover(
  only: SwitchoverInput,
  ...others: never[]
): Promise<SwitchoverResult> {
  const input = wholeInput(only, others);
  const run = openRun(input);
  try {
    const result = await perform(run, input);
    await close(run);
    return result;
  } catch (error) {
    if (isCancellation(error)) reportCancelled(run);
    // Anything else fails the workflow task, which is tried again: the run goes on.
    if (error instanceof TemporalFailure) await close(run);
    throw error;
  }
}

/** What is left to do for a run that has its outcome. */
function close({ state, notifier }: Run): Promise<void> {
  recordPhases(timingsOf(state, Date.now()).phasesMs);
  if (state.swapsSent > 0 && state.dataPlane !== null) recordDataPlane(state.dataPlane);
  return notifier.handOver(state.deliveries);
}

function reportCancelled(run: Run): void {
  countRun('CANCELLED', run.state.mode);
  reportEnd(run, 'CANCELLED', null, 'Cancelled: this run has sent nothing.');
}

async function perform(run: Run, input: SwitchoverInput): Promise<SwitchoverResult> {
  // PREFLIGHT: read the instance and its earlier runs, evaluate every check.
  const report = await check(run, input);
  if (report.verdict === 'invalid') throw endInvalid(run, report);
  run.record(preChecked(report));
  run.record(firstLooked(report.dataPlane));
  publish(run, 'RUNNING', report.request.instanceId);
  const { repeat } = report;
  if (repeat !== undefined) {
    run.record(repeated(repeat));
    return end(run, report, repeat.outcome, repeat.cause);
  }
  switch (report.verdict) {
    case 'refused':
      return end(run, report, 'REFUSED', refusalCause(report.checks));
    case 'noop':
      return end(run, report, 'NOOP', 'ALREADY_THERE');
    case 'resolved':
      return end(run, report, 'RESOLVED', 'RECORDED_BY_OPERATOR');
    case 'examine':
      return examine(run, report);
    case 'proceed':
      if (report.request.mode === 'plan') return end(run, report, 'PLANNED', 'CHECKS_PASSED');
      return switchOver(run, report);
  }
}

async function switchOver(run: Run, report: PreflightFindings): Promise<SwitchoverResult> {
  const forward = forwardIntent(report);

  // SWAPPING: re-read, pass the fence, send one PUT. Before the fence a cancellation ends the run, nothing sent.
  // Asked for first, so that where there is one place alone it is not the measurement that has it.
  const sending = send(run, forward);
  const measurement = startMeasuring(run, report);
  const first = await sending;
  if (first.kind === 'nothing-tried') return refuseUnsent(run, report, first);

  // From here on a PUT may have changed the roles: finish, whatever is cancelled.
  const root = CancellationScope.current();
  return CancellationScope.nonCancellable(async () => {
    // AWAITING_JOB or RECONCILING, then VERIFYING: find out by reading what the PUT did.
    let settlement = await settle(run, forward, first);
    let judgement = judgeSwap(run, forward, settlement);

    // SWAPPING once more, only as `reissue: "once"` allows.
    if (!root.consideredCancelled && mayReissue(run, forward, first, judgement)) {
      settlement = await reissue(run, forward, first);
      judgement = judgeSwap(run, forward, settlement);
    }
    const isUnknown = judgement.outcome === 'UNKNOWN';
    const isUnsent = first.kind === 'not-applied' && run.state.swapsSent === 0;
    // A run that handed nothing to any connection leaves nothing unresolved, whatever it cannot read now.
    if (isUnsent && isUnknown) return refuseUnsent(run, report, first);

    // COMPENSATING: one swap back, only from a verified bad state.
    const compensated = isUnknown
      ? await compensate(run, forward, settlement, judgement)
      : judgement;

    // HOLDING: the outcome is UNKNOWN; keep the lock, then look once more.
    const verdict = compensated ?? (await hold(run, forward, settlement, judgement));

    // ENDED
    await measurement.end();
    const passing = isUnsent ? mayPassBy(first) : {};
    return end(run, { ...report, ...passing }, verdict.outcome, verdict.cause);
  });
}

function forwardIntent({
  request,
  before,
  knownSwapTaskIds,
  tasksListedAtMs = null,
  busyWait,
  apiTimeMs,
}: PreflightFindings): SwapIntent {
  if (before === null) throw new Error('a run may not proceed without the prior roles');
  const { target, notAfterMs } = request;
  const known = { knownSwapTaskIds, tasksListedAtMs };
  const busyWaitedMs = busyWait?.waitedMs ?? 0;
  // The pre-check has just ended.
  const clocks = apiTimeMs === undefined ? {} : { apiAheadMs: apiTimeMs - Date.now() };
  const times = { ...clocks, notAfterMs, busyWaitedMs };
  return { purpose: 'forward', request, from: before, ...known, target, ...times };
}

/** One more PUT, only where asked for and only after a sender that reported itself left no trace. */
function mayReissue(
  run: Run,
  { request, notAfterMs }: SwapIntent,
  { hasReported, kind }: Sending,
  { cause }: Judgement,
): boolean {
  const isAsked = request.reissue === 'once' && Date.now() < notAfterMs;
  if (!isAsked || !hasReported || kind !== 'ambiguous' || cause !== 'NO_TRACE') return false;
  const trace = whyNoReissue(run.state);
  if (trace === null || !patched(REDIS_SHOWS_TRACE)) return true;
  run.record(noted(`not sent again: ${trace}`));
  return false;
}

/** Runs of earlier versions sent once more although Redis itself had shown that the first PUT moved its master. */
const REDIS_SHOWS_TRACE = 'no-reissue-after-a-move-that-redis-has-shown';

async function reissue(run: Run, intent: SwapIntent, first: Sending): Promise<Settlement> {
  run.record(noted('no trace of the first PUT; sending the one re-issue that was asked for'));
  const sending = await send(run, intent);
  if (sending.kind !== 'nothing-tried')
    run.record(
      warned(
        'A second PUT was sent after one without an answer, as reissue "once" allows: if the first arrives late, two swaps were accepted.',
      ),
    );
  // The first PUT stays without proof: a second that is not accepted leaves the unresolved outcome as it was.
  if (sending.kind !== 'accepted')
    return settle(run, intent, { ...first, hasReported: sending.hasReported });
  const settlement = await settle(run, intent, sending);
  const isFailed = settlement.job?.state !== 'SUCCESS';
  return isFailed && patched(FIRST_STAYS) ? { ...settlement, isAmbiguous: true } : settlement;
}

/** Runs of earlier versions took the failed job of a re-issue for a word on the first PUT, too. */
const FIRST_STAYS = 'a-failed-re-issue-leaves-the-first-put-unresolved';
