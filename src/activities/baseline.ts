import type { Client } from '@temporalio/client';

import { makeSwitchoverWorkflowId } from '../contract/index.js';
import type { SwitchoverRequest } from '../contract/index.js';
import type { OtherSwaps } from '../domain/examination.js';
import type { BaselineFacts } from '../domain/checks/examination.js';
import { findUnresolvedRun } from '../domain/checks/runs.js';
import { readAskedRequest } from '../domain/goal.js';
import { mapSome } from '../run-history/ask.js';
import { readBaseline } from '../temporal/examined-run.js';
import { isEndedByPreCheck, readClosedRun } from '../temporal/earlier-run.js';
import { fetchRunHistory } from '../temporal/run-history.js';
import type { RunHistory } from '../temporal/run-history.js';
import { readRunState } from '../temporal/run-list.js';
import { swapIdsOf } from '../run-history/swap-ids.js';

import { LISTED, askOf, listForRun, readEarlierRuns } from './earlier-runs.js';
import { askTemporal, isNotFound } from './temporal.js';

/**
 * Finds the run in question and reads from its history what it proves. By Temporal's own record, so
 * that it works for runs that were terminated, timed out, or written by another version.
 *
 * @param ownRunId the asking run
 * @throws TemporalUnreadableError, VisibilityBehindError, TooManyRefusedRunsError
 */
export async function findBaseline(
  client: Client,
  request: SwitchoverRequest,
  ownRunId: string,
): Promise<BaselineFacts> {
  const runId = request.baselineRunId ?? (await findRunInDoubt(client, request, ownRunId));
  if (runId === null)
    return { kind: 'missing', why: 'no run of this instance is in doubt, and none was named' };
  const workflowId = makeSwitchoverWorkflowId(request);
  try {
    const facts = await readRun(client, workflowId, runId);
    if (facts.kind === 'found') {
      const { baseline } = facts;
      if (request.mode !== 'adopt' && baseline.sending !== 'ambiguous') return facts;
      const otherSwaps = await readOtherSwaps(client, workflowId, { runId, ownRunId });
      return { kind: 'found', baseline: { ...baseline, otherSwaps } };
    }
    if (facts.kind !== 'empty') return facts;
    return { ...facts, otherInDoubt: await findRunInDoubt(client, request, ownRunId, runId) };
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const why = `Temporal knows no run ${runId} of ${workflowId}: it is a run of another instance, a plan, or its retention is over`;
    return { kind: 'missing', why };
  }
}

async function findRunInDoubt(
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
  const runs = { ask: askOf(client), client, workflowId };
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
    return { runId: run.runId, ids: isSwitchover(history) ? swapIdsOf(history) : [] };
  });
  return swaps.filter(({ ids }) => ids.length > 0);
}

function isSwitchover({ input }: RunHistory): boolean {
  return readAskedRequest(input).mode === 'switch';
}

async function readRun(client: Client, workflowId: string, runId: string): Promise<BaselineFacts> {
  const { status, closedAtMs } = await askTemporal(client, 'describe the run', () =>
    readRunState(client, workflowId, runId),
  );
  if (closedAtMs === null)
    return { kind: 'missing', why: `run ${runId} has not ended, so there is nothing to judge yet` };
  const history = await askTemporal(client, 'read the history of the run', () =>
    fetchRunHistory(client, workflowId, runId),
  );
  const runs = { ask: askOf(client), client, workflowId };
  const { outcome } = await readClosedRun(runs, { runId, status, type: '' });
  const ended = outcome ?? status;
  const reading = readBaseline(history, { runId, ended, closedAtMs });
  if ('baseline' in reading) return { kind: 'found', baseline: reading.baseline };
  if (!reading.wasSwitchover) return { kind: 'missing', why: reading.missing };
  const { missing: why, provedOutcome } = reading;
  return { kind: 'empty', why, provedOutcome, otherInDoubt: null };
}
