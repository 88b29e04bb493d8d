import type { JobScript } from '../faults/spec.js';
import type { InstanceHabits } from '../habits.js';

import type { DataPlane, RedisHandle, RedisRole } from './data-plane.js';
import type { InstanceBodies, InstanceBody, InstanceState } from './instance-body.js';
import { chooseNextMaster, hidesNodes, moveIdentifiers, orderNodes } from './node.js';
import type { GroupIdentity, Node, NodeRow, Role } from './node.js';
import { openSwap, runSwap } from './swap.js';
import type { SwapContext, SwapJob, SwapOrder, SwapSubject } from './swap.js';
import { FOREIGN_USER, makeTaskRow, SWAP_TASK } from './lists.js';
import type { TaskEntry, TaskRow } from './lists.js';

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
  /** Hands to interfere with its Redis. */
  readonly redis: RedisHandle;
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

/** What an instance is made of. */
export interface InstanceParts extends GroupIdentity {
  readonly name: string;
  readonly cacheMode: string;
  readonly engineVersion: string;
  readonly status: string;
  /** The first is the master. */
  readonly nodes: readonly Node[];
  readonly plane: DataPlane;
  readonly bodies: InstanceBodies;
  readonly habits: InstanceHabits;
  readonly context: SwapContext;
}

/** How the nodes looked before a change, for as long as lists still show it. */
interface PastRows {
  readonly rows: readonly NodeRow[];
  readonly untilMs: number;
}

/** Status of an instance whose status shows a swap; the service's word for it is not known. */
const SWAPPING = 'SWITCHING';

/** An instance and everything that changes about it. */
export class ManagedInstance implements SimulatedInstance {
  readonly instanceId: string;
  readonly name: string;
  readonly cacheMode: string;
  status: string;
  /** The master, by its key. */
  private masterKey: string;
  private pastRows: readonly PastRows[] = [];
  private forcedTask: string | null = null;
  private readonly tasks: TaskEntry[] = [];
  private running: { readonly job: SwapJob; readonly ended: Promise<void> } | null = null;

  constructor(private readonly parts: InstanceParts) {
    this.instanceId = parts.instanceId;
    this.name = parts.name;
    this.cacheMode = parts.cacheMode;
    this.status = parts.status;
    this.masterKey = parts.nodes[0]?.key ?? '';
  }

  get address(): string | null {
    return this.parts.plane.address;
  }

  get group(): GroupIdentity {
    return this.parts;
  }

  get habits(): InstanceHabits {
    return this.parts.habits;
  }

  rows(): readonly NodeRow[] {
    return this.parts.nodes.map((node) => ({
      ...node,
      role: node.key === this.masterKey ? 'master' : 'replica',
    }));
  }

  /** The nodes as lists show them now: in their order, and possibly as they were a while ago. */
  shownRows(): readonly NodeRow[] {
    if (hidesNodes(this.parts.engineVersion)) return [];
    const past = this.pastRows.find(({ untilMs }) => untilMs > Date.now());
    return orderNodes(past?.rows ?? this.rows(), this.habits);
  }

  roles(): ReturnType<SimulatedInstance['roles']> {
    return this.rows().map(({ nodeId, role, availabilityZone }) => ({
      nodeId,
      role,
      availabilityZone,
    }));
  }

  masterNodeId(): string {
    return this.rows().find(({ role }) => role === 'master')?.nodeId ?? '';
  }

  redisRoles(): ReturnType<SimulatedInstance['redisRoles']> {
    return this.parts.plane.roles();
  }

  get redis(): RedisHandle {
    return this.parts.plane;
  }

  setStatus(status: string): void {
    this.status = status;
  }

  setTask(task: string | null): void {
    this.forcedTask = task;
  }

  setNodeStatus(nodeId: string, status: 'Active' | 'Inactive'): void {
    this.find('nodeId', nodeId).status = status;
  }

  setPriority(nodeId: string, priority: number): void {
    this.find('nodeId', nodeId).priority = priority;
  }

  addTask(row: Partial<TaskRow>): void {
    const { clock, userIdOf } = this.parts.context;
    const user = { user_id: userIdOf(row.user_name ?? FOREIGN_USER) };
    const whole = makeTaskRow({ ...user, ...row }, clock);
    this.tasks.push({ row: whole, centerJobId: null, visibleFromMs: 0 });
  }

  async swapBy(userName: string): Promise<void> {
    await this.foreignSwap(userName, {});
  }

  /** A scripted swap by another operator, once no other swap is in progress. */
  async foreignSwap(byUser: string, job: JobScript): Promise<void> {
    while (this.running) {
      if (this.running.job.neverEnds) {
        throw new Error(`The swap job of ${this.instanceId} never ends: no other swap can begin.`);
      }
      await this.running.ended;
    }
    this.startSwap({ byUser, source: 'foreign', job, taskRow: {}, redis: {} });
    await (this.running as ManagedInstance['running'])?.ended;
  }

  /** Accepts a swap; it runs on by itself. @throws Error when no replica can be promoted */
  startSwap(order: SwapOrder): SwapJob {
    const { context } = this.parts;
    const subject = this.swapSubject();
    const job = openSwap(subject, order, { ...context, habits: this.habits });
    this.tasks.push(job.task);
    const ended = runSwap(job, subject, order, context).finally(() => {
      if (!job.neverEnds) this.running = null;
    });
    this.running = { job, ended };
    return job;
  }

  /** Whether the service would refuse another operation now. */
  isBusy(): boolean {
    return (
      this.forcedTask !== null ||
      this.running !== null ||
      this.tasks.some(({ row }) => row.status === 'EXECUTING')
    );
  }

  /** The tasks that lists show by now. */
  shownTasks(): readonly TaskEntry[] {
    const now = Date.now();
    return this.tasks.filter((task) => task.visibleFromMs <= now);
  }

  /** The answer to `GET …/instances/{id}`. */
  body(): InstanceBody {
    return this.parts.bodies.show(this.state());
  }

  /** The entry in `GET …/instances`. */
  listedBody(): InstanceBody {
    return this.parts.bodies.listed(this.state());
  }

  /** The answer to `GET …/instances/{id}/tags`. */
  tagsBody(): InstanceBody {
    return this.parts.bodies.tags;
  }

  close(): Promise<void> {
    return this.parts.plane.close();
  }

  private state(): InstanceState {
    const { swapShownAs } = this.habits;
    const shownAs = this.running ? swapShownAs : 'nothing';
    return {
      status: shownAs === 'status' ? SWAPPING : this.status,
      task: this.forcedTask ?? (shownAs === 'task' ? SWAP_TASK : null),
    };
  }

  private changeMaster(toKey: string): void {
    const untilMs = Date.now() + this.habits.staleRoleViewsMs;
    this.pastRows = [...this.pastRows, { rows: this.rows(), untilMs }].filter(
      (past) => past.untilMs > Date.now(),
    );
    moveIdentifiers(this.find('key', this.masterKey), this.find('key', toKey), this.habits);
    this.masterKey = toKey;
  }

  private swapSubject(): SwapSubject {
    const rows = this.rows();
    const from = rows.find(({ role }) => role === 'master');
    const to = chooseNextMaster(rows);
    if (!from || !to) throw new Error(`${this.instanceId} has no replica that can be promoted.`);
    return {
      instanceId: this.instanceId,
      from,
      to,
      changeRoles: async ({ job, redis }) => {
        await this.parts.plane.promote(to.key, redis);
        if (!job.showsOldRoles) this.changeMaster(to.key);
      },
      setNewMasterStatus: (status) => {
        this.find('key', to.key).status = status;
      },
    };
  }

  private find(by: 'key' | 'nodeId', id: string): Node {
    const found = this.parts.nodes.find((node) => node[by] === id);
    if (!found) throw new Error(`${this.instanceId} has no node ${id}.`);
    return found;
  }
}
