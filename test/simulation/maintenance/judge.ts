/** The verdict on a maintenance: each history by the promises of the product, and by what the ledger knows. */
import { loadDataConverter } from '@temporalio/common/lib/internal-non-workflow';

import type { RunFacts } from '../../../src/domain/run-facts.js';
import { findViolations } from '../../../src/domain/violations.js';
import type { Violation } from '../../../src/domain/violations.js';
import { auditMaintenance } from '../../../src/domain/maintenance/invariants.js';
import type { MaintenanceRunFacts } from '../../../src/domain/maintenance/run-facts.js';
import { readMaintenanceFacts } from '../../../src/temporal/maintenance-facts.js';
import { readRunFacts } from '../../../src/temporal/run-facts.js';

import type { DcsModel } from '../dcs.js';
import type { FaultBook } from '../faults.js';
import { breachesOf, judgeRuns } from '../judge.js';
import type { Played, Verdict } from '../judge.js';
import type { Asked } from '../schedule.js';
import type { SimRun } from '../temporal.js';

import type { MaintenanceStage } from './stage.js';
import { groupBy, WITNESSED } from './witness.js';
import type { WitnessedChain, WitnessedMaintenance } from './witness.js';

const DECODING = {
  options: { namespace: 'default', loadedDataConverter: loadDataConverter() },
};

/** Judges every run. */
export async function judgeMaintenance(stage: MaintenanceStage, book: FaultBook): Promise<Verdict> {
  const { temporal, dcs } = stage;
  const secrets = [dcs.options.secretKey];
  const violations: Violation[] = breachesOf(temporal);
  const maintenances: JudgedMaintenance[] = [];
  for (const run of temporal.runs().filter(({ type }) => type === 'dcsMaintenance')) {
    const facts = await factsOf(run);
    maintenances.push({ run, facts });
    violations.push(...auditMaintenance({ ...facts, secrets }));
  }
  for (const place of stage.places) {
    const runs = await switchoversOn(stage, place);
    violations.push(...(await judgeRuns({ ...stage, dcs: place }, book, runs)).violations);
  }
  const chains = chainsOf(maintenances);
  violations.push(...findViolations(await witness(stage, chains), WITNESSED));
  const phases = maintenances.flatMap(({ run }) => run.notices.map(({ data }) => data['phase']));
  return {
    ...{ violations, struck: book.struck, words: [], moves: [] },
    phases: [...new Set(phases.filter((phase) => typeof phase === 'string'))],
    outcomes: maintenances.map(
      ({ facts }) => facts.result?.cause ?? facts.failureType ?? facts.ended,
    ),
  };
}

interface JudgedMaintenance {
  readonly run: SimRun;
  readonly facts: MaintenanceRunFacts;
}

/** Of one instance, in the order in which they ended, with what each was asked by whoever started it. */
async function switchoversOn(stage: MaintenanceStage, { instance }: DcsModel): Promise<Played[]> {
  const { temporal, asked } = stage;
  const isGood = asked.jobs.every((job) => job === 'good');
  const isDisturbed = !isGood || asked.messages.length > 0 || asked.hooks !== null;
  const runs = temporal
    .runs()
    .filter(({ type, workflowId }) => {
      return type === 'dcsSwitchover' && workflowId.includes(instance.instanceId);
    })
    .toSorted((one, other) => (one.closedAtMs ?? 0) - (other.closedAtMs ?? 0));
  return Promise.all(
    runs.map(async (run) => ({ run, isDisturbed, asked: askedOf(run, await switchoverOf(run)) })),
  );
}

function askedOf({ startedAtMs }: SimRun, { request }: RunFacts): Asked {
  const notAfterMs = request?.notAfterMs ?? startedAtMs;
  return {
    ...{ mode: 'switch', requestId: request?.requestId ?? null, goal: 'toggle', reissue: 'never' },
    ...{ settleSeconds: 30, coolDownSeconds: 0, afterMs: 0 },
    notAfterSeconds: (notAfterMs - startedAtMs) / 1_000,
  };
}

async function factsOf({ events }: SimRun): Promise<MaintenanceRunFacts> {
  const facts = await readMaintenanceFacts(DECODING, events as never);
  if (facts === null) throw new Error('the model made a history of something else');
  return facts;
}

async function switchoverOf({ events }: SimRun): Promise<RunFacts> {
  const facts = await readRunFacts(DECODING, events as never);
  if (facts === null) throw new Error('the model made a history of something else');
  return facts;
}

/** Runs of one start: continued as new, or reset. */
function chainsOf(runs: readonly JudgedMaintenance[]): JudgedMaintenance[][] {
  return groupBy(runs, ({ run }) => run.firstRunId);
}

async function witness(
  stage: MaintenanceStage,
  chains: readonly JudgedMaintenance[][],
): Promise<WitnessedMaintenance> {
  const { temporal } = stage;
  const switchovers = temporal.runs().filter(({ type }) => type === 'dcsSwitchover');
  const children = await Promise.all(
    switchovers.map(async (run) => ({ run, facts: await switchoverOf(run) })),
  );
  const seen = chains.map((chain): WitnessedChain => {
    const ids = chain.map(({ run }) => run.runId);
    const isOwn = ({ parent }: SimRun): boolean => ids.includes(parent?.runId ?? '');
    return { runs: chain, children: children.filter(({ run }) => isOwn(run)) };
  });
  return { stage, chains: seen };
}
