import type { Client } from '@temporalio/client';

import { makeSwitchoverWorkflowId } from '../contract/index.js';
import type { InstanceRef } from '../contract/index.js';
import { findTelling } from '../domain/checks/runs.js';
import type { RunHistoryFacts } from '../domain/facts.js';
import { mapSome } from '../run-history/ask.js';
import type { Ask } from '../run-history/ask.js';
import { isTransparent, readClosedRun } from '../temporal/earlier-run.js';
import type { ReadRun, RunsOf } from '../temporal/earlier-run.js';
import { listFreshly } from '../run-history/fresh-list.js';
import type { Freshness } from '../run-history/fresh-list.js';
import { readBack } from '../run-history/read-back.js';
import { isOpenStatus, readRunStatus } from '../temporal/run-list.js';
import type { ListedRun } from '../temporal/run-list.js';
import { findSameRequest } from '../temporal/same-request.js';

import { startStopwatch } from './clock.js';
import { TooManyRunsError, TooManyRefusedRunsError, VisibilityBehindError } from './errors.js';
import { askTemporal } from './temporal.js';

/** How many runs are listed; latest ones come first, and retention ends the list long before. */
const MAX_LISTED_RUNS = 10_000;

/** With how long visibility may take to show the asking run before its answer counts as too old. */
export const LISTED = { limit: MAX_LISTED_RUNS, withinMs: 10_000 } as const;

/** What is asked about the earlier runs of an instance. */
export interface EarlierRunsQuery {
  /** The asking run, left out of the answer; `null` when it runs under another id (plan). */
  readonly ownRunId: string | null;
  /** A run to leave out as well, so that those before it are read. */
  readonly exceptRunId?: string | null;
  /** Whose run is looked for, however far back it lies. */
  readonly requestId?: string | null;
}

/**
 * Reads how the earlier runs of an instance ended.
 *
 * Visibility lags behind. It is asked until it shows the asking run itself: what it shows of earlier
 * runs is then at least as new as that; a run that it still calls open is described by its own id.
 *
 * @returns runs back to the first that leaves or settles a doubt, and the run of the same request
 * @throws VisibilityBehindError after 10 s, TemporalUnreadableError, TooManyRefusedRunsError and TooManyRunsError when
 * the list is full before the run that decides, or that of the request, was found
 */
export async function readEarlierRuns(
  client: Client,
  ref: InstanceRef,
  { ownRunId, exceptRunId = null, requestId = null }: EarlierRunsQuery,
): Promise<RunHistoryFacts> {
  const workflowId = makeSwitchoverWorkflowId(ref);
  const runs: RunsOf = { ask: askOf(client), client, workflowId };
  const listed = await listForRun(runs, ownRunId, LISTED);
  const others = listed.filter(({ runId }) => runId !== ownRunId && runId !== exceptRunId);
  const { closed, openRunId } = await splitOpen(runs, others);
  const read = remember((run: ListedRun) => readClosedRun(runs, run));
  const telling = closed.filter((run) => !isTransparent(run));
  const back = await readBack(telling, read);
  // What lies before a list that is full nobody has seen.
  if (listed.length === MAX_LISTED_RUNS && findTelling(back) === null)
    throw new TooManyRefusedRunsError(ref, MAX_LISTED_RUNS);
  const search = { ref, closed: telling, read };
  const sameRequest =
    requestId === null ? null : await findSameRequest(runs, { ...search, requestId });
  if (requestId !== null && sameRequest === null && listed.length === MAX_LISTED_RUNS)
    throw new TooManyRunsError(ref, MAX_LISTED_RUNS);
  return { closed: back, openRunId, sameRequest };
}

/** Asks as activities ask: briefly, and in their words. */
export function askOf(client: Client): Ask {
  return (operation, call) => askTemporal(client, operation, call);
}

/** Each is read once, whoever asks for it. */
function remember(read: (run: ListedRun) => Promise<ReadRun>): typeof read {
  const known = new Map<string, Promise<ReadRun>>();
  return (run) => {
    const promise = known.get(run.runId) ?? read(run);
    known.set(run.runId, promise);
    return promise;
  };
}

/** What visibility calls closed has closed; what it calls open is asked for its own record. */
async function splitOpen(
  { ask, client, workflowId }: RunsOf,
  runs: readonly ListedRun[],
): Promise<{ readonly closed: readonly ListedRun[]; readonly openRunId: string | null }> {
  const states = await mapSome(runs.filter(isOpen), async (run) => ({
    ...run,
    status: await ask('describe a run', () => readRunStatus(client, workflowId, run.runId)),
  }));
  const byId = new Map(states.map((run) => [run.runId, run]));
  const now = runs.map((run) => byId.get(run.runId) ?? run);
  return {
    closed: now.filter((run) => !isOpen(run)),
    openRunId: now.find(isOpen)?.runId ?? null,
  };
}

/** Somebody may have paused it: its lock is held all the same, and it has no end to wait for. */
function isOpen({ status }: ListedRun): boolean {
  return isOpenStatus(status);
}

/**
 * Lists the runs of a workflow id once visibility shows the asking one, latest first.
 *
 * @param ownRunId the asking run; `null` when it runs under another id
 * @param bounds the most that are listed, and how long visibility may take, in milliseconds
 * @throws VisibilityBehindError, TemporalUnreadableError
 */
export async function listForRun(
  runs: RunsOf,
  ownRunId: string | null,
  bounds: Pick<Freshness, 'limit' | 'withinMs'>,
): Promise<ListedRun[]> {
  const elapsed = startStopwatch();
  const elapsedMs = (): number => elapsed().atLeastMs;
  const listed = await listFreshly(runs, { ...bounds, shows: ownRunId, elapsedMs });
  if (listed === null) throw new VisibilityBehindError(runs.workflowId, bounds.withinMs);
  return listed;
}
