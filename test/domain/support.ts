/** Builders of plain data for the tests of decisions; each gives the good case, with overrides. */
import { DEFAULT_TIMING } from '../../src/contract/index.js';
import type { NodeSnapshot, RolesSnapshot, SwitchoverRequest } from '../../src/contract/index.js';
import { byWorker } from '../../src/domain/clocks.js';
import type { InstanceFacts, PreflightFacts, TaskFacts } from '../../src/domain/facts.js';
import { OPEN_POLICY } from '../../src/domain/policy.js';
import type { NewSwapTask, Observation } from '../../src/domain/reports.js';

export const PROJECT_ID = '0ebd32bc6a0123456789abcdef012345';
export const INSTANCE_ID = '5560df16-cebf-4473-95c4-d1b573c16e79';

/** The moment at which everything happens. */
export const NOW_MS = Date.UTC(2026, 0, 1);

export const master: NodeSnapshot = {
  nodeId: 'node-a',
  replicationId: 'replication-a',
  ip: '192.168.0.1',
  role: 'master',
  availabilityZone: 'az1',
  status: 'Active',
  priority: null,
};

export const replica: NodeSnapshot = {
  ...master,
  nodeId: 'node-b',
  replicationId: 'replication-b',
  ip: '192.168.0.2',
  role: 'replica',
  availabilityZone: 'az2',
  priority: 100,
};

/** A second replica, in a third AZ. */
export const other: NodeSnapshot = {
  ...replica,
  nodeId: 'node-c',
  replicationId: 'replication-c',
  ip: '192.168.0.3',
  availabilityZone: 'az3',
};

export const rolesOf = (...nodes: readonly NodeSnapshot[]): RolesSnapshot => ({
  observedAt: new Date(NOW_MS).toISOString(),
  groups: [{ groupId: 'group-0', nodes }],
});

/** The same nodes with the roles given, in the order of the roles. */
export const asMaster = (node: NodeSnapshot): NodeSnapshot => ({ ...node, role: 'master' });
export const asReplica = (node: NodeSnapshot): NodeSnapshot => ({
  ...node,
  role: 'replica',
  priority: 100,
});

export const BEFORE = rolesOf(master, replica);
export const SWAPPED = rolesOf(asReplica(master), asMaster(replica));

export const requestOf = (overrides: Partial<SwitchoverRequest> = {}): SwitchoverRequest => ({
  projectId: PROJECT_ID,
  instanceId: INSTANCE_ID,
  mode: 'switch',
  target: null,
  expectedMasterNodeId: null,
  toggle: true,
  region: 'eu-west-101',
  notAfterMs: NOW_MS + 900_000,
  reason: null,
  requestedBy: null,
  requestId: null,
  changeId: null,
  compensation: 'swap-back',
  compensateNotAfterMs: NOW_MS + 3_600_000,
  reissue: 'never',
  timing: DEFAULT_TIMING,
  resolution: null,
  ...overrides,
});

export const taskOf = (overrides: Partial<TaskFacts> = {}): TaskFacts => ({
  id: 'task-1',
  name: 'masterStandbySwapJob',
  status: 'SUCCESS',
  jobId: null,
  userName: null,
  userId: null,
  createdAtMs: NOW_MS - 86_400_000,
  updatedAtMs: NOW_MS - 86_390_000,
  ...overrides,
});

export const newTaskOf = (overrides: Partial<NewSwapTask> = {}): NewSwapTask => ({
  id: 'task-1',
  jobId: null,
  status: 'SUCCESS',
  userName: null,
  owner: 'ours',
  ...overrides,
});

export const INSTANCE: InstanceFacts = {
  name: 'orders-cache',
  tags: [{ key: 'env', value: 'prod' }],
  status: 'RUNNING',
  cacheMode: 'ha',
  engine: 'Redis',
  busyWith: null,
};

/** Facts by which every check passes. */
export const factsOf = (overrides: Partial<PreflightFacts> = {}): PreflightFacts => ({
  instance: {
    value: INSTANCE,
    requestId: 'request-instance',
  },
  roles: { value: BEFORE, requestId: 'request-roles' },
  tasks: { value: [], requestId: 'request-tasks', serverTimeMs: NOW_MS },
  runs: { closed: [], openRunId: null, sameRequest: null },
  freeze: 'none',
  unreadable: [],
  policy: OPEN_POLICY,
  present: [byWorker(NOW_MS)],
  ...overrides,
});

/** What is observed after a swap that went well. */
export const observationOf = (overrides: Partial<Observation> = {}): Observation => ({
  roles: SWAPPED,
  stable: true,
  steady: true,
  change: 'changed',
  heldThroughout: false,
  masterActive: true,
  nodesActive: true,
  instanceReady: true,
  complaints: [],
  newSwapTasks: [newTaskOf()],
  samples: 2,
  unreadable: 0,
  lastError: null,
  ...overrides,
});
