/**
 * What can go wrong, as data. A fault says at which point, the how-manieth time, what happens. Points are named by what
 * the model passes: `dcs.asyncSwap`, `temporal.recordActivityTaskHeartbeat`, `activity.awaitJob`, `task`; with a phase behind
 * it, `task@HOLDING`, it counts only what is passed in that phase. A point that a run never comes to does no harm.
 */
import type { MaintenanceUpdate } from '../../src/contract/index.js';

import type { RedisMove } from './redis.js';

/** What becomes of one call. `late` and `slow` in milliseconds: before it is carried out, or its answer. */
export type CallFault =
  | { readonly call: 'refused' | 'lost' | 'answer-lost' | 'unanswered' }
  | { readonly call: 'late' | 'slow'; readonly ms: number }
  | { readonly call: 'answered'; readonly status: number; readonly executed: boolean };

/** What happens beside: to the worker that has come to the point, to the run, to the instance. */
export type Event =
  | { readonly event: 'kill' | 'drain'; readonly ms: number }
  | { readonly event: 'halt'; readonly ms: number }
  | { readonly event: 'clock' | 'api-clock'; readonly ms: number }
  | {
      readonly event:
        'cancel' | 'terminate' | 'foreign-swap' | 'failover' | 'heal' | 'thaw' | 'priorities';
    }
  | ({ readonly event: 'redis' } & RedisMove)
  | { readonly event: 'cancel-child' | 'terminate-child' | 'by-hand' }
  | { readonly event: 'reset' | 'reset-child'; readonly ms: number; readonly task: number }
  | { readonly event: 'message'; readonly name: MaintenanceUpdate; readonly ms: number }
  | { readonly event: 'busy' | 'inactive' | 'freeze' | 'throttle'; readonly ms: number };

/** One fault of a schedule. */
export type Fault = (CallFault | Event) & { readonly at: string; readonly nth: number };

/** A fault that came about, and the phase of the run then. */
export type Struck = Fault & { readonly phase: string };

/** Decides at every point. */
export class FaultBook {
  private readonly passed = new Map<string, number>();
  /** Faults that came about. */
  readonly struck: Struck[] = [];

  constructor(
    private readonly faults: readonly Fault[],
    private readonly carryOut: (event: Event, at: string) => void,
    private readonly phase: () => string,
  ) {}

  /** Counts a passage, lets events happen, and gives what becomes of the call, where it is one. */
  pass(at: string): CallFault | null {
    const phase = this.phase();
    const counted = [at, `${at}@${phase}`].map((name) => [name, this.count(name)] as const);
    let found: CallFault | null = null;
    for (const fault of this.faults) {
      if (!counted.some(([name, nth]) => fault.at === name && fault.nth === nth)) continue;
      this.struck.push({ ...fault, phase });
      if ('call' in fault) found = fault;
      else this.carryOut(fault, at);
    }
    return found;
  }

  private count(name: string): number {
    const nth = (this.passed.get(name) ?? 0) + 1;
    this.passed.set(name, nth);
    return nth;
  }
}
