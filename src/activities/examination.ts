import type { SwitchoverRequest } from '../contract/index.js';
import type { BaselineFacts } from '../domain/checks/examination.js';
import { evaluateExamination } from '../domain/checks/examination.js';
import { failedChecks } from '../domain/checks/index.js';
import type { PreflightCall, PreflightFindings } from '../domain/reports.js';

import { findBaseline } from './baseline.js';
import type { ActivityDeps } from './deps.js';
import { startReadings } from './readings.js';

/**
 * The pre-check of `verify` and `adopt`: finds the run in question. Reads Temporal only; the instance
 * is read by the watches that follow, which tolerate what a decision to send could not.
 */
export async function prepareExamination(
  { temporal, searchAttributes }: ActivityDeps,
  request: SwitchoverRequest,
  { runId }: PreflightCall,
): Promise<PreflightFindings> {
  const { attempt, unreadable } = startReadings();
  const facts = await attempt(() => findBaseline(temporal, request, runId));
  const checks = evaluateExamination(request, facts, unreadable);
  const baseline = baselineOf(facts);
  const isRefused = failedChecks(checks).length > 0 || baseline === null;
  return {
    verdict: isRefused ? 'refused' : 'examine',
    request,
    checks,
    before: baseline?.from ?? null,
    knownSwapTaskIds: baseline?.knownSwapTaskIds ?? [],
    warnings: [],
    searchAttributes,
    ...(baseline === null ? {} : { baseline }),
  };
}

function baselineOf(facts: BaselineFacts | null) {
  return facts?.kind === 'found' ? facts.baseline : null;
}
