/**
 * What can go wrong, as data. A fault says at which point, the how-manieth time, what happens. Points are named by what
 * the model passes: `dcs.asyncSwap`, `temporal.recordActivityTaskHeartbeat`, `activity.awaitJob`, `task`. A point that a
 * run never comes to does no harm.
 */

/** What becomes of one call. `late` and `slow` in milliseconds: before it is carried out, or its answer. */
export type CallFault =
  | { readonly call: 'refused' | 'lost' | 'answer-lost' | 'unanswered' }
  | { readonly call: 'late' | 'slow'; readonly ms: number }
  | { readonly call: 'answered'; readonly status: number; readonly executed: boolean };

/** What happens beside: to the worker that has come to the point, to the run, to the instance. */
export type Event =
  | { readonly event: 'kill' | 'drain'; readonly ms: number }
  | { readonly event: 'halt'; readonly ms: number }
  | { readonly event: 'clock'; readonly ms: number }
  | { readonly event: 'cancel' | 'terminate' | 'foreign-swap' | 'failover' | 'heal' }
  | { readonly event: 'busy' | 'inactive' | 'freeze' | 'throttle'; readonly ms: number };

/** One fault of a schedule. */
export type Fault = (CallFault | Event) & { readonly at: string; readonly nth: number };

/** Decides at every point. */
export class FaultBook {
  private readonly passed = new Map<string, number>();
  /** Faults that came about. */
  readonly struck: Fault[] = [];

  constructor(
    private readonly faults: readonly Fault[],
    private readonly carryOut: (event: Event, at: string) => void,
  ) {}

  /** Counts a passage, lets events happen, and gives what becomes of the call, where it is one. */
  pass(at: string): CallFault | null {
    const nth = (this.passed.get(at) ?? 0) + 1;
    this.passed.set(at, nth);
    let found: CallFault | null = null;
    for (const fault of this.faults) {
      if (fault.at !== at || fault.nth !== nth) continue;
      this.struck.push(fault);
      if ('call' in fault) found = fault;
      else this.carryOut(fault, at);
    }
    return found;
  }

  /** How often each point was passed. */
  get points(): ReadonlyMap<string, number> {
    return this.passed;
  }
}
