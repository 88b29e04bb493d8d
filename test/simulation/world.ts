/**
 * Virtual time and the machines that live in it. Nothing sleeps for real: a timer is an entry in a list, and the clock
 * jumps from one to the next. A machine has a wall clock of its own, can be halted, and can be killed; code runs on the
 * machine whose timer or message has called it, however deep its promises go.
 */
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import crypto from 'node:crypto';
import timersPromises from 'node:timers/promises';

/** One process with its clock. */
export interface Machine {
  readonly name: string;
  /** How far its wall clock is ahead of the truth. */
  offsetMs: number;
  isAlive: boolean;
  /** Halted until then (SIGSTOP): its timers and messages wait. */
  haltedUntilMs: number;
}

interface Timer {
  atMs: number;
  readonly order: number;
  readonly machine: Machine;
  readonly run: () => void;
  isCleared: boolean;
}

/** The truth, from which every clock is derived: 2026-12-01T00:00:00Z. */
const BEGIN_MS = Date.UTC(2026, 11, 1);

const real = {
  Date,
  setImmediate: (run: () => void) => setImmediate(run),
  setTimeout: globalThis.setTimeout,
  pause: timersPromises.setTimeout,
};

const here = new AsyncLocalStorage<Machine>();
let world: World | null = null;

/** All that goes on, in one order. */
export class World {
  nowMs = BEGIN_MS;
  readonly machines: Machine[] = [];
  private timers: Timer[] = [];
  private orders = 0;
  private readonly working: Promise<unknown>[] = [];
  private readonly random: () => number;

  constructor(seed: number) {
    this.random = createRandom(seed);
  }

  machine(name: string, offsetMs = 0): Machine {
    const machine = { name, offsetMs, isAlive: true, haltedUntilMs: 0 };
    this.machines.push(machine);
    return machine;
  }

  /** Runs on a machine, now. */
  on<T>(machine: Machine, run: () => T): T {
    return here.run(machine, run);
  }

  /** Calls back on a machine after a while, as a timer or a message does. */
  after(ms: number, machine: Machine, run: () => void): Timer {
    const order = (this.orders += 1);
    const atMs = this.nowMs + Math.max(0, Math.min(ms, 2 ** 31));
    // Whose activity it is goes with the timer, as it does with a real one.
    const context = new AsyncResource('VirtualTimer');
    const timer = {
      ...{ atMs, order, machine, isCleared: false },
      run: () => {
        context.runInAsyncScope(() => {
          here.run(machine, run);
        });
      },
    };
    this.timers.push(timer);
    return timer;
  }

  /** A number from 0 to 1, the same for the same seed. */
  chance(): number {
    return this.random();
  }

  /** Lets time pass until `isOver`. @throws Error where nothing is left to happen */
  async pass(isOver: () => boolean, limitMs: number): Promise<void> {
    const endMs = this.nowMs + limitMs;
    await this.settle();
    while (!isOver()) {
      const next = this.takeNext();
      if (next === null) throw new Error('nothing is left to happen');
      this.nowMs = Math.max(this.nowMs, next.atMs);
      if (this.nowMs > endMs) throw new Error(`it goes on after ${limitMs / 1000} s`);
      next.run();
      await this.settle();
    }
  }

  /** Work of the sandbox, which takes turns of the real event loop and no virtual time. */
  work(promise: Promise<unknown>): void {
    this.working.push(promise);
  }

  private async settle(): Promise<void> {
    do {
      await Promise.all(this.working.splice(0));
      await turn();
      await turn();
    } while (this.working.length > 0);
  }

  private takeNext(): Timer | null {
    for (;;) {
      this.timers = this.timers.filter(({ isCleared, machine }) => !isCleared && machine.isAlive);
      const next = this.timers.reduce<Timer | null>(earlier, null);
      if (next === null) return null;
      const { haltedUntilMs } = next.machine;
      if (haltedUntilMs > next.atMs) next.atMs = haltedUntilMs;
      else return Object.assign(next, { isCleared: true });
    }
  }
}

function earlier(first: Timer | null, timer: Timer): Timer {
  if (first === null) return timer;
  return timer.atMs < first.atMs || (timer.atMs === first.atMs && timer.order < first.order)
    ? timer
    : first;
}

/** Promises go on until nothing moves. */
function turn(): Promise<void> {
  return new Promise((resolve) => real.setImmediate(resolve));
}

/** mulberry32. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The machine that runs this code. */
export function hereIs(): Machine {
  const machine = here.getStore();
  if (machine === undefined) throw new Error('this code runs on no machine of the simulation');
  return machine;
}

const wallMs = (): number =>
  world === null ? real.Date.now() : world.nowMs + (here.getStore()?.offsetMs ?? 0);

class VirtualDate extends real.Date {
  constructor(...given: unknown[]) {
    if (given.length === 0) super(wallMs());
    else super(...(given as [number]));
  }
  static override now = wallMs;
}

// By its name the sandbox knows a date from elsewhere.
Object.defineProperty(VirtualDate, 'name', { value: 'Date' });

function startTimer(run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]): unknown {
  if (world === null) return real.setTimeout(run, ms, ...args);
  return handleOf(
    world.after(ms, hereIs(), () => {
      run(...args);
    }),
  );
}

function startInterval(run: () => void, ms = 0): unknown {
  const handle = { isCleared: false, ...METHODS };
  const next = (): void => {
    if (handle.isCleared) return;
    world?.after(ms, hereIs(), () => {
      if (handle.isCleared) return;
      run();
      next();
    });
  };
  next();
  return handle;
}

const METHODS = { unref: (): void => undefined, ref: (): void => undefined };

function handleOf(timer: Timer): unknown {
  return Object.assign(timer, METHODS);
}

function clear(handle: unknown): void {
  if (typeof handle === 'object' && handle !== null && 'isCleared' in handle)
    handle.isCleared = true;
}

function pause<T>(ms = 0, value?: T, options: { signal?: AbortSignal } = {}): Promise<T> {
  if (world === null) return real.pause<T>(ms, value, options);
  const { signal } = options;
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clear(timer);
      reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
    };
    const timer = startTimer(() => {
      signal?.removeEventListener('abort', abort);
      resolve(value as T);
    }, ms);
    if (signal?.aborted === true) abort();
    signal?.addEventListener('abort', abort, { once: true });
  });
}

function bytes(count: number): Buffer {
  return Buffer.from(Array.from({ length: count }, () => Math.floor(chance() * 256)));
}

const chance = (): number => world?.chance() ?? 0.5;

/** Puts this process into virtual time: what is loaded afterwards knows no other. */
export function enterVirtualTime(): void {
  const now = performance.now.bind(performance);
  Object.assign(globalThis, {
    Date: VirtualDate,
    setTimeout: startTimer,
    clearTimeout: clear,
    setInterval: startInterval,
    clearInterval: clear,
  });
  performance.now = () => (world === null ? now() : world.nowMs - BEGIN_MS);
  Math.random = chance;
  Object.assign(timersPromises, { setTimeout: pause });
  const uuid = (): string => {
    const hex = bytes(16).toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
  };
  Object.assign(crypto, {
    randomBytes: bytes,
    randomUUID: uuid,
    randomInt: (low: number, high?: number) =>
      high === undefined ? Math.floor(chance() * low) : low + Math.floor(chance() * (high - low)),
  });
}

/** Makes a world the one that every clock shows. */
export function inhabit(next: World): void {
  world = next;
}
