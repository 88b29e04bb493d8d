import type {
  Leg,
  MaintenanceProgress,
  MaintenanceResult,
  MaintenanceItem,
  MessageReceipt,
} from '../../../src/contract/index.js';

/** `22222222-2222-4222-8222-0000000000NN`. */
export function instanceId(number: number): string {
  return `22222222-2222-4222-8222-${String(number).padStart(12, '0')}`;
}

/** A leg that went well, with what a test wants different. */
export function leg(changes: Partial<Leg> = {}): Leg {
  return {
    leg: 'forward',
    state: 'ENDED',
    outcome: 'SUCCEEDED',
    cause: 'ROLES_CHANGED',
    reason: 'Switched over.',
    workflowId: 'dcs-switchover:p:i',
    runId: '55555555-5555-4555-8555-555555555555',
    startedAt: '2026-12-05T01:00:05.123Z',
    endedAt: '2026-12-05T01:00:15.123Z',
    swapsSent: 1,
    master: { nodeId: 'n2', availabilityZone: 'az2' },
    ...changes,
  };
}

const UNSTARTED = {
  outcome: null,
  cause: null,
  reason: null,
  workflowId: null,
  runId: null,
  startedAt: null,
  endedAt: null,
  swapsSent: 0,
  master: null,
} as const;

/** A leg that has not started, and may or may not. */
export function unstarted(state: 'PENDING' | 'NOT_STARTED' | 'SKIPPED', reason?: string): Leg {
  return leg({ ...UNSTARTED, state, reason: reason ?? null });
}

/** An item; the number makes its instance id. */
export function item(
  number: number,
  forward: Leg = leg(),
  back: Leg | null = null,
): MaintenanceItem {
  return {
    instanceId: instanceId(number),
    name: `cache-${number}`,
    master: { nodeId: 'n1', availabilityZone: 'az1' },
    forward,
    return: back,
  };
}

const WINDOW = {
  opensAt: '2026-12-05T01:00:00.000Z',
  closesAt: '2026-12-05T05:00:00.000Z',
  latestStartAt: '2026-12-05T04:56:00.000Z',
};

/** A maintenance of one instance that is done. */
export function maintenanceResult(changes: Partial<MaintenanceResult> = {}): MaintenanceResult {
  return {
    outcome: 'COMPLETED',
    cause: 'ALL_DONE',
    message: 'All 1 instance is done.',
    maintenanceId: 'drain-az1',
    projectId: '11111111111111111111111111111111',
    region: 'eu-west-101',
    mode: 'run',
    window: WINDOW,
    counts: { pending: 0, running: 0, done: 1, failed: 0, skipped: 0, notStarted: 0 },
    items: [item(1)],
    decisions: [],
    warnings: [],
    startedAt: '2026-12-05T00:30:00.000Z',
    endedAt: '2026-12-05T01:00:16.000Z',
    reason: 'drain az1',
    requestedBy: 'alice',
    changeId: 'CHG-4711',
    ...changes,
  };
}

/** A maintenance at work: one running, one to go. */
export function progress(changes: Partial<MaintenanceProgress> = {}): MaintenanceProgress {
  return {
    maintenanceId: 'drain-az1',
    phase: 'SWITCHING',
    since: '2026-12-05T01:00:00.000Z',
    next: 'switch 1 more',
    isPaused: false,
    outcome: null,
    cause: null,
    window: WINDOW,
    needsApproval: false,
    decisions: [],
    counts: { pending: 1, running: 1, done: 0, failed: 0, skipped: 0, notStarted: 0 },
    items: [
      item(1, leg({ state: 'RUNNING', outcome: null, cause: null, endedAt: null, master: null })),
      item(2, unstarted('PENDING')),
    ],
    warnings: [],
    ...changes,
  };
}

/** Answer of an update that changed something. */
export function receipt(message: string): MessageReceipt {
  return { changed: true, message, phase: 'SWITCHING', isPaused: false };
}
