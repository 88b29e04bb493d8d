/** Maintenance states in memory for the tests of decisions. */
import { DEFAULT_TIMING } from '../../../src/contract/index.js';
import type { Decision, MaintenanceRequest } from '../../../src/contract/index.js';
import type { SelectedInstance } from '../../../src/domain/maintenance/reports.js';
import type {
  AskedFacts,
  AuditedMaintenance,
  MessageFacts,
} from '../../../src/domain/maintenance/run-facts.js';
import { newState, toItems } from '../../../src/domain/maintenance/state.js';
import type { MaintenanceState } from '../../../src/domain/maintenance/state.js';

/** From 1 000 s to 10 000 s; with the reserves of {@link REQUEST} the latest safe start is at 9 760 s. */
export const WINDOW = { opensAtMs: 1_000_000, closesAtMs: 10_000_000 };

/** A maintenance that toggles, one at a time, without a budget. */
export const REQUEST: MaintenanceRequest = {
  maintenanceId: 'weekly',
  projectId: 'a'.repeat(32),
  mode: 'run',
  target: null,
  toggle: true,
  region: 'eu-west-101',
  expectedDurationSeconds: 120,
  compensationReserveSeconds: 120,
  requireApproval: false,
  maxConcurrent: 1,
  canaryCount: 0,
  maxFailures: 0,
  compensation: 'swap-back',
  timing: DEFAULT_TIMING,
  returnLeg: null,
  hooks: null,
  reason: null,
  requestedBy: null,
  changeId: null,
};

/** The id of the n-th instance. */
export function idOf(index: number): string {
  return `11111111-2222-3333-4444-${String(index).padStart(12, '0')}`;
}

/** An instance whose master was observed. */
export function planned(index: number, extra: Partial<SelectedInstance> = {}): SelectedInstance {
  return {
    instanceId: idOf(index),
    name: `redis-${index}`,
    master: { nodeId: 'a'.repeat(32), availabilityZone: 'az1' },
    spans: [WINDOW],
    obstacle: null,
    ...extra,
  };
}

/** The state of a maintenance that has just been made. */
export function maintenanceOf(
  instances: readonly SelectedInstance[],
  extra: Partial<MaintenanceRequest> = {},
): MaintenanceState {
  const request = { ...REQUEST, ...extra };
  const facts = { request, window: WINDOW, searchAttributes: [] };
  return { ...newState(0), facts, items: toItems(instances, request) };
}

type Ended = NonNullable<AskedFacts['ended']>;

/** What became of a switchover that went well, at the tenth place of a history. */
export function endedOf(extra: Partial<Ended> = {}): Ended {
  return {
    ...{ outcome: 'SUCCEEDED', cause: 'ROLES_CHANGED', message: 'Switched over.', swapsSent: 1 },
    ...{ master: null, order: 10 },
    ...extra,
  };
}

/** One that was refused for what passes by itself: another of its leg may follow. */
export const PASSING: Ended = endedOf({
  ...{ outcome: 'REFUSED', cause: 'CHECKS_FAILED', swapsSent: 0, mayPass: true },
});

/** A switchover of the n-th instance that is asked for in its window, at the fifth place of a history. */
export function askedOf(index: number, extra: Partial<AskedFacts> = {}): AskedFacts {
  return {
    ...{ instanceId: idOf(index), leg: 'forward', order: 5, askedAtMs: 2_000_000 },
    ...{ notAfterMs: 9_760_000, runId: `run-${index}`, refused: null, ended: endedOf() },
    ...extra,
  };
}

/** The open run of a maintenance of four instances that has started nothing yet. */
export function runOf(extra: Partial<AuditedMaintenance> = {}): AuditedMaintenance {
  return {
    ...{ runId: 'run', startedAtMs: 0, closedAtMs: null, ended: 'open', failureType: null },
    ...{ request: REQUEST, window: WINDOW, carried: null, asked: [], messages: [] },
    ...{ cancelled: null, frozen: null, result: null, text: '' },
    instances: [0, 1, 2, 3].map((index) => ({ instanceId: idOf(index), spans: [WINDOW] })),
    ...extra,
  };
}

/** Messages, each of which has changed something, from the first place of a history on. */
export function messagesOf(...names: readonly string[]): MessageFacts[] {
  return names.map((name, index) => ({ name, order: index + 1, changed: true }));
}

/** What an earlier run of a maintenance of one instance had come to, in which this was decided. */
export function decidedBefore(...what: readonly Decision['what'][]): MaintenanceState {
  const decisions = what.map((each) => ({ what: each, by: 'ada', why: null, at: 'T' }));
  return { ...maintenanceOf([planned(0)]), decisions };
}
