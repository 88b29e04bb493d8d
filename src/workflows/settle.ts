import { ActivityFailure, workflowInfo } from '@temporalio/workflow';

import { LOST_PUT_SETTLE_MS } from '../domain/budgets.js';
import type { JobReport, Observation, WatchCall } from '../domain/reports.js';
import { failureWatchSeconds, settlingTurnsEndMs } from '../domain/run-bound.js';
import type { Sending, SwapPlan } from '../domain/swap-plan.js';
import { NO_JOBS, describeSwapTask, findOwnTrace, swapTimeOf } from '../domain/tasks.js';
import type { OwnJobs, SwapTime } from '../domain/tasks.js';

import { countReconciliation } from './metrics.js';
import { pollWithin, verifyWithin, watchWithin } from './proxies.js';
import { enter, note, publish, warn } from './run.js';
import type { Run } from './run.js';
import { startOptions } from './start-options.js';

/** What a sending led to, as far as reading can tell. */
export interface Settlement {
  readonly isAmbiguous: boolean;
  readonly ownJobIds: readonly string[];
  readonly job: JobReport | null;
  readonly observation: Observation;
  /** When our swap can have begun. */
  readonly time?: SwapTime;
  /** The job was found in the task list; no PUT was answered with it. */
  readonly isAdopted?: boolean;
}

/**
 * Finds out what a sending did, by reading only: the job where one is known, a trace where none is,
 * then the roles. Runs where no cancellation reaches it.
 */
export async function settle(run: Run, plan: SwapPlan, sending: Sending): Promise<Settlement> {
  if (sending.kind === 'accepted' && sending.jobId !== null)
    return followJob(run, plan, {
      ...{ jobId: sending.jobId, taskId: null, by: 'answer' },
      notBeforeMs: earliestOf(plan, sending),
    });
  if (sending.kind === 'not-applied') {
    const observation = await watchUnchanged(run, plan, NO_JOBS);
    return { isAmbiguous: false, ownJobIds: [], job: null, observation };
  }
  return reconcile(run, plan, sending);
}

/** The API's clock before the PUT, at the least the one at which the known tasks were listed. */
function earliestOf(plan: SwapPlan, { notBeforeMs }: Sending): number | null {
  return notBeforeMs ?? plan.tasksListedAtMs;
}

/** A PUT without a usable answer: look for its trace. Never send again to find out. */
async function reconcile(run: Run, plan: SwapPlan, sending: Sending): Promise<Settlement> {
  const seconds = settleSecondsAfter(plan, sending);
  enter(run, 'RECONCILING', `watch roles and swap tasks for ${seconds} s; nothing is sent`);
  publish(run, 'RECONCILING');
  const observation = await watchForTrace(run, plan, seconds);
  const notBeforeMs = earliestOf(plan, sending);
  // A swap of our own user that was there before the PUT: of this run or not, nobody can tell.
  const trace =
    sending.reason === 'own-swap' ? null : findOwnTrace(observation.newSwapTasks, notBeforeMs);
  countReconciliation(trace === null ? 'nothing' : 'task');
  if (trace === null) return { isAmbiguous: true, ownJobIds: [], job: null, observation };
  const jobId = trace.jobId ?? trace.id;
  run.swapsAccepted += 1;
  run.swapsPossiblySent = Math.max(0, run.swapsPossiblySent - 1);
  run.jobIds = [...run.jobIds, jobId];
  note(run, `found ${describeSwapTask(trace)}; following it`);
  warn(
    run,
    'The PUT had no usable answer; its job was found in the task list, as the only new one of our own user.',
  );
  const { id: taskId, createdAtMs: taskCreatedAtMs = null } = trace;
  const settlement = await followJob(run, plan, {
    ...{ jobId, taskId, taskCreatedAtMs, by: 'row', notBeforeMs },
  });
  // Versions that did not look for the user did swap such a job back; what they did stands in the history.
  return { ...settlement, isAdopted: trace.user !== undefined };
}

/** Where the sender reported, its PUT was over by then; one that was lost may still have had its PUT before it. */
function settleSecondsAfter({ request }: SwapPlan, { hasReported, reason }: Sending): number {
  const { settleSeconds } = request.timing;
  const isLost = !hasReported && reason === null;
  return isLost ? Math.max(settleSeconds, LOST_PUT_SETTLE_MS / 1000) : settleSeconds;
}

/** Watches for what a PUT without an answer may have left; no job is known to be ours. */
export function watchForTrace(
  run: Run,
  plan: SwapPlan,
  seconds = plan.request.timing.settleSeconds,
): Promise<Observation> {
  return watch(run, { ...watchCall(run, plan, NO_JOBS, seconds), putSent: 'possibly' });
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
  /** How long to poll. @default timing.jobTimeoutSeconds */
  readonly withinSeconds?: number;
}

/** Polls a job to its end or deadline, then reads the roles. */
export async function followJob(
  run: Run,
  plan: SwapPlan,
  followed: FollowedJob,
): Promise<Settlement> {
  const { taskId, by, notBeforeMs, ended = null } = followed;
  const job = ended ?? (await awaitJob(run, plan, followed));
  const jobId = job.jobId ?? followed.jobId;
  if (jobId !== followed.jobId) tellJobId(run, followed.jobId, jobId);
  run.jobMs = job.jobMs;
  const words = job.failReason ?? (job.state === 'unfinished' ? job.detail : null);
  note(run, `job ${jobId}: ${job.state}${words === null ? '' : ` (${words})`}`);
  run.obstacle = words;
  if (job.state !== 'unfinished' && job.detail !== '')
    warn(run, `The job itself could not be read; the task list told its end. ${job.detail}.`);
  const ids = taskId === null ? [jobId] : [jobId, taskId];
  const time = swapTimeOf(notBeforeMs, job);
  const overBeforeMs = overBefore(job, time);
  const observation = await readRoles(run, plan, { ids, by, overBeforeMs }, job);
  return { isAmbiguous: false, ownJobIds: [jobId], job, observation, time };
}

/** Only a job that tells its own beginning shows how far the clock that stamps the rows is behind. */
function overBefore({ beganAtMs = null }: JobReport, { notBeforeMs }: SwapTime): number | null {
  return beganAtMs === null ? null : notBeforeMs;
}

/** The task centre told the job of an adopted row. */
function tellJobId(run: Run, taskId: string, jobId: string): void {
  note(run, `task ${taskId} is job ${jobId}`);
  run.jobIds = run.jobIds.map((id) => (id === taskId ? jobId : id));
}

function awaitJob(
  run: Run,
  { request, purpose, knownSwapTaskIds }: SwapPlan,
  followed: FollowedJob,
): Promise<JobReport> {
  const { jobId, taskId, taskCreatedAtMs = null, by, notBeforeMs } = followed;
  const { withinSeconds = request.timing.jobTimeoutSeconds } = followed;
  const deadlineMs = Date.now() + withinSeconds * 1000;
  const until = new Date(deadlineMs).toISOString();
  const phase = purpose === 'forward' ? 'AWAITING_JOB' : 'COMPENSATING';
  enter(run, phase, `poll job ${jobId} until it ends; given up at ${until}`);
  return pollWithin(request.timing)
    .awaitJob({
      ...{ request, jobId, taskId, taskCreatedAtMs, deadlineMs, putSent: 'yes' },
      ...(by === 'answer' ? { answered: { knownSwapTaskIds, notBeforeMs } } : {}),
      turnsUntilMs: turnsUntilMs(run, request),
    })
    .catch(toUnfinishedJob);
}

/** The job's word decides how long to look, never what is true. */
async function readRoles(
  run: Run,
  plan: SwapPlan,
  ownJobs: OwnJobs,
  job: JobReport,
): Promise<Observation> {
  if (job.state === 'unfinished') return watchUnchanged(run, plan, ownJobs, 0);
  if (job.state === 'FAIL') {
    const seconds = failureWatchSeconds(plan.request.timing);
    const watched = await watchUnchanged(run, plan, ownJobs, seconds);
    if (watched.change !== 'changed') return watched;
  }
  return verifyChanged(run, plan, ownJobs);
}

/** Reads the roles until they are as a swap that went well leaves them, or the time is over. */
export function verifyChanged(run: Run, plan: SwapPlan, ownJobs: OwnJobs): Promise<Observation> {
  const { timing } = plan.request;
  enterVerifying(run, plan, 'read the roles until they are stable, changed and healthy');
  return observe(run, () => verifyWithin(timing).verifyRoles(watchCall(run, plan, ownJobs, 0)));
}

/** Watches whether the roles of before hold. */
export async function watchUnchanged(
  run: Run,
  plan: SwapPlan,
  ownJobs: OwnJobs,
  seconds = plan.request.timing.settleSeconds,
): Promise<Observation> {
  const next =
    seconds === 0
      ? 'read roles and swap tasks once more'
      : `watch for ${seconds} s whether the roles of before hold`;
  enterVerifying(run, plan, next);
  return watch(run, watchCall(run, plan, ownJobs, seconds));
}

function watch(run: Run, call: WatchCall): Promise<Observation> {
  const { watchSeconds, request } = call;
  return observe(run, () => watchWithin(watchSeconds, request.timing).watchRoles(call));
}

function enterVerifying(run: Run, plan: SwapPlan, next: string): void {
  enter(run, plan.purpose === 'forward' ? 'VERIFYING' : 'COMPENSATING', next);
}

function watchCall(run: Run, plan: SwapPlan, ownJobs: OwnJobs, watchSeconds: number): WatchCall {
  const { ids: ownJobIds, by: ownJobsBy, overBeforeMs = null } = ownJobs;
  const { request, from: before, knownSwapTaskIds, purpose, target } = plan;
  const mayHaveInactiveReplicas = purpose === 'compensate';
  const putSent = ownJobIds.length > 0 ? 'yes' : 'no';
  return {
    ...{ request, before, knownSwapTaskIds, ownJobIds, ownJobsBy, overBeforeMs, watchSeconds },
    ...{ mayHaveInactiveReplicas, target, putSent },
    turnsUntilMs: turnsUntilMs(run, request),
  };
}

function turnsUntilMs({ lastSentAtMs }: Run, { timing }: SwapPlan['request']): number {
  const startedAtMs = workflowInfo().startTime.getTime();
  const { timeoutMs } = startOptions();
  return settlingTurnsEndMs(timing, lastSentAtMs ?? Date.now(), { startedAtMs, timeoutMs });
}

/** A watch that could not be carried out at all has seen nothing, which the outcome rule calls UNKNOWN. */
async function observe(run: Run, watch: () => Promise<Observation>): Promise<Observation> {
  const observation = await watch().catch((error: unknown) => {
    if (error instanceof ActivityFailure) return NOTHING_SEEN;
    throw error;
  });
  run.after = observation.roles ?? run.after;
  run.obstacle = observation.lastError ?? run.obstacle;
  run.newSwapTasks = observation.newSwapTasks ?? run.newSwapTasks;
  run.disagreement = observation.disagreement ?? null;
  for (const complaint of observation.complaints) note(run, complaint);
  for (const task of observation.newSwapTasks ?? [])
    if (task.owner !== 'ours') note(run, describeSwapTask(task));
  return observation;
}

const NOTHING_SEEN: Observation = {
  roles: null,
  stable: false,
  change: null,
  heldThroughout: false,
  masterActive: false,
  nodesActive: false,
  instanceReady: false,
  complaints: [],
  newSwapTasks: null,
  samples: 0,
  unreadable: 0,
  lastError: 'the reading activity did not report back',
};

function toUnfinishedJob(error: unknown): JobReport {
  if (!(error instanceof ActivityFailure)) throw error;
  const detail = 'the polling activity did not report back';
  return { state: 'unfinished', lastStatus: null, failReason: null, polls: 0, jobMs: null, detail };
}
