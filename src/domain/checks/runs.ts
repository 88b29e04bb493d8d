/** Checks of earlier runs: is there a doubt left, or is this work already done? */
import { isExaminingMode, makeSwitchoverWorkflowId } from '../../contract/index.js';
import type { Outcome, SwitchoverRequest } from '../../contract/index.js';
import {
  RESOLVE_PURPOSE,
  instanceCommand,
  joinText,
  withCommands,
  resolveCommand,
  verifyCommand,
} from '../commands.js';
import type { EarlierRun, PreflightFacts } from '../facts.js';

import { NOT_READ } from './check.js';
import type { Finding } from './check.js';

/** Outcomes of runs that sent nothing and so neither leave nor settle a doubt. */
const TRANSPARENT_OUTCOMES: readonly Outcome[] = ['REFUSED', 'INVALID_INPUT', 'PLANNED'];

/** How Temporal calls a run that was cancelled, which our workflow allows only before the fence. */
const CANCELLED = 'CANCELLED';

/**
 * The latest run, if any, whose effect on the roles nobody knows: UNKNOWN, or ended from outside
 * (terminated, timed out, failed without an outcome). A later switchover with a known outcome, a
 * person's recorded word, or an examination that found out what it did resolves it.
 */
export function findUnresolvedRun(closed: readonly EarlierRun[]): EarlierRun | null {
  const telling = findTelling(closed);
  return telling !== null && !isKnown(telling) ? telling : null;
}

/**
 * The latest run that leaves or settles a doubt, given the runs latest first; `null` where the runs so
 * far do neither, so that earlier ones decide.
 *
 * An examination (`verify`, `adopt`) leaves no doubt, however it ended: it cannot send. With a known
 * outcome it settles the doubt of the run that it judged, and of no other: that run is passed over.
 */
export function findTelling(closed: readonly EarlierRun[]): EarlierRun | null {
  const settled = new Set<string | null>();
  for (const run of closed) {
    if (isExaminingMode(run.mode)) {
      if (isKnown(run)) settled.add(run.baselineRunId);
    } else if (isTelling(run) && !settled.has(run.runId)) return run;
  }
  return null;
}

/** Whether a run leaves or settles a doubt by itself; runs that sent nothing do neither. */
function isTelling({ outcome, status, mode, hasSentNothing = false }: EarlierRun): boolean {
  if (outcome !== null) return !TRANSPARENT_OUTCOMES.includes(outcome);
  return status !== CANCELLED && mode !== 'resolve' && !hasSentNothing;
}

function isKnown({ outcome }: EarlierRun): boolean {
  return outcome !== null && outcome !== 'UNKNOWN' && !TRANSPARENT_OUTCOMES.includes(outcome);
}

/** In doubt nothing more is sent until somebody has looked. */
export function previousRunResolved(request: SwitchoverRequest, { runs }: PreflightFacts): Finding {
  if (runs === null) return NOT_READ;
  const unresolved = findUnresolvedRun(runs.closed);
  if (unresolved === null) return { passed: true, observed: 'no unresolved run' };
  return {
    passed: false,
    observed: `run ${unresolved.runId} ended ${unresolved.outcome ?? unresolved.status}`,
    remedy: joinText([
      withCommands('Find out what it did', verifyCommand(request, unresolved.runId)),
      withCommands(RESOLVE_PURPOSE, resolveCommand(request)),
    ]),
  };
}

/** A word or a judgement about earlier work is no work: the request that it is about stays the latest. */
export function findLatestWork(closed: readonly EarlierRun[]): EarlierRun | null {
  const isWork = ({ isDuplicate, mode }: EarlierRun): boolean =>
    !isDuplicate && !isExaminingMode(mode) && mode !== 'resolve';
  return closed.find(isWork) ?? null;
}

/** The same request id twice in a row does the work once. */
export function requestAlreadyDone(request: SwitchoverRequest, { runs }: PreflightFacts): Finding {
  const { requestId } = request;
  if (requestId === null) return { passed: true, observed: 'no request id given' };
  if (runs === null) return NOT_READ;
  const latestWork = findLatestWork(runs.closed);
  if (latestWork?.requestId !== requestId) return { passed: true, observed: 'new request id' };
  return {
    passed: false,
    observed: `run ${latestWork.runId} had this request id and ended ${latestWork.outcome ?? latestWork.status}`,
    remedy: joinText([
      'For new work use a new request id.',
      withCommands('See its result', instanceCommand('wait', request, { run: latestWork.runId })),
    ]),
  };
}

/** A plan beside an open run would describe roles that are about to change. */
export function noOpenRun(request: SwitchoverRequest, { runs }: PreflightFacts): Finding {
  if (runs === null) return NOT_READ;
  if (runs.openRunId === null) return { passed: true, observed: 'no other run is open' };
  return {
    passed: false,
    observed: `run ${runs.openRunId} of ${makeSwitchoverWorkflowId(request)} is open`,
    remedy: withCommands('Wait for it', instanceCommand('wait', request)),
  };
}
