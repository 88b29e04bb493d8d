/** Checks of earlier runs: is there an unresolved outcome left, is this work already done, or its request id another's? */
import { isExaminingMode, makeSwitchoverWorkflowId } from '../../contract/index.js';
import type { Outcome, SwitchoverRequest } from '../../contract/index.js';
import { instanceCommand, joinText, unresolvedSteps, withCommands } from '../commands.js';
import type {
  CheckVerdict,
  EarlierRun,
  PreflightFacts,
  RepeatedRun,
  RunHistoryFacts,
  SameRequest,
} from '../facts.js';
import { NOT_READ } from '../facts.js';
import { describeGoal, isSameGoal, toGoal } from '../goal.js';

/** Outcomes of runs that sent nothing and so neither leave nor settle an unresolved outcome. */
const IS_TRANSPARENT: Readonly<Record<Outcome, boolean>> = {
  ...{ REFUSED: true, INVALID_INPUT: true, PLANNED: true },
  ...{ SUCCEEDED: false, NOOP: false, RESOLVED: false },
  ...{ FAILED_UNCHANGED: false, COMPENSATED: false, UNKNOWN: false },
};

/** How Temporal calls a run that was cancelled, which our workflow allows only before the fence. */
const CANCELLED = 'CANCELLED';

/**
 * The latest run, if any, whose effect on the roles no one knows: UNKNOWN, or ended from outside
 * (terminated, timed out, failed without an outcome). A later switchover with a known outcome, an
 * operator's recorded statement, or an examination that found out what it did resolves it.
 */
export function findUnresolvedRun(closed: readonly EarlierRun[]): EarlierRun | null {
  const deciding = findDeciding(closed);
  return deciding !== null && !isKnown(deciding) ? deciding : null;
}

/**
 * The latest run that leaves or settles an unresolved outcome, given the runs latest first; `null` where the runs so
 * far do neither, so that earlier ones decide.
 *
 * An examination (`verify`, `adopt`) leaves nothing unresolved, however it ended: it cannot send. With a known
 * outcome it settles the unresolved outcome of the run that it judged, and of no other: that run is passed over. An operator's statement that
 * names its run settles that one and those before it: one that comes late, or twice, must not settle a newer unresolved outcome.
 */
export function findDeciding(closed: readonly EarlierRun[]): EarlierRun | null {
  const settled = new Set<string | null>();
  const words = new Map<string, EarlierRun>();
  for (const run of closed) {
    const word = words.get(run.runId);
    if (word !== undefined) return word;
    if (isExaminingMode(run.mode)) {
      if (isKnown(run)) settled.add(run.examinedRunId);
    } else if (run.mode === 'resolve' && run.examinedRunId !== null) {
      if (isKnown(run)) words.set(run.examinedRunId, run);
    } else if (isDeciding(run) && !settled.has(run.runId)) return run;
  }
  return null;
}

/** Why a run is unresolved, and whether someone has looked in vain: then the latest look may have found out more than the run itself. */
export function whyUnresolved(
  closed: readonly EarlierRun[],
  { runId }: Pick<EarlierRun, 'runId'>,
): { readonly cause: string | null; readonly wasExamined: boolean } {
  const examined = closed.find(
    (run) => isExaminingMode(run.mode) && run.examinedRunId === runId && run.outcome === 'UNKNOWN',
  );
  const own = closed.find((run) => run.runId === runId);
  return { cause: (examined ?? own)?.cause ?? null, wasExamined: examined !== undefined };
}

/** A later run that has resolved an unresolved one, and how. */
export interface Resolving<R> {
  /** `examined`: it has read what that run did; `stated`: it records what a person knows; `superseded`: a later run counts instead. */
  readonly how: 'examined' | 'stated' | 'superseded';
  readonly run: R;
}

/**
 * Which run has resolved an unresolved one, by the same rules as {@link findDeciding}; `null`: none has. What was read
 * comes before what was stated, and an earlier statement before a later one.
 *
 * @param later the closed runs that came after it, latest first
 */
export function findResolving<R extends EarlierRun>(
  later: readonly R[],
  runId: string,
): Resolving<R> | null {
  const known = later.filter(isKnown);
  const examined = known.find((run) => isExaminingMode(run.mode) && run.examinedRunId === runId);
  if (examined !== undefined) return { how: 'examined', run: examined };
  const stated = known.findLast(
    (run) => run.mode === 'resolve' && [null, runId].includes(run.examinedRunId),
  );
  if (stated !== undefined) return { how: 'stated', run: stated };
  const superseding = known.findLast((run) =>
    run.mode === 'resolve'
      ? later.some((other) => other.runId === run.examinedRunId)
      : !isExaminingMode(run.mode) && isDeciding(run),
  );
  return superseding === undefined ? null : { how: 'superseded', run: superseding };
}

/** Whether a run leaves or settles an unresolved outcome by itself; runs that sent nothing do neither. */
function isDeciding({ outcome, status, mode, ...run }: EarlierRun): boolean {
  // A repeat gives the outcome of another run, which is unresolved itself.
  if (run.repeatOfRunId !== null || run.isProvedUnsent) return false;
  if (outcome !== null) return !IS_TRANSPARENT[outcome];
  return status !== CANCELLED && mode !== 'resolve';
}

function isKnown({ outcome }: EarlierRun): boolean {
  return outcome !== null && outcome !== 'UNKNOWN' && !IS_TRANSPARENT[outcome];
}

/** While a run is unresolved nothing more is sent. */
export function previousRunResolved(
  request: SwitchoverRequest,
  { runs }: Pick<PreflightFacts, 'runs'>,
): CheckVerdict {
  if (runs === null) return NOT_READ;
  const unresolved = findUnresolvedRun(runs.closed);
  if (unresolved === null) return { passed: true, observed: 'no unresolved run' };
  const { runId, outcome, status } = unresolved;
  const why = whyUnresolved(runs.closed, unresolved);
  // Of its jobs nothing is known here: the run itself and `verify` lead to them.
  const steps = unresolvedSteps(request, { runId, jobIds: [], mayHaveJob: false, ...why });
  return {
    passed: false,
    observed: `run ${runId} ended ${outcome ?? status}`,
    remedy: joinText(steps.map((step) => withCommands(step.purpose, step.command))),
  };
}

/** Whether a request asks to send: the others are about earlier work, or only look. */
function isWork({ mode }: SwitchoverRequest): boolean {
  return mode === 'switch' || mode === 'plan';
}

/**
 * The run whose outcome is the answer to this request; `null` where the work is still to be done. Only a switchover is
 * answered so: a plan says what a switchover would answer.
 */
export function findRepeated(
  request: SwitchoverRequest,
  runs: RunHistoryFacts | null,
): RepeatedRun | null {
  const same = runs?.sameRequest ?? null;
  return request.mode === 'switch' && same !== null && isRepeat(request, same) ? same.run : null;
}

function isRepeat(request: SwitchoverRequest, { goal }: SameRequest): boolean {
  return goal !== null && isSameGoal(goal, toGoal(request));
}

/** The same request id does the work once, whatever has run since. */
export function requestAlreadyDone(
  request: SwitchoverRequest,
  { runs }: PreflightFacts,
): CheckVerdict {
  return judgeRequestId(request, runs, (same) => {
    if (same === null) return 'new request id';
    if (!isRepeat(request, same)) return 'this goal is not what was asked for with this request id';
    const { runId, outcome } = same.run;
    return {
      passed: false,
      observed: `run ${runId} had this request id and ended ${outcome}; a switchover with it gives that outcome and sends nothing`,
      remedy: lookFirst(request, runId, 'For new work use a new request id.'),
    };
  });
}

/** A request id stands for one goal: under another it is a mistake, and which of the two is meant no one knows. */
export function requestIdReused(
  request: SwitchoverRequest,
  { runs }: PreflightFacts,
): CheckVerdict {
  return judgeRequestId(request, runs, (same) => {
    if (same === null || isRepeat(request, same)) return 'not used for another goal';
    const { run, goal } = same;
    const asked = goal === null ? 'what this version cannot read' : `to ${describeGoal(goal)}`;
    return {
      passed: false,
      observed:
        `run ${run.runId} had this request id and was asked ${asked} (it ended ${run.outcome}); ` +
        `now it is to ${describeGoal(toGoal(request))}`,
      remedy: lookFirst(request, run.runId, 'For another goal use another request id.'),
    };
  });
}

/** @param judge gives the verdict, or what is observed where the check has passed */
function judgeRequestId(
  request: SwitchoverRequest,
  runs: RunHistoryFacts | null,
  judge: (same: SameRequest | null) => CheckVerdict | string,
): CheckVerdict {
  if (request.requestId === null || !isWork(request))
    return { passed: true, observed: 'no request id given' };
  if (runs === null) return NOT_READ;
  const verdict = judge(runs.sameRequest);
  return typeof verdict === 'string' ? { passed: true, observed: verdict } : verdict;
}

function lookFirst(request: SwitchoverRequest, runId: string, then: string): string {
  return joinText([
    then,
    withCommands('See its result', instanceCommand('wait', request, { run: runId })),
  ]);
}

/** A maintenance beside an open run would describe roles that are about to change. */
export function noOpenRun(request: SwitchoverRequest, { runs }: PreflightFacts): CheckVerdict {
  if (runs === null) return NOT_READ;
  if (runs.openRunId === null) return { passed: true, observed: 'no other run is open' };
  return {
    passed: false,
    observed: `run ${runs.openRunId} of ${makeSwitchoverWorkflowId(request)} is open`,
    remedy: withCommands('Wait for it', instanceCommand('wait', request)),
  };
}
