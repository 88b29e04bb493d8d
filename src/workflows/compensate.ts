import { patched } from '@temporalio/workflow';

import type { ExaminationVerdict } from '../domain/examination.js';
import { decideCompensation } from '../domain/last-look.js';
import type { CompensationDecision } from '../domain/last-look.js';
import type { BadState, Judgement } from '../domain/reports.js';
import { noted, warned } from '../domain/run-state.js';
import type { Sending, SwapIntent } from '../domain/swap.js';
import { NO_JOBS } from '../domain/tasks.js';
import { swapBackBegun, whyHeldBack } from '../domain/witnessing.js';

import { hold } from './hold.js';
import { verifyChanged } from './read-roles.js';
import { publish } from './run.js';
import type { Run } from './run.js';
import { send } from './send.js';
import { judgeSwap, settle } from './settle.js';
import type { Settlement } from './settle.js';
import { countCompensation } from './telemetry.js';

/** Runs of earlier versions swapped back after a failed job, too. */
const NEVER_AFTER_FAILURE = 'no-swap-back-after-a-failed-job';

/** Workers of earlier versions did not ask Redis itself, also where one of this version had made the pre-check. */
const REDIS_HOLDS_BACK = 'redis-itself-may-hold-a-swap-back';

/**
 * The one swap back of a run, from a verified bad state only; `null` when none was performed and the
 * judgement of the forward swap stands.
 */
export async function compensate(
  run: Run,
  forward: SwapIntent,
  settlement: Settlement,
  judgement: Judgement,
): Promise<ExaminationVerdict | null> {
  const decision = decide(forward, settlement, judgement);
  if (!decision.compensate) return notBack(run, decision.why);
  const heldBack = whyHeldBack(run.state);
  if (heldBack !== null && patched(REDIS_HOLDS_BACK)) return notBack(run, heldBack);
  publish(run, 'COMPENSATING');
  run.record(swapBackBegun);
  const intent = compensatingIntent(forward, settlement, decision);
  const sending = await send(run, intent);
  if (isOvertaken(sending)) return lookAgain(run, forward, settlement, sending);
  if (sending.kind === 'nothing-tried') {
    countCompensation('not-sent');
    return notBack(run, sending.detail);
  }
  run.record(warned(`The forward swap ended in ${judgement.cause} and was swapped back.`));
  const back = await settle(run, intent, sending);
  const { outcome, cause } = judgeSwap(run, intent, back);
  countCompensation(outcome === 'SUCCEEDED' ? 'restored' : 'unknown');
  if (outcome === 'SUCCEEDED') return { outcome: 'COMPENSATED', cause: judgement.cause };
  const unresolved = `COMPENSATION_${cause}`;
  const held = await hold(run, intent, back, { cause: unresolved });
  return held.outcome === 'COMPENSATED' ? { ...held, cause: judgement.cause } : held;
}

function decide(
  { request, from }: SwapIntent,
  { isAdopted, observation, job }: Settlement,
  judgement: Judgement,
): CompensationDecision {
  if (isAdopted === true)
    return {
      compensate: false,
      why: 'the job was found in the task list, no PUT was answered with it',
    };
  const decision = decideCompensation(request, from, judgement, observation, Date.now());
  // A job that says FAIL does not prove that the change is its work: it may be a failover's, or a colleague's.
  return decision.compensate && job?.state === 'FAIL' && patched(NEVER_AFTER_FAILURE)
    ? { compensate: false, why: 'our job says FAIL, so another swap may have moved the roles' }
    : decision;
}

function notBack(run: Run, why: string): null {
  run.record(noted(`not swapped back: ${why}`));
  return null;
}

/** The last look saw another state than the one that was judged, and no PUT did anything. */
function isOvertaken({ kind, reason }: Sending): boolean {
  if (reason === 'healed') return true;
  return kind === 'nothing-tried' && reason === 'drift' && patched('judge-again-after-drift');
}

/** The state that was judged is gone: the state now is read and judged once more, and stands. */
async function lookAgain(
  run: Run,
  forward: SwapIntent,
  settlement: Settlement,
  { detail }: Sending,
): Promise<ExaminationVerdict> {
  countCompensation('not-sent');
  notBack(run, detail);
  const observation = await verifyChanged(run, forward, settlement.ownJobs ?? NO_JOBS);
  const now = { ...settlement, observation };
  const judgement = judgeSwap(run, forward, now);
  return judgement.outcome === 'UNKNOWN' ? hold(run, forward, now, judgement) : judgement;
}

function compensatingIntent(
  forward: SwapIntent,
  settlement: Settlement,
  { from, undoes }: { readonly from: SwapIntent['from']; readonly undoes: BadState },
): SwapIntent {
  const seen = (settlement.observation.newSwapTasks ?? []).map(({ id }) => id);
  return {
    purpose: 'compensate',
    request: forward.request,
    ...{ from, undoes },
    knownSwapTaskIds: [...forward.knownSwapTaskIds, ...seen, ...settlement.ownJobIds],
    target: null,
    notAfterMs: forward.request.compensateNotAfterMs,
    tasksListedAtMs: endOfForward(forward, settlement),
    overBeforeMs: settlement.ownJobs?.overBeforeMs ?? null,
    ...(forward.apiAheadMs === undefined ? {} : { apiAheadMs: forward.apiAheadMs }),
  };
}

/** What was created before the end of the forward swap is no swap back, however late it is listed. */
function endOfForward({ tasksListedAtMs }: SwapIntent, { job }: Settlement): number | null {
  return job?.endedAtMs ?? tasksListedAtMs;
}
