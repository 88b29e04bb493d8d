/**
 * The DCS API served locally, for tests, drills and demonstrations. A second implementation of the
 * protocol: imports nothing of the DCS client and nothing of Temporal, so that a mistake of the
 * client cannot hide in its counterpart. Listens on loopback only.
 */
export { DEFAULT_USER } from './redis/access.js';
export { startSimulator } from './simulator.js';
export type { Simulator } from './simulator.js';
export type { SimulatorOptions } from './options.js';
export type { RedisAccess, RedisSpec, RedisUserSpec, TlsIdentity } from './redis/access.js';
export type { InstanceSpec, InstanceTag, NodeSpec } from './options.js';
export { HABITS, parseHabit } from './habits.js';
export type { Evidence, Habits, IdentifierHabit, InstanceHabits, TagsHabit } from './habits.js';
export { parseInstances } from './options.js';
export { parseFaults } from './faults/spec.js';
export type { Account, MetadataSettings } from './identity/account.js';
export type { CredentialKind, IssuedKeys as Credentials } from './identity/account.js';
export type { Permissions } from './gateway/authentication.js';
export { parseQuota } from './gateway/quota.js';
export type { ForeignUse, QuotaSpec, Quotas } from './gateway/quota.js';
export type { OldConnections, RedisScript } from './redis/script.js';
export type { RedisHandle } from './service/data-plane.js';
export type { SimulatedInstance } from './service/managed-instance.js';
export type { TaskRow } from './service/lists.js';
export type { CallRecord, Ledger, SwapRecord } from './ledger.js';
export type { RouteName } from './http/routes.js';
export type {
  CallSelector,
  Fault,
  FaultActions,
  FaultScript,
  FaultSpec,
  JobScript,
  RoleView,
  ScriptedResponse,
  TaskRowScript,
} from './faults/spec.js';
