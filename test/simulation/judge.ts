/** The verdict on what was played: each history by the promises of the product, and by what the ledger knows. */
import { loadDataConverter } from '@temporalio/common/lib/internal-non-workflow';

import { auditRunFacts } from '../../src/domain/invariants.js';
import { findViolations } from '../../src/domain/violations.js';
import type { Violation } from '../../src/domain/violations.js';
import { readRunFacts } from '../../src/temporal/run-facts.js';

import type { DcsModel } from './dcs.js';
import type { EarlierRun } from './earlier.js';
import type { FaultBook, Struck } from './faults.js';
import type { SimFreeze } from './freezes.js';
import { REDIS_PASSWORD } from './redis.js';
import { testifyOfRedis } from './redis-testimony.js';
import { REDIS_WITNESSED } from './redis-witness.js';
import type { Asked, Schedule } from './schedule.js';
import type { SimRun, SimTemporal } from './temporal.js';
import { testify } from './testimony.js';
import { WITNESSED } from './witness.js';
import type { Machine, World } from './world.js';

/** What a schedule led to. */
export interface Verdict {
  readonly violations: readonly Violation[];
  readonly outcomes: readonly string[];
  readonly struck: readonly Struck[];
  readonly phases: readonly string[];
  /** What each run says of Redis, and what that did. */
  readonly words: readonly string[];
  readonly moves: readonly string[];
}

/** Of a run that says nothing of Redis. */
const NO_WORD = '(none)';

/** Everything that a schedule plays on. */
export interface Stage {
  readonly world: World;
  readonly schedule: Schedule;
  readonly temporal: SimTemporal;
  readonly dcs: DcsModel;
  readonly server: Machine;
  readonly freezes: SimFreeze[];
  current: SimRun | null;
}

/** A run, and what it was asked. */
export interface Played {
  readonly run: SimRun;
  readonly asked: Asked;
  /** Whoever started it may end it, or has made its job fail. */
  readonly isDisturbed?: boolean;
}

/** Judges a schedule of switchovers, every run in the order in which they ended. */
export async function judge(
  stage: Stage,
  book: FaultBook,
  runs: readonly Played[],
): Promise<Verdict> {
  const { violations, ...reached } = await judgeRuns(stage, book, runs);
  return {
    ...{ ...reached, struck: book.struck },
    violations: [...breachesOf(stage.temporal), ...violations],
  };
}

/** What must never happen, whatever was played. */
export function breachesOf({ breaches }: SimTemporal): Violation[] {
  const sentence = 'No workflow task fails, and every replay comes to the same.';
  return breaches.map((found) => ({ name: 'workflow-task', sentence, found }));
}

/** Judges the runs of one instance in the order in which they ended, whoever has started them. */
export async function judgeRuns(
  stage: Stage,
  book: FaultBook,
  runs: readonly Played[],
): Promise<Omit<Verdict, 'struck'>> {
  const decoding = { options: { namespace: 'default', loadedDataConverter: loadDataConverter() } };
  const secrets = [stage.dcs.options.secretKey, REDIS_PASSWORD];
  const violations: Violation[] = [];
  const outcomes: string[] = [];
  const phases: string[] = [];
  const words: string[] = [];
  const earlier: EarlierRun[] = [];
  for (const played of runs) {
    const facts = await readRunFacts(decoding, played.run.events, openEndsOf(played.run));
    if (facts === null) throw new Error('the model made a history of something else');
    const seen = testify(stage, book, { ...played, facts, earlier });
    violations.push(...auditRunFacts({ ...facts, secrets }), ...findViolations(seen, WITNESSED));
    const redis = testifyOfRedis(stage, { facts, run: played.run, earlier }, seen);
    if (redis !== null) violations.push(...findViolations(redis, REDIS_WITNESSED));
    words.push(facts.result?.dataPlane?.witness.word ?? NO_WORD);
    outcomes.push(facts.result?.outcome ?? facts.ended);
    phases.push(...Object.keys(facts.result?.timings?.phasesMs ?? {}));
    earlier.push({ facts, examined: played.asked.mode === 'verify' ? examinedBy(earlier) : null });
  }
  const moves = [...new Set(stage.dcs.redis?.moved.map(({ move }) => move))];
  return { violations, outcomes, phases, words, moves };
}

/** A `verify` is asked about the run before. */
function examinedBy(earlier: readonly EarlierRun[]): string | null {
  return earlier.at(-1)?.facts.runId ?? null;
}

function openEndsOf({ acts }: SimRun) {
  const open = [...acts.values()].filter((act) => !act.isClosed && act.attempt === 1);
  return new Map(
    open.map(({ activityId, details }) => [
      activityId,
      {
        ...{ by: 'run-ended' as const, hasHeartbeat: details !== null },
        ...{ failureType: '', failureMessage: '' },
      },
    ]),
  );
}
