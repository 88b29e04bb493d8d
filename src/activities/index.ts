/**
 * Entry point `dcs-switchover/activities`: for workers that host our workflow beside their own. Loads
 * the DCS client, not the worker.
 */
import type { MeasureCall, MeasureReport } from '../domain/measurement.js';
import type { PreflightCall, PreflightReport } from '../domain/preflight-report.js';
import type {
  JobCall,
  JobReport,
  Observation,
  SwapCall,
  SwapReport,
  WatchCall,
} from '../domain/reports.js';

import { DELIVERED_TYPES } from '../contract/index.js';
import type { CloudEvent, Freeze } from '../contract/index.js';
import type { ThawCall, ThawReport } from '../domain/freeze.js';
import type { StartDeliveryCall } from '../domain/notification.js';
import type {
  FollowCall,
  LegEnding,
  PlanMaintenanceCall,
  PlanMaintenanceReport,
} from '../domain/maintenance/reports.js';

import { startProbe } from '../data-plane/index.js';
import { awaitJob } from './await-job.js';
import type { ActivityDeps } from './deps.js';
import { followRun } from './follow-run.js';
import { readFreeze, thawSchedules } from './freeze.js';
import { createProbes, measure } from './measure.js';
import { vouchFor } from './not-sent.js';
import { createNotifying } from './notify.js';
import { planMaintenance } from './plan-maintenance.js';
import { preflight } from './preflight.js';
import { requestSwap } from './request-swap.js';
import { createSendQueue } from './send-queue.js';
import { verifyRoles, watchRoles } from './watch-roles.js';

export type { ActivityDeps, ProjectEntry } from './deps.js';
export { createDcsClient, environmentCredentials } from '../dcs/index.js';
export { OPEN_POLICY } from '../domain/policy.js';
export type { InstancePolicy, InstanceRule } from '../domain/policy.js';
export type { CredentialSource, Credentials, DcsClient, DcsClientOptions } from '../dcs/index.js';

/** The activities by the names that stand in history. */
export interface Activities {
  /** Validates the input, reads, evaluates every check. Sends nothing. */
  readonly preflight: (call: PreflightCall) => Promise<PreflightReport>;
  /** Re-reads, passes the fence, sends exactly one PUT. Must run with `maximumAttempts: 1`. */
  readonly requestSwap: (call: SwapCall) => Promise<SwapReport>;
  /** Measures at Redis itself how long it fails beside the swap. Must run with `maximumAttempts: 1`. */
  readonly measure: (call: MeasureCall) => Promise<MeasureReport>;
  /** Polls the job to its end or the deadline. */
  readonly awaitJob: (call: JobCall) => Promise<JobReport>;
  /** Reads roles until stable, changed and healthy, or the time is over. */
  readonly verifyRoles: (call: WatchCall) => Promise<Observation>;
  /** Watches whether the prior roles hold and whether a swap task appears. */
  readonly watchRoles: (call: WatchCall) => Promise<Observation>;
  /** Validates the input of a maintenance, resolves its window and its instances once. Sends nothing. */
  readonly planMaintenance: (call: PlanMaintenanceCall) => Promise<PlanMaintenanceReport>;
  /** Waits for the end of a switchover that an earlier run of a maintenance has started. */
  readonly followRun: (call: FollowCall) => Promise<LegEnding>;
  /** The freeze in force, or `null`. */
  readonly readFreeze: () => Promise<Freeze | null>;
  /** Resumes the schedules that a freeze has paused. */
  readonly thawSchedules: (call: ThawCall) => Promise<ThawReport>;
  /** Starts the run that delivers a notification; once for each, however often it is called. */
  readonly startDelivery: (call: StartDeliveryCall) => Promise<void>;
  /** Posts a notification once. */
  readonly postNotification: (event: CloudEvent) => Promise<void>;
}

/** Binds the activities to what the hosting worker provides. To be called once for each worker. */
export function createActivities(deps: ActivityDeps): Activities {
  const queue = createSendQueue();
  const probes = createProbes(startProbe, deps.maxConcurrentActivities);
  const deliveries = deps.webhook?.types.filter((type) => DELIVERED_TYPES.includes(type)) ?? [];
  return {
    preflight: async (call) => ({ ...(await preflight(deps, call)), deliveries }),
    requestSwap: async (call) => vouchFor(deps.temporal, await requestSwap(deps, queue, call)),
    measure: (call) => measure(deps, probes, call),
    awaitJob: (call) => awaitJob(deps, call),
    verifyRoles: (call) => verifyRoles(deps, call),
    watchRoles: (call) => watchRoles(deps, call),
    planMaintenance: async (call) => ({ ...(await planMaintenance(deps, call)), deliveries }),
    followRun: (call) => followRun(deps, call),
    readFreeze: () => readFreeze(deps),
    thawSchedules: (call) => thawSchedules(deps, call),
    ...createNotifying(deps),
  };
}
