import type { Role } from './node.js';
import type { TaskRow } from './task-list.js';

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
  /** The roles as reported by each Redis (`ROLE`): `master` or `slave`. Without Redis, of the model. */
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

/** Role of a node as reported by Redis itself. */
interface RedisRole {
  readonly nodeId: string;
  /** First element of the answer to `ROLE`: `master` or `slave`. */
  readonly role: string;
}

/** What stands behind the API of one instance: real Redis servers, or a model of their roles. */
export interface DataPlane {
  /** `host:port` that always leads to the master; `null` without real Redis. */
  readonly address: string | null;
  /** Makes a node the master; returns when it is. @throws Error when it did not become one */
  promote(nodeId: string): Promise<void>;
  roles(): Promise<readonly RedisRole[]>;
  close(): Promise<void>;
}

/** Roles without a Redis. */
export function createMemoryPlane(nodeIds: readonly string[]): DataPlane {
  let master = nodeIds[0];
  return {
    address: null,
    promote: (nodeId) => {
      master = nodeId;
      return Promise.resolve();
    },
    roles: () =>
      Promise.resolve(
        nodeIds.map((nodeId) => ({ nodeId, role: nodeId === master ? 'master' : 'slave' })),
      ),
    close: () => Promise.resolve(),
  };
}
