import type { TaskRow } from './task-list.js';
import type { RedisRole } from './data-plane.js';
import type { Role } from './node.js';

/** One instance, as tests look at it and interfere with it. */
export interface SimulatedInstance {
  readonly instanceId: string;
  readonly name: string;
  readonly cacheMode: string;
  /** `host:port` that always leads to the master; `null` without real Redis. */
  readonly address: string | null;
  /** The roles as the API reports them when nothing is scripted. */
  roles(): readonly {
    readonly nodeId: string;
    readonly role: Role;
    readonly availabilityZone: string;
  }[];
  masterNodeId(): string;
  /** The roles by the word of each Redis (`ROLE`): `master` or `slave`. Without Redis, of the model. */
  redisRoles(): Promise<readonly RedisRole[]>;
  /** Sets the instance's status, like `FROZEN`. */
  setStatus(status: string): void;
  /** Sets the operation in progress, like `BACKUPING`; the instance is busy until `null`. */
  setTask(task: string | null): void;
  /** @throws Error for a node that is not of this instance */
  setNodeStatus(nodeId: string, status: 'Active' | 'Inactive'): void;
  /** @throws Error for a node that is not of this instance */
  setPriority(nodeId: string, priority: number): void;
  /**
   * A swap by another operator, with a job and a task row of its own. Waits for a swap in progress
   * and returns when its job is over.
   *
   * @throws Error when the swap in progress never ends, or no replica can be promoted
   */
  swapBy(userName: string): Promise<void>;
  /** Adds a task, by default a swap another operator has just made; `EXECUTING` makes the instance busy. */
  addTask(row: Partial<TaskRow>): void;
}
