/** Task queue of every `dcs-switchover` worker, unless `DCS_SWITCHOVER_TASK_QUEUE` names another. */
export const DEFAULT_TASK_QUEUE = 'dcs-switchover';

/** Workflow type that switches one instance. */
export const SWITCHOVER_WORKFLOW_TYPE = 'dcsSwitchover';

/** The instance that a run is about; both ids in lower case. */
export interface InstanceRef {
  readonly projectId: string;
  readonly instanceId: string;
}

/**
 * Workflow id of the runs that may change an instance, and of those that judge them. The id is the lock: Temporal lets at most one
 * run of an id be open, no matter who starts it.
 */
export function makeSwitchoverWorkflowId({ projectId, instanceId }: InstanceRef): string {
  return `dcs-switchover:${projectId}:${instanceId}`;
}

/** Workflow id of `mode: "plan"` runs, which send nothing and so do not hold the lock. */
export function makePlanWorkflowId({ projectId, instanceId }: InstanceRef): string {
  return `dcs-switchover-plan:${projectId}:${instanceId}`;
}

/** Workflow id under which a run of `mode` has to be started. */
export function makeWorkflowId(mode: string, ref: InstanceRef): string {
  return mode === 'plan' ? makePlanWorkflowId(ref) : makeSwitchoverWorkflowId(ref);
}

/** Name of the query that shows where a run stands; answers with a `SwitchoverStatus`. */
export const STATUS_QUERY = 'status';

/** Search attributes (all of type Keyword, all optional). */
export const SEARCH_ATTRIBUTES = {
  instanceId: 'DcsInstanceId',
  status: 'DcsStatus',
  maintenanceId: 'DcsMaintenanceId',
} as const;

/** Name of one of our search attributes. */
export type SearchAttributeName = (typeof SEARCH_ATTRIBUTES)[keyof typeof SEARCH_ATTRIBUTES];
