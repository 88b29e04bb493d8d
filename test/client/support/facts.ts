import type { RolesSnapshot, SwitchoverResult } from '../../../src/contract/index.js';

/** Two nodes; the named one is the master. */
export function roles(master: 'n1' | 'n2'): RolesSnapshot {
  const node = (nodeId: string, ip: string, availabilityZone: string) => ({
    nodeId,
    replicationId: null,
    ip,
    role: nodeId === master ? ('master' as const) : ('replica' as const),
    availabilityZone,
    status: 'Active',
    priority: nodeId === master ? null : 100,
  });
  return {
    observedAt: '2026-11-24T02:00:00.000Z',
    groups: [
      { groupId: 'g', nodes: [node('n1', '10.0.0.1', 'az1'), node('n2', '10.0.0.2', 'az2')] },
    ],
  };
}

/** A result of a run that succeeded, with what a test wants different. */
export function result(changes: Partial<SwitchoverResult> = {}): SwitchoverResult {
  return {
    outcome: 'SUCCEEDED',
    cause: 'ROLES_CHANGED',
    message: 'Switched over: the master moved from n1 (az1, Active) to n2 (az2, Active).',
    mode: 'switch',
    projectId: '11111111111111111111111111111111',
    instanceId: '22222222-2222-4222-8222-222222222222',
    region: 'eu-west-101',
    swapsSent: 1,
    swapsAccepted: 1,
    jobIds: ['job-1'],
    before: roles('n1'),
    after: roles('n2'),
    checks: [],
    warnings: [],
    evidence: [],
    timings: {
      startedAt: '2026-11-24T02:00:00.000Z',
      endedAt: '2026-11-24T02:00:09.500Z',
      totalMs: 9_500,
      phasesMs: { PREFLIGHT: 400, SWAPPING: 200, AWAITING_JOB: 4_100, VERIFYING: 4_800, ENDED: 0 },
      jobMs: 2_900,
    },
    reason: null,
    requestedBy: 'alice',
    requestId: null,
    changeId: null,
    ...changes,
  };
}

/** What `preflight` reports before a swap. */
export function findings(): object {
  return {
    verdict: 'proceed',
    request: { region: 'eu-west-101' },
    instanceName: 'orders',
    checks: [],
    before: roles('n1'),
    knownSwapTaskIds: [],
    warnings: [],
    searchAttributes: [],
  };
}
