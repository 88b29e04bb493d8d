/** What Redis itself says of a switchover, beside the API: who answers at the address, and how long it did not. */

/** Whether a run measures the interruption: never, where that can be done, or not without (`REFUSED` before the PUT). */
export const PROBE_POLICIES = ['off', 'if-possible', 'require'] as const;

/** One of {@link PROBE_POLICIES}. */
export type ProbePolicy = (typeof PROBE_POLICIES)[number];

/** What two looks at the address, before and after, prove. The table of docs/data-plane.md. */
export const WITNESS_WORDS = [
  'MOVED',
  'SAME',
  'MOVED_AND_BACK',
  'MOVED_MORE_THAN_ONCE',
  'OTHER_DATA',
  'DEMOTED_IN_PLACE',
  'NOT_A_MASTER',
  'RESTARTED_OR_REPLACED',
  'CANNOT_TELL',
] as const;

/** One of {@link WITNESS_WORDS}. */
export type WitnessWord = (typeof WITNESS_WORDS)[number];

/** One look at the Redis that answers at the address: `INFO` over a new connection. */
export interface Look {
  /** RFC 3339, worker clock. */
  readonly at: string;
  readonly role: 'master' | 'replica';
  /** Of the server's process: another one after each start. */
  readonly runId: string;
  /** How long that process has been running, in seconds. */
  readonly uptimeSeconds: number;
  /** Name of its data's history, and of the history before that; `null` where there is none. */
  readonly replid: string;
  readonly replid2: string | null;
  /** Bytes of the history so far, and those at which the history before ended; `null` where there is none. */
  readonly offset: number;
  readonly secondOffset: number | null;
}

/** What the witness saw. */
export interface WitnessReport {
  readonly word: WitnessWord;
  /** In plain words. */
  readonly why: string;
  readonly before: Look | null;
  readonly after: Look | null;
  /** Looks that were taken. */
  readonly looks: number;
  /** Of `MOVED`: bytes of the old master's history that the new one never had; `null`: not known. */
  readonly lostBytesAtLeast: number | null;
}

/** Kinds of errors that the probe meets: answers of Redis, then failures of the connection. */
export const PROBE_ERRORS = [
  ...(['readonly', 'noreplicas', 'loading', 'masterdown', 'oom', 'auth', 'cluster'] as const),
  ...(['error-reply', 'refused', 'reset', 'timeout', 'connect-timeout', 'unreachable'] as const),
  'protocol',
] as const;

/** One of {@link PROBE_ERRORS}. */
export type ProbeError = (typeof PROBE_ERRORS)[number];

/** A time in which a lane got no answer: it lasted at least `minMs` and at most `maxMs`. */
export interface Interruption {
  /** Last success before it, RFC 3339, worker clock. */
  readonly from: string;
  /** From the first failure to the last, in milliseconds, without what the probe itself did not see. */
  readonly minMs: number;
  /** From the last success before to the first after, in milliseconds. */
  readonly maxMs: number;
  readonly kinds: readonly ProbeError[];
}

/** What one lane of the probe (writes, or reads) met. */
export interface LaneReport {
  readonly ok: number;
  /** Kinds that were met. */
  readonly errors: Readonly<Partial<Record<ProbeError, number>>>;
  /** At most 20, the longest; in order of time. */
  readonly interruptions: readonly Interruption[];
  readonly latencyMs: { readonly p50: number; readonly p99: number };
  /**
   * One cell a period, run-length encoded, at most 512 runs: `o` answered, `r` read-only, `t` no answer in time, `x` refused
   * or reset, `e` another error, `u` not observed. `45o3t2r` is 45 periods answered, 3 in silence, 2 read-only. The
   * first cell begins at `quality.armedAt`.
   */
  readonly strip: string;
}

/** What Redis itself showed of a run. Absent where no one looked. */
export interface DataPlaneReport {
  readonly state: 'measured' | 'witness-only' | 'not-measured';
  /** Why not `measured`, in plain words. */
  readonly why: string | null;
  /** `host:port` that was asked, an IPv6 address in brackets. */
  readonly address: string | null;
  /** `password`: a password of this instance was accepted, so it is this instance that answered. */
  readonly binding: 'password' | 'none';
  readonly witness: WitnessReport;
  readonly write: LaneReport | null;
  readonly read: LaneReport | null;
  /** What became of a connection that did nothing; `atMs` after the PUT, where it was closed. */
  readonly idleConnection: {
    readonly state: 'closed-by-peer' | 'still-works' | 'silent';
    readonly atMs: number | null;
  } | null;
  /** Test writes that were acknowledged and are gone. `count` is `null` where that cannot be said, and `why` says so. */
  readonly lostWrites: {
    readonly count: number | null;
    readonly of: number;
    readonly perSecond: number;
    readonly why: string | null;
  } | null;
  readonly coverage: 'whole' | 'begins-late' | 'ends-broken';
  readonly quality: {
    readonly periodMs: number;
    /** Time in which the probe's own process stood still, in milliseconds. */
    readonly ownStallMs: number;
    /** Gaps that its own stalls explain, in milliseconds: not observed. */
    readonly unseenMs: number;
    /** Since when it was ready, RFC 3339, worker clock; `null`: never. */
    readonly armedAt: string | null;
  };
}
