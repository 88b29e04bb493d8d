/**
 * The last look of a run in doubt, when it has kept its lock long enough. Reads only, and judges by the rules of
 * `verify`: this module and everything that it imports must not reach the swap activity; lint forbids the import.
 */
import { workflowInfo } from '@temporalio/workflow';

import type { Timing } from '../contract/index.js';
import { concludeExamination, findTrace } from '../domain/examination.js';
import type { Finding } from '../domain/examination.js';
import { VERIFY_JOB_SECONDS } from '../domain/budgets.js';
import { judge } from '../domain/outcome.js';
import type { Judgement } from '../domain/outcome.js';
import { lastLookBoundSeconds } from '../domain/run-bound.js';
import type { SwapPlan } from '../domain/swap.js';
import { NO_JOBS } from '../domain/tasks.js';

import { judgeSwap } from './judge-swap.js';
import { watchForTrace, watchUnchanged } from './read-roles.js';
import { note } from './run.js';
import type { Run } from './run.js';
import { followJob, followTrace } from './settle.js';
import type { Settlement } from './settle.js';
import { startOptions } from './start-options.js';

/** What was told of a run before its last look. */
interface ToldDoubt {
  readonly cause: string;
  /** RFC 3339. */
  readonly toldAt: string;
}

/** Whether a timeout of the run leaves time for its last look. */
export function hasTimeToLook(timing: Timing): boolean {
  const { timeoutMs } = startOptions();
  if (timeoutMs === null) return true;
  const endsAtMs = workflowInfo().startTime.getTime() + timeoutMs;
  return Date.now() + lastLookBoundSeconds(timing) * 1000 < endsAtMs;
}

/**
 * Judges a swap in doubt anew, as `verify` of this run would. Nothing is sent after it, no swap back either.
 *
 * @param earlier what the run knew of the swap when it fell into doubt
 * @returns a known outcome, or UNKNOWN: by the newest evidence, where everything could be read
 */
export async function lookOnceMore(
  run: Run,
  plan: SwapPlan,
  earlier: Settlement,
  told: ToldDoubt,
): Promise<Finding> {
  const { disagreement } = run;
  const now = await readAnew(run, { ...plan, phase: 'HOLDING' }, earlier);
  const { observation } = now;
  const examined = {
    purpose: plan.purpose,
    sentBetweenMs: earlier.sent?.sentBetweenMs ?? null,
    unchangedAtEnd: judgeUnchangedAtEnd(plan, earlier),
  };
  const { outcome, cause } = concludeExamination(examined, judgeSwap(run, plan, now), observation);
  note(run, `looked once more at the end of the hold: ${outcome} (${cause})`);
  if (outcome === 'UNKNOWN') {
    const isRead = observation.roles !== null && observation.newSwapTasks !== null;
    if (!isRead) run.disagreement = disagreement;
    return { outcome, cause: isRead ? cause : told.cause };
  }
  run.correction = `It was told as UNKNOWN (${told.cause}) at ${told.toldAt}; one more look at the end of the hold has cleared that.`;
  return { outcome, cause };
}

function readAnew(run: Run, plan: SwapPlan, earlier: Settlement): Promise<Settlement> {
  const { followed, job, isAmbiguous } = earlier;
  if (followed !== undefined) {
    const ended = job === null || job.state === 'unfinished' ? null : job;
    return followJob(run, plan, { ...followed, ended, ...pollSeconds(plan) });
  }
  return isAmbiguous ? lookForTrace(run, plan, earlier) : watchAnew(run, plan);
}

/** A trace is a row of the list: one that does not show by now is not shown by watching. */
async function lookForTrace(
  run: Run,
  plan: SwapPlan,
  { sent = { sentBetweenMs: null, notBeforeMs: null } }: Settlement,
): Promise<Settlement> {
  const observation = await watchForTrace(run, plan, 0);
  const trace = findTrace(sent, observation);
  if (trace === null) return { isAmbiguous: true, ownJobIds: [], job: null, observation };
  const { notBeforeMs = null } = sent;
  return followTrace(run, plan, trace, { notBeforeMs, ...pollSeconds(plan) });
}

async function watchAnew(run: Run, plan: SwapPlan): Promise<Settlement> {
  const observation = await watchUnchanged(run, plan, NO_JOBS);
  return { isAmbiguous: false, ownJobIds: [], job: null, observation };
}

/** It tells what is true now. */
function pollSeconds({ request }: SwapPlan): { readonly withinSeconds: number } {
  return { withinSeconds: Math.min(VERIFY_JOB_SECONDS, request.timing.jobTimeoutSeconds) };
}

/** What the run said when it had read unchanged roles after the end of its job; `null`: it had not. */
function judgeUnchangedAtEnd(plan: SwapPlan, earlier: Settlement): Judgement | null {
  const { job, observation } = earlier;
  if (job === null || job.state === 'unfinished' || observation.change !== 'unchanged') return null;
  const mayHaveInactiveReplicas = plan.purpose === 'compensate';
  return judge({ ...earlier, target: plan.target, mayHaveInactiveReplicas });
}
