/**
 * What an earlier run's history proves of the swap that is in question, and how that swap is judged
 * anew. Pure. Part of a report in history: fields are only added.
 */
import type { SwitchoverRequest } from '../contract/index.js';

import type { Baseline } from './preflight-report.js';
import type { Judgement, NewSwapTask, Observation } from './reports.js';
import type { SwapPlan } from './swap.js';
import { findOwnTrace, isOneOf, isUnfinishedStatus, TRACE_TOLERANCE_MS } from './tasks.js';
import { SWAP_START_TO_CLOSE_MS } from './timing.js';

/** The other run that a job or a row belongs to; `null`: none that is known. */
export function findOtherRun(
  { otherSwaps = [] }: Pick<Baseline, 'otherSwaps'>,
  task: Parameters<typeof isOneOf>[0],
): string | null {
  return otherSwaps.find(({ ids }) => isOneOf(task, ids))?.runId ?? null;
}

/** What was seen, with the swaps of other runs told as such: they are no trace of the one in question. */
export function disownOthers(baseline: Baseline, seen: Observation): Observation {
  const { newSwapTasks } = seen;
  if (baseline.otherSwaps === undefined || newSwapTasks === null) return seen;
  const told = newSwapTasks.map((task) =>
    findOtherRun(baseline, task) === null ? task : ({ ...task, owner: 'foreign' } as const),
  );
  return { ...seen, newSwapTasks: told };
}

/** When the PUT of a swap activity may have left at the latest. */
export function latestSentMs(activity: {
  readonly scheduledAtMs: number;
  readonly endedAtMs: number | null;
  readonly runClosedAtMs: number;
}): number {
  const { scheduledAtMs, endedAtMs, runClosedAtMs } = activity;
  // Its run was ended from outside: it may have begun at any time before, and goes on for its timeout.
  return endedAtMs ?? Math.max(scheduledAtMs, runClosedAtMs) + SWAP_START_TO_CLOSE_MS;
}

/** The swap in question as a plan to judge it by; its last instant has passed, for nothing is sent. */
export function toExaminedPlan(baseline: Baseline, request: SwitchoverRequest): SwapPlan {
  const { purpose, from, knownSwapTaskIds, target } = baseline;
  return { purpose, request, from, knownSwapTaskIds, target, notAfterMs: 0, tasksListedAtMs: null };
}

/**
 * The trace of an ambiguous PUT: the only new swap task, of a user known to be ours, created when the PUT may
 * have left. Hours later the only new task may well be that of another run or tool, so its time has to fit.
 */
export function findTrace(baseline: SentTimes, { newSwapTasks }: Observation): NewSwapTask | null {
  const unclaimed = newSwapTasks?.filter((task) => findOtherRun(baseline, task) === null) ?? null;
  const trace = findOwnTrace(unclaimed, baseline.notBeforeMs ?? null);
  return trace !== null && isOfItsTime(baseline, trace) ? trace : null;
}

/** Whether a task was created when an ambiguous PUT may have left, and is not that of another run. */
function isOfItsTime(
  { sentBetweenMs, ...baseline }: Pick<Baseline, 'sentBetweenMs' | 'otherSwaps'>,
  { createdAtMs = null, ...task }: NewSwapTask,
): boolean {
  if (sentBetweenMs === null || createdAtMs === null) return false;
  if (findOtherRun(baseline, task) !== null) return false;
  const [from, until] = sentBetweenMs;
  return createdAtMs >= from - TRACE_TOLERANCE_MS && createdAtMs <= until + TRACE_TOLERANCE_MS;
}

/** When the PUT in question may have left. */
export type SentTimes = Pick<Baseline, 'sentBetweenMs' | 'notBeforeMs' | 'otherSwaps'>;

/** How an examination ends. */
export interface Finding {
  readonly outcome: 'SUCCEEDED' | 'FAILED_UNCHANGED' | 'COMPENSATED' | 'UNKNOWN';
  readonly cause: string;
}

/**
 * What a judgement of the swap in question says of its run. A swap back that is proved makes the run
 * COMPENSATED; one that is not proved leaves both swaps in doubt.
 */
export function concludeExamination(
  baseline: Examined,
  judgement: Judgement,
  observation: Seen,
): Finding {
  const objection =
    judgement.outcome === 'UNKNOWN' ? null : objectTo(baseline, judgement, observation);
  const { outcome, cause } = objection ?? judgement;
  if (baseline.purpose === 'forward' || objection?.cause === 'JOB_STILL_RUNNING')
    return { outcome, cause };
  return outcome === 'SUCCEEDED'
    ? { outcome: 'COMPENSATED', cause }
    : { outcome: 'UNKNOWN', cause: `COMPENSATION_${cause}` };
}

type Examined = Pick<Baseline, 'purpose' | 'sentBetweenMs' | 'unchangedAtEnd' | 'otherSwaps'>;
type Seen = Pick<Observation, 'newSwapTasks' | 'change'>;

/** Why a judgement that is made long after the swap says more than can be known; `null`: it does not. */
function objectTo(
  baseline: Examined,
  { outcome, cause }: Judgement,
  { newSwapTasks, change }: Seen,
): Pick<Finding, 'outcome' | 'cause'> | null {
  const tasks = newSwapTasks ?? [];
  const { unchangedAtEnd = null } = baseline;
  // Whatever moved the roles after the run had found them unchanged, a failover perhaps, was not its job.
  if (unchangedAtEnd !== null && change !== 'unchanged')
    return unchangedAtEnd.outcome === 'FAILED_UNCHANGED'
      ? unchangedAtEnd
      : { outcome: 'UNKNOWN', cause: 'CHANGED_LATER' };
  // A swap task that has not ended may still change what was read. One without a status says nothing of it, and what
  // is known stands for it: it counts as that of our own job, which has ended.
  if (
    tasks.some(
      ({ owner, status }) => owner !== 'ours' && status !== null && isUnfinishedStatus(status),
    )
  )
    return { outcome: 'UNKNOWN', cause: 'JOB_STILL_RUNNING' };
  // A person may name any job: only a task of its time proves what a PUT without an answer did.
  if (baseline.sentBetweenMs !== null && !tasks.some((task) => isOfItsTime(baseline, task)))
    return {
      outcome: 'UNKNOWN',
      cause: outcome === 'SUCCEEDED' ? 'CHANGE_WITHOUT_OUR_TASK' : 'NO_TRACE',
    };
  // A failover or a swap that is listed no more may have come since.
  if (cause === 'JOB_FAILED_ROLES_CHANGED') return { outcome: 'UNKNOWN', cause };
  return null;
}
