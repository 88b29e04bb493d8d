import { setImmediate as nextTurn } from 'node:timers/promises';
import { makeHexId, messageOf, sleep } from '../basics.js';
import type { Clock } from '../basics.js';
import type { JobScript, TaskRowScript } from '../faults/spec.js';
import type { InstanceHabits } from '../habits.js';
import type { Draft, LedgerBook, SwapRecord } from '../ledger.js';
import type { SwapTiming } from '../options.js';
import type { RedisScript } from '../redis/script.js';
import type { NodeRow } from './node.js';
import { makeTaskRow, SWAP_TASK } from './lists.js';
import type { TaskEntry } from './lists.js';

/** Who swaps, and how it is scripted to go. */
export interface SwapOrder {
  readonly byUser: string;
  readonly source: SwapRecord['source'];
  readonly job: JobScript;
  readonly taskRow: TaskRowScript;
  readonly redis: RedisScript;
}

/** What a swap needs to know of its instance. */
export interface SwapSubject {
  readonly instanceId: string;
  readonly from: NodeRow;
  readonly to: NodeRow;
  /** Makes `to` the master, for real. */
  changeRoles(order: SwapOrder): Promise<void>;
  setNewMasterStatus(status: 'Active' | 'Inactive'): void;
}

/** What all swaps share. */
export interface SwapContext {
  readonly ledger: LedgerBook;
  readonly clock: Clock;
  readonly timing: SwapTiming;
  /** The id of a user by name. */
  readonly userIdOf: (userName: string) => string;
  /** Every job, by its id. */
  readonly jobs: Map<string, SwapJob>;
  /** Aborted when the simulator closes. */
  readonly signal: AbortSignal;
}

/** A swap in progress or over. */
export interface SwapJob {
  readonly jobId: string;
  readonly instanceId: string;
  /** Word of `GET …/jobs/{id}`: `INIT`, `RUNNING` (or a scripted word), `SUCCESS`, `FAIL`. */
  status: string;
  /** By this machine's clock; the other two by that of the API, as it was then. */
  readonly beginMs: number;
  readonly shownBeginMs: number;
  shownEndMs: number | null;
  failReason: string | null;
  readonly neverEnds: boolean;
  readonly task: TaskEntry;
  readonly record: Draft<SwapRecord>;
}

/** Share of the job after which the roles change, unless the timing says otherwise. */
const FLIP_FRACTION = 0.6;
const DEFAULT_FAIL_REASON = 'Master standby swap failed.';

/** Accepts a swap: from now on it is on record. {@link runSwap} carries it out. */
export function openSwap(
  subject: SwapSubject,
  order: SwapOrder,
  context: SwapContext & { readonly habits: InstanceHabits },
): SwapJob {
  const jobId = makeHexId();
  const { instanceId, from, to } = subject;
  const job: SwapJob = {
    jobId,
    instanceId,
    status: 'INIT',
    beginMs: Date.now(),
    shownBeginMs: context.clock.now(),
    shownEndMs: null,
    failReason: null,
    neverEnds: order.job.neverEnds ?? false,
    task: openTask(jobId, order, context),
    record: context.ledger.openSwap({
      instanceId,
      jobId,
      byUser: order.byUser,
      source: order.source,
      fromNodeId: from.key,
      toNodeId: to.key,
    }),
  };
  context.jobs.set(jobId, job);
  return job;
}

/** Carries an accepted swap out; returns when its job is over, or never will be. */
export async function runSwap(
  job: SwapJob,
  subject: SwapSubject,
  order: SwapOrder,
  { timing, signal, clock }: SwapContext,
): Promise<void> {
  const { job: script } = order;
  const initMs = script.initMs ?? timing.jobInitMs;
  const totalMs = initMs + (script.runMs ?? timing.jobRunMs);
  const flipAtMs = Math.min(
    Math.max(timing.rolesFlipAtMs ?? totalMs * FLIP_FRACTION, initMs),
    totalMs,
  );
  try {
    // The acceptance is answered before anything happens, even when every duration is 0.
    await nextTurn();
    await sleep(initMs, signal);
    job.status = script.status ?? 'RUNNING';
    await sleep(flipAtMs - initMs, signal);
    const failure = await changeRoles(job, subject, order);
    if (job.neverEnds) return;
    await sleep(job.beginMs + totalMs - Date.now(), signal);
    endJob(job, failure, clock);
  } catch (error) {
    // Closed in the middle: the job stays as it is, no one can ask for it any more.
    if (!signal.aborted) throw error;
  }
}

const OPEN_END_TIMES: Record<InstanceHabits['openEndTime'], string | null | undefined> = {
  null: null,
  empty: '',
  absent: undefined,
};

/** The answer to `GET …/jobs/{job_id}` (ShowJobInfo): times in milliseconds, as strings. */
export function jobBody(job: SwapJob, { openEndTime }: InstanceHabits): unknown {
  return {
    job_id: job.jobId,
    job_type: SWAP_TASK,
    status: job.status,
    begin_time: String(job.shownBeginMs),
    end_time: job.shownEndMs === null ? OPEN_END_TIMES[openEndTime] : String(job.shownEndMs),
    fail_reason: job.failReason,
  };
}

/** Returns why the job fails, or `null`. A Redis that refuses to fail over fails the job, too. */
async function changeRoles(
  job: SwapJob,
  subject: SwapSubject,
  order: SwapOrder,
): Promise<string | null> {
  const { job: script } = order;
  const fails = script.outcome === 'FAIL';
  try {
    if (script.changesRoles ?? !fails) {
      await subject.changeRoles(order);
      job.record.rolesChangedAt = Date.now();
      if (script.newMasterStatus) subject.setNewMasterStatus(script.newMasterStatus);
    }
  } catch (error) {
    return messageOf(error);
  }
  return fails ? (script.failReason ?? DEFAULT_FAIL_REASON) : null;
}

function endJob(job: SwapJob, failure: string | null, clock: Clock): void {
  job.shownEndMs = clock.now();
  job.failReason = failure;
  job.status = failure === null ? 'SUCCESS' : 'FAIL';
  job.task.row = {
    ...job.task.row,
    status: failure === null ? 'SUCCESS' : 'FAILED',
    updated_at: new Date(clock.now()).toISOString(),
    error_code: failure === null ? null : 'DCS.5094',
  };
}

function openTask(
  jobId: string,
  { byUser, taskRow }: SwapOrder,
  { habits, clock, userIdOf }: SwapContext & { readonly habits: InstanceHabits },
): TaskEntry {
  const userName = taskRow.userName === undefined ? byUser : taskRow.userName;
  const shownJobId = habits.taskRows === 'ownJobId' ? makeHexId() : jobId;
  const hidesJobId = taskRow.withoutJobId ?? habits.taskRows === 'withoutJobId';
  const own = {
    id: (taskRow.otherId ?? habits.taskIds === 'own') ? makeHexId() : jobId,
    user_name: userName,
    user_id: taskRow.userId === undefined ? userIdOf(userName ?? byUser) : taskRow.userId,
    status: 'EXECUTING',
    ...(hidesJobId ? {} : { job_id: shownJobId }),
  };
  const delayMs = taskRow.never ? Infinity : (taskRow.delayMs ?? habits.taskRowDelayMs);
  const visibleFromMs = Date.now() + delayMs;
  return { row: makeTaskRow(own, clock), centerJobId: shownJobId, visibleFromMs };
}
