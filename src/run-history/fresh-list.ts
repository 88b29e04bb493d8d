/** Lists of runs that are no older than a known run: visibility lags behind, and whoever asks too early misses one. */
import { setTimeout as pause } from 'node:timers/promises';

import type { RunsOf } from '../temporal/earlier-run.js';
import { listRuns } from '../temporal/run-list.js';
import type { ListedRun, NamedRun } from '../temporal/run-list.js';

/** Pause between two looks, in milliseconds. */
const STEP_MS = 200;

/** How fresh a list has to be. */
export interface Freshness {
  /** The run that it has to show; `null`: any list will do. */
  readonly shows: string | null;
  /** The most that are listed. */
  readonly limit: number;
  /** How long visibility may take, in milliseconds. */
  readonly withinMs: number;
  /** Time since the list was first asked for, in milliseconds. */
  readonly elapsedMs: () => number;
}

/** Of the runs of a maintenance id: so many are looked at, latest first. With so many, an earlier one may not be listed. */
export const PLAN_RUNS = { limit: 100, withinMs: 5_000 } as const;

/** Lists the runs of a workflow id as visibility shows them, latest first. @throws what `ask` throws */
export async function listLatestFirst(
  { ask, client, workflowId }: RunsOf,
  limit: number,
): Promise<NamedRun[]> {
  const runs = await ask('list the runs', () => listRuns(client, workflowId, limit));
  return runs.sort((one, other) => other.startedAtMs - one.startedAtMs);
}

/**
 * Lists the runs of a workflow id, latest first, once visibility shows the known one.
 *
 * @returns `null` where it does not in time
 * @throws what `ask` throws
 */
export async function listFreshly(
  known: RunsOf,
  { shows, limit, withinMs, elapsedMs }: Freshness,
): Promise<ListedRun[] | null> {
  for (;;) {
    const runs = await listLatestFirst(known, limit);
    if (shows === null || runs.some(({ runId }) => runId === shows)) return runs;
    if (elapsedMs() > withinMs) return null;
    await pause(STEP_MS);
  }
}
