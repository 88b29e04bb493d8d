import type { Client } from '@temporalio/client';

import { makeSwitchoverWorkflowId } from '../contract/index.js';
import type { SwitchoverRequest } from '../contract/index.js';
import type { BaselineFacts } from '../domain/checks/baseline.js';
import { findUnresolvedRun } from '../domain/checks/runs.js';
import { readBaseline } from '../run-history/baseline.js';
import { readClosedRun } from '../run-history/earlier-run.js';
import { fetchRunHistory } from '../run-history/run-history.js';
import { readRunState } from '../run-history/run-list.js';

import { askOf, readEarlierRuns } from './earlier-runs.js';
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
