import { activityInfo, cancellationSignal, metricMeter } from '@temporalio/activity';

import { DcsError, DcsResponseError } from '../dcs/index.js';
import type { JobInfo } from '../dcs/index.js';
import { noticeLagMs } from '../domain/clocks.js';
import type { JobCall, JobReport } from '../domain/reports.js';
import { classifyRead } from '../domain/retry-classification.js';
import { endOf, endOfJob, isUnfinished } from '../domain/tasks.js';
import { METRICS } from '../domain/telemetry.js';
import { saysItGoesOn } from '../domain/last-look.js';
import { pollDelayMs } from '../domain/polling.js';
import { iso, JOB_ID } from '../util.js';

import { startExecutionClock } from './clock.js';
import type { ExecutionClock } from './clock.js';
import type { ActivityDeps } from './deps.js';
import { explain, leaveToOthers, ProjectNotServedError } from './errors.js';
import { findJobRow, orNull } from './job-row.js';
import type { RowSource } from './job-row.js';
import { createReader } from './session.js';
import type { InstanceReader } from './session.js';
import { patienceMs, pause, settlingTurns, withHeartbeats } from './turns.js';
import type { BeatText, CountedTurns } from './turns.js';

/** What a successor resumes from and what the UI shows of a running poll. */
interface Progress {
  readonly jobId: string;
  readonly polls: number;
  readonly lastStatus: string | null;
  readonly lastError: string | null;
  /** Id of the job's task row, once that was found. Absent before, and in earlier versions. */
  readonly taskId?: string;
  /** How long readings waited for turns, in milliseconds. Absent in earlier versions. */
  readonly waitedMs?: number;
}

/** What one poll found: the job's end, or `null` while it goes on. */
type JobEnd = Pick<
  JobReport,
  'state' | 'failReason' | 'jobMs' | 'beganAtMs' | 'endedAtMs' | 'observedEndedAtMs'
> | null;

/**
 * Activity `awaitJob`: polls the job until it has ended or the deadline has passed. Heartbeats; another
 * worker resumes where a lost one stopped. Errors, unknown jobs and unknown status words are waited
 * out: the deadline bounds them, and an unfinished job never counts as success or failure.
 */
export async function awaitJob(deps: ActivityDeps, call: JobCall): Promise<JobReport> {
  const project = deps.findProject(call.request.projectId);
  // Retryable: a worker that serves the project takes it. As an answer it would end the run UNKNOWN.
  if (project === undefined) throw new ProjectNotServedError(call.request.projectId);
  const progress = { current: resume(call) };
  const turns = settlingTurns(patienceMs(call), progress.current.waitedMs);
  const signal = cancellationSignal();
  const reader = createReader(project.dcs, call.request.instanceId, signal, turns.turn);
  const clock = startExecutionClock();
  return withHeartbeats(
    () => ({ ...progress.current, waitedMs: turns.waitedMs(), ...description(call, reader) }),
    () => pollUntilEnd({ reader, project, turns }, call, progress, clock),
  );
}

/** What a person who looks at the running poll wants to know; a successor does not read it. */
function description(
  { jobId, deadlineMs, putSent = 'yes' }: JobCall,
  reader: InstanceReader,
): BeatText {
  const givesUpAt = iso(deadlineMs);
  return {
    next: `wait for job ${jobId}; gives up at ${givesUpAt}, and the run then ends UNKNOWN`,
    givesUpAt,
    lastRequestId: reader.lastRequestId(),
    putSent,
  };
}

async function pollUntilEnd(
  { turns, ...source }: RowSource & { readonly turns: CountedTurns },
  call: JobCall,
  progress: { current: Progress },
  clock: ExecutionClock,
): Promise<JobReport> {
  // Temporal's clock gave both; from here on it is a duration, which this machine measures by itself.
  const withinMs = call.deadlineMs - activityInfo().scheduledTimestampMs;
  let retryAfterMs: number | null = null;
  for (let delayMs = nextDelayMs(); ; delayMs = nextDelayMs()) {
    await pause(delayMs);
    const poll = await pollOnce(source, call, progress.current);
    retryAfterMs = poll.retryAfterMs;
    progress.current = {
      ...progress.current,
      jobId: poll.jobId ?? progress.current.jobId,
      polls: progress.current.polls + 1,
      lastStatus: poll.status ?? progress.current.lastStatus,
      lastError: poll.error,
      ...(poll.taskId === undefined ? {} : { taskId: poll.taskId }),
    };
    if (poll.ending !== null)
      return { ...describe(progress.current, call), ...poll.ending, detail: poll.error ?? '' };
    // At least one poll per execution: a worker that comes back late still finds a job that has ended.
    if (nextDelayMs() <= 0) return endAtDeadline(source, call, progress.current);
  }
  function nextDelayMs(): number {
    // Time without a turn is not the job's.
    const elapsedMs = clock.sinceFirstScheduledMs() - turns.waitedMs();
    const { firstPollsMs } = source.project;
    return pollDelayMs(elapsedMs, withinMs - elapsedMs, retryAfterMs, Math.random(), firstPollsMs);
  }
}

/** A job that does not say that it goes on may have ended, in a word that no one knows: its row may have a known one. */
async function endAtDeadline(
  source: RowSource,
  call: JobCall,
  progress: Progress,
): Promise<JobReport> {
  const { lastStatus, lastError } = progress;
  const goesOn = lastError === null && saysItGoesOn({ status: lastStatus });
  const said = lastError ?? `the state of the job is ${lastStatus ?? 'not shown'}`;
  const row = goesOn ? null : await pollTaskRow(source, call, progress, said);
  const { ending = null, error = null } = row ?? {};
  if (ending === null) return unfinished(progress, call, 'the job deadline has passed');
  return { ...describe(progress, call), ...ending, detail: error ?? '' };
}

interface Poll {
  readonly status: string | null;
  readonly ending: JobEnd;
  readonly error: string | null;
  readonly retryAfterMs: number | null;
  /** The job's own id, where only its task row was known before. */
  readonly jobId?: string;
  /** Id of its task row, where that was found now. */
  readonly taskId?: string;
}

async function pollOnce(source: RowSource, call: JobCall, progress: Progress): Promise<Poll> {
  const { reader } = source;
  try {
    const { value, serverTimeMs } = await reader.job(progress.jobId);
    recordNoticeLag(value, serverTimeMs);
    const ending = toEnding(value, serverTimeMs);
    return { status: value.status, ending, error: null, retryAfterMs: null };
  } catch (error) {
    if (cancellationSignal().aborted || !(error instanceof DcsError)) throw error;
    leaveToOthers(error);
    const { retryAfterMs } = error;
    // Once it may be a mishap.
    const showsNoJob = error instanceof DcsResponseError && progress.lastError !== null;
    if (classifyRead(error) !== 'STOP' && !showsNoJob)
      return { status: null, ending: null, error: explain(error), retryAfterMs };
    const jobId = error.status === 403 ? null : await findOwnId(reader, call, progress);
    if (jobId !== null) return { status: null, ending: null, error: null, retryAfterMs, jobId };
    return pollTaskRow(source, call, progress, explain(error));
  }
}

/** A row may come late to the task centre, or never: then the row itself reports its end. */
const MAX_CENTRE_QUESTIONS = 5;

/** The job of a row that was found in the task list, or named by a person, whose id is that of no job. */
async function findOwnId(
  reader: InstanceReader,
  call: JobCall,
  progress: Progress,
): Promise<string | null> {
  if (!mayBeRow(call, progress)) return null;
  const { jobId, taskId, taskCreatedAtMs = null } = call;
  const found = await orNull(reader.jobOfTask(taskId ?? jobId, taskCreatedAtMs));
  return found !== null && JOB_ID.test(found) && found !== jobId ? found : null;
}

function mayBeRow({ request, jobId, taskId }: JobCall, progress: Progress): boolean {
  const isAnswered = taskId === null && request.mode !== 'adopt';
  return !isAnswered && progress.jobId === jobId && progress.polls < MAX_CENTRE_QUESTIONS;
}

function recordNoticeLag(job: JobInfo, serverTimeMs: number | null): void {
  if (endOfJob(job.status) === null || job.endTimeMs === null || serverTimeMs === null) return;
  const { name, description } = METRICS.jobNoticeLag;
  const lagMs = noticeLagMs(job.endTimeMs, serverTimeMs);
  metricMeter.createHistogram(name, 'float', '', description).record(lagMs / 1000);
}

/** A job that `jobs/{id}` does not know, or not show us, may still show its end as a row of the task list. */
async function pollTaskRow(
  source: RowSource,
  call: JobCall,
  progress: Progress,
  error: string,
): Promise<Poll> {
  const taskId = progress.taskId ?? null;
  const unknown = { status: null, ending: null, error, retryAfterMs: null };
  const centre = taskId !== null || progress.polls < MAX_CENTRE_QUESTIONS ? 'ask' : 'leave';
  try {
    const row = await findJobRow(source, { call, taskId, centre });
    if (row === null) return unknown;
    const { status, by, provenId } = row;
    const seen = { ...unknown, status, ...(provenId === null ? {} : { taskId: provenId }) };
    if (isUnfinished({ status })) return seen;
    const observedEndedAtMs = source.reader.answeredAtMs();
    const ending = { state: endOf(status), failReason: null, jobMs: null, observedEndedAtMs };
    return { ...seen, ending, error: by === null ? error : `${error}; it is ${by}` };
  } catch (listError) {
    if (cancellationSignal().aborted || !(listError instanceof DcsError)) throw listError;
    return { ...unknown, error: `${error}; ${explain(listError)}` };
  }
}

function toEnding(
  { status, failReason, beginTimeMs, endTimeMs }: JobInfo,
  observedEndedAtMs: number | null,
): JobEnd {
  const state = endOfJob(status);
  if (state === null) return null;
  const jobMs = beginTimeMs === null || endTimeMs === null ? null : endTimeMs - beginTimeMs;
  const times = { jobMs, beganAtMs: beginTimeMs, endedAtMs: endTimeMs, observedEndedAtMs };
  return { state, failReason, ...times };
}

function resume({ jobId }: JobCall): Progress {
  const earlier = activityInfo().heartbeatDetails as Progress | undefined;
  return earlier ?? { jobId, polls: 0, lastStatus: null, lastError: null };
}

function describe(
  { polls, lastStatus, jobId }: Progress,
  call: JobCall,
): Pick<JobReport, 'polls' | 'lastStatus' | 'jobId'> {
  return { polls, lastStatus, ...(jobId === call.jobId ? {} : { jobId }) };
}

function unfinished(progress: Progress, call: JobCall, why: string): JobReport {
  const detail = progress.lastError === null ? why : `${why}; last answer: ${progress.lastError}`;
  const ending = { state: 'unfinished', failReason: null, jobMs: null } as const;
  return { ...describe(progress, call), ...ending, detail };
}
