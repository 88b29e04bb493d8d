/** What the client returns: the documented fields in use, parsed leniently, `null` where absent. */

/** A value with what every response reports. */
export interface Answer<T> {
  readonly value: T;
  readonly requestId: string | null;
  /** The API's own clock (`Date`), epoch milliseconds. */
  readonly serverTimeMs: number | null;
  /** How long its last call was waited for, before it was sent, in milliseconds; absent: not noticeably. */
  readonly turnWaitMs?: number;
}

/** A tag of an instance. Keys and values that the body shows as numbers are texts here. */
export interface InstanceTag {
  readonly key: string;
  readonly value: string;
}

/** Of ShowInstance and ListInstances. */
export interface InstanceDetails {
  readonly instanceId: string | null;
  readonly name: string | null;
  /** Upper case; unknown words kept. */
  readonly status: string | null;
  readonly cacheMode: string | null;
  readonly engine: string | null;
  readonly engineVersion: string | null;
  /** `null` when the body does not say; ShowTags does. */
  readonly tags: readonly InstanceTag[] | null;
  /** Daily maintenance window, such as `02:00:00`, UTC. */
  readonly maintainBegin: string | null;
  readonly maintainEnd: string | null;
  /** The current task, such as `BACKUPING`; `status` may stay RUNNING meanwhile. */
  readonly task: string | null;
  readonly serviceTaskId: string | null;
  readonly bandwidthTaskRunning: boolean;
}

/** Of ShowNodesInformation (logical-nodes) or ListGroupReplicationInfo (groups). */
export interface NodeInfo {
  readonly nodeId: string | null;
  readonly replicationId: string | null;
  readonly ip: string | null;
  readonly availabilityZone: string | null;
  readonly status: string | null;
  /** `null`: a word that this client does not know. */
  readonly role: 'master' | 'replica' | null;
  readonly priority: number | null;
  readonly groupId: string;
}

/** Of BatchShowNodesInformation: one instance. */
export interface InstanceNodes {
  readonly instanceId: string;
  readonly nodes: readonly NodeInfo[];
}

/** Of ListBackgroundTask. */
export interface TaskInfo {
  readonly id: string;
  readonly name: string | null;
  readonly status: string | null;
  readonly jobId: string | null;
  readonly userName: string | null;
  readonly userId: string | null;
  readonly createdAtMs: number | null;
  readonly updatedAtMs: number | null;
}

/** Of ShowJobInfo. */
export interface JobInfo {
  readonly jobId: string | null;
  readonly jobType: string | null;
  /** Upper case; `INIT`, `RUNNING`, `SUCCESS`, `FAIL` are documented, unknown words kept. */
  readonly status: string | null;
  readonly beginTimeMs: number | null;
  readonly endTimeMs: number | null;
  readonly failReason: string | null;
}
