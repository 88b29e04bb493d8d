import { activityInfo } from '@temporalio/activity';
import type { Client } from '@temporalio/client';

import { MAINTENANCE_WORKFLOW_TYPE, makeSwitchoverWorkflowId } from '../contract/index.js';
import type { InputProblem, InstanceRef, SwitchoverRequest } from '../contract/index.js';
import type { ExaminedRunFacts } from '../domain/checks/examination.js';
import { findRedisCause } from '../domain/causes.js';
import { findDeciding, findUnresolvedRun } from '../domain/checks/runs.js';
import type { RunHistoryFacts } from '../domain/facts.js';
import { readAskedRequest } from '../domain/goal.js';
import type { OtherSwaps } from '../domain/preflight-report.js';
import {
  countSentByMaintenance,
  isEndedByPreCheck,
  isTransparent,
  readBack,
  readClosedRun,
} from '../temporal/earlier-run.js';
import type { ReadRun } from '../temporal/earlier-run.js';
import { readExaminedRun, swapIdsOf } from '../temporal/examined-run.js';
import { inActivity, isNotFound } from '../temporal/rpc.js';
import { fetchRunHistory, mapSome } from '../temporal/run-history.js';
import {
  isOpenStatus,
  listFreshly,
  MAINTENANCE_RUNS,
  MAX_LISTED_RUNS,
  readRunState,
  runsOf,
} from '../temporal/run-list.js';
import type { Freshness, ListedRun, RunsOf } from '../temporal/run-list.js';
import { findSameRequest } from '../temporal/same-request.js';

import { textOf } from '../util.js';
import { startStopwatch } from './clock.js';
import { TooManyRefusedRunsError, TooManyRunsError, VisibilityBehindError } from './errors.js';
import { countOf } from '../domain/text.js';

/** With how long visibility may take to show the asking run before its answer counts as too old. */
const LISTED = { limit: MAX_LISTED_RUNS, withinMs: 10_000 } as const;

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
 * @returns runs back to the first that leaves or settles an unresolved outcome, and the run of the same request
 * @throws VisibilityBehindError after 10 s, TemporalUnreachableError, TemporalRequestError, TooManyRefusedRunsError and TooManyRunsError when
 * the list is full before the run that decides, or that of the request, was found
 */
export async function readEarlierRuns(
  client: Client,
  ref: InstanceRef,
  { ownRunId, exceptRunId = null, requestId = null }: EarlierRunsQuery,
): Promise<RunHistoryFacts> {
  const runs = runsOf(inActivity(client), makeSwitchoverWorkflowId(ref));
  const listed = await listForRun(runs, ownRunId, LISTED);
  const others = listed.filter(({ runId }) => runId !== ownRunId && runId !== exceptRunId);
  const { closed, openRunId } = await splitOpen(runs, others);
  const read = remember((run: ListedRun) => readClosedRun(runs, run));
  const relevant = closed.filter((run) => !isTransparent(run));
  const back = await readBack(relevant, read);
  // What lies before a list that is full no one has seen.
  if (listed.length === MAX_LISTED_RUNS && findDeciding(back) === null)
    throw new TooManyRefusedRunsError(ref, MAX_LISTED_RUNS);
  const search = { ref, closed: relevant, read };
  const sameRequest =
    requestId === null ? null : await findSameRequest(runs, { ...search, requestId });
  if (requestId !== null && sameRequest === null && listed.length === MAX_LISTED_RUNS)
    throw new TooManyRunsError(ref, MAX_LISTED_RUNS);
  return { closed: back, openRunId, sameRequest };
}

/** Each is read once, no matter who asks for it. */
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
    ...(await ask('describe a run', () => readRunState(client, workflowId, run.runId))),
  }));
  const byId = new Map(states.map((run) => [run.runId, run]));
  const now = runs.map((run) => byId.get(run.runId) ?? run);
  return {
    closed: now.filter((run) => !isOpen(run)),
    openRunId: now.find(isOpen)?.runId ?? null,
  };
}

/** Someone may have paused it: its lock is held all the same, and it has no end to wait for. */
function isOpen({ status }: ListedRun): boolean {
  return isOpenStatus(status);
}

/**
 * Lists the runs of a workflow id once visibility shows the asking one, latest first.
 *
 * @param ownRunId the asking run; `null` when it runs under another id
 * @param bounds the most that are listed, and how long visibility may take, in milliseconds
 * @throws VisibilityBehindError, TemporalUnreachableError, TemporalRequestError
 */
async function listForRun(
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

/**
 * Finds the examined run and reads from its history what it proves. By Temporal's own record, so
 * that it works for runs that were terminated, timed out, or written by another version.
 *
 * @param ownRunId the asking run
 * @throws TemporalUnreachableError, TemporalRequestError, VisibilityBehindError, TooManyRefusedRunsError
 */
export async function findExaminedRun(
  client: Client,
  request: SwitchoverRequest,
  ownRunId: string,
): Promise<ExaminedRunFacts> {
  const runId = request.examinedRunId ?? (await lookForUnresolvedRun(client, request, ownRunId));
  if (runId === null)
    return { kind: 'missing', why: 'no run of this instance is unresolved, and none was named' };
  const workflowId = makeSwitchoverWorkflowId(request);
  try {
    const facts = await readRun(client, workflowId, runId);
    if (facts.kind === 'found') {
      const { examined } = facts;
      if (request.mode !== 'adopt' && examined.sending !== 'ambiguous') return facts;
      const otherSwaps = await readOtherSwaps(client, workflowId, { runId, ownRunId });
      return { kind: 'found', examined: { ...examined, otherSwaps } };
    }
    if (facts.kind !== 'empty') return facts;
    return {
      ...facts,
      otherUnresolved: await lookForUnresolvedRun(client, request, ownRunId, runId),
    };
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const why = `Temporal knows no run ${runId} of ${workflowId}: it is a run of another instance, a maintenance, or its retention is over`;
    return { kind: 'missing', why };
  }
}

async function lookForUnresolvedRun(
  client: Client,
  request: SwitchoverRequest,
  ownRunId: string,
  exceptRunId: string | null = null,
): Promise<string | null> {
  const { closed } = await readEarlierRuns(client, request, { ownRunId, exceptRunId });
  return findUnresolvedRun(closed)?.runId ?? null;
}

/**
 * How many neighbours of a run are looked at. A swap counts as that of a run only where it began within a minute of its
 * PUT, and a run that sends takes seconds. Earlier ones matter only where their rows are listed late.
 */
const NEIGHBOURS = { later: 20, earlier: 5 } as const;

/** The swaps of the runs right before and after a run, as their histories prove them. */
async function readOtherSwaps(
  client: Client,
  workflowId: string,
  { runId, ownRunId }: { readonly runId: string; readonly ownRunId: string },
): Promise<OtherSwaps[]> {
  const runs = runsOf(inActivity(client), workflowId);
  const listed = await listForRun(runs, ownRunId, LISTED);
  const senders = listed.filter((run) => run.runId === runId || !isEndedByPreCheck(run));
  const at = senders.findIndex((run) => run.runId === runId);
  if (at < 0) return [];
  const near = senders
    .slice(Math.max(0, at - NEIGHBOURS.later), at + 1 + NEIGHBOURS.earlier)
    .filter((run) => run.runId !== runId && run.runId !== ownRunId);
  const swaps = await mapSome(near, async (run) => {
    const history = await runs.ask('read the history of a run', () =>
      fetchRunHistory(client, workflowId, run.runId),
    );
    // Whoever examines names jobs that it did not start.
    return {
      runId: run.runId,
      ids: readAskedRequest(history.input).mode === 'switch' ? swapIdsOf(history) : [],
    };
  });
  return swaps.filter(({ ids }) => ids.length > 0);
}

async function readRun(
  client: Client,
  workflowId: string,
  runId: string,
): Promise<ExaminedRunFacts> {
  const runs = runsOf(inActivity(client), workflowId);
  const { status, closedAtMs } = await runs.ask('describe the run', () =>
    readRunState(client, workflowId, runId),
  );
  if (closedAtMs === null)
    return { kind: 'missing', why: `run ${runId} has not ended, so there is nothing to judge yet` };
  const history = await runs.ask('read the history of the run', () =>
    fetchRunHistory(client, workflowId, runId),
  );
  const { outcome, reported } = await readClosedRun(runs, { runId, status, type: '' });
  const ended = outcome ?? status;
  const reading = readExaminedRun(history, { runId, ended, closedAtMs });
  if ('examined' in reading) {
    const redisCause = outcome === 'UNKNOWN' ? findRedisCause(textOf(reported?.cause) ?? '') : null;
    const known = redisCause === null ? {} : { redisCause };
    return { kind: 'found', examined: { ...reading.examined, ...known } };
  }
  if (!reading.wasSwitchover) return { kind: 'missing', why: reading.missing };
  const { missing: why, provedOutcome } = reading;
  return { kind: 'empty', why, provedOutcome, otherUnresolved: null };
}

// Whether the id of a maintenance has done work before: then only an explicit word repeats it.

/**
 * The problem of an id under which another start has switched, or may have; `null` where none has. Runs of the
 * asking one's own chain (a reset, a continuation) do not count: each child knows by its request id what is done.
 *
 * @param workflowId of the maintenance; firings of a schedule have ids of their own
 * @throws TemporalUnreachableError, TemporalRequestError, VisibilityBehindError
 */
export async function findUsedId(client: Client, workflowId: string): Promise<InputProblem | null> {
  const ownRunId = activityInfo().workflowExecution?.runId ?? '';
  const runs = runsOf(inActivity(client), workflowId);
  const listed = await listForRun(runs, ownRunId, MAINTENANCE_RUNS);
  const ownChain = listed.length === 1 ? ownRunId : await chainOf(runs, ownRunId);
  for (const run of listed) {
    const isCandidate =
      run.runId !== ownRunId &&
      run.type === MAINTENANCE_WORKFLOW_TYPE &&
      run.status !== 'CONTINUED_AS_NEW';
    if (!isCandidate || (await chainOf(runs, run.runId)) === ownChain) continue;
    const sent = await countSentByMaintenance(runs, run.runId);
    if (sent === null) return usedProblem(`run ${run.runId} of it may have switched instances`);
    if (sent > 0) return usedProblem(`run ${run.runId} of it has sent ${countOf(sent, 'PUT')}`);
  }
  // A caller that is refused again and again pushes the run that switched out of the list.
  const { limit } = MAINTENANCE_RUNS;
  return listed.length < limit ? null : usedProblem(`at least ${limit} runs of it are listed`);
}

function usedProblem(how: string): InputProblem {
  return {
    field: 'maintenanceId',
    problem: `has been used: ${how}`,
    remedy:
      'Give another maintenanceId. To do the work again under this one, say again: true (in a command: --again).',
  };
}

/** The first run of the chain that a run belongs to; a reset keeps it. */
async function chainOf({ ask, client, workflowId }: RunsOf, runId: string): Promise<string> {
  return (await ask('describe a run', () => readRunState(client, workflowId, runId))).firstRunId;
}
