/**
 * What an earlier run's history proves of the examined swap, and how that swap is judged
 * again. Pure. Part of a report in history: fields are only added.
 */
import type { SwitchoverRequest } from '../contract/index.js';

import { saysItGoesOn } from './last-look.js';
import type { ExaminedRun } from './preflight-report.js';
import type { Judgement, NewSwapTask, Observation } from './reports.js';
import type { SwapIntent } from './swap.js';
import { findOwnTrace, isOneOf, isUnfinished, isWithdrawn, TRACE_TOLERANCE_MS } from './tasks.js';
import { SWAP_START_TO_CLOSE_MS } from './timing.js';
import { showsServer } from './witness.js';

/** The other run that a job or a row belongs to; `null`: none that is known. */
export function findOtherRun(
  { otherSwaps = [] }: Pick<ExaminedRun, 'otherSwaps'>,
  task: Parameters<typeof isOneOf>[0],
): string | null {
  return otherSwaps.find(({ ids }) => isOneOf(task, ids))?.runId ?? null;
}

/** What was observed, with the swaps of other runs reported as such: they are no trace of the examined one. */
export function disownOthers(examined: ExaminedRun, seen: Observation): Observation {
  const { newSwapTasks } = seen;
  if (examined.otherSwaps === undefined || newSwapTasks === null) return seen;
  const reported = newSwapTasks.map((task) =>
    findOtherRun(examined, task) === null ? task : ({ ...task, owner: 'foreign' } as const),
  );
  return { ...seen, newSwapTasks: reported };
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

/** The examined swap as an intent to judge it by; its last instant has passed, for nothing is sent. */
export function toExaminedIntent(examined: ExaminedRun, request: SwitchoverRequest): SwapIntent {
  const { purpose, from, knownSwapTaskIds, target } = examined;
  return { purpose, request, from, knownSwapTaskIds, target, notAfterMs: 0, tasksListedAtMs: null };
}

/**
 * The trace of an ambiguous PUT: the only new swap task, of a user known to be ours, created when the PUT may
 * have left. Hours later the only new task may well be that of another run or tool, so its time has to fit.
 */
export function findTrace(examined: SentTimes, { newSwapTasks }: Observation): NewSwapTask | null {
  const unclaimed = newSwapTasks?.filter((task) => findOtherRun(examined, task) === null) ?? null;
  const trace = findOwnTrace(unclaimed, examined.notBeforeMs ?? null);
  return trace !== null && isOfItsTime(examined, trace) ? trace : null;
}

/** Whether a task was created when an ambiguous PUT may have left, and is not that of another run. */
function isOfItsTime(
  { sentBetweenMs, ...examined }: Pick<ExaminedRun, 'sentBetweenMs' | 'otherSwaps'>,
  { createdAtMs = null, ...task }: NewSwapTask,
): boolean {
  if (sentBetweenMs === null || createdAtMs === null) return false;
  if (findOtherRun(examined, task) !== null) return false;
  const [from, until] = sentBetweenMs;
  return createdAtMs >= from - TRACE_TOLERANCE_MS && createdAtMs <= until + TRACE_TOLERANCE_MS;
}

/** When the PUT in question may have left. */
export type SentTimes = Pick<ExaminedRun, 'sentBetweenMs' | 'notBeforeMs' | 'otherSwaps'>;

/** How an examination ends. */
export interface ExaminationVerdict {
  readonly outcome: 'SUCCEEDED' | 'FAILED_UNCHANGED' | 'COMPENSATED' | 'UNKNOWN';
  readonly cause: string;
}

/**
 * What a judgement of the examined swap says of its run. A swap back that is proved makes the run
 * COMPENSATED; one that is not proved leaves both swaps unresolved.
 */
export function concludeExamination(
  examined: Examined,
  judgement: Judgement,
  observation: ObservedSwap,
): ExaminationVerdict {
  const objection =
    judgement.outcome === 'UNKNOWN'
      ? null
      : (objectByRedis(examined, observation) ?? objectTo(examined, judgement, observation));
  const { outcome, cause } = objection ?? judgement;
  if (examined.purpose === 'forward' || objection?.cause === 'JOB_STILL_RUNNING')
    return { outcome, cause };
  return outcome === 'SUCCEEDED'
    ? { outcome: 'COMPENSATED', cause }
    : { outcome: 'UNKNOWN', cause: `COMPENSATION_${cause}` };
}

type Examined = Pick<
  ExaminedRun,
  'purpose' | 'sentBetweenMs' | 'unchangedAtEnd' | 'otherSwaps' | 'redisCause'
> & {
  /** Earlier versions took a row whose status no one knows for one that goes on. @default false */
  readonly areUnknownWordsOpen?: boolean;
};
type ObservedSwap = Pick<Observation, 'newSwapTasks' | 'change' | 'witness'>;

/** That Redis cannot be seen any more is no reason to believe what it has contradicted. */
function objectByRedis(
  { redisCause = null }: Examined,
  { witness }: ObservedSwap,
): Pick<ExaminationVerdict, 'outcome' | 'cause'> | null {
  return redisCause === null || showsServer(witness)
    ? null
    : { outcome: 'UNKNOWN', cause: redisCause };
}

/** Why a judgement that is made long after the swap says more than can be known; `null`: it does not. */
function objectTo(
  examined: Examined,
  { outcome, cause }: Judgement,
  { newSwapTasks, change }: ObservedSwap,
): Pick<ExaminationVerdict, 'outcome' | 'cause'> | null {
  const tasks = newSwapTasks ?? [];
  const { unchangedAtEnd = null } = examined;
  // Whatever moved the roles after the run had found them unchanged, a failover perhaps, was not its job.
  if (unchangedAtEnd !== null && change !== 'unchanged')
    return unchangedAtEnd.outcome === 'FAILED_UNCHANGED'
      ? unchangedAtEnd
      : { outcome: 'UNKNOWN', cause: 'CHANGED_LATER' };
  // A swap task that has not ended may still change what was read. One without a status, or in a word that no one
  // knows, says nothing of it, and what is known stands for it: it counts as that of our own job, which has ended.
  if (tasks.some((task) => task.owner !== 'ours' && mayGoOn(task, examined)))
    return { outcome: 'UNKNOWN', cause: 'JOB_STILL_RUNNING' };
  // A person may name any job: only a task of its time proves what a PUT without an answer did.
  if (examined.sentBetweenMs !== null && !tasks.some((task) => isOfItsTime(examined, task)))
    return {
      outcome: 'UNKNOWN',
      cause: outcome === 'SUCCEEDED' ? 'CHANGE_WITHOUT_OUR_TASK' : 'NO_TRACE',
    };
  // A failover or a swap that is listed no more may have come since.
  if (cause === 'JOB_FAILED_ROLES_CHANGED') return { outcome: 'UNKNOWN', cause };
  return null;
}

function mayGoOn(
  { status }: NewSwapTask,
  { areUnknownWordsOpen = false }: Pick<Examined, 'areUnknownWordsOpen'>,
): boolean {
  if (areUnknownWordsOpen) return status !== null && isUnfinished({ status });
  return saysItGoesOn({ status }) || isWithdrawn(status);
}
