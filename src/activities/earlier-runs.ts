import { ApplicationFailure, WorkflowFailedError } from '@temporalio/client';
import type { Client } from '@temporalio/client';

import { isOutcome, makeSwitchoverWorkflowId } from '../contract/index.js';
import type { InstanceRef, SwitchoverResult } from '../contract/index.js';
import { findLatestWork, findTelling } from '../domain/checks/runs.js';
import type { EarlierRun, RunHistoryFacts } from '../domain/facts.js';
import { fetchRunHistory, fetchRunInput } from '../run-history/run-history.js';
import { listRuns, readRunStatus } from '../run-history/run-list.js';
import { provesNothingSent } from '../run-history/swap-trace.js';

import { startStopwatch } from './clock.js';
import { TooManyRefusedRunsError, VisibilityBehindError } from './errors.js';
import { askTemporal } from './temporal.js';

/** How many runs are listed; newer ones come first, and retention ends the list long before. */
const MAX_LISTED_RUNS = 2_000;

/**
 * How many runs are read on the way back to one that leaves or settles a doubt. Refused runs do
 * neither and are passed over, so a caller that retries for hours must not push the doubt out of view:
 * beyond this limit the answer is an error, never "nothing found".
 */
const MAX_READ_RUNS = 300;

/** How long visibility may take to show the asking run before its answer counts as too old. */
const FRESHNESS_TIMEOUT_MS = 10_000;
const FRESHNESS_STEP_MS = 200;

/**
 * Reads how the earlier runs of an instance ended.
 *
 * Visibility lags behind. It is asked until it shows the asking run itself: what it shows of earlier
 * runs is then at least as new as that; a run that it still calls open is described by its own id.
 *
 * @param ownRunId the asking run, left out of the answer; `null` when it runs under another id (plan)
 * @param exceptRunId a run to leave out as well, so that those before it are read
 * @returns runs back to the first that leaves or settles a doubt, and to the latest that was to switch
 * @throws VisibilityBehindError after 10 s, TemporalUnreadableError, or TooManyRefusedRunsError when only
 * refused runs are found within the limit
 */
export async function readEarlierRuns(
  client: Client,
  ref: InstanceRef,
  ownRunId: string | null,
  exceptRunId: string | null = null,
): Promise<RunHistoryFacts> {
  const workflowId = makeSwitchoverWorkflowId(ref);
  const others = (await listFreshly(client, workflowId, ownRunId))
    .filter(({ runId }) => runId !== ownRunId && runId !== exceptRunId)
    .sort((a, b) => b.startedAtMs - a.startedAtMs);
  const closed: EarlierRun[] = [];
  let openRunId: string | null = null;
  for (const { runId } of others) {
    const isSettled = findTelling(closed) !== null;
    if (isSettled && (findLatestWork(closed) !== null || closed.length === MAX_READ_RUNS)) break;
    if (closed.length === MAX_READ_RUNS) throw new TooManyRefusedRunsError(ref, MAX_READ_RUNS);
    const run = await readRun(client, workflowId, runId);
    if (run === 'open') openRunId = runId;
    else closed.push(run);
  }
  return { closed, openRunId };
}

async function listFreshly(client: Client, workflowId: string, ownRunId: string | null) {
  const elapsed = startStopwatch();
  for (;;) {
    const runs = await askTemporal(client, 'list the runs', () =>
      listRuns(client, workflowId, MAX_LISTED_RUNS),
    );
    if (ownRunId === null || runs.some(({ runId }) => runId === ownRunId)) return runs;
    if (elapsed().atLeastMs > FRESHNESS_TIMEOUT_MS)
      throw new VisibilityBehindError(workflowId, FRESHNESS_TIMEOUT_MS);
    await new Promise((resolve) => setTimeout(resolve, FRESHNESS_STEP_MS));
  }
}

/** Ends that tell nothing themselves, so that the history has to. */
const ENDED_FROM_OUTSIDE: readonly string[] = ['TERMINATED', 'TIMED_OUT'];

/** How one run ended, by its own word where it told one. */
export async function readRun(
  client: Client,
  workflowId: string,
  runId: string,
): Promise<EarlierRun | 'open'> {
  const handle = client.workflow.getHandle(workflowId, runId, { followRuns: false });
  const status = await askTemporal(client, 'describe a run', () =>
    readRunStatus(client, workflowId, runId),
  );
  // Somebody may have paused it: its lock is held all the same, and it has no end to wait for.
  if (status === 'RUNNING' || status === 'PAUSED') return 'open';
  const told = await askTemporal(client, 'read the end of a run', () =>
    readResult(() => handle.result() as Promise<unknown>),
  );
  // A terminated run tells nothing at its end; what it was asked stands in its first event.
  const asked =
    typeof told?.mode === 'string' && told.requestId !== undefined
      ? told
      : await readAsked(client, workflowId, runId);
  const { outcome, baselineRunId = null, checks = [] } = told ?? {};
  return {
    runId,
    status,
    hasSentNothing: await hasSentNothing(client, workflowId, runId, status),
    outcome: isOutcome(outcome) ? outcome : null,
    requestId: asked.requestId ?? null,
    mode: asked.mode ?? 'switch',
    baselineRunId,
    isDuplicate: checks.some(({ id, passed }) => id === 'request-already-done' && passed === false),
  };
}

/** The result of a closed run, whether it completed with it or failed with it. */
async function readResult(
  result: () => Promise<unknown>,
): Promise<Partial<SwitchoverResult> | null> {
  try {
    return (await result()) as Partial<SwitchoverResult> | null;
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    if (!(cause instanceof ApplicationFailure)) return null;
    const details = (cause.details?.[0] ?? {}) as Partial<SwitchoverResult>;
    return { ...details, outcome: cause.type as SwitchoverResult['outcome'] };
  }
}

async function hasSentNothing(
  client: Client,
  workflowId: string,
  runId: string,
  status: string,
): Promise<boolean> {
  if (!ENDED_FROM_OUTSIDE.includes(status)) return false;
  const history = await askTemporal(client, 'read the history of a run', () =>
    fetchRunHistory(client, workflowId, runId),
  );
  return provesNothingSent(history);
}

type Asked = Partial<Pick<SwitchoverResult, 'requestId' | 'mode'>>;

async function readAsked(client: Client, workflowId: string, runId: string): Promise<Asked> {
  const input = await askTemporal(client, 'read the input of a run', () =>
    fetchRunInput(client, workflowId, runId),
  );
  const { requestId, mode } = (input ?? {}) as Readonly<Record<string, unknown>>;
  return {
    requestId: typeof requestId === 'string' ? requestId : null,
    ...(typeof mode === 'string' ? { mode: mode as SwitchoverResult['mode'] } : {}),
  };
}
