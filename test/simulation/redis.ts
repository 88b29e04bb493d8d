/**
 * The Redis behind an instance: a process for each node, an address that leads to one of them, and what becomes of both
 * beside the roles that the API shows. The model knows the truth, whatever a look shows of it: which process answers,
 * what data it has, and how often its master has moved.
 */
import { createHash } from 'node:crypto';

import type { Machine, World } from './world.js';

/** What Redis does, where the API says that a master has moved, or by itself. */
export const REDIS_MOVES = [
  // Another node is promoted, and the address follows, a while later perhaps.
  'swap',
  // Nothing: of a swap only the API knows.
  'stays',
  // Another node is promoted, and the address goes on to lead to the old master.
  'address-stays',
  // The address leads to a replica that no one has promoted.
  'unpromoted',
  ...(['there-and-back', 'three-moves'] as const),
  // The master's process is started again, with its data or without.
  ...(['restart', 'restart-empty'] as const),
  // The address leads to a server that has never had this data.
  'other-data',
  // For a while: no one answers, or the login is refused.
  ...(['away', 'refuses'] as const),
] as const;

/** One of {@link REDIS_MOVES}; `ms`: how long it lasts, or lies between its steps. */
export interface RedisMove {
  readonly move: (typeof REDIS_MOVES)[number];
  readonly ms: number;
}

/** The Redis of one schedule. */
export interface RedisSpec {
  /** A password proves that it is this instance that answers. */
  readonly binding: 'password' | 'none';
  /** What Redis does at the changes of master that the API makes, the first first; then `swap`, at once. */
  readonly follows: readonly RedisMove[];
}

/** The password that the worker has, and that must stand in no history. */
export const REDIS_PASSWORD = 'redis-password-of-the-simulation';

/** One history of data, as Redis names it, and what is true of it. */
interface DataHistory {
  readonly replid: string;
  readonly replid2: string | null;
  readonly secondOffset: number | null;
  /** Which data: another number, other data. */
  readonly dataset: number;
  /** How often another process has become the master of this data. */
  readonly moves: number;
  /** How often its master was started again with it. */
  readonly restarts: number;
}

/** One server process. */
export interface RedisProcess {
  readonly runId: string;
  /** True time, epoch milliseconds. */
  readonly startedAtMs: number;
  role: 'master' | 'replica';
  history: DataHistory;
  isGone: boolean;
}

/** What a look showed, and what was true then. */
export interface Shown extends Pick<RedisProcess, 'runId' | 'startedAtMs' | 'role' | 'history'> {
  /** No two looks are shown the same. */
  readonly offset: number;
  /** True time, epoch milliseconds. */
  readonly atMs: number;
}

/** Processes run for so long when a schedule begins, at the least. */
const AGE_MS = 10 * 86_400_000;

/** Address of what is at no node of the instance. */
const STRANGER = 'stranger';

/** The Redis of one instance. */
export class RedisModel {
  /** Moves that have come about. */
  readonly moved: { readonly atMs: number; readonly move: RedisMove['move'] }[] = [];
  private readonly processes = new Map<string, RedisProcess>();
  private master: string;
  private address: string;
  private awayUntilMs = 0;
  private refusesUntilMs = 0;
  private names = 0;
  private datasets = 0;
  private looks = 0;
  private followed = 0;
  private readonly beganAtMs: number;

  /** @param nodes by their keys; the first is the master */
  constructor(
    private readonly world: World,
    readonly machine: Machine,
    private readonly nodes: readonly string[],
    readonly spec: RedisSpec,
  ) {
    this.beganAtMs = world.nowMs;
    this.master = nodes[0] ?? '';
    this.address = this.master;
    const history = this.newData();
    nodes.forEach((node, index) => {
      const startedAtMs = world.nowMs - AGE_MS * (index + 1);
      this.processes.set(node, this.start(startedAtMs, node === this.master, history));
    });
    this.processes.set(STRANGER, this.start(world.nowMs - AGE_MS, true, this.newData()));
  }

  /** The API has made a node the master. */
  follow(node: string): void {
    const what = this.spec.follows[this.followed] ?? { move: 'swap', ms: 0 };
    this.followed += 1;
    this.move(what, node);
  }

  /** @param to whom it is about @default the next node */
  move({ move, ms }: RedisMove, to = this.nextNode()): void {
    this.moved.push({ atMs: this.world.nowMs, move });
    const from = this.master;
    switch (move) {
      case 'stays':
        return;
      case 'swap':
        this.swap(to, ms);
        return;
      case 'address-stays':
        this.promote(to);
        return;
      case 'unpromoted':
        this.address = to;
        return;
      case 'there-and-back':
        this.hop([to, from], ms);
        return;
      case 'three-moves':
        this.hop([to, from, to], ms);
        return;
      case 'restart':
        this.restart(this.restarted());
        return;
      case 'restart-empty':
        this.restart(this.newData());
        return;
      case 'other-data':
        this.address = STRANGER;
        return;
      case 'away':
        this.awayUntilMs = this.world.nowMs + ms;
        return;
      case 'refuses':
        this.refusesUntilMs = this.world.nowMs + ms;
    }
  }

  /** The process at the address; `null`: none can be reached. */
  answering(): RedisProcess | null {
    return this.world.nowMs < this.awayUntilMs ? null : this.processOf(this.address);
  }

  /** Whether a login with this password is let in; `null`: without one. */
  lets(password: string | null): boolean {
    if (this.spec.binding === 'none') return password === null;
    return this.world.nowMs >= this.refusesUntilMs && password === REDIS_PASSWORD;
  }

  /** One look at a process, now. */
  show({ runId, startedAtMs, role, history }: RedisProcess): Shown {
    this.looks += 1;
    return { runId, startedAtMs, role, history, offset: this.offset(), atMs: this.world.nowMs };
  }

  private offset(): number {
    return Math.floor(this.world.nowMs - this.beganAtMs) + this.looks;
  }

  private nextNode(): string {
    const at = this.nodes.indexOf(this.master);
    return this.nodes[(at + 1) % this.nodes.length] ?? this.master;
  }

  private swap(to: string, addressMs: number): void {
    this.promote(to);
    this.later(addressMs, () => {
      this.address = this.master;
    });
  }

  private hop([first, ...rest]: readonly string[], ms: number): void {
    if (first === undefined) return;
    this.swap(first, 0);
    this.later(ms, () => {
      this.hop(rest, ms);
    });
  }

  private later(ms: number, run: () => void): void {
    if (ms === 0) run();
    else this.world.after(ms, this.machine, run);
  }

  private promote(node: string): void {
    if (node === this.master) return;
    const process = this.processOf(node);
    process.role = 'master';
    process.history = { ...this.continued(process), moves: process.history.moves + 1 };
    this.processOf(this.master).role = 'replica';
    this.master = node;
    this.replicate();
  }

  private restart(history: DataHistory): void {
    this.processOf(this.master).isGone = true;
    this.processes.set(this.master, this.start(this.world.nowMs, true, history));
    this.replicate();
  }

  /** Replicas have the data of their master. */
  private replicate(): void {
    const { history } = this.processOf(this.master);
    for (const node of this.nodes) this.processOf(node).history = history;
  }

  private start(startedAtMs: number, isMaster: boolean, history: DataHistory): RedisProcess {
    const role = isMaster ? 'master' : 'replica';
    return { runId: this.newName(), startedAtMs, role, history, isGone: false };
  }

  private restarted(): DataHistory {
    const history = this.continued(this.processOf(this.master));
    return { ...history, restarts: history.restarts + 1 };
  }

  /** As a promotion goes on with the data, and from Redis 7 on a restart as well. */
  private continued({ history }: RedisProcess): DataHistory {
    const { replid: replid2 } = history;
    return { ...history, replid: this.newName(), replid2, secondOffset: this.offset() + 1 };
  }

  private newData(): DataHistory {
    this.datasets += 1;
    const dataset = this.datasets;
    return {
      replid: this.newName(),
      replid2: null,
      secondOffset: null,
      dataset,
      moves: 0,
      restarts: 0,
    };
  }

  /** Drawn from no randomness, so that a schedule means the same with and without Redis. */
  private newName(): string {
    this.names += 1;
    return createHash('sha1').update(String(this.names)).digest('hex');
  }

  private processOf(node: string): RedisProcess {
    const process = this.processes.get(node);
    if (process === undefined) throw new Error(`no Redis at ${node}`);
    return process;
  }
}
