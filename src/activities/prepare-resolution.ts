import { setTimeout as pause } from 'node:timers/promises';

import type { SwitchoverRequest } from '../contract/index.js';
import { toCheck } from '../domain/checks/check.js';
import { findUnresolvedRun, previousRunResolved } from '../domain/checks/runs.js';
import type { RunHistoryFacts } from '../domain/facts.js';
import type { PreflightCall, PreflightFindings } from '../domain/reports.js';

import type { ActivityDeps } from './deps.js';
import { readEarlierRuns } from './earlier-runs.js';

/** How long the run in doubt is looked for: it is told where it is found, and the record is made all the same. */
const LOOK_MS = 15_000;

/**
 * The pre-check of `resolve`: a person's word is recorded whatever else can be read. It asks nothing of DCS, and of
 * Temporal only which run is in doubt, for the reader of the result.
 */
export async function prepareResolution(
  { temporal, searchAttributes }: ActivityDeps,
  request: SwitchoverRequest,
  { runId }: PreflightCall,
): Promise<PreflightFindings> {
  const runs = await within(LOOK_MS, () => readEarlierRuns(temporal, request, { ownRunId: runId }));
  const finding = previousRunResolved(request, { runs });
  return {
    verdict: 'resolved',
    request,
    checks: [toCheck('previous-run-resolved', 'info', finding)],
    before: null,
    knownSwapTaskIds: [],
    warnings: warningsOf(request, runs),
    searchAttributes,
  };
}

/** What the record does not do. */
function warningsOf(
  { baselineRunId = null }: SwitchoverRequest,
  runs: RunHistoryFacts | null,
): string[] {
  if (runs === null)
    return [
      baselineRunId === null
        ? 'Which run was in doubt could not be read in time; the record holds for the latest.'
        : `Which run was in doubt could not be read in time; the record holds for run ${baselineRunId}.`,
    ];
  const unresolved = findUnresolvedRun(runs.closed)?.runId ?? null;
  return baselineRunId === null || unresolved === null || unresolved === baselineRunId
    ? []
    : [`The record is about run ${baselineRunId}: the doubt about run ${unresolved} stays.`];
}

/** What is read in time; `null` where it is not, or fails. */
async function within(
  timeoutMs: number,
  read: () => Promise<RunHistoryFacts>,
): Promise<RunHistoryFacts | null> {
  const timer = new AbortController();
  const late = pause(timeoutMs, null, { signal: timer.signal }).catch(() => null);
  try {
    return await Promise.race([read().catch(() => null), late]);
  } finally {
    timer.abort();
  }
}
