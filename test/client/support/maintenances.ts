import { randomUUID } from 'node:crypto';

import type {
  Leg,
  MaintenanceInput,
  MaintenanceResult,
  MaintenanceItem,
  ScheduleInput,
} from '../../../src/contract/index.js';

export const PROJECT_ID = '11111111111111111111111111111111';

/** Ids of instances that no one looks at. */
export const INSTANCES = [1, 2, 3].map((n) => `${String(n).repeat(8)}-2222-4222-8222-222222222222`);

/** A maintenance of three instances with an id of its own, in a window that is open for an hour. */
export function maintenanceInput(changes: Partial<MaintenanceInput> = {}): MaintenanceInput {
  return {
    maintenanceId: `m-${randomUUID()}`,
    projectId: PROJECT_ID,
    instanceIds: INSTANCES,
    target: { availabilityZone: 'az2' },
    window: { closesAt: new Date(Date.now() + 3_600_000).toISOString() },
    ...changes,
  };
}

/** A drill on Sundays from two to four in Zurich, with an id of its own. */
export function weekly(changes: Partial<ScheduleInput> = {}): ScheduleInput {
  return {
    scheduleId: `s-${randomUUID()}`,
    schedule: { onWindow: true },
    maintenance: maintenanceInput({
      window: { timeZone: 'Europe/Zurich', start: '02:00', end: '04:00', daysOfWeek: ['SUNDAY'] },
    }),
    ...changes,
  };
}

const LEG: Leg = {
  leg: 'forward',
  state: 'ENDED',
  outcome: 'SUCCEEDED',
  cause: null,
  reason: null,
  workflowId: 'w',
  runId: 'r',
  startedAt: '2026-12-05T01:00:00.000Z',
  endedAt: '2026-12-05T01:01:00.000Z',
  swapsSent: 1,
  master: null,
};

/** An item whose forward leg ended, or not, as said. */
export function item(instanceId: string, changes: Partial<Leg> = {}): MaintenanceItem {
  return { instanceId, name: null, master: null, forward: { ...LEG, ...changes }, return: null };
}

/** A leg that never started. */
export const NOT_STARTED: Partial<Leg> = {
  state: 'NOT_STARTED',
  outcome: null,
  runId: null,
  workflowId: null,
  startedAt: null,
  swapsSent: 0,
};

/** A result of a maintenance that did everything, with what a test wants different. */
export function maintenanceResult(changes: Partial<MaintenanceResult> = {}): MaintenanceResult {
  return {
    outcome: 'COMPLETED',
    cause: 'ALL_DONE',
    message: 'All 3 instances are done.',
    maintenanceId: 'm',
    projectId: PROJECT_ID,
    region: 'eu-west-101',
    mode: 'run',
    window: null,
    counts: { pending: 0, running: 0, done: 3, failed: 0, skipped: 0, notStarted: 0 },
    items: INSTANCES.map((instanceId) => item(instanceId)),
    decisions: [],
    warnings: [],
    startedAt: '2026-12-05T01:00:00.000Z',
    endedAt: '2026-12-05T01:05:00.000Z',
    reason: null,
    requestedBy: null,
    changeId: null,
    ...changes,
  };
}
