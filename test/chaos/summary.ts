/** The figures of a chaos. */
import type { StruckFault } from './book.js';
import type { ChaosEnd } from './chaos.js';
import { KINDS } from './kinds.js';
import type { Breach, JudgedRun } from './judge.js';
import type { SeenRun } from './read-runs.js';

/** Faults of one kind, and how the runs ended that met one. */
export interface KindFigures {
  readonly name: string;
  readonly struck: number;
  /** Of these, how many no run met that broke a promise. */
  readonly survived: number;
  readonly met: number;
  readonly outcomes: ReadonlyMap<string, number>;
}

export interface Figures {
  readonly runs: number;
  readonly runsPerMinute: number;
  readonly mostInFlight: number;
  readonly undisturbed: number;
  readonly faults: number;
  readonly outcomes: ReadonlyMap<string, number>;
  readonly kinds: readonly KindFigures[];
  readonly breaches: readonly Breach[];
}

/** How often each word is there, the most frequent first. */
export function countWords(words: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return new Map([...counts].sort(([, one], [, other]) => other - one));
}

export function figuresOf({ book, verdict, healedAtMs, evidence }: ChaosEnd): Figures {
  const { runs, breaches } = verdict;
  const broken = breaches.flatMap(({ run }) => run ?? []);
  const minutes = (healedAtMs - book.startedAtMs) / 60_000;
  return {
    runs: runs.length,
    runsPerMinute: runs.length / minutes,
    mostInFlight: mostInFlight(runs),
    undisturbed: runs.filter(({ isUndisturbed }) => isUndisturbed).length,
    faults: book.faults.length,
    outcomes: countWords(runs.map(({ outcome }) => outcome)),
    kinds: KINDS.map(({ name }) => {
      const faults = evidence.faults.filter((fault) => fault.name === name);
      const met = runs.filter(({ run }) => faults.some((fault) => isMet(fault, run)));
      const survived = faults.filter((fault) => !broken.some((run) => isMet(fault, run))).length;
      const outcomes = countWords(met.map(({ outcome }) => outcome));
      return { name, struck: faults.length, survived, met: met.length, outcomes };
    }),
    breaches,
  };
}

/** A run meets a fault that lasts while it is open, of its own instance or of everyone. */
function isMet({ instanceId, fromMs, untilMs }: StruckFault, run: SeenRun): boolean {
  const { startedAtMs, closedAtMs } = run.facts;
  const isOfOthers = instanceId !== null && instanceId !== run.instanceId;
  return !isOfOthers && fromMs <= (closedAtMs ?? Infinity) && untilMs >= startedAtMs;
}

function mostInFlight(runs: readonly JudgedRun[]): number {
  const steps = runs
    .flatMap(({ run: { facts } }) => [
      { atMs: facts.startedAtMs, by: 1 },
      { atMs: facts.closedAtMs ?? Infinity, by: -1 },
    ])
    .sort((one, other) => one.atMs - other.atMs || one.by - other.by);
  let now = 0;
  let most = 0;
  for (const { by } of steps) {
    now += by;
    most = Math.max(most, now);
  }
  return most;
}

/** The command that makes the same choices again. */
export function repeatCommand({ options: { minutes, seed } }: ChaosEnd): string {
  return `npm run chaos -- --minutes ${minutes} --seed ${seed}`;
}

/** For a terminal; the last line says it all. */
export function summarize(end: ChaosEnd): readonly string[] {
  const { runs, runsPerMinute, faults, outcomes, breaches, kinds } = figuresOf(end);
  const broken = breaches.map(({ name, found, run }) => {
    const whose = run === null ? '' : ` (run ${run.facts.runId} of instance ${run.instanceId})`;
    return `VIOLATION ${name}: ${found}${whose}`;
  });
  const ended = [...outcomes].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
  const struck = kinds.filter((kind) => kind.struck > 0).length;
  const unknown = end.verdict.runs.flatMap(({ why, run }) =>
    why === null ? [] : `UNKNOWN ${run.facts.result?.cause ?? ''} (run ${run.facts.runId}): ${why}`,
  );
  return [
    ...broken,
    ...unknown,
    `chaos: ${runs} runs (${runsPerMinute.toFixed(1)} a minute): ${ended}; ` +
      `${faults} faults of ${struck} kinds; ${breaches.length} violations; ` +
      `again: ${repeatCommand(end)}`,
  ];
}
