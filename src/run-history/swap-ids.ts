/** By which ids the task list may show the swaps of a run, as its own history proves them. Pure. */
import type { JobCall, JobReport, NewSwapTask, Observation } from '../domain/reports.js';
import { findAnsweredRow } from '../domain/tasks.js';

import type { ActivityFacts, RunHistory } from '../temporal/run-history.js';
import { findSwaps, jobOf, recordOf } from './swaps.js';

/** Ids of the jobs of a run and of their rows, each once. */
export function swapIdsOf({ activities }: RunHistory): string[] {
  const swaps = findSwaps(activities);
  const ids = [
    ...swaps.map(jobOf),
    ...activities.flatMap(polledIds),
    ...activities.flatMap(ownRowIds),
    ...swaps.flatMap(({ report }) =>
      report.kind === 'accepted' ? answeredRowIds(activities, report.notBeforeMs ?? null) : [],
    ),
  ];
  return [...new Set(ids.filter((id) => typeof id === 'string'))];
}

type MaybeId = string | null | undefined;

/** A poll knows the row of a job that was found in the task list, and learns the job of a row. */
function polledIds({ type, call, report }: ActivityFacts): MaybeId[] {
  if (type !== 'awaitJob') return [];
  const { jobId, taskId }: Partial<JobCall> = recordOf(call);
  const { jobId: learnt }: Partial<JobReport> = recordOf(report);
  return [jobId, taskId, learnt];
}

function ownRowIds(activity: ActivityFacts): MaybeId[] {
  return rowsOf(activity)
    .filter(({ owner }) => owner === 'ours')
    .flatMap(({ id, jobId }) => [id, jobId]);
}

/** Where no id leads from a job to its row. */
function answeredRowIds(
  activities: readonly ActivityFacts[],
  notBeforeMs: number | null,
): MaybeId[] {
  return activities.flatMap((activity) => {
    const row = findAnsweredRow(rowsOf(activity), notBeforeMs);
    return [row?.id, row?.jobId];
  });
}

function rowsOf({ type, report }: ActivityFacts): readonly NewSwapTask[] {
  if (type !== 'verifyRoles' && type !== 'watchRoles') return [];
  const { newSwapTasks }: Partial<Observation> = recordOf(report);
  return newSwapTasks ?? [];
}
