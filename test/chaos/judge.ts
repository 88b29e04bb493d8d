/** The verdict on what went on: each run by the promises of the product, and by what the ledger knows. */
import { auditRunFacts } from '../../src/domain/invariants.js';
import { findViolations } from '../../src/domain/violations.js';
import { WITNESSED } from '../simulation/witness.js';
import type { WitnessedRun } from '../simulation/witness.js';

import { explainUnknown } from './explain.js';
import type { SeenRun } from './read-runs.js';
import { tracePuts, witness } from './witness.js';
import type { Evidence, TracedPut } from './witness.js';

/** A promise that was broken, and by which run; `null`: by none alone. */
export interface Breach {
  readonly name: string;
  readonly found: string;
  readonly run: SeenRun | null;
}

/** A run, judged. */
export interface JudgedRun {
  readonly run: SeenRun;
  /** `OPEN` where it has not ended. */
  readonly outcome: string;
  readonly isUndisturbed: boolean;
  /** Why UNKNOWN is true; `null` for any other outcome. */
  readonly why: string | null;
}

export interface Verdict {
  readonly runs: readonly JudgedRun[];
  readonly breaches: readonly Breach[];
}

/** Judges every run, and every PUT and swap. Pure. */
export function judge(evidence: Evidence, secrets: readonly string[]): Verdict {
  const traced = tracePuts(evidence);
  const breaches: Breach[] = [...findOrphans(evidence, traced)];
  const runs: JudgedRun[] = [];
  const earlier = new Map<string, SeenRun[]>();
  for (const run of [...evidence.runs].sort(byEnd)) {
    const before = earlier.get(run.instanceId) ?? [];
    const seen = witness(evidence, traced, run, before);
    const judged = judgeRun(evidence, traced, seen, run);
    runs.push(judged);
    const violations = [
      ...auditRunFacts({ ...run.facts, secrets }),
      ...findViolations(seen, WITNESSED),
      ...findStuck(run),
    ];
    breaches.push(...violations.map(({ name, found }) => ({ name, found, run })));
    earlier.set(run.instanceId, [...before, run]);
  }
  return { runs, breaches };
}

function byEnd(one: SeenRun, other: SeenRun): number {
  return (one.facts.closedAtMs ?? Infinity) - (other.facts.closedAtMs ?? Infinity);
}

function judgeRun(
  evidence: Evidence,
  traced: readonly TracedPut[],
  { isUndisturbed }: WitnessedRun,
  run: SeenRun,
): JudgedRun {
  const outcome = outcomeOf(run);
  const why = outcome === 'UNKNOWN' ? explainUnknown(evidence, traced, run) : null;
  return { run, outcome, isUndisturbed, why };
}

/** With which it ended, as one word. */
function outcomeOf({ facts }: SeenRun): string {
  const { ended, result, failureType } = facts;
  if (ended === 'open') return 'OPEN';
  if (ended === 'cancelled') return 'CANCELLED';
  return result?.outcome ?? failureType ?? 'ENDED FROM OUTSIDE';
}

function findStuck({ facts }: SeenRun): { readonly name: string; readonly found: string }[] {
  return facts.ended === 'open' ? [{ name: 'every-run-ends', found: 'it is still open' }] : [];
}

/** PUTs and swaps that no run accounts for. */
function findOrphans({ swaps }: Evidence, traced: readonly TracedPut[]): readonly Breach[] {
  const known = new Set(traced.flatMap(({ swap, run }) => (run === null ? [] : (swap ?? []))));
  return [
    ...traced
      .filter(({ run }) => run === null)
      .map(({ left }) => `a PUT of ${left.worker} for instance ${left.instanceId}`),
    ...swaps
      .filter((swap) => swap.source === 'api' && !known.has(swap))
      .map(({ jobId }) => `the swap of job ${jobId}`),
  ].map((what) => ({ name: 'no-put-without-a-run', found: `${what} is of no run`, run: null }));
}
