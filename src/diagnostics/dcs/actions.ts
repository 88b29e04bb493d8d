/** The readings of a switchover and the IAM actions that they need, as data. */

/** Name of a reading. */
export type ReadName =
  'showInstance' | 'showTags' | 'listNodes' | 'listGroups' | 'listTasks' | 'showJob';

/** One reading. */
export interface ReadRule {
  readonly read: ReadName;
  /** Id of its check. */
  readonly id: string;
  /** IAM action by its API page (ListGroupReplicationInfo, ListBackgroundTask, ShowJobInfo, …). */
  readonly action: string;
  /** What of it is not sure; `null` where the page of the operation names the action. */
  readonly doubt: string | null;
}

/** In the order in which a switchover uses them. */
export const READ_RULES: readonly ReadRule[] = [
  { read: 'showInstance', id: 'read-instance', action: 'dcs:instance:get', doubt: null },
  {
    read: 'listNodes',
    id: 'read-nodes',
    action: 'dcs:instance:get',
    doubt: 'its page names no action of its own',
  },
  { read: 'listGroups', id: 'read-groups', action: 'dcs:instance:get', doubt: null },
  { read: 'listTasks', id: 'read-tasks', action: 'dcs:instance:getBackgroundTask', doubt: null },
  { read: 'showJob', id: 'read-job', action: 'dcs:job:get', doubt: null },
];

/** Needed only where an allow or deny rule is about tags: an instance's own page may not show them. */
export const TAGS_RULE: ReadRule = {
  ...{ read: 'showTags', id: 'read-tags', action: 'dcs:tag:get', doubt: null },
};

/** The action that only the PUT itself can prove. */
export const SWAP_ACTION = 'dcs:instance:swap';

/** Everything that a worker's credential needs, and no more. */
export const REQUIRED_ACTIONS: readonly string[] = [
  ...new Set([...READ_RULES.map(({ action }) => action), SWAP_ACTION]),
];

/** No instance has this id: asking for it tells whether one may ask. */
export const ABSENT_INSTANCE_ID = '00000000-0000-0000-0000-000000000000';

/** No job has this id. */
export const ABSENT_JOB_ID = '00000000000000000000000000000000';

/** A policy of one's own in the vendor's format ("Creating a DCS custom policy": version 1.1). */
export function policyOf(actions: readonly string[]): object {
  return { Version: '1.1', Statement: [{ Effect: 'Allow', Action: actions }] };
}
