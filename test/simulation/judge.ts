/** The verdict on what was played: each history by the promises of the product, and by what the ledger knows. */
import { loadDataConverter } from '@temporalio/common/lib/internal-non-workflow';

import { auditRunFacts } from '../../src/domain/invariants.js';
import { findViolations } from '../../src/domain/violations.js';
import type { Violation } from '../../src/domain/violations.js';
import { readRunFacts } from '../../src/temporal/run-facts.js';

import type { DcsModel } from './dcs.js';
import type { EarlierRun } from './earlier.js';
import type { FaultBook, Struck } from './faults.js';
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
}

/** Everything that a schedule plays on. */
export interface Stage {
  readonly world: World;
  readonly schedule: Schedule;
  readonly temporal: SimTemporal;
  readonly dcs: DcsModel;
  readonly server: Machine;
  readonly freezes: { readonly fromMs: number; readonly untilMs: number }[];
  current: SimRun | null;
}

/** A run, and what it was asked. */
export interface Played {
  readonly run: SimRun;
  readonly asked: Asked;
}

/** Judges every run in the order in which they ended. */
export async function judge(
  stage: Stage,
  book: FaultBook,
  runs: readonly Played[],
): Promise<Verdict> {
  const decoding = { options: { namespace: 'default', loadedDataConverter: loadDataConverter() } };
  const secrets = [stage.dcs.options.secretKey];
  const sentence = 'No workflow task fails, and every replay comes to the same.';
  const violations: Violation[] = stage.temporal.breaches.map((found) => ({
    ...{ name: 'workflow-task', sentence, found },
  }));
  const outcomes: string[] = [];
  const phases: string[] = [];
  const earlier: EarlierRun[] = [];
  for (const played of runs) {
    const facts = await readRunFacts(decoding, played.run.events, openEndsOf(played.run));
    if (facts === null) throw new Error('the model made a history of something else');
    const seen = testify(stage, book, { ...played, facts, earlier });
    violations.push(...auditRunFacts({ ...facts, secrets }), ...findViolations(seen, WITNESSED));
    outcomes.push(facts.result?.outcome ?? facts.ended);
    phases.push(...Object.keys(facts.result?.timings?.phasesMs ?? {}));
    earlier.push({ facts, examined: played.asked.mode === 'verify' ? examinedBy(earlier) : null });
  }
  return { violations, outcomes, struck: book.struck, phases };
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
