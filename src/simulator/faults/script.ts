import type { RouteName } from '../http/routes.js';
import type { CallSelector, Fault, FaultActions, FaultScript, FaultSpec } from './spec.js';
import { assertFaultSpec } from './validation.js';

/** Everything that happens to one call. */
export interface FaultPlan extends FaultActions {
  /** Resolves when no fault holds the answer back any more. */
  readonly released: Promise<unknown>;
}

/** The fault script as the HTTP server uses it. */
export interface FaultBook extends FaultScript {
  /** Counts a call and tells what happens to it. */
  take(route: RouteName, instanceId: string | null): FaultPlan;
}

interface ActiveFault {
  readonly spec: FaultSpec;
  readonly released: Promise<void>;
  readonly release: () => void;
  seen: number;
  hits: number;
}

/** An empty script: every call goes as the service would have it. */
export function createFaultBook(): FaultBook {
  const active = new Set<ActiveFault>();
  const remove = (fault: ActiveFault): void => {
    active.delete(fault);
    fault.release();
  };
  return {
    add: (spec): Fault => {
      assertFaultSpec(spec);
      const fault = activate(spec);
      active.add(fault);
      return {
        hits: () => fault.hits,
        release: fault.release,
        remove: () => {
          remove(fault);
        },
      };
    },
    clear: () => {
      active.forEach(remove);
    },
    take: (route, instanceId) => {
      const hits = [...active].filter((fault) => isHit(fault, route, instanceId));
      const holds = hits.filter((fault) => fault.spec.hold).map((fault) => fault.released);
      const actions = hits.reduce<FaultActions>((merged, { spec }) => ({ ...merged, ...spec }), {});
      return { ...actions, released: Promise.all(holds) };
    },
  };
}

function activate(spec: FaultSpec): ActiveFault {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { spec, released, release, seen: 0, hits: 0 };
}

function isHit(fault: ActiveFault, route: RouteName, instanceId: string | null): boolean {
  const { spec } = fault;
  const isMatch =
    spec.route === route && (spec.instanceId === undefined || spec.instanceId === instanceId);
  if (!isMatch) return false;
  fault.seen += 1;
  const isSelected = isSelectedCall(spec.calls, fault.seen);
  if (isSelected) fault.hits += 1;
  return isSelected;
}

function isSelectedCall(calls: CallSelector | undefined, number: number): boolean {
  if (calls === undefined) return true;
  if (typeof calls === 'number') return calls === number;
  if ('from' in calls) return number >= calls.from && number <= (calls.to ?? Infinity);
  return calls.includes(number);
}
