import { getExternalWorkflowHandle, log, patched, sleep, workflowInfo } from '@temporalio/workflow';

import { HOLDING_SIGNAL, makeMaintenanceWorkflowId } from '../contract/index.js';
import type { SwitchoverHolding, Timing, WitnessWord } from '../contract/index.js';
import { findTrace } from '../domain/examination.js';
import type { ExaminationVerdict } from '../domain/examination.js';
import { describeCause, findRedisCause } from '../domain/causes.js';
import type { RedisCause } from '../domain/causes.js';
import { judge } from '../domain/outcome.js';
import type { Judgement } from '../domain/reports.js';
import { held, holdElapsed, lookedAgain } from '../domain/run-state.js';
import type { SwapIntent } from '../domain/swap.js';
import { NO_JOBS } from '../domain/tasks.js';
import { holdSeconds, lastLookBoundSeconds, VERIFY_JOB_SECONDS } from '../domain/timing.js';
import { judgingWord } from '../domain/witnessing.js';

import { startOptions } from './proxies.js';
import { watchForTrace, watchUnchanged } from './read-roles.js';
import { publish } from './run.js';
import type { Run } from './run.js';
import { addTo, conclude, followJob, followTrace, judgeSwap, WITHOUT_JOB } from './settle.js';
import type { Settlement } from './settle.js';

// The last look of an unresolved run, when it has kept its lock long enough. Reads only, and judges by the rules of
// `verify`: this module and everything that it imports must not reach the swap activity; lint forbids the import.

/** Whether a timeout of the run leaves time for its last look. */
function hasTimeToLook(timing: Timing): boolean {
  const { timeoutMs } = startOptions();
  if (timeoutMs === null) return true;
  const endsAtMs = workflowInfo().startTime.getTime() + timeoutMs;
  return Date.now() + lastLookBoundSeconds(timing) * 1000 < endsAtMs;
}

/** What a run knew when its outcome became UNKNOWN. */
interface Reported {
  readonly cause: string;
  readonly atMs: number;
  readonly witness: WitnessWord | null;
}

/**
 * Judges an unresolved swap again, as `verify` of this run would. Nothing is sent after it, no swap back either.
 *
 * @param earlier what the run knew of the swap when its outcome became UNKNOWN
 * @returns a known outcome, or UNKNOWN: by the newest evidence, where everything could be read
 */
async function lookOnceMore(
  run: Run,
  intent: SwapIntent,
  earlier: Settlement,
  reported: Reported,
): Promise<ExaminationVerdict> {
  const now = await readAgain(run, { ...intent, phase: 'HOLDING' }, earlier);
  const examined = {
    purpose: intent.purpose,
    sentBetweenMs: earlier.sent?.sentBetweenMs ?? null,
    unchangedAtEnd: judgeUnchangedAtEnd(intent, earlier, reported.witness),
    redisCause: standingRedisCause(reported),
  };
  const judgement = judgeSwap(run, intent, now);
  const verdict = conclude(examined, judgement, now.observation);
  run.record(lookedAgain(verdict, reported));
  const { roles, newSwapTasks } = now.observation;
  const isRead = roles !== null && newSwapTasks !== null;
  return verdict.outcome === 'UNKNOWN' && !isRead ? { ...verdict, cause: reported.cause } : verdict;
}

/** Runs of earlier versions forgot what Redis had contradicted, where it could not be seen any more. */
const CONTRADICTION_STANDS = 'a-contradiction-by-redis-stands';

/** Why the outcome was UNKNOWN for Redis; `null`: for something else. */
function standingRedisCause({ cause }: Reported): RedisCause | null {
  const redisCause = findRedisCause(cause);
  return redisCause !== null && patched(CONTRADICTION_STANDS) ? redisCause : null;
}

async function readAgain(run: Run, intent: SwapIntent, earlier: Settlement): Promise<Settlement> {
  const { followed, job, isAmbiguous } = earlier;
  if (followed !== undefined) {
    const ended = job === null || job.state === 'unfinished' ? null : job;
    const again = await followJob(run, intent, { ...followed, ended, ...pollSeconds(intent) });
    return { ...again, isAmbiguous };
  }
  return isAmbiguous ? lookForTrace(run, intent, earlier) : watchAgain(run, intent);
}

/**
 * A trace is a row of the list: one that does not show by now is not shown by watching. Other runs are not asked for
 * theirs, as `verify` does: this one has had the lock since before its PUT.
 */
async function lookForTrace(
  run: Run,
  intent: SwapIntent,
  { sent = { sentBetweenMs: null, notBeforeMs: null }, observation: seen }: Settlement,
): Promise<Settlement> {
  const observation = addTo(seen, await watchForTrace(run, intent, 0));
  const trace = findTrace(sent, observation);
  if (trace === null) return { ...WITHOUT_JOB, isAmbiguous: true, observation };
  const { notBeforeMs = null } = sent;
  return followTrace(run, intent, trace, {
    notBeforeMs,
    seen: observation,
    ...pollSeconds(intent),
  });
}

async function watchAgain(run: Run, intent: SwapIntent): Promise<Settlement> {
  const observation = await watchUnchanged(run, intent, NO_JOBS);
  return { ...WITHOUT_JOB, isAmbiguous: false, observation };
}

/** It shows the state now. */
function pollSeconds({ request }: SwapIntent): { readonly withinSeconds: number } {
  return { withinSeconds: Math.min(VERIFY_JOB_SECONDS, request.timing.jobTimeoutSeconds) };
}

/** What the run said when it had read unchanged roles after the end of its job; `null`: it had not. */
function judgeUnchangedAtEnd(
  intent: SwapIntent,
  earlier: Settlement,
  witness: WitnessWord | null,
): Judgement | null {
  const { job, observation } = earlier;
  if (job === null || job.state === 'unfinished' || observation.change !== 'unchanged') return null;
  const mayHaveInactiveReplicas = intent.purpose === 'compensate';
  return judge({ ...earlier, target: intent.target, mayHaveInactiveReplicas, witness });
}

/** Runs of earlier versions kept the lock for the whole cool-down, a day of it included. */
const BOUNDED_HOLD = 'the-hold-is-bounded';

/** Runs of earlier versions did not notify their maintenance before their end. */
const REPORTED_HOLD = 'the-plan-is-told-of-the-hold';

/** Runs of earlier versions ended UNKNOWN, whatever had become of the swap meanwhile. */
const LAST_LOOK = 'a-last-look-after-the-hold';

/**
 * Keeps the run open, and with it the lock, until a delayed effect of the PUT would be visible. Its outcome is
 * reported at once. Then it looks once more, which only reads: most unresolved outcomes have cleared by then.
 *
 * @param settlement what is known of the unresolved swap
 * @param uncertainty why its outcome is UNKNOWN
 * @returns how the run ends
 */
export async function hold(
  run: Run,
  intent: SwapIntent,
  settlement: Settlement,
  uncertainty: Pick<ExaminationVerdict, 'cause'>,
): Promise<ExaminationVerdict> {
  const { cause } = uncertainty;
  const sinceSentMs = Date.now() - (run.state.lastSentAtMs ?? Date.now());
  const leftMs = heldSeconds(intent.request.timing) * 1000 - sinceSentMs;
  if (leftMs <= 0) return { outcome: 'UNKNOWN', cause };
  const reported = { cause, atMs: Date.now(), witness: judgingWord(run.state) };
  run.record(held(cause, reported.atMs + leftMs));
  publish(run, 'UNKNOWN');
  reportHoldingToMaintenance(run.state.lockedUntil ?? '', describeCause(cause));
  await sleep(leftMs, {
    summary: 'Outcome UNKNOWN: keep the lock until the settle period has passed',
  });
  run.record(holdElapsed);
  if (!hasTimeToLook(intent.request.timing) || !patched(LAST_LOOK))
    return { outcome: 'UNKNOWN', cause };
  return lookOnceMore(run, intent, settlement, reported);
}

/** Only a run whose cool-down is longer than the bound has to ask which version began it. */
function heldSeconds(timing: Timing): number {
  const bounded = holdSeconds(timing);
  if (timing.coolDownSeconds <= bounded) return bounded;
  return patched(BOUNDED_HOLD) ? bounded : timing.coolDownSeconds;
}

/**
 * A maintenance waits for the end of its switchover; until then the item would say no more than RUNNING. No other
 * parent is notified: it does not know the signal.
 */
function reportHoldingToMaintenance(lockedUntil: string, why: string): void {
  const { parent, workflowId, firstExecutionRunId: runId } = workflowInfo();
  if (parent?.workflowId.startsWith(makeMaintenanceWorkflowId('')) !== true) return;
  if (!patched(REPORTED_HOLD)) return;
  const reported: SwitchoverHolding = { workflowId, runId, lockedUntil, why };
  // Without a run id: the maintenance may have continued in another run of its chain.
  getExternalWorkflowHandle(parent.workflowId)
    .signal(HOLDING_SIGNAL, reported)
    // It has ended meanwhile.
    .catch((error: unknown) => {
      log.info('the maintenance is not notified of the hold', { error: String(error) });
    });
}
