/** The task row of a job that `jobs/{id}` does not know, or not show us. */
import { cancellationSignal } from '@temporalio/activity';

import { DcsError } from '../dcs/index.js';
import type { Observed, TaskFacts } from '../domain/facts.js';
import type { AnsweredPut, JobCall } from '../domain/reports.js';
import { describeSwapTask, findAnsweredTask, isOneOf } from '../domain/tasks.js';
import { MAX_SKEW_MS } from '../util.js';

import type { ProjectEntry } from './deps.js';
import { findStrays } from './observe.js';
import type { InstanceReader } from './session.js';

/** The task row of a job. */
interface JobRow extends Pick<TaskFacts, 'id' | 'status'> {
  /** By what it is that of the job, where no id that was known before says so. */
  readonly by: string | null;
  /** Its id, where that was proved: from then on it leads to the row. */
  readonly provenId: string | null;
}

/** Where rows are looked for. */
export interface RowSource {
  readonly reader: InstanceReader;
  readonly project: Pick<ProjectEntry, 'dcs' | 'taskUserName' | 'firstPollsMs'>;
}

/** What leads to the row of a job. */
interface RowSearch {
  readonly call: JobCall;
  /** Id of its row, where that was found before. */
  readonly taskId: string | null;
  /** Whether the task centre is worth a question. */
  readonly centre: 'ask' | 'leave';
}

/**
 * The row of a job that `jobs/{id}` does not know, or not show us: by an id of it, else by what the task centre says,
 * else, after an answered PUT, as the only new one that may be its own.
 *
 * @throws DcsError where the task list cannot be read
 */
export async function findJobRow(
  source: RowSource,
  { call, taskId, centre }: RowSearch,
): Promise<JobRow | null> {
  const tasks = await source.reader.tasks();
  const ids = [call.jobId, call.taskId, taskId].filter((id) => id !== null);
  const listed = tasks.value.find((task) => isOneOf(task, ids));
  if (listed !== undefined) return { ...listed, by: null, provenId: null };
  const reported = centre === 'ask' ? await askCentre(source.reader, call) : null;
  if (reported !== null)
    return { ...reported, by: `task ${reported.id} by the task centre`, provenId: reported.id };
  return call.answered === undefined ? null : findOnlyNew(source, call.answered, tasks);
}

function askCentre(reader: InstanceReader, call: JobCall): Promise<TaskFacts | null> {
  const { notBeforeMs = null } = call.answered ?? {};
  const sinceMs = notBeforeMs === null ? null : notBeforeMs - MAX_SKEW_MS;
  return orNull(reader.taskOfJob(call.jobId, sinceMs));
}

async function findOnlyNew(
  { project }: RowSource,
  answered: AnsweredPut,
  tasks: Observed<readonly TaskFacts[]>,
): Promise<JobRow | null> {
  const row = findAnsweredTask(await findStrays(tasks, answered, project), answered.notBeforeMs);
  if (row === null) return null;
  return { ...row, by: `${describeSwapTask(row)}, the only new one`, provenId: null };
}

/** What the API answers; `null` where it does not. */
export async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (cancellationSignal().aborted || !(error instanceof DcsError)) throw error;
    return null;
  }
}
