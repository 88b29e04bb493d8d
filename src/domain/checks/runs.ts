/** Checks of earlier runs: is there a doubt left, or is this work already done? */
import { makeSwitchoverWorkflowId } from '../../contract/index.js';
import type { Outcome, SwitchoverRequest } from '../../contract/index.js';
import type { EarlierRun, PreflightFacts } from '../facts.js';

import { NOT_READ } from './check.js';
import type { Finding } from './check.js';

/** Runs that sent nothing and so neither leave nor settle a doubt. */
const TRANSPARENT_OUTCOMES: readonly Outcome[] = ['REFUSED', 'INVALID_INPUT', 'PLANNED'];

/** How Temporal calls a run that was cancelled, which our workflow allows only before the fence. */
const CANCELLED = 'CANCELLED';

/**
 * The latest run, if any, whose effect on the roles nobody knows: UNKNOWN, or ended from outside
 * (terminated, timed out, failed without an outcome). A later run with a known outcome, or a
 * person's recorded word, resolves it.
 */
export function findUnresolvedRun(closed: readonly EarlierRun[]): EarlierRun | null {
  const telling = closed.find(isTelling);
  if (telling === undefined) return null;
  return telling.outcome === null || telling.outcome === 'UNKNOWN' ? telling : null;
}

/** Whether a run leaves or settles a doubt; runs that sent nothing do neither. */
export function isTelling({ outcome, status }: EarlierRun): boolean {
  return outcome === null ? status !== CANCELLED : !TRANSPARENT_OUTCOMES.includes(outcome);
}

/** In doubt nothing more is sent until somebody has looked. */
export function previousRunResolved(request: SwitchoverRequest, { runs }: PreflightFacts): Finding {
  if (runs === null) return NOT_READ;
  const unresolved = findUnresolvedRun(runs.closed);
  if (unresolved === null) return { passed: true, observed: 'no unresolved run' };
  return {
    passed: false,
    observed: `run ${unresolved.runId} ended ${unresolved.outcome ?? unresolved.status}`,
    remedy:
      `Find out what it did (dcs-switchover plan ${commandTarget(request)} shows the roles), then record it: ` +
      `dcs-switchover resolve ${commandTarget(request)} --outcome SUCCEEDED|FAILED_UNCHANGED --statement "…" --by "…"`,
  };
}

/** The same request id twice in a row does the work once. */
export function requestAlreadyDone(request: SwitchoverRequest, { runs }: PreflightFacts): Finding {
  const { requestId } = request;
  if (requestId === null) return { passed: true, observed: 'no request id given' };
  if (runs === null) return NOT_READ;
  const latestWork = runs.closed.find((run) => !run.isDuplicate);
  if (latestWork?.requestId !== requestId) return { passed: true, observed: 'new request id' };
  return {
    passed: false,
    observed: `run ${latestWork.runId} had this request id and ended ${latestWork.outcome ?? latestWork.status}`,
    remedy: `See its result: dcs-switchover wait ${commandTarget(request)} --run ${latestWork.runId}. For new work use a new request id.`,
  };
}

/** A plan beside an open run would describe roles that are about to change. */
export function noOpenRun(request: SwitchoverRequest, { runs }: PreflightFacts): Finding {
  if (runs === null) return NOT_READ;
  if (runs.openRunId === null) return { passed: true, observed: 'no other run is open' };
  return {
    passed: false,
    observed: `run ${runs.openRunId} of ${makeSwitchoverWorkflowId(request)} is open`,
    remedy: `Wait for it: dcs-switchover wait ${commandTarget(request)}`,
  };
}

/** Instance and project as the command takes them, so that a remedy can be pasted. */
function commandTarget({ instanceId, projectId }: SwitchoverRequest): string {
  return `${instanceId} --project ${projectId}`;
}
