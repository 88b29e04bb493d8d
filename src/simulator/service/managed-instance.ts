import type { JobScript } from '../faults/spec.js';
import type { DataPlane } from './data-plane.js';
import type { SimulatedInstance } from './instance.js';
import type { InstanceBodies, InstanceBody } from './instance-body.js';
import type { GroupIdentity } from './node-bodies.js';
import { chooseNextMaster } from './node.js';
import type { Node, NodeRow } from './node.js';
import { openSwap, runSwap } from './swap.js';
import type { SwapContext, SwapJob, SwapOrder, SwapSubject } from './swap.js';
import { SWAP_TASK, makeTaskRow } from './task-list.js';
import type { TaskEntry, TaskRow } from './task-list.js';

/** What an instance is made of. */
export interface InstanceParts extends GroupIdentity {
  readonly name: string;
  readonly cacheMode: string;
  readonly status: string;
  /** The first is the master. */
  readonly nodes: readonly Node[];
  readonly plane: DataPlane;
  readonly bodies: InstanceBodies;
  readonly context: SwapContext;
}

/** An instance and everything that changes about it. */
export class ManagedInstance implements SimulatedInstance {
  readonly instanceId: string;
  readonly name: string;
  readonly cacheMode: string;
  status: string;
  private masterId: string;
  private forcedTask: string | null = null;
  private readonly tasks: TaskEntry[] = [];
  private running: { readonly job: SwapJob; readonly ended: Promise<void> } | null = null;

  constructor(private readonly parts: InstanceParts) {
    this.instanceId = parts.instanceId;
    this.name = parts.name;
    this.cacheMode = parts.cacheMode;
    this.status = parts.status;
    this.masterId = parts.nodes[0]?.nodeId ?? '';
  }

  get address(): string | null {
    return this.parts.plane.address;
  }

  get group(): GroupIdentity {
    return this.parts;
  }

  rows(): readonly NodeRow[] {
    return this.parts.nodes.map((node) => ({
      ...node,
      role: node.nodeId === this.masterId ? 'master' : 'replica',
    }));
  }

  roles(): ReturnType<SimulatedInstance['roles']> {
    return this.rows().map(({ nodeId, role, availabilityZone }) => ({
      nodeId,
      role,
      availabilityZone,
    }));
  }

  masterNodeId(): string {
    return this.masterId;
  }

  redisRoles(): ReturnType<SimulatedInstance['redisRoles']> {
    return this.parts.plane.roles();
  }

  setStatus(status: string): void {
    this.status = status;
  }

  setTask(task: string | null): void {
    this.forcedTask = task;
  }

  setNodeStatus(nodeId: string, status: 'Active' | 'Inactive'): void {
    this.node(nodeId).status = status;
  }

  setPriority(nodeId: string, priority: number): void {
    this.node(nodeId).priority = priority;
  }

  addTask(row: Partial<TaskRow>): void {
    this.tasks.push({ row: makeTaskRow(row, this.parts.context.clock), visibleFromMs: 0 });
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
    this.startSwap({ byUser, source: 'foreign', job, taskRow: {} });
    await this.swapEnded();
  }

  /** Accepts a swap; it runs on by itself. @throws Error when no replica can be promoted */
  startSwap(order: SwapOrder): SwapJob {
    const { context } = this.parts;
    const subject = this.swapSubject();
    const job = openSwap(subject, order, context);
    this.tasks.push(job.task);
    const ended = runSwap(job, subject, order.job, context).finally(() => {
      if (!job.neverEnds) this.running = null;
    });
    this.running = { job, ended };
    return job;
  }

  /** Whether the service would refuse another operation now. */
  isBusy(): boolean {
    return this.task() !== null || this.taskRows().some(({ status }) => status === 'EXECUTING');
  }

  /** The tasks that the list shows by now. */
  taskRows(): readonly TaskRow[] {
    const now = Date.now();
    return this.tasks.filter((task) => task.visibleFromMs <= now).map(({ row }) => row);
  }

  /** The answer to `GET …/instances/{id}`. */
  body(): InstanceBody {
    return this.parts.bodies.show({ status: this.status, task: this.task() });
  }

  /** The entry in `GET …/instances`. */
  listedBody(): InstanceBody {
    return this.parts.bodies.listed({ status: this.status, task: this.task() });
  }

  close(): Promise<void> {
    return this.parts.plane.close();
  }

  private task(): string | null {
    return this.forcedTask ?? (this.running ? SWAP_TASK : null);
  }

  private async swapEnded(): Promise<void> {
    await this.running?.ended;
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
      changeRoles: async () => {
        await this.parts.plane.promote(to.nodeId);
        this.masterId = to.nodeId;
      },
      setNodeStatus: (nodeId, status) => {
        this.setNodeStatus(nodeId, status);
      },
    };
  }

  private node(nodeId: string): Node {
    const found = this.parts.nodes.find((node) => node.nodeId === nodeId);
    if (!found) throw new Error(`${this.instanceId} has no node ${nodeId}.`);
    return found;
  }
}
