/** What earlier runs of the instance mean for the next one, as the promises say, not as the product works it out. */
import type { RunFacts } from '../../src/domain/run-facts.js';

import type { Asked } from './schedule.js';

/** A run that has ended, and what it was asked. */
export interface EarlierRun {
  readonly facts: RunFacts;
  /** The run that a `verify` looked at. */
  readonly examined: string | null;
}

/** Whether an earlier run had the same request id and goal, and may have done its work. */
export function isRepeatOf(
  { facts }: EarlierRun,
  { request }: RunFacts,
  { requestId, mode }: Asked,
): boolean {
  if (requestId === null || facts.request === null || request === null) return false;
  const isSame = facts.request.requestId === requestId && facts.mode === 'switch';
  return isSame && mode === 'switch' && mayHaveDone(facts);
}

function mayHaveDone({ puts }: RunFacts): boolean {
  return puts.some(({ sent, state }) => sent > 0 && state !== 'not-applied');
}

/**
 * The run whose effect no one knows by now; `null`: none. One that has sent and ended with an outcome that is known
 * settles those before it, as one does that finds its goal reached; a `verify` settles only the run that it looked at.
 */
export function unresolvedAmong(earlier: readonly EarlierRun[]): RunFacts | null {
  return earlier.reduce<RunFacts | null>(next, null);
}

function next(unresolved: RunFacts | null, { facts, examined }: EarlierRun): RunFacts | null {
  const outcome = facts.result?.outcome ?? null;
  if (facts.mode === 'verify') {
    const isSettled = examined === unresolved?.runId && SETTLED.includes(outcome ?? '');
    return isSettled ? null : unresolved;
  }
  if ((facts.result?.repeatOfRunId ?? null) !== null) return unresolved;
  if (outcome === 'UNKNOWN') return facts;
  if (facts.ended === 'from-outside') return mayHaveDone(facts) ? facts : unresolved;
  return SETTLED.includes(outcome ?? '') ? null : unresolved;
}

const SETTLED: readonly string[] = ['SUCCEEDED', 'FAILED_UNCHANGED', 'COMPENSATED', 'NOOP'];
