import type { RouteName } from './http/routes.js';

/** One HTTP request, from its arrival on. */
export interface CallRecord {
  /** Place among all calls, from 1. */
  readonly index: number;
  /** Arrival, epoch milliseconds. */
  readonly at: number;
  readonly method: string;
  /** Path and query as received. */
  readonly path: string;
  readonly route: RouteName;
  /** The instance concerned; of `showJob`, the one whose job it is. */
  readonly instanceId: string | null;
  /** Status answered; `reset` when the connection was reset instead, `none` when no answer left (yet). */
  readonly status: number | 'reset' | 'none';
  /** Value of `X-Request-Id`, also when nothing was answered. */
  readonly requestId: string;
  /** The user whose signature was right; `null` when it was not. */
  readonly user: string | null;
  readonly remotePort: number;
  /** Whether the operation was carried out; of `asyncSwap`, whether a swap was accepted. */
  readonly executed: boolean;
}

/** One accepted swap, whoever asked for it. */
export interface SwapRecord {
  /** Acceptance, epoch milliseconds. */
  readonly at: number;
  readonly instanceId: string;
  readonly jobId: string;
  readonly byUser: string;
  /** `api`: by a request in {@link Ledger.calls}; `foreign`: by another operator, scripted. */
  readonly source: 'api' | 'foreign';
  readonly fromNodeId: string;
  readonly toNodeId: string;
  /** When the roles changed, epoch milliseconds; `null` while (or if) they did not. */
  readonly rolesChangedAt: number | null;
}

/** The tests' witness: what really reached the service, and what it really did. */
export interface Ledger {
  readonly calls: readonly CallRecord[];
  readonly swaps: readonly SwapRecord[];
  /** All arrivals of `PUT …/async-swap`, carried out or not. */
  puts(instanceId?: string): readonly CallRecord[];
  /** Number of arrivals of one operation. */
  count(route: RouteName, instanceId?: string): number;
  /** A copy that later calls do not change; plain JSON. */
  snapshot(): { readonly calls: readonly CallRecord[]; readonly swaps: readonly SwapRecord[] };
}

/** A record that is still being filled in. */
export type Draft<T> = { -readonly [Key in keyof T]: T[Key] };

/** The ledger as the simulator writes it. */
export interface LedgerBook extends Ledger {
  openCall(call: Omit<CallRecord, 'index' | 'at' | 'status' | 'executed'>): Draft<CallRecord>;
  openSwap(swap: Omit<SwapRecord, 'at' | 'rolesChangedAt'>): Draft<SwapRecord>;
}

/** An empty ledger. It keeps every call for as long as the simulator runs. */
export function createLedger(): LedgerBook {
  const calls: Draft<CallRecord>[] = [];
  const swaps: Draft<SwapRecord>[] = [];
  const select = (route: RouteName, instanceId?: string): Draft<CallRecord>[] =>
    calls.filter(
      (call) =>
        call.route === route && (instanceId === undefined || call.instanceId === instanceId),
    );
  return {
    calls,
    swaps,
    puts: (instanceId) => select('asyncSwap', instanceId),
    count: (route, instanceId) => select(route, instanceId).length,
    snapshot: () => structuredClone({ calls, swaps }),
    openCall: (call) => {
      const draft: Draft<CallRecord> = {
        index: calls.length + 1,
        at: Date.now(),
        ...call,
        status: 'none',
        executed: false,
      };
      calls.push(draft);
      return draft;
    },
    openSwap: (swap) => {
      const draft: Draft<SwapRecord> = { at: Date.now(), ...swap, rolesChangedAt: null };
      swaps.push(draft);
      return draft;
    },
  };
}
