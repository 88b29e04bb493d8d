import {
  ActivityFailure,
  CancellationScope,
  TemporalFailure,
  isCancellation,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';

import type { SwitchoverInput, SwitchoverResult } from '../contract/index.js';
import { decideCompensation } from '../domain/compensation.js';
import { judge } from '../domain/outcome.js';
import type { Judgement } from '../domain/outcome.js';
import type { PreflightCall, PreflightFindings, PreflightReport } from '../domain/reports.js';
import { onlyMaster } from '../domain/roles.js';
import type { Sending, SwapPlan } from '../domain/swap-plan.js';

import { end, endInvalid, endUnread, refuseUnsent } from './end.js';
import { examine } from './examine.js';
import { countCompensation, countRun, recordPhases } from './metrics.js';
import { checkFor } from './proxies.js';
import { decide, enter, note, openRun, publish, timings, warn } from './run.js';
import type { Run } from './run.js';
import { send } from './send.js';
import { settle } from './settle.js';
import type { Settlement } from './settle.js';

/**
 * Workflow `dcsSwitchover`: switches one instance, at most once, and ends with what is true. Modes
 * `verify` and `adopt` leave it for `examine.ts`, which cannot send.
 *
 * MUST: at most one accepted forward swap per run; SUCCEEDED only after the roles were read and have
 * changed; in doubt UNKNOWN, never a second toggle. A cancellation that comes before the fence ends the
 * run Cancelled with nothing sent; one that comes later is answered by finishing.
 *
 * @param input see `SwitchoverInput`; validated by the first activity, whoever starts the run
 * @throws ApplicationFailure, non-retryable, whose type is the outcome, for every outcome that did not
 * reach what was asked for; `details[0]` is the result
 */
export async function dcsSwitchover(input: SwitchoverInput): Promise<SwitchoverResult> {
  const run = openRun(input);
  try {
    const result = await perform(run, input);
    recordPhases(timings(run).phasesMs);
    return result;
  } catch (error) {
    if (isCancellation(error)) countRun('CANCELLED', run.mode);
    // Anything else fails the workflow task, which is tried again: the run goes on.
    if (error instanceof TemporalFailure) recordPhases(timings(run).phasesMs);
    throw error;
  }
}

async function perform(run: Run, input: SwitchoverInput): Promise<SwitchoverResult> {
  const report = await check(run, input);
  if (report.verdict === 'invalid') throw endInvalid(run, report);
  begin(run, report);

  switch (report.verdict) {
    case 'refused':
      return end(run, report, 'REFUSED', 'CHECKS_FAILED');
    case 'noop':
      return end(run, report, 'NOOP', 'ALREADY_THERE');
    case 'resolved':
      return end(run, report, 'RESOLVED', 'RECORDED_BY_A_PERSON');
    case 'examine':
      return examine(run, report);
    case 'proceed':
      if (report.request.mode === 'plan') return end(run, report, 'PLANNED', 'CHECKS_PASSED');
      return switchOver(run, report);
  }
}

/** Forward swap, judgement, and where a verified bad state asks for it the one swap back. */
async function switchOver(run: Run, report: PreflightFindings): Promise<SwitchoverResult> {
  const forward = forwardPlan(report);
  const first = await send(run, forward);
  if (first.kind === 'nothing-tried') return refuseUnsent(run, report, first);

  // From here on a PUT may have changed the roles: finish, whatever is cancelled.
  const root = CancellationScope.current();
  return CancellationScope.nonCancellable(async () => {
    let settlement = await settle(run, forward, first);
    let judgement = judgeSwap(run, forward, settlement);
    if (!root.consideredCancelled && mayReissue(forward, first, judgement)) {
      settlement = await reissue(run, forward);
      judgement = judgeSwap(run, forward, settlement);
    }
    // A run that handed nothing to any connection has no doubt to leave behind, whatever it cannot read now.
    if (isUnsent(run, first) && judgement.outcome === 'UNKNOWN')
      return refuseUnsent(run, report, { ...first, reason: 'not-connected' });
    const compensated = await compensate(run, forward, settlement, judgement);
    if (compensated !== null) return end(run, report, compensated.outcome, compensated.cause);
    if (judgement.outcome === 'UNKNOWN') await hold(run, forward);
    return end(run, report, judgement.outcome, judgement.cause);
  });
}

async function check(run: Run, input: SwitchoverInput): Promise<PreflightReport> {
  const { workflowId, runId, ...info } = workflowInfo();
  // Go, the Temporal CLI among it, writes "no timeout" as 0.
  const timeouts = [info.runTimeoutMs, info.executionTimeoutMs]
    .map((ms) => ms ?? 0)
    .filter((ms) => ms > 0);
  const call: PreflightCall = {
    input,
    workflowId,
    runId,
    startedAtMs: info.startTime.getTime(),
    hasCronSchedule: info.cronSchedule !== undefined && info.cronSchedule !== '',
    hasRetryPolicy: info.retryPolicy !== undefined,
    timeoutMs: timeouts.length === 0 ? null : Math.min(...timeouts),
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

function begin(run: Run, report: PreflightFindings): void {
  const { request, before, warnings, searchAttributes } = report;
  run.before = before;
  run.request = request;
  run.searchAttributes = searchAttributes;
  for (const warning of warnings) warn(run, warning);
  note(run, 'pre-check finished');
  publish(run, 'RUNNING', request.instanceId);
}

function forwardPlan({ request, before, knownSwapTaskIds }: PreflightFindings): SwapPlan {
  if (before === null) throw new Error('a run may not proceed without the roles of before');
  const { target, notAfterMs } = request;
  return { purpose: 'forward', request, from: before, knownSwapTaskIds, target, notAfterMs };
}

function judgeSwap(run: Run, plan: SwapPlan, settlement: Settlement): Judgement {
  const mayHaveInactiveReplicas = plan.purpose === 'compensate';
  const judgement = judge({ ...settlement, target: plan.target, mayHaveInactiveReplicas });
  if (judgement.cause === 'JOB_FAILED_ROLES_CHANGED')
    warn(run, 'The job says FAIL, but the roles were read and have changed.');
  if (judgement.outcome === 'SUCCEEDED' && settlement.observation.newSwapTasks?.length === 0)
    warn(run, 'The task list does not show our swap; its job and the roles do.');
  note(run, `${plan.purpose} swap judged ${judgement.outcome} (${judgement.cause})`);
  return judgement;
}

/** Every attempt reported by itself that no byte of a PUT left. */
function isUnsent({ swapsSent }: Run, { kind }: Sending): boolean {
  return kind === 'not-applied' && swapsSent === 0;
}

/** One more PUT, only where asked for and only after a sender that reported itself left no trace. */
function mayReissue(plan: SwapPlan, sending: Sending, { cause }: Judgement): boolean {
  const { request, notAfterMs } = plan;
  const isWanted = request.reissue === 'once' && Date.now() < notAfterMs;
  return isWanted && sending.hasReported && sending.kind === 'ambiguous' && cause === 'NO_TRACE';
}

async function reissue(run: Run, plan: SwapPlan): Promise<Settlement> {
  note(run, 'no trace of the first PUT; sending the one re-issue that was asked for');
  const sending = await send(run, plan);
  // The first PUT stays without proof: a second that is not accepted leaves the doubt as it was.
  const isAccepted = sending.kind === 'accepted';
  return settle(run, plan, isAccepted ? sending : { ...sending, kind: 'ambiguous' });
}

/** The swap back; `null` when none was performed. */
async function compensate(
  run: Run,
  forward: SwapPlan,
  settlement: Settlement,
  judgement: Judgement,
): Promise<{ outcome: 'COMPENSATED' | 'UNKNOWN'; cause: string } | null> {
  if (judgement.outcome !== 'UNKNOWN') return null;
  const { request, from: before } = forward;
  const { observation } = settlement;
  const decision = decideCompensation(request, before, judgement, observation, Date.now());
  if (!decision.compensate) {
    note(run, `not swapped back: ${decision.why}`);
    return null;
  }
  publish(run, 'COMPENSATING');
  warn(run, `The forward swap ended in ${judgement.cause} and was swapped back.`);
  const plan = backwardPlan(forward, settlement, decision.from);
  const sending = await send(run, plan);
  if (sending.kind === 'nothing-tried') {
    countCompensation('not-sent');
    note(run, `not swapped back: ${sending.detail}`);
    return null;
  }
  const { outcome, cause } = judgeSwap(run, plan, await settle(run, plan, sending));
  countCompensation(outcome === 'SUCCEEDED' ? 'restored' : 'unknown');
  if (outcome === 'SUCCEEDED') return { outcome: 'COMPENSATED', cause: judgement.cause };
  await hold(run, plan);
  return { outcome: 'UNKNOWN', cause: `COMPENSATION_${cause}` };
}

function backwardPlan(forward: SwapPlan, settlement: Settlement, from: SwapPlan['from']): SwapPlan {
  const oldMasterNodeId = onlyMaster(forward.from)?.nodeId ?? null;
  const seen = (settlement.observation.newSwapTasks ?? []).map(({ id }) => id);
  return {
    purpose: 'compensate',
    request: forward.request,
    from,
    knownSwapTaskIds: [...forward.knownSwapTaskIds, ...seen, ...settlement.ownJobIds],
    target: oldMasterNodeId === null ? null : { nodeId: oldMasterNodeId },
    notAfterMs: forward.request.compensateNotAfterMs,
  };
}

/** The run is the lock: it stays until a late effect of its PUT would have shown. */
async function hold(run: Run, { request }: SwapPlan): Promise<void> {
  const { settleSeconds, coolDownSeconds } = request.timing;
  const sinceSentMs = Date.now() - (run.lastSentAtMs ?? Date.now());
  const leftMs = Math.max(settleSeconds, coolDownSeconds) * 1000 - sinceSentMs;
  if (leftMs <= 0) return;
  decide(run, 'UNKNOWN');
  publish(run, 'UNKNOWN');
  const until = new Date(Date.now() + leftMs).toISOString();
  enter(
    run,
    'HOLDING',
    `keep the lock until ${until}, when a late effect would have shown, then end UNKNOWN`,
  );
  await sleep(leftMs, { summary: 'Outcome UNKNOWN: keep the lock until the doubt has aged' });
}
