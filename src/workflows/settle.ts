import { ActivityFailure, patched } from '@temporalio/workflow';

import { concludeExamination } from '../domain/examination.js';
import type { ExaminationVerdict, SentTimes } from '../domain/examination.js';
import { judge } from '../domain/outcome.js';
import type { JobReport, Judgement, NewSwapTask, Observation, OwnJobs } from '../domain/reports.js';
import { entered, jobEnded, judged, traceFound } from '../domain/run-state.js';
import type { Sending, SwapIntent } from '../domain/swap.js';
import { findOwnTrace, NO_JOBS, overBefore, swapTimeOf } from '../domain/tasks.js';
import type { SwapTime } from '../domain/tasks.js';
import { failureWatchSeconds, LOST_PUT_SETTLE_MS } from '../domain/timing.js';
import { judgingWord } from '../domain/witnessing.js';
import { iso } from '../util.js';

import { pollWithin } from './proxies.js';
import {
  phaseOf,
  phasePart,
  turnsUntilMs,
  verifyChanged,
  watchForTrace,
  watchUnchanged,
} from './read-roles.js';
import { publish } from './run.js';
import type { Run } from './run.js';
import { countReconciliation } from './telemetry.js';

/** What a sending led to, as far as reading can show. */
export interface Settlement {
  readonly isAmbiguous: boolean;
  readonly ownJobIds: readonly string[];
  /** How their rows were told from others. */
  readonly ownJobs?: OwnJobs;
  readonly job: JobReport | null;
  readonly observation: Observation;
  /** When our swap can have begun. */
  readonly time?: SwapTime;
  /** The job was found in the task list; no PUT was answered with it. */
  readonly isAdopted?: boolean;
  /** The job that was followed. */
  readonly followed?: FollowedJob;
  /** Of a PUT whose effect is not known: when it may have left, and the API's clock before it; see `Examined run`. */
  readonly sent?: SentTimes;
  /** The API itself answered that the forward PUT did nothing, and no look before had shown a change. */
  readonly isProvedUnapplied?: boolean;
}

/**
 * Finds out what a sending did, by reading only: the job where one is known, a trace where none is,
 * then the roles. Runs where no cancellation reaches it.
 */
export async function settle(run: Run, intent: SwapIntent, sending: Sending): Promise<Settlement> {
  if (sending.kind === 'accepted' && sending.jobId !== null)
    return followJob(run, intent, {
      ...{ jobId: sending.jobId, taskId: null, by: 'answer' },
      notBeforeMs: earliestOf(intent, sending),
    });
  return sending.kind === 'not-applied'
    ? confirmUnapplied(run, intent, sending)
    : reconcile(run, intent, sending);
}

/** A PUT that provably did nothing: the readings may confirm it, or show that something else has happened. */
async function confirmUnapplied(
  run: Run,
  intent: SwapIntent,
  { reason }: Sending,
): Promise<Settlement> {
  const isForward = intent.purpose === 'forward' && run.state.swapsSent > 0;
  const isProvedUnapplied = isForward && reason !== 'drift';
  const { settleSeconds } = intent.request.timing;
  // A confirmation that nothing depends on is not worth hours of waiting for a quota.
  const budget = isProvedUnapplied ? { turnsEndMs: Date.now() + settleSeconds * 1000 } : {};
  const observation = await watchUnchanged(run, { ...intent, ...budget }, NO_JOBS);
  return { ...WITHOUT_JOB, isAmbiguous: false, observation, isProvedUnapplied };
}

/** No job is known to be ours. */
export const WITHOUT_JOB = { ownJobIds: [], job: null } as const;

/** The API's clock before the PUT, at the least the one at which the known tasks were listed. */
function earliestOf(intent: SwapIntent, { notBeforeMs }: Sending): number | null {
  return notBeforeMs ?? intent.tasksListedAtMs;
}

/** A PUT without a usable answer: look for its trace. Never send again to find out. */
async function reconcile(run: Run, intent: SwapIntent, sending: Sending): Promise<Settlement> {
  const seconds = settleSecondsAfter(intent, sending);
  run.record(
    entered('RECONCILING', `watch roles and swap tasks for ${seconds} s; nothing is sent`),
  );
  publish(run, 'RECONCILING');
  const observation = await watchForTrace(run, intent, seconds);
  const notBeforeMs = earliestOf(intent, sending);
  // A swap of our own user that was there before the PUT: of this run or not, no one can say.
  const trace =
    sending.reason === 'own-swap' ? null : findOwnTrace(observation.newSwapTasks, notBeforeMs);
  countReconciliation(trace === null ? 'nothing' : 'task');
  return trace === null
    ? { ...WITHOUT_JOB, isAmbiguous: true, observation, sent: sentTimes(run, intent, sending) }
    : followTrace(run, intent, trace, { notBeforeMs, seen: observation });
}

/** When a PUT without an answer may have left, by the API's clock, where that is known. */
function sentTimes(run: Run, intent: SwapIntent, sending: Sending): SentTimes {
  const { lastSentAtMs } = run.state;
  const { reason, calledAtMs } = sending;
  const { apiAheadMs = 0 } = intent;
  const notBeforeMs = earliestOf(intent, sending);
  // A swap of our own user that was there before the PUT is never taken for its work.
  const isKnown = reason !== 'own-swap' && calledAtMs !== undefined && lastSentAtMs !== null;
  const sentBetweenMs = isKnown
    ? ([calledAtMs + apiAheadMs, lastSentAtMs + apiAheadMs] as const)
    : null;
  return { sentBetweenMs, notBeforeMs };
}

/** Follows the job of a PUT without an answer, which its row in the task list has shown. */
export async function followTrace(
  run: Run,
  intent: SwapIntent,
  trace: NewSwapTask,
  terms: Pick<FollowedJob, 'notBeforeMs' | 'withinSeconds' | 'seen'>,
): Promise<Settlement> {
  run.record(traceFound(trace));
  const { id: taskId, createdAtMs: taskCreatedAtMs = null } = trace;
  const settlement = await followJob(run, intent, {
    ...{ jobId: trace.jobId ?? taskId, taskId, taskCreatedAtMs, by: 'row', ...terms },
  });
  // Versions that did not look for the user did swap such a job back; what they did stands in the history.
  return { ...settlement, isAdopted: trace.user !== undefined };
}

/** Where the sender reported, its PUT was over by then; one that was lost may still have had its PUT before it. */
function settleSecondsAfter({ request }: SwapIntent, { hasReported, reason }: Sending): number {
  const { settleSeconds } = request.timing;
  const isLost = !hasReported && reason === null;
  return isLost ? Math.max(settleSeconds, LOST_PUT_SETTLE_MS / 1000) : settleSeconds;
}

/** A job to follow. */
export interface FollowedJob {
  readonly jobId: string;
  /** Its task row, where it was found in the task list. */
  readonly taskId: string | null;
  /** When that row began by the API's clock, epoch milliseconds. */
  readonly taskCreatedAtMs?: number | null;
  /** By what it is ours. */
  readonly by: OwnJobs['by'];
  /** The API's clock before its PUT, epoch milliseconds; `null`: not known. */
  readonly notBeforeMs: number | null;
  /** How it ended, where that is known already. */
  readonly ended?: JobReport | null;
  /** What was seen of the same swap before. */
  readonly seen?: Observation;
  /** How long to poll. @default timing.jobTimeoutSeconds */
  readonly withinSeconds?: number;
}

/** Polls a job to its end or deadline, then reads the roles. */
export async function followJob(
  run: Run,
  intent: SwapIntent,
  followed: FollowedJob,
): Promise<Settlement> {
  const { taskId, by, notBeforeMs, ended = null } = followed;
  const job = ended ?? (await awaitJob(run, intent, followed));
  const jobId = job.jobId ?? followed.jobId;
  run.record(jobEnded(job, followed.jobId));
  const ids = taskId === null ? [jobId] : [jobId, taskId];
  const time = timeOf(notBeforeMs, job);
  const overBeforeMs = overBefore(job, time);
  const ownJobs = { ids, by, overBeforeMs, sinceMs: time.notBeforeMs };
  const read = await readRoles(run, intent, ownJobs, job);
  const observation = addTo(followed.seen, read);
  const reported = { ...followed, jobId, seen: observation };
  const known = { job, observation, time, followed: reported };
  return { isAmbiguous: false, ownJobIds: [jobId], ownJobs, ...known };
}

/** Runs of earlier versions held rows against a beginning that a clock which was set back does not show. */
const SET_BACK_SHOWS_NONE = 'a-clock-set-back-shows-no-beginning';

function timeOf(notBeforeMs: number | null, job: JobReport): SwapTime {
  const time = swapTimeOf(notBeforeMs, job);
  const isForgotten = time.notBeforeMs === null && notBeforeMs !== null;
  return isForgotten && !patched(SET_BACK_SHOWS_NONE) ? { ...time, notBeforeMs } : time;
}

function awaitJob(run: Run, intent: SwapIntent, followed: FollowedJob): Promise<JobReport> {
  const { request, knownSwapTaskIds } = intent;
  const { jobId, taskId, taskCreatedAtMs = null, by, notBeforeMs } = followed;
  const { withinSeconds = request.timing.jobTimeoutSeconds } = followed;
  const deadlineMs = Date.now() + withinSeconds * 1000;
  const until = iso(deadlineMs);
  run.record(
    entered(phaseOf(intent, 'AWAITING_JOB'), `wait for job ${jobId}; gives up at ${until}`),
  );
  const poll = (): Promise<JobReport> =>
    pollWithin(request.timing, run.state.instanceName).awaitJob({
      ...{ request, jobId, taskId, taskCreatedAtMs, deadlineMs, putSent: 'yes' },
      ...(by === 'answer' ? { answered: { knownSwapTaskIds, notBeforeMs } } : {}),
      turnsUntilMs: turnsUntilMs(run, request),
      ...phasePart(intent),
    });
  return poll()
    .catch((error: unknown) => pollAgain(error, poll))
    .catch(toUnfinishedJob);
}

/** Runs of earlier versions took a job for unfinished whose poll had not reported. */
const LOST_POLL = 'a-poll-that-was-lost-is-made-again';

/** All its attempts were lost, to a codec that failed perhaps. One works again: this task was done. */
function pollAgain(error: unknown, poll: () => Promise<JobReport>): Promise<JobReport> {
  if (!(error instanceof ActivityFailure) || !patched(LOST_POLL)) throw error;
  return poll();
}

/** The job's word decides how long to look, never the verified state. */
async function readRoles(
  run: Run,
  intent: SwapIntent,
  ownJobs: OwnJobs,
  job: JobReport,
): Promise<Observation> {
  if (job.state === 'unfinished') return watchUnchanged(run, intent, ownJobs, 0);
  if (job.state === 'FAIL') {
    const seconds = failureWatchSeconds(intent.request.timing);
    const watched = await watchUnchanged(run, intent, ownJobs, seconds);
    if (watched.change !== 'changed') return watched;
    return addTo(watched, await verifyChanged(run, intent, ownJobs));
  }
  return verifyChanged(run, intent, ownJobs);
}

/** Runs of earlier versions forgot a change that was gone when they looked once more. */
const SHOWN_IS_SHOWN = 'a-change-that-was-shown-is-not-forgotten';

/** A later look at the same swap. Roles that had changed before have not held, although they are now as they were. */
export function addTo(seen: Observation | undefined, later: Observation): Observation {
  if (seen?.hasShownChange !== true) return later;
  if (later.heldThroughout && !patched(SHOWN_IS_SHOWN)) return later;
  return { ...later, heldThroughout: false, hasShownChange: true };
}

function toUnfinishedJob(error: unknown): JobReport {
  if (!(error instanceof ActivityFailure)) throw error;
  const detail = 'the polling activity did not report back';
  return { state: 'unfinished', lastStatus: null, failReason: null, polls: 0, jobMs: null, detail };
}

/** What a swap led to, by the outcome rule; what a person should know beside it becomes a warning. */
export function judgeSwap(run: Run, intent: SwapIntent, settlement: Settlement): Judgement {
  const mayHaveInactiveReplicas = intent.purpose === 'compensate';
  const restores = intent.undoes?.before ?? null;
  const witness = judgingWord(run.state);
  const terms = { target: intent.target, restores, mayHaveInactiveReplicas, witness };
  const evidence = { ...settlement, ...terms };
  const judgement = keepEarlierJudgement(judge(evidence), () =>
    judge({ ...evidence, isRowOptional: true, isProvedUnapplied: false }),
  );
  run.record(judged(intent.purpose, judgement, settlement.observation));
  return judgement;
}

/** Runs of earlier versions took a change after a failed job, without any row of it, for its work. */
const FAILURE_NEEDS_ROW = 'a-change-after-a-failed-job-needs-its-row';

/** Runs of earlier versions doubted what the API itself had answered, where they could not read everything. */
const ANSWER_NEEDS_NO_READING = 'a-put-that-was-not-applied-is-settled';

function keepEarlierJudgement(judgement: Judgement, earlier: () => Judgement): Judgement {
  const change = changeOf(judgement);
  return change !== null && !patched(change) ? earlier() : judgement;
}

/** Runs of earlier versions took a row in a word that no one knows for one that goes on. */
const UNKNOWN_WORD_SAYS_NOTHING = 'a-status-that-no-one-knows-says-nothing';

/** What a later judgement of a swap says of its run. */
export function conclude(
  examined: Parameters<typeof concludeExamination>[0],
  judgement: Judgement,
  observation: Observation,
): ExaminationVerdict {
  const verdict = concludeExamination(examined, judgement, observation);
  const terms = { ...examined, areUnknownWordsOpen: true };
  const earlier = concludeExamination(terms, judgement, observation);
  return verdict.cause === earlier.cause || patched(UNKNOWN_WORD_SAYS_NOTHING) ? verdict : earlier;
}

/** Since which change of the rule a judgement is possible; `null`: it always was. */
function changeOf({ outcome, cause }: Judgement): string | null {
  if (cause === 'NOT_APPLIED_UNCONFIRMED') return ANSWER_NEEDS_NO_READING;
  const isFailure = outcome === 'UNKNOWN' && cause === 'JOB_FAILED_ROLES_CHANGED';
  return isFailure ? FAILURE_NEEDS_ROW : null;
}
