import { setTimeout as pause } from 'node:timers/promises';

import { activityInfo, cancellationSignal } from '@temporalio/activity';

import type { SwitchoverRequest } from '../contract/index.js';
import { DcsError } from '../dcs/index.js';
import { evaluateExamination } from '../domain/checks/examination.js';
import type { ExaminedRunFacts } from '../domain/checks/examination.js';
import { findUnresolvedRun, previousRunResolved } from '../domain/checks/runs.js';
import type { RunHistoryFacts, Observed, Unreadable } from '../domain/facts.js';
import { failedChecks, toCheck } from '../domain/facts.js';
import type { PreflightCall, PreflightFindings } from '../domain/preflight-report.js';
import { classifyRead } from '../domain/retry-classification.js';
import { MAX_PREFLIGHT_ATTEMPTS } from '../domain/timing.js';

import type { ActivityDeps } from './deps.js';
import { findExaminedRun, readEarlierRuns } from './earlier-runs.js';
import {
  explainWithoutId,
  TooManyRefusedRunsError,
  TooManyRunsError,
  toRetryableFailure,
} from './errors.js';
import { isWithoutTurn } from './turns.js';

/** Readings of which the first that fails permanently becomes a finding. */
export interface Readings {
  /**
   * Reads, unless an earlier reading failed permanently.
   *
   * @returns `null` where it was not read; the reason is in `unreadable`
   * @throws ApplicationFailure (retryable) while another attempt of the activity may help
   */
  readonly attempt: <T>(read: () => Promise<T>) => Promise<T | null>;
  readonly unreadable: readonly Unreadable[];
  /** Why no turn was left for a reading, while a quota of the API was spent; at most one. */
  readonly throttled: readonly Observed<string>[];
}

/** Starts the readings of one activity execution. */
export function startReadings(): Readings {
  const unreadable: Unreadable[] = [];
  const throttled: Observed<string>[] = [];
  return {
    unreadable,
    throttled,
    attempt: async (read) => {
      // After one reading failed permanently, the others would only add failures to a credential's count.
      if (unreadable.length + throttled.length > 0) return null;
      try {
        return await read();
      } catch (error) {
        // It has waited for as long as the run may; another attempt would wait no longer.
        if (!cancellationSignal().aborted && error instanceof DcsError && isWithoutTurn(error))
          throttled.push({ value: explainWithoutId(error), requestId: null });
        else unreadable.push(settleReading(error));
        return null;
      }
    },
  };
}

/** Throws while another attempt may help; afterwards the failure is a finding. */
function settleReading(error: unknown): Unreadable {
  const signal = cancellationSignal();
  if (signal.aborted) throw signal.reason as Error;
  const isFinal =
    error instanceof DcsError && ['STOP', 'REFRESH_CREDENTIALS'].includes(classifyRead(error));
  const { attempt } = activityInfo();
  if (!isFinal && attempt < MAX_PREFLIGHT_ATTEMPTS) throw toRetryableFailure(error, attempt);
  const requestId = error instanceof DcsError ? error.requestId : null;
  return { value: explainWithoutId(error), requestId, mayPass: !isFinal && !isLasting(error) };
}

/** What no waiting mends, though each attempt reads again. */
function isLasting(error: unknown): boolean {
  return error instanceof TooManyRunsError || error instanceof TooManyRefusedRunsError;
}

/**
 * The pre-check of `verify` and `adopt`: finds the examined run. Reads Temporal only; the instance
 * is read by the watches that follow, which tolerate what a decision to send could not.
 */
export async function prepareExamination(
  { temporal, searchAttributes }: ActivityDeps,
  request: SwitchoverRequest,
  { runId }: PreflightCall,
): Promise<PreflightFindings> {
  const { attempt, unreadable } = startReadings();
  const facts = await attempt(() => findExaminedRun(temporal, request, runId));
  const checks = evaluateExamination(request, facts, unreadable);
  const examined = examinedRunOf(facts);
  const isRefused = failedChecks(checks).length > 0 || examined === null;
  return {
    verdict: isRefused ? 'refused' : 'examine',
    request,
    ...(examined?.instanceName === undefined ? {} : { instanceName: examined.instanceName }),
    checks,
    before: examined?.from ?? null,
    knownSwapTaskIds: examined?.knownSwapTaskIds ?? [],
    warnings: [],
    searchAttributes,
    ...(examined === null ? {} : { examined }),
  };
}

function examinedRunOf(facts: ExaminedRunFacts | null) {
  return facts?.kind === 'found' ? facts.examined : null;
}

/** How long the unresolved run is looked for: it is reported where it is found, and the record is made all the same. */
const LOOK_MS = 15_000;

/**
 * The pre-check of `resolve`: an operator's statement is recorded whatever else can be read. It asks nothing of DCS, and of
 * Temporal only which run is unresolved, for the reader of the result.
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
  { examinedRunId = null }: SwitchoverRequest,
  runs: RunHistoryFacts | null,
): string[] {
  if (runs === null)
    return [
      examinedRunId === null
        ? 'Which run was unresolved could not be read in time; the record holds for the latest.'
        : `Which run was unresolved could not be read in time; the record holds for run ${examinedRunId}.`,
    ];
  const unresolved = findUnresolvedRun(runs.closed)?.runId ?? null;
  return examinedRunId === null || unresolved === null || unresolved === examinedRunId
    ? []
    : [`The record is about run ${examinedRunId}: run ${unresolved} stays unresolved.`];
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
