/**
 * Metrics that a run reports itself, through the SDK's meter: nothing is counted while a history
 * replays, and nothing lands in it.
 */
import { defineSearchAttributeKey } from '@temporalio/common';
import type { SearchAttributePair } from '@temporalio/common';
import { metricMeter, upsertSearchAttributes } from '@temporalio/workflow';

import type {
  DataPlaneReport,
  MaintenanceCause,
  MaintenanceOutcome,
  Mode,
  Outcome,
  Phase,
  SearchAttributeName,
} from '../contract/index.js';
import { longestOf } from '../domain/data-plane-text.js';
import type { LostReport, SwapCall, SwapReport } from '../domain/reports.js';
import { countSent } from '../domain/swap.js';
import { METRICS } from '../domain/telemetry.js';
import type { MetricSpec } from '../domain/telemetry.js';

/** Counts a run whose outcome is known. */
export function countRun(outcome: Outcome | 'CANCELLED', mode: unknown): void {
  count(METRICS.runs, { outcome, mode: modeLabel(mode) });
}

/** Counts a maintenance that has ended. */
export function countMaintenance(
  outcome: MaintenanceOutcome | 'CANCELLED',
  cause: MaintenanceCause | null,
): void {
  count(METRICS.maintenances, { outcome, cause: cause ?? 'none' });
}

/** Records how long an ended run was in each of its phases. */
export function recordPhases(phasesMs: Readonly<Partial<Record<Phase, number>>>): void {
  const { name, description } = METRICS.phaseDuration;
  const histogram = metricMeter.createHistogram(name, 'float', '', description);
  for (const [phase, ms] of Object.entries(phasesMs))
    if (phase !== 'ENDED') histogram.record(Math.max(0, ms) / 1000, { phase });
}

/** Records what Redis itself showed of a run that sent a PUT. */
export function recordDataPlane({ witness, write, lostWrites }: DataPlaneReport): void {
  count(METRICS.witnessWords, { word: witness.word });
  const lost = lostWrites?.count ?? 0;
  if (lost > 0) count(METRICS.lostWrites, {}, lost);
  if (write === null) return;
  const { name, description } = METRICS.writeInterruption;
  const histogram = metricMeter.createHistogram(name, 'float', '', description);
  const { minMs, maxMs } = longestOf(write.interruptions) ?? { minMs: 0, maxMs: 0 };
  histogram.record(minMs / 1000, { bound: 'min' });
  histogram.record(maxMs / 1000, { bound: 'max' });
}

/** Counts a PUT that left or may have left. */
export function countPut(purpose: SwapCall['purpose'], report: SwapReport | LostReport): void {
  if (countSent(report) > 0)
    count(METRICS.puts, { purpose, answer: report.kind === 'not-sent' ? 'lost' : report.kind });
}

/** Counts a search for the trace of a PUT without an answer. */
export function countReconciliation(found: 'task' | 'nothing'): void {
  count(METRICS.reconciliations, { found });
}

/** Counts a swap back. */
export function countCompensation(result: 'restored' | 'unknown' | 'not-sent'): void {
  count(METRICS.compensations, { result });
}

/** Counts a notification that had to be delivered, once it is known what came of it. */
export function countDelivery(result: 'delivered' | 'lost'): void {
  count(METRICS.notifications, { result });
}

function count({ name, description }: MetricSpec, labels: Record<string, string>, by = 1): void {
  metricMeter.createCounter(name, '', description).add(by, labels);
}

/** The input may not have been validated: a label takes only words of the contract. */
function modeLabel(mode: unknown): string {
  const word = mode ?? 'switch';
  return typeof word === 'string' && Object.hasOwn(MODES, word) ? word : 'other';
}

const MODES: Record<Mode, true> = {
  switch: true,
  plan: true,
  resolve: true,
  verify: true,
  adopt: true,
};

type Values = readonly (readonly [name: SearchAttributeName, value: string | undefined])[];

/** Those search attributes that the namespace has and that have a value; another one would fail the call for ever. */
export function pairsOf(
  known: readonly SearchAttributeName[],
  values: Values,
): SearchAttributePair[] {
  return values.flatMap(([name, value]) =>
    value === undefined || !known.includes(name)
      ? []
      : [{ key: defineSearchAttributeKey(name, 'KEYWORD'), value }],
  );
}

/** Upserts those search attributes that the namespace has: one history event, or none. */
export function upsertKnown(known: readonly SearchAttributeName[], values: Values): void {
  const pairs = pairsOf(known, values);
  if (pairs.length > 0) upsertSearchAttributes(pairs);
}
